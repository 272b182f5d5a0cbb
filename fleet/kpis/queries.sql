-- name: list_scope
-- An organisation and those below it; without one, all in sight.
SELECT o.id, o.code, o.name
FROM organisations o
WHERE %(organisation_id)s::bigint IS NULL
   OR o.id IN (SELECT c.descendant_id FROM organisation_closure c
               WHERE c.ancestor_id = %(organisation_id)s);

-- name: vehicle_days
-- Days of each vehicle with each holder in [from_on, until_on): of the fleet, leased, and without a
-- lease but not to be let. A period has the days at whose end it runs.
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
               tstzrange(lower(s.let_period),
                         CASE WHEN e.recorded_at > %(known_at)s THEN NULL
                              ELSE upper(s.let_period) END) AS period
        FROM lease_segments s
        JOIN lease_events b ON b.lease_id = s.lease_id AND b.no = s.from_event_no
        LEFT JOIN lease_events e ON e.lease_id = s.lease_id AND e.no = s.until_event_no
        WHERE b.recorded_at <= %(known_at)s
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
), whole AS (
    SELECT f.vehicle_id, f.organisation_id, range_agg(f.days) AS days
    FROM fleet f
    GROUP BY f.vehicle_id, f.organisation_id
), compared AS (
    SELECT w.vehicle_id, w.organisation_id, w.days,
           w.days * coalesce(l.days, datemultirange()) AS leased,
           w.days * coalesce(a.days, datemultirange()) - coalesce(l.days, datemultirange()) AS away
    FROM whole w
    LEFT JOIN let l ON l.vehicle_id = w.vehicle_id
    LEFT JOIN away a ON a.vehicle_id = w.vehicle_id
)
SELECT c.vehicle_id, c.organisation_id, v.owner_id,
       (SELECT coalesce(sum(upper(d) - lower(d)), 0) FROM unnest(c.days) AS d)::integer AS fleet_days,
       (SELECT coalesce(sum(upper(d) - lower(d)), 0) FROM unnest(c.leased) AS d)::integer
           AS leased_days,
       (SELECT coalesce(sum(upper(d) - lower(d)), 0) FROM unnest(c.away) AS d)::integer AS away_days
FROM compared c
JOIN vehicles v ON v.id = c.vehicle_id
WHERE NOT isempty(c.days);


-- name: collection
-- Bills that fell due before until_on and what settled them, by holder and whether in the span.
WITH due AS (
    SELECT b.id, b.organisation_id, b.total_fen, b.due_on >= %(from_on)s AS in_span
    FROM bills b
    WHERE b.state = 'issued' AND b.kind <> 'deposit' AND b.organisation_id = ANY (%(scope)s::bigint[])
      AND b.due_on < %(until_on)s AND b.issued_on <= %(on)s
      AND (%(known_at)s::timestamptz IS NULL OR b.issued_at <= %(known_at)s)
), settled AS (
    SELECT a.bill_id,
           coalesce(sum(a.amount_fen) FILTER (WHERE a.credit_id IS NOT NULL), 0) AS paid_fen,
           coalesce(sum(a.amount_fen) FILTER (WHERE a.deposit_movement_id IS NOT NULL), 0)
               AS from_deposits_fen,
           coalesce(sum(a.amount_fen) FILTER (WHERE a.write_off_id IS NOT NULL), 0)
               AS written_off_fen
    FROM allocations a
    WHERE a.organisation_id = ANY (%(scope)s::bigint[]) AND a.allocated_on <= %(on)s
      AND (%(known_at)s::timestamptz IS NULL OR a.recorded_at <= %(known_at)s)
    GROUP BY a.bill_id
), credited AS (
    SELECT n.bill_id, sum(n.total_fen) AS fen
    FROM credit_notes n
    WHERE n.organisation_id = ANY (%(scope)s::bigint[]) AND n.issued_on <= %(on)s
      AND (%(known_at)s::timestamptz IS NULL OR n.issued_at <= %(known_at)s)
    GROUP BY n.bill_id
), each_bill AS (
    SELECT d.organisation_id, d.in_span, d.total_fen, coalesce(c.fen, 0) AS credited_fen,
           least(coalesce(s.paid_fen, 0) + coalesce(s.from_deposits_fen, 0),
                 d.total_fen - coalesce(c.fen, 0)) AS collected_fen,
           coalesce(s.from_deposits_fen, 0) AS from_deposits_fen,
           coalesce(s.written_off_fen, 0) AS written_off_fen
    FROM due d
    LEFT JOIN settled s ON s.bill_id = d.id
    LEFT JOIN credited c ON c.bill_id = d.id
)
SELECT organisation_id, in_span, count(*) AS bills, sum(total_fen)::bigint AS billed_fen,
       sum(credited_fen)::bigint AS credited_fen, sum(collected_fen)::bigint AS collected_fen,
       sum(from_deposits_fen)::bigint AS from_deposits_fen,
       sum(written_off_fen)::bigint AS written_off_fen
