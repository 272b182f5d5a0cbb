-- name: list_scope
-- An organisation and those below it; without one, all in sight.
SELECT o.id, o.code, o.name
FROM organisations o
WHERE %(organisation_id)s::bigint IS NULL
   OR o.id IN (SELECT c.descendant_id FROM organisation_closure c
               WHERE c.ancestor_id = %(organisation_id)s);

-- name: vehicle_days
-- Vehicle-days in [from_on, until_on) of all vehicles or of these, by holder, by vehicle too if so
-- wished, and of all (no holder): of the fleet, leased, and without a lease but not to be let. A period
-- has the days at whose end it runs. What holders and stages a vehicle has follow one another, so that
-- their days are counted one by one.
WITH held AS MATERIALIZED (
    SELECT p.vehicle_id, p.organisation_id, p.operated_period AS period
    FROM vehicle_operators p
    WHERE p.organisation_id = ANY (%(scope)s::bigint[])
      AND p.operated_period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
      AND (%(vehicle_ids)s::bigint[] IS NULL OR p.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
    UNION ALL
    SELECT v.id, v.owner_id, alone.period
    FROM vehicles v
    LEFT JOIN (SELECT vehicle_id, range_agg(operated_period) AS periods
               FROM vehicle_operators GROUP BY vehicle_id) AS p ON p.vehicle_id = v.id
    CROSS JOIN LATERAL unnest(tstzmultirange(tstzrange(NULL, NULL))
                              - coalesce(p.periods, tstzmultirange())) AS alone (period)
    WHERE v.owner_id = ANY (%(scope)s::bigint[])
      AND alone.period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
      AND (%(vehicle_ids)s::bigint[] IS NULL OR v.id = ANY (%(vehicle_ids)s::bigint[]))
), staged AS MATERIALIZED (
    SELECT h.vehicle_id, h.organisation_id, g.stage, h.period * g.staged_period AS period
    FROM held h
    JOIN vehicle_stages g ON g.vehicle_id = h.vehicle_id AND g.staged_period && h.period
    WHERE g.stage NOT IN ('ordered', 'disposed')
      AND g.staged_period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
), fleet AS MATERIALIZED (
    SELECT vehicle_id, organisation_id, stage,
           daterange(((lower(period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date,
                     ((upper(period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date)
               * daterange(%(from_on)s, %(until_on)s) AS days
    FROM staged
), let AS MATERIALIZED (
    SELECT l.vehicle_id,
           range_agg(daterange(
               ((lower(l.period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date,
               ((upper(l.period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date)
               * daterange(%(from_on)s, %(until_on)s)) AS days
    FROM (
        SELECT s.vehicle_id,
               CASE WHEN %(as_known)s::timestamptz IS NULL THEN s.let_period
                    ELSE tstzrange(lower(s.let_period), CASE WHEN (
                        SELECT e.recorded_at FROM lease_events e
                        WHERE e.lease_id = s.lease_id AND e.no = s.until_event_no
                    ) > %(as_known)s THEN NULL ELSE upper(s.let_period) END) END AS period
        FROM lease_segments s
        WHERE (%(as_known)s::timestamptz IS NULL OR (
                   SELECT b.recorded_at FROM lease_events b
                   WHERE b.lease_id = s.lease_id AND b.no = s.from_event_no) <= %(as_known)s)
          AND (%(vehicle_ids)s::bigint[] IS NULL OR s.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
    ) AS l
    WHERE l.period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
    GROUP BY l.vehicle_id
), away AS MATERIALIZED (
    SELECT a.vehicle_id, range_agg(a.days) AS days
    FROM (
        SELECT f.vehicle_id, f.days FROM fleet f WHERE f.stage IN ('in_service', 'for_sale')
        UNION ALL
        SELECT k.vehicle_id,
               daterange(((k.down_from_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date,
                         ((k.down_until_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date)
        FROM work_orders k
        WHERE k.state <> 'cancelled' AND k.down_from_at <= %(end_at)s
          AND (k.down_until_at IS NULL OR k.down_until_at > %(begin_at)s)
        UNION ALL
        SELECT v.id, daterange(NULL, l.registered_on)
        FROM vehicles v
        LEFT JOIN vehicle_licences l ON l.vehicle_id = v.id
        WHERE l.registered_on > %(from_on)s OR (l.vehicle_id IS NULL AND v.plate IS NULL)
    ) AS a
    GROUP BY a.vehicle_id
), compared AS (
    SELECT f.vehicle_id, f.organisation_id, upper(f.days) - lower(f.days) AS fleet_days,
           CASE WHEN l.days @> f.days THEN upper(f.days) - lower(f.days)
                WHEN l.days && f.days THEN (
                    SELECT coalesce(sum(upper(d) - lower(d)), 0)
                    FROM unnest(l.days * f.days::datemultirange) AS d)
                ELSE 0 END AS leased_days,
           CASE WHEN a.days && f.days THEN (
                    SELECT coalesce(sum(upper(d) - lower(d)), 0)
                    FROM unnest(a.days * f.days::datemultirange - coalesce(l.days, '{}')) AS d)
                ELSE 0 END AS away_days
    FROM fleet f
    LEFT JOIN let l ON l.vehicle_id = f.vehicle_id
    LEFT JOIN away a ON a.vehicle_id = f.vehicle_id
    WHERE NOT isempty(f.days)
)
SELECT c.organisation_id, c.told_id AS vehicle_id, c.owner_id,
       count(DISTINCT c.vehicle_id) AS vehicles,
       coalesce(sum(c.fleet_days), 0)::integer AS fleet_days,
       coalesce(sum(c.leased_days), 0)::integer AS leased_days,
       coalesce(sum(c.away_days), 0)::integer AS away_days
FROM (
    SELECT d.*, CASE WHEN %(by_vehicle)s THEN v.id END AS told_id,
           CASE WHEN %(by_vehicle)s THEN v.owner_id END AS owner_id
    FROM compared d
    JOIN vehicles v ON v.id = d.vehicle_id
) AS c
GROUP BY GROUPING SETS ((c.organisation_id, c.told_id, c.owner_id), ());

-- name: collection
-- Bills that fell due before until_on and what settled them, by holder and whether in the span. Most
-- bills are settled by money and nothing else: told apart is what of the others is open, was settled
-- later, given up or credited, so that not every allocation is read.
WITH told AS (
    SELECT w.bill_id, w.open_fen AS not_settled_fen, 0::bigint AS credited_fen,
           0::bigint AS from_deposits_fen, 0::bigint AS written_off_fen
    FROM bill_balances w
    WHERE w.organisation_id = ANY (%(scope)s::bigint[]) AND w.settled_on IS NULL
    UNION ALL
    SELECT a.bill_id, a.amount_fen, 0, 0, 0
    FROM allocations a
    WHERE a.organisation_id = ANY (%(scope)s::bigint[])
      AND (a.allocated_on > %(on)s
           OR (%(known_at)s::timestamptz IS NOT NULL AND a.recorded_at > %(known_at)s))
    UNION ALL
    SELECT a.bill_id, CASE WHEN a.deposit_movement_id IS NULL THEN a.amount_fen ELSE 0 END, 0,
           CASE WHEN a.deposit_movement_id IS NOT NULL THEN a.amount_fen ELSE 0 END,
           CASE WHEN a.write_off_id IS NOT NULL THEN a.amount_fen ELSE 0 END
    FROM allocations a
    WHERE a.organisation_id = ANY (%(scope)s::bigint[]) AND a.credit_id IS NULL
      AND a.allocated_on <= %(on)s
      AND (%(known_at)s::timestamptz IS NULL OR a.recorded_at <= %(known_at)s)
    UNION ALL
    SELECT n.bill_id, 0, n.total_fen, 0, 0
    FROM credit_notes n
    WHERE n.organisation_id = ANY (%(scope)s::bigint[]) AND n.issued_on <= %(on)s
      AND (%(known_at)s::timestamptz IS NULL OR n.issued_at <= %(known_at)s)
), apart AS (
    SELECT t.bill_id, sum(t.not_settled_fen)::bigint AS not_settled_fen,
           sum(t.credited_fen)::bigint AS credited_fen,
           sum(t.from_deposits_fen)::bigint AS from_deposits_fen,
           sum(t.written_off_fen)::bigint AS written_off_fen
    FROM told t
    GROUP BY t.bill_id
)
SELECT b.organisation_id, b.due_on >= %(from_on)s AS in_span, count(*) AS bills,
       sum(b.total_fen)::bigint AS billed_fen,
       coalesce(sum(x.credited_fen), 0)::bigint AS credited_fen,
       (sum(b.total_fen) - coalesce(sum(greatest(x.not_settled_fen, x.credited_fen)), 0))::bigint
           AS collected_fen,
       coalesce(sum(x.from_deposits_fen), 0)::bigint AS from_deposits_fen,
       coalesce(sum(x.written_off_fen), 0)::bigint AS written_off_fen
FROM bills b
LEFT JOIN apart x ON x.bill_id = b.id
WHERE b.state = 'issued' AND b.kind <> 'deposit' AND b.organisation_id = ANY (%(scope)s::bigint[])
  AND b.due_on < %(until_on)s AND b.issued_on <= %(on)s
  AND (%(known_at)s::timestamptz IS NULL OR b.issued_at <= %(known_at)s)
GROUP BY 1, 2;

-- name: ageing
-- What is open of issued bills at the end of a day, in buckets, by customer or by organisation: what
-- is open of each now, and what settled it later. So it costs what is open and what happened since
-- that day, and not all that was ever billed.
WITH later AS MATERIALIZED (
    SELECT a.bill_id, sum(a.amount_fen)::bigint AS fen
    FROM allocations a
    WHERE a.organisation_id = ANY (%(scope)s::bigint[])
      AND (a.allocated_on > %(on)s
           OR (%(known_at)s::timestamptz IS NOT NULL AND a.recorded_at > %(known_at)s))
    GROUP BY a.bill_id
), moved AS (
    SELECT w.organisation_id, w.customer_id, w.bill_id, w.due_on, w.open_fen
    FROM bill_balances w
    WHERE w.organisation_id = ANY (%(scope)s::bigint[]) AND w.settled_on IS NULL
    UNION ALL
    SELECT w.organisation_id, w.customer_id, w.bill_id, w.due_on, 0
    FROM bill_balances w
    WHERE w.organisation_id = ANY (%(scope)s::bigint[]) AND w.settled_on > %(on)s
    UNION ALL
    SELECT w.organisation_id, w.customer_id, w.bill_id, w.due_on, 0
    FROM bill_balances w
    WHERE %(known_at)s::timestamptz IS NOT NULL AND w.organisation_id = ANY (%(scope)s::bigint[])
      AND w.settled_on <= %(on)s AND w.bill_id IN (SELECT bill_id FROM later)
), not_yet AS (
    SELECT b.id
    FROM bills b
    WHERE b.state = 'issued' AND b.organisation_id = ANY (%(scope)s::bigint[])
      AND (b.issued_on > %(on)s
           OR (%(known_at)s::timestamptz IS NOT NULL AND b.issued_at > %(known_at)s))
), deposits AS (
    SELECT b.id
    FROM bills b
    WHERE b.state = 'issued' AND b.kind = 'deposit'
      AND b.organisation_id = ANY (%(scope)s::bigint[])
)
SELECT CASE WHEN %(by_customer)s THEN m.customer_id ELSE m.organisation_id END AS id,
       d.id IS NOT NULL AS of_deposits,
       width_bucket(%(on)s::date - m.due_on, %(first_days)s::integer[]) AS bucket,
       sum(m.open_fen + coalesce(r.fen, 0))::bigint AS open_fen
FROM moved m
LEFT JOIN later r ON r.bill_id = m.bill_id
LEFT JOIN deposits d ON d.id = m.bill_id
WHERE m.bill_id NOT IN (SELECT id FROM not_yet) AND m.open_fen + coalesce(r.fen, 0) <> 0
GROUP BY 1, 2, 3;

-- name: balances
-- What accounts hold at the end of a day, debits above zero, by customer or by organisation.
SELECT CASE WHEN %(by_customer)s THEN p.customer_id ELSE p.organisation_id END AS id, p.account,
       sum(p.amount_fen)::bigint AS balance_fen
FROM ledger_postings p
WHERE p.organisation_id = ANY (%(scope)s::bigint[]) AND p.account = ANY (%(accounts)s::text[])
  AND p.booked_on <= %(on)s
  AND (%(known_at)s::timestamptz IS NULL
       OR EXISTS (SELECT FROM ledger_entries e
                  WHERE e.id = p.entry_id AND e.recorded_at <= %(known_at)s))
GROUP BY 1, 2
HAVING sum(p.amount_fen) <> 0;

-- name: deposit_movements
-- Where deposits went until the end of a day, by holder and kind.
SELECT m.organisation_id, m.kind, sum(m.amount_fen)::bigint AS amount_fen
FROM deposit_movements m
WHERE m.organisation_id = ANY (%(scope)s::bigint[]) AND m.moved_on <= %(on)s
  AND (%(known_at)s::timestamptz IS NULL OR m.recorded_at <= %(known_at)s)
GROUP BY m.organisation_id, m.kind;

-- name: name_customers
-- What customers are called, in the order of their numbers.
SELECT id, customer_no, name FROM customers WHERE id = ANY (%(ids)s::bigint[]) ORDER BY customer_no;

-- name: name_vehicles
-- What vehicles are called.
SELECT v.id, v.vin, v.plate, coalesce(m.name, v.model) AS model
FROM vehicles v
LEFT JOIN vehicle_models m ON m.id = v.model_id
WHERE v.id = ANY (%(ids)s::bigint[]);

-- name: page_of_vehicles
-- The next vehicles, by VIN, that organisations held in a span or own.
SELECT v.id
FROM vehicles v
WHERE (v.owner_id = ANY (%(scope)s::bigint[])
       OR v.id IN (SELECT p.vehicle_id FROM vehicle_operators p
                   WHERE p.organisation_id = ANY (%(scope)s::bigint[])
                     AND p.operated_period && tstzrange(%(begin_at)s, %(end_at)s, '[]')))
  AND (%(after)s::text IS NULL OR v.vin > %(after)s)
ORDER BY v.vin
LIMIT %(limit)s;

-- name: vehicle_costs
-- What was spent on vehicles by kind in [from_on, until_on); a row also where only earlier.
SELECT c.vehicle_id, c.kind,
       coalesce(sum(c.amount_fen) FILTER (WHERE c.incurred_on >= %(from_on)s), 0)::bigint
           AS amount_fen
FROM vehicle_costs c
WHERE c.organisation_id = ANY (%(scope)s::bigint[]) AND c.incurred_on < %(until_on)s
  AND c.recorded_at <= %(known_at)s AND c.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
GROUP BY c.vehicle_id, c.kind;

-- name: purchases
-- What vehicles were bought for, as far as their owners are asked about.
SELECT q.vehicle_id, q.purchased_on, q.price_fen, q.depreciation_method, q.useful_life_months,
       q.residual_pct
FROM vehicle_purchases q
WHERE q.organisation_id = ANY (%(scope)s::bigint[])
  AND q.vehicle_id = ANY (%(vehicle_ids)s::bigint[]);

-- name: profit
-- What all vehicles brought in and cost in [from_on, until_on), those together that were bought
-- alike: every vehicle that was there, earned or cost something. Without purchase, what is known of no
-- purchase; `of_no_vehicle_fen` is earned by lines that name none. What is known of each is put
-- together by grouping, as the planner takes what it would join here for a few rows.
WITH held AS MATERIALIZED (
    SELECT p.vehicle_id, p.organisation_id, p.operated_period AS period
    FROM vehicle_operators p
    WHERE p.organisation_id = ANY (%(scope)s::bigint[])
      AND p.operated_period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
    UNION ALL
    SELECT v.id, v.owner_id, alone.period
    FROM vehicles v
    LEFT JOIN (SELECT vehicle_id, range_agg(operated_period) AS periods
               FROM vehicle_operators GROUP BY vehicle_id) AS p ON p.vehicle_id = v.id
    CROSS JOIN LATERAL unnest(tstzmultirange(tstzrange(NULL, NULL))
                              - coalesce(p.periods, tstzmultirange())) AS alone (period)
    WHERE v.owner_id = ANY (%(scope)s::bigint[])
      AND alone.period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
), staged AS MATERIALIZED (
    SELECT h.vehicle_id, h.organisation_id, h.period * g.staged_period AS period
    FROM held h
    JOIN vehicle_stages g ON g.vehicle_id = h.vehicle_id AND g.staged_period && h.period
    WHERE g.stage NOT IN ('ordered', 'disposed')
      AND g.staged_period && tstzrange(%(begin_at)s, %(end_at)s, '[]')
), noted (vehicle_id, is_there, is_unsettled, rent_fen, recharges_fen, purchases_fen, received_fen,
          owed_fen, insurance_fen, inspection_fen, repair_fen, other_fen, bought_on, price_fen,
          depreciation_method, useful_life_months, residual_pct) AS (
    SELECT v.id, true, (v.owner_id, s.organisation_id) IN (
               SELECT * FROM unnest(%(unsettled_owners)s::bigint[], %(unsettled_holders)s::bigint[])),
           0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::bigint, NULL::bigint,
           0::bigint, 0::bigint, NULL::date, NULL::bigint, NULL::text, NULL::integer, NULL::numeric
    FROM staged s
    JOIN vehicles v ON v.id = s.vehicle_id
    WHERE NOT isempty(daterange(
              ((lower(s.period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date,
              ((upper(s.period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date)
              * daterange(%(from_on)s, %(until_on)s))
    UNION ALL
    SELECT e.vehicle_id, true, false,
           (sum(e.net_fen) FILTER (WHERE e.kind = ANY (%(rent_kinds)s::text[])))::bigint,
           (sum(e.net_fen) FILTER (WHERE e.kind <> ALL (%(rent_kinds)s::text[]
                                                       || %(purchase_kinds)s::text[])))::bigint,
           (sum(e.net_fen) FILTER (WHERE e.kind = ANY (%(purchase_kinds)s::text[])))::bigint,
           0, 0, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL
    FROM earned_between(%(scope)s::bigint[], %(from_on)s::date, %(until_on)s::date,
                        %(known_at)s::timestamptz) AS e
    GROUP BY e.vehicle_id
    UNION ALL
    SELECT c.vehicle_id, true, false, 0, 0, 0, 0, 0,
           (sum(f.fen) FILTER (WHERE c.kind = 'insurance'))::bigint,
           (sum(f.fen) FILTER (WHERE c.kind = 'inspection'))::bigint,
           (sum(f.fen) FILTER (WHERE c.kind = ANY (%(repair_kinds)s::text[])))::bigint,
           (sum(f.fen) FILTER (WHERE c.kind = ANY (%(other_kinds)s::text[])))::bigint,
           NULL, NULL, NULL, NULL, NULL
    FROM vehicle_costs c
    CROSS JOIN LATERAL (SELECT CASE WHEN c.incurred_on >= %(from_on)s THEN c.amount_fen ELSE 0 END
                            AS fen) AS f
    WHERE %(tells_costs)s AND c.organisation_id = ANY (%(scope)s::bigint[])
      AND c.incurred_on < %(until_on)s AND c.recorded_at <= %(known_at)s
    GROUP BY c.vehicle_id
    UNION ALL
    SELECT v.id, false, false, 0, 0, 0, s.received_fen, s.owed_fen, NULL, NULL, 0, 0, NULL, NULL,
           NULL, NULL, NULL
    FROM unnest(%(settled_vins)s::text[], %(received_fen)s::bigint[], %(owed_fen)s::bigint[])
        AS s (vin, received_fen, owed_fen)
    JOIN vehicles v ON v.vin = s.vin
    UNION ALL
    SELECT q.vehicle_id, false, false, 0, 0, 0, 0, 0, NULL, NULL, 0, 0,
           date_trunc('month', q.purchased_on::timestamp)::date, q.price_fen, q.depreciation_method,
           q.useful_life_months, q.residual_pct
    FROM vehicle_purchases q
    WHERE %(tells_purchases)s AND q.organisation_id = ANY (%(scope)s::bigint[])
), each_vehicle AS (
    SELECT n.vehicle_id, bool_or(n.is_unsettled) AS is_unsettled, sum(n.rent_fen) AS rent_fen,
           sum(n.recharges_fen) AS recharges_fen, sum(n.purchases_fen) AS purchases_fen,
           sum(n.received_fen) AS received_fen, sum(n.owed_fen) AS owed_fen,
           sum(n.insurance_fen) AS insurance_fen, sum(n.inspection_fen) AS inspection_fen,
           sum(n.repair_fen) AS repair_fen, sum(n.other_fen) AS other_fen,
           max(n.bought_on) AS bought_on, max(n.price_fen) AS price_fen,
           max(n.depreciation_method) AS depreciation_method,
           max(n.useful_life_months) AS useful_life_months, max(n.residual_pct) AS residual_pct
    FROM noted n
    GROUP BY n.vehicle_id
    HAVING bool_or(n.is_there)
)
SELECT x.bought_on, x.price_fen, x.depreciation_method, x.useful_life_months, x.residual_pct,
       count(x.vehicle_id) AS vehicles,
       coalesce(sum(x.rent_fen) FILTER (WHERE x.vehicle_id IS NOT NULL), 0)::bigint AS rent_fen,
       coalesce(sum(x.recharges_fen) FILTER (WHERE x.vehicle_id IS NOT NULL), 0)::bigint
           AS recharges_fen,
       coalesce(sum(x.purchases_fen) FILTER (WHERE x.vehicle_id IS NOT NULL), 0)::bigint
           AS purchases_fen,
       coalesce(sum(x.received_fen), 0)::bigint AS shares_fen,
       coalesce(sum(x.owed_fen) FILTER (WHERE NOT x.is_unsettled), 0)::bigint AS commission_fen,
       coalesce(sum(x.insurance_fen), 0)::bigint AS insurance_fen,
       coalesce(sum(x.inspection_fen), 0)::bigint AS inspection_fen,
       coalesce(sum(x.repair_fen), 0)::bigint AS repair_fen,
       coalesce(sum(x.other_fen), 0)::bigint AS other_fen,
       count(x.vehicle_id) FILTER (WHERE x.insurance_fen IS NULL) AS without_insurance,
       count(x.vehicle_id) FILTER (WHERE x.inspection_fen IS NULL) AS without_inspection,
       count(x.vehicle_id) FILTER (WHERE x.is_unsettled) AS unsettled,
       coalesce(sum(coalesce(x.rent_fen, 0) + coalesce(x.recharges_fen, 0)
                    + coalesce(x.purchases_fen, 0)) FILTER (WHERE x.vehicle_id IS NULL), 0)::bigint
           AS of_no_vehicle_fen
FROM each_vehicle x
GROUP BY 1, 2, 3, 4, 5;

-- name: idle
-- Vehicles without a lease at the end of a day: since when, and whether they could be let. What is
-- known of each is put together by grouping: the planner takes what it joins here for a few rows, and
-- would compare every vehicle with every other.
WITH held AS MATERIALIZED (
    SELECT p.vehicle_id, p.organisation_id, lower(p.operated_period) AS since_at
    FROM vehicle_operators p
    WHERE p.organisation_id = ANY (%(scope)s::bigint[])
      AND p.operated_period @> %(end_at)s::timestamptz
    UNION ALL
    SELECT v.id, v.owner_id, NULL
    FROM vehicles v
    WHERE v.owner_id = ANY (%(scope)s::bigint[])
      AND NOT EXISTS (SELECT FROM vehicle_operators p
                      WHERE p.vehicle_id = v.id AND p.operated_period @> %(end_at)s::timestamptz)
), let AS MATERIALIZED (
    SELECT s.vehicle_id, lower(s.let_period) AS from_at,
           CASE WHEN %(as_known)s::timestamptz IS NOT NULL AND (
                    SELECT e.recorded_at FROM lease_events e
                    WHERE e.lease_id = s.lease_id AND e.no = s.until_event_no) > %(as_known)s THEN NULL
                ELSE upper(s.let_period) END AS until_at
    FROM lease_segments s
    WHERE lower(s.let_period) <= %(end_at)s
      AND (%(as_known)s::timestamptz IS NULL OR (
               SELECT b.recorded_at FROM lease_events b
               WHERE b.lease_id = s.lease_id AND b.no = s.from_event_no) <= %(as_known)s)
), noted AS (
    SELECT h.vehicle_id, h.organisation_id, h.since_at, NULL::text AS stage,
           NULL::timestamptz AS joined_at, NULL::timestamptz AS returned_at, NULL::boolean AS is_let
    FROM held h
    UNION ALL
    SELECT l.vehicle_id, NULL, NULL, NULL, NULL, l.until_at,
           l.until_at IS NULL OR l.until_at > %(end_at)s
    FROM let l
    UNION ALL
    SELECT g.vehicle_id, NULL, NULL,
           CASE WHEN g.staged_period @> %(end_at)s::timestamptz THEN g.stage END,
           CASE WHEN g.stage <> 'ordered' THEN lower(g.staged_period) END, NULL, NULL
    FROM vehicle_stages g
), idle AS (
    SELECT n.vehicle_id, max(n.organisation_id) AS organisation_id, max(n.since_at) AS since_at,
           max(n.stage) AS stage, min(n.joined_at) AS joined_at, max(n.returned_at) AS returned_at
    FROM noted n
    GROUP BY n.vehicle_id
    HAVING count(n.organisation_id) > 0 AND max(n.stage) NOT IN ('ordered', 'disposed')
       AND bool_or(n.is_let) IS NOT TRUE
), off_the_road AS (
    SELECT k.vehicle_id
    FROM work_orders k
    WHERE k.state <> 'cancelled' AND k.down_from_at <= %(end_at)s
      AND (k.down_until_at IS NULL OR k.down_until_at > %(end_at)s)
), insured AS (
    SELECT i.vehicle_id
    FROM insurance_policies i
    WHERE i.kind = 'compulsory' AND i.covered_period @> (%(end_at)s::timestamptz - interval '1 second')
      AND i.recorded_at <= %(known_at)s AND (i.voided_at IS NULL OR i.voided_at > %(known_at)s)
), inspected AS (
    SELECT n.vehicle_id
    FROM inspections n
    WHERE n.inspected_on <= %(on)s AND n.valid_to_on >= %(on)s AND n.recorded_at <= %(known_at)s
)
SELECT i.vehicle_id, i.organisation_id, i.stage,
       coalesce(i.returned_at, greatest(i.joined_at, i.since_at)) AS since_at,
       i.stage = 'in_stock' AND i.vehicle_id NOT IN (SELECT vehicle_id FROM off_the_road)
           AND i.vehicle_id IN (SELECT vehicle_id FROM insured)
           AND (NOT %(inspection_blocks)s OR i.vehicle_id IN (SELECT vehicle_id FROM inspected))
           AS sellable
FROM idle i;