FROM each_bill
GROUP BY organisation_id, in_span;

-- name: ageing
-- What is open of issued bills at the end of a day, in buckets, by customer or by organisation.
WITH settled AS (
    SELECT a.bill_id, sum(a.amount_fen) AS fen
    FROM allocations a
    WHERE a.organisation_id = ANY (%(scope)s::bigint[]) AND a.allocated_on <= %(on)s
      AND (%(known_at)s::timestamptz IS NULL OR a.recorded_at <= %(known_at)s)
    GROUP BY a.bill_id
)
SELECT CASE WHEN %(by_customer)s THEN b.customer_id ELSE b.organisation_id END AS id,
       b.kind = 'deposit' AS of_deposits,
       width_bucket(%(on)s::date - b.due_on, %(first_days)s::integer[]) AS bucket,
       sum(b.total_fen - coalesce(s.fen, 0))::bigint AS open_fen
FROM bills b
LEFT JOIN settled s ON s.bill_id = b.id
WHERE b.state = 'issued' AND b.organisation_id = ANY (%(scope)s::bigint[])
  AND b.issued_on <= %(on)s
  AND (%(known_at)s::timestamptz IS NULL OR b.issued_at <= %(known_at)s)
  AND b.total_fen <> coalesce(s.fen, 0)
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
  AND c.recorded_at <= %(known_at)s
  AND (%(vehicle_ids)s::bigint[] IS NULL OR c.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
GROUP BY c.vehicle_id, c.kind;

-- name: purchases
-- What vehicles were bought for, as far as their owners are asked about.
SELECT q.vehicle_id, q.purchased_on, q.price_fen, q.depreciation_method, q.useful_life_months,
       q.residual_pct
FROM vehicle_purchases q
WHERE q.organisation_id = ANY (%(scope)s::bigint[])
  AND (%(vehicle_ids)s::bigint[] IS NULL OR q.vehicle_id = ANY (%(vehicle_ids)s::bigint[]));

-- name: idle
-- Vehicles without a lease at the end of a day: since when, and whether they could be let.
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
           CASE WHEN e.recorded_at > %(known_at)s THEN NULL ELSE upper(s.let_period) END AS until_at
    FROM lease_segments s
    JOIN lease_events b ON b.lease_id = s.lease_id AND b.no = s.from_event_no
    LEFT JOIN lease_events e ON e.lease_id = s.lease_id AND e.no = s.until_event_no
    WHERE b.recorded_at <= %(known_at)s AND lower(s.let_period) <= %(end_at)s
), returned AS (
    SELECT vehicle_id, bool_or(until_at IS NULL OR until_at > %(end_at)s) AS is_let,
           max(until_at) AS returned_at
    FROM let
    GROUP BY vehicle_id
), joined AS (
    SELECT vehicle_id, min(lower(staged_period)) AS joined_at
    FROM vehicle_stages
    WHERE stage <> 'ordered'
    GROUP BY vehicle_id
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
SELECT h.vehicle_id, h.organisation_id, g.stage,
       coalesce(r.returned_at, greatest(j.joined_at, h.since_at)) AS since_at,
       g.stage = 'in_stock' AND h.vehicle_id NOT IN (SELECT vehicle_id FROM off_the_road)
           AND h.vehicle_id IN (SELECT vehicle_id FROM insured)
           AND (NOT %(inspection_blocks)s OR h.vehicle_id IN (SELECT vehicle_id FROM inspected))
           AS sellable
FROM held h
JOIN vehicle_stages g ON g.vehicle_id = h.vehicle_id
    AND g.staged_period @> %(end_at)s::timestamptz AND g.stage NOT IN ('ordered', 'disposed')
LEFT JOIN returned r ON r.vehicle_id = h.vehicle_id
LEFT JOIN joined j ON j.vehicle_id = h.vehicle_id
WHERE r.is_let IS NOT TRUE;
