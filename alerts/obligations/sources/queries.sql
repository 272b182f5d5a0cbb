-- name: due_bills
-- Bills that are open. Days are counted from the due day, of a bill issued later from its issue, as
-- the ladder of dunning counts them; which stage of it is reached, and what was sent last.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, facts, lease_id, bill_id, customer_id)
WITH ladders AS MATERIALIZED (
    SELECT DISTINCT ON (t.tenant_id) t.tenant_id, p.content -> 'stages' AS stages
    FROM (SELECT tenant_id, max(today) AS today FROM sweep_asked GROUP BY tenant_id) AS t
    JOIN parameters p ON p.name = 'dunning.ladder'
                     AND (p.tenant_id IS NULL OR p.tenant_id = t.tenant_id)
    ORDER BY t.tenant_id, (p.valid_from_on <= t.today) DESC,
             CASE WHEN p.valid_from_on <= t.today THEN p.tenant_id IS NOT NULL END DESC,
             CASE WHEN p.valid_from_on <= t.today THEN p.valid_from_on END DESC,
             p.valid_from_on, p.id DESC
)
SELECT r.rule_no, w.organisation_id, 'bill', w.bill_id, b.bill_no, d.due_on::text, d.due_on,
       d.due_on - r.today,
       JSON_OBJECT('bill_kind': b.kind, 'open_fen': w.open_fen,
           'total_fen': b.total_fen, 'contract_due_on': nullif(b.due_on, d.due_on),
           'customer_no': c.customer_no, 'lease_no': l.lease_no, 'dunning_stage': g.stage,
           'notice_no': n.notice_no, 'notice_stage': n.stage, 'notice_state': n.state
           ABSENT ON NULL RETURNING jsonb),
       w.lease_id, w.bill_id, w.customer_id
FROM bill_balances w
JOIN bills b ON b.id = w.bill_id
JOIN sweep_asked r ON r.organisation_id = w.organisation_id
    AND r.kind = CASE b.kind WHEN 'deposit' THEN 'deposit_unpaid' ELSE 'rent_due' END
CROSS JOIN LATERAL (SELECT greatest(b.due_on, b.issued_on) AS due_on) AS d
JOIN customers c ON c.id = w.customer_id
LEFT JOIN leases l ON l.id = w.lease_id
LEFT JOIN ladders ON ladders.tenant_id = w.tenant_id
LEFT JOIN LATERAL (
    SELECT e.value ->> 'code' AS stage
    FROM jsonb_array_elements(ladders.stages) WITH ORDINALITY AS e (value, place)
    WHERE (e.value ->> 'day')::integer <= r.today - d.due_on
    ORDER BY e.place DESC
    LIMIT 1
) AS g ON true
LEFT JOIN LATERAL (
    SELECT x.notice_no, x.stage, x.state
    FROM dunning_notices x
    WHERE x.bill_id = w.bill_id AND x.state <> 'withdrawn'
    ORDER BY x.made_at DESC, x.id DESC
    LIMIT 1
) AS n ON true
WHERE w.settled_on IS NULL AND d.due_on <= r.until_on;

-- name: due_papers
-- Papers of vehicles that end. One that should be on record and is not, is overdue from the day that
-- became known; it is the same matter for as long as it is missing.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, facts, vehicle_id)
SELECT r.rule_no, r.organisation_id, 'vehicle', v.id, v.vin,
       CASE WHEN o.due_on IS NULL THEN 'missing' ELSE o.due_on::text END
           || CASE WHEN k.one_of_many THEN '/' || o.kind ELSE '' END
           || CASE WHEN o.reference <> '' THEN '/' || o.reference ELSE '' END,
       d.due_on, d.due_on - r.today,
       jsonb_strip_nulls(jsonb_build_object('obligation', o.kind,
           'reference', nullif(o.reference, ''), 'plate', v.plate,
           'missing', CASE WHEN o.due_on IS NULL THEN true END, 'due_at', o.due_at,
           'printed_month', o.facts -> 'printed_month', 'predicted_month', o.facts -> 'predicted_month',
           'failed_on', o.facts -> 'failed_on', 'policy_no', o.facts -> 'policy_no',
           'insurer', o.facts -> 'insurer', 'next_policy_no', o.facts -> 'next_policy_no',
           'next_from_at', o.facts -> 'next_from_at', 'permit_no', o.facts -> 'permit_no',
           'missed_cycles', o.facts -> 'missed_cycles', 'tested_on', o.facts -> 'tested_on')),
       v.id
FROM obligations o
JOIN (VALUES ('inspection', 'inspection_due', false), ('compulsory', 'compulsory_insurance', false),
             ('commercial', 'commercial_insurance', false), ('permit', 'permit_due', true),
             ('permit_review', 'permit_due', true), ('permit_technical', 'permit_due', true),
             ('service_life', 'service_life', true), ('scrap_risk', 'service_life', true),
             ('battery_test', 'battery_test_due', false)) AS k (obligation, rule, one_of_many)
    ON k.obligation = o.kind
JOIN vehicles v ON v.id = o.vehicle_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
JOIN sweep_asked r ON r.kind = k.rule AND r.organisation_id = coalesce(p.organisation_id, v.owner_id)
CROSS JOIN LATERAL (
    SELECT coalesce(o.due_on, (o.refreshed_at AT TIME ZONE r.zone)::date - 1) AS due_on
) AS d
WHERE o.is_open AND d.due_on <= r.until_on
  -- Most are due long after any rule looks: left out before anything is joined.
  AND (o.due_on IS NULL OR o.due_on <= (SELECT max(until_on) FROM sweep_asked))
  AND (NOT r.scoped OR (r.rule_no, v.id) IN (SELECT s.rule_no, s.vehicle_id FROM sweep_scopes s));

-- name: due_gaps
-- Vehicles that are out on a lease now without compulsory insurance now, since both are so. Of a
-- lease of another organisation the operator is told no more than that there is one.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, remaining, since_at, facts, vehicle_id, lease_id, customer_id)
SELECT r.rule_no, r.organisation_id, 'vehicle', v.id, v.vin,
       (g.since_at AT TIME ZONE r.zone)::date::text, 0, g.since_at,
       jsonb_strip_nulls(jsonb_build_object('plate', v.plate, 'lease_no', l.lease_no,
           'customer_no', c.customer_no, 'since_at', g.since_at, 'policy_no', e.policy_no,
           'ended_at', e.ended_at)),
       v.id, l.id, l.customer_id
FROM lease_segments s
JOIN vehicles v ON v.id = s.vehicle_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
JOIN sweep_asked r ON r.kind = 'insurance_gap'
    AND r.organisation_id = coalesce(p.organisation_id, v.owner_id)
LEFT JOIN leases l ON l.id = s.lease_id AND l.organisation_id = r.organisation_id
LEFT JOIN customers c ON c.id = l.customer_id
LEFT JOIN LATERAL (
    SELECT i.policy_no, upper(i.covered_period) AS ended_at
    FROM insurance_policies i
    WHERE i.vehicle_id = v.id AND i.kind = 'compulsory' AND i.voided_at IS NULL
      AND upper(i.covered_period) <= %(now)s
    ORDER BY upper(i.covered_period) DESC
    LIMIT 1
) AS e ON true
CROSS JOIN LATERAL (SELECT greatest(lower(s.let_period), e.ended_at) AS since_at) AS g
WHERE s.let_period @> %(now)s::timestamptz
  AND NOT EXISTS (SELECT FROM insurance_policies i
                  WHERE i.vehicle_id = s.vehicle_id AND i.kind = 'compulsory'
                    AND i.voided_at IS NULL AND i.covered_period @> %(now)s::timestamptz)
  AND (NOT r.scoped OR (r.rule_no, v.id) IN (SELECT x.rule_no, x.vehicle_id FROM sweep_scopes x));

-- name: due_maintenance
-- Items of maintenance plans that are due by day, by the newest odometer known, or by running hours,
-- whichever comes first: hours that are over count as no kilometre left. Of use that nobody knows,
-- nothing is told. What was told by its use may be due by day long after: past the first reminder only
-- what has an alert is looked at.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, remaining, facts, vehicle_id)
WITH used AS MATERIALIZED (
    -- Distinct as it is: the planner, who cannot look into the view, would think it a hundred times as many.
    SELECT DISTINCT ON (m.vehicle_id) m.vehicle_id, h.running_hours,
           CASE WHEN k.read_at IS NULL OR t.ts > k.read_at
                THEN coalesce(round(t.odometer_km::numeric, 1), k.odometer_km)
                ELSE k.odometer_km END AS odometer_km
    FROM (SELECT o.vehicle_id, bool_or(o.due_running_hours IS NOT NULL) AS by_hours
          FROM obligations o
          WHERE o.kind = 'maintenance' AND o.is_open
            AND num_nonnulls(o.due_odometer_km, o.due_running_hours) > 0
          GROUP BY o.vehicle_id) AS m
    LEFT JOIN visible_vehicle_state t ON t.vehicle_id = m.vehicle_id
    LEFT JOIN LATERAL (
        SELECT x.odometer_km, x.read_at FROM odometer_readings x
        WHERE x.vehicle_id = m.vehicle_id
        ORDER BY x.read_at DESC LIMIT 1
    ) AS k ON true
    LEFT JOIN LATERAL (
        SELECT x.running_hours FROM odometer_readings x
        WHERE m.by_hours AND x.vehicle_id = m.vehicle_id AND x.running_hours IS NOT NULL
        ORDER BY x.read_at DESC LIMIT 1
    ) AS h ON true
), open AS MATERIALIZED (
    SELECT a.subject_id, a.due_on FROM alerts a
    WHERE a.kind = 'maintenance_due' AND a.cleared_at IS NULL AND NOT a.historical
)
SELECT r.rule_no, r.organisation_id, 'vehicle', v.id, v.vin,
       coalesce(o.due_on::text, o.due_odometer_km || 'km', o.due_running_hours || 'h')
           || '/' || o.reference,
       o.due_on, o.due_on - r.today, d.km_left,
       JSON_OBJECT('obligation': o.kind, 'reference': o.reference, 'plate': v.plate,
           'title': nullif(o.facts -> 'title', 'null'), 'due_odometer_km': o.due_odometer_km,
           'odometer_km': u.odometer_km, 'km_left': o.due_odometer_km - u.odometer_km,
           'due_running_hours': o.due_running_hours, 'running_hours': u.running_hours,
           'last_done_on': nullif(o.facts -> 'last_done_on', 'null')
           ABSENT ON NULL RETURNING jsonb),
       v.id
FROM obligations o
JOIN vehicles v ON v.id = o.vehicle_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
JOIN sweep_asked r ON r.kind = 'maintenance_due'
    AND r.organisation_id = coalesce(p.organisation_id, v.owner_id)
LEFT JOIN used u ON u.vehicle_id = o.vehicle_id
CROSS JOIN LATERAL (
    SELECT least(o.due_odometer_km - u.odometer_km,
                 CASE WHEN u.running_hours >= o.due_running_hours THEN 0 END) AS km_left
) AS d
WHERE o.is_open AND o.kind = 'maintenance'
  AND (o.due_on <= r.reach_on OR d.km_left <= r.steps[1]
       OR (o.due_on <= r.until_on AND (v.id, o.due_on) IN (SELECT n.subject_id, n.due_on FROM open n)))
  AND (NOT r.scoped OR (r.rule_no, v.id) IN (SELECT s.rule_no, s.vehicle_id FROM sweep_scopes s));

-- name: due_leases
-- Running leases whose last day comes; one that goes on under a renewal does not end.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, facts, lease_id, customer_id)
SELECT r.rule_no, l.organisation_id, 'lease', l.id, l.lease_no, l.ends_on::text, l.ends_on,
       l.ends_on - r.today,
       jsonb_build_object('customer_no', c.customer_no, 'lease_kind', l.kind, 'vehicles', n.vehicles),
       l.id, l.customer_id
FROM leases l
JOIN customers c ON c.id = l.customer_id
JOIN sweep_asked r ON r.kind = 'lease_ending' AND r.organisation_id = l.organisation_id
CROSS JOIN LATERAL (
    SELECT count(*) AS vehicles FROM lease_segments s
    WHERE s.lease_id = l.id AND upper_inf(s.let_period)
) AS n
WHERE l.state IN ('active', 'suspended') AND l.ends_on BETWEEN r.today AND r.until_on
  AND NOT EXISTS (SELECT FROM leases x
                  WHERE x.renews_id = l.id AND x.state NOT IN ('draft', 'cancelled'));

-- name: due_returns
-- Leases past their last day, by the terms or their termination, whose vehicles are still out.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, facts, lease_id, customer_id)
SELECT r.rule_no, l.organisation_id, 'lease', l.id, l.lease_no, d.last_on::text, d.last_on,
       d.last_on - r.today,
       jsonb_build_object('customer_no', c.customer_no, 'lease_kind', l.kind, 'state', l.state,
           'vehicles', count(*), 'vins', (array_agg(v.vin ORDER BY v.vin))[1:10]),
       l.id, l.customer_id
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
JOIN customers c ON c.id = l.customer_id
JOIN vehicles v ON v.id = s.vehicle_id
JOIN sweep_asked r ON r.kind = 'use_after_expiry' AND r.organisation_id = l.organisation_id
CROSS JOIN LATERAL (
    SELECT least(l.ends_on, (l.ended_at AT TIME ZONE r.zone)::date) AS last_on
) AS d
WHERE upper_inf(s.let_period) AND d.last_on < r.today AND d.last_on <= r.until_on
GROUP BY r.rule_no, r.today, l.id, d.last_on, c.customer_no;

-- name: due_contracts
-- Kept contracts that the last verification found changed, since it was found.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, remaining, since_at, facts, lease_id, customer_id, contract_id)
SELECT r.rule_no, k.organisation_id, 'contract', k.id, k.contract_no,
       to_char(f.since_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 0, f.since_at,
       jsonb_build_object('fault', k.fault, 'found_at', f.since_at, 'lease_no', l.lease_no,
           'file_name', k.file_name),
       l.id, l.customer_id, k.id
FROM contracts k
JOIN leases l ON l.id = k.lease_id
JOIN sweep_asked r ON r.kind = 'contract_changed' AND r.organisation_id = k.organisation_id
CROSS JOIN LATERAL (
    SELECT coalesce(max(e.happened_at), k.created_at) AS since_at
    FROM contract_events e
    WHERE e.contract_id = k.id AND e.kind = 'changed'
) AS f
WHERE k.fault IS NOT NULL;

-- name: due_work
-- Work orders past their day. Whose they are is told if the organisation sees them: whoever reads its
-- alerts does, and so does who is sent a message.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, facts, vehicle_id, work_order_id)
SELECT r.rule_no, w.organisation_id, 'work_order', w.id, w.number, w.due_on::text, w.due_on,
       w.due_on - r.today,
       jsonb_strip_nulls(jsonb_build_object('work_kind', w.kind, 'state', w.state,
           'priority', w.priority, 'title', w.title, 'vin', v.vin, 'assignee', (
               SELECT u.login FROM users u
               JOIN organisation_closure s ON s.descendant_id = u.organisation_id
               WHERE u.login = w.assignee AND s.ancestor_id = w.organisation_id))),
       v.id, w.id
FROM work_orders w
JOIN vehicles v ON v.id = w.vehicle_id
JOIN sweep_asked r ON r.kind = 'work_order_late' AND r.organisation_id = w.organisation_id
WHERE w.state IN ('open', 'in_progress', 'waiting') AND w.due_on <= r.until_on;

-- name: due_care
-- Idle vehicles, in stock or for sale: those low on charge, and those to be looked at. A model's own
-- figures come before the rule's, as in the list of idle vehicles. A charge told about stays so until
-- it is well above; one that is not heard of for days says nothing new.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, due_on, days_left, remaining, facts, vehicle_id)
WITH idle AS MATERIALIZED (
    SELECT r.rule_no, r.organisation_id, r.code, r.today, r.until_on, v.id, v.vin, f.idle_since_on,
           k.last_checked_on, t.soc_pct, t.ts AS soc_at,
           coalesce(t.ts >= %(known_since)s AND t.soc_pct IS NOT NULL, false) AS known,
           coalesce((m.care ->> 'warn_below_pct')::numeric,
                    (r.figures ->> 'warn_below_pct')::numeric) AS warn_below_pct,
           coalesce((m.care ->> 'critical_below_pct')::numeric,
                    (r.figures ->> 'critical_below_pct')::numeric) AS critical_below_pct,
           greatest(f.idle_since_on, k.last_checked_on)
               + coalesce((m.care ->> 'check_every_days')::integer,
                          (r.figures ->> 'check_every_days')::integer) AS check_on,
           jsonb_strip_nulls(jsonb_build_object('plate', v.plate, 'stage', g.stage,
               'idle_since_on', f.idle_since_on, 'last_checked_on', k.last_checked_on)) AS facts
    FROM vehicle_stages g
    JOIN vehicles v ON v.id = g.vehicle_id
    LEFT JOIN vehicle_models m ON m.id = v.model_id
    LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
    JOIN sweep_asked r ON r.kind = 'idle_care'
        AND r.organisation_id = coalesce(p.organisation_id, v.owner_id)
    LEFT JOIN visible_vehicle_state t ON t.vehicle_id = v.id
    LEFT JOIN LATERAL (
        SELECT x.done_on AS last_checked_on FROM maintenance_done x
        WHERE x.vehicle_id = v.id AND x.code = 'idle-care'
        ORDER BY x.done_on DESC LIMIT 1
    ) AS k ON true
    CROSS JOIN LATERAL (
        SELECT (lower(g.staged_period) AT TIME ZONE r.zone)::date AS idle_since_on
    ) AS f
    WHERE upper_inf(g.staged_period) AND g.stage IN ('in_stock', 'for_sale')
      AND (NOT r.scoped
           OR (r.rule_no, v.id) IN (SELECT s.rule_no, s.vehicle_id FROM sweep_scopes s))
)
SELECT i.rule_no, i.organisation_id, 'vehicle', i.id, i.vin, i.idle_since_on || '/charge', NULL, NULL,
       CASE WHEN NOT i.known THEN 0 WHEN i.soc_pct < i.critical_below_pct THEN -2
            WHEN i.soc_pct < i.warn_below_pct THEN -1 ELSE 0 END,
       i.facts || jsonb_build_object('care', 'charge', 'soc_pct', round(i.soc_pct::numeric, 1),
           'soc_at', i.soc_at, 'warn_below_pct', i.warn_below_pct,
           'critical_below_pct', i.critical_below_pct),
       i.id
FROM idle i
WHERE (i.known AND i.soc_pct < i.warn_below_pct)
   OR ((NOT i.known OR i.soc_pct < i.warn_below_pct + %(clear_above_pct)s)
       AND EXISTS (SELECT FROM alerts a
                   WHERE a.rule_code = i.code AND a.subject_kind = 'vehicle' AND a.subject_id = i.id
                     AND a.organisation_id = i.organisation_id AND a.cleared_at IS NULL))
UNION ALL
SELECT i.rule_no, i.organisation_id, 'vehicle', i.id, i.vin, i.check_on || '/check', i.check_on,
       i.check_on - i.today, NULL, i.facts || '{"care": "check"}', i.id
FROM idle i
WHERE i.check_on <= i.until_on;

-- name: due_mileage
-- Kilometres of leases that include so many: of a month of the lease, counted from its first day,
-- or where what is left is carried over, of all its months to the end of this one; by the day, of the
-- whole term. Driven is what the odometers of the line's vehicles grew by meanwhile.
INSERT INTO sweep_items (rule_no, organisation_id, subject_kind, subject_id, subject_key,
    occurrence, remaining, facts, lease_id, customer_id)
WITH agreed AS MATERIALIZED (
    SELECT r.rule_no, r.organisation_id, r.zone, r.today, r.steps, l.id, l.lease_no, l.customer_id,
           l.starts_on, l.ends_on, (t.line ->> 'no')::integer AS line_no,
           coalesce(t.line ->> 'per', 'month') AS per,
           (t.line #>> '{mileage,included_km}')::numeric AS included_km,
           coalesce((t.line #>> '{mileage,carry_over}')::boolean, true) AS carried
    FROM leases l
    JOIN sweep_asked r ON r.kind = 'mileage_allowance' AND r.organisation_id = l.organisation_id
    CROSS JOIN LATERAL jsonb_array_elements(l.terms -> 'lines') AS t (line)
    WHERE l.state IN ('active', 'suspended') AND l.starts_on <= r.today
      AND (t.line #>> '{mileage,included_km}')::numeric > 0
), counted AS MATERIALIZED (
    SELECT a.*, n.from_on, p.begins_on, p.counted_km,
           p.begins_on::timestamp AT TIME ZONE a.zone AS begins_at
    FROM agreed a
    CROSS JOIN LATERAL (
        SELECT (extract(year FROM age(a.today, a.starts_on)) * 12
                + extract(month FROM age(a.today, a.starts_on)))::integer AS passed
    ) AS k
    -- age() borrows the days of another month than is added here: it may be one month short.
    CROSS JOIN LATERAL (
        SELECT k.passed + CASE WHEN (a.starts_on + make_interval(months => k.passed + 1))::date <= a.today
                               THEN 1 ELSE 0 END AS months
    ) AS m
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.per = 'day' THEN a.starts_on
                    ELSE (a.starts_on + make_interval(months => m.months))::date END AS from_on
    ) AS n
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.carried THEN a.starts_on ELSE n.from_on END AS begins_on,
               a.included_km
                   * CASE WHEN a.per = 'day' THEN coalesce(a.ends_on, a.today) - a.starts_on + 1
                          WHEN a.carried THEN m.months + 1
                          ELSE 1 END AS counted_km
    ) AS p
), ways AS MATERIALIZED (
    SELECT c.id, c.line_no, s.vehicle_id, d.from_at, d.until_at, upper_inf(s.let_period) AS out
    FROM counted c
    JOIN lease_segments s ON s.lease_id = c.id AND s.line_no = c.line_no
    CROSS JOIN LATERAL (
        SELECT greatest(lower(s.let_period), c.begins_at) AS from_at,
               least(upper(s.let_period), %(now)s) AS until_at
    ) AS d
    WHERE d.from_at < d.until_at
), driven AS MATERIALIZED (
    SELECT w.id, w.line_no, sum(greatest(e.odometer_km - b.odometer_km, 0)) AS driven_km
    FROM ways w
    LEFT JOIN visible_vehicle_state t ON t.vehicle_id = w.vehicle_id
    CROSS JOIN LATERAL (
        SELECT coalesce(
            (SELECT x.odometer_km FROM odometer_readings x
             WHERE x.vehicle_id = w.vehicle_id AND x.read_at <= w.from_at
             ORDER BY x.read_at DESC LIMIT 1),
            (SELECT x.odometer_km FROM odometer_readings x
             WHERE x.vehicle_id = w.vehicle_id AND x.read_at > w.from_at
             ORDER BY x.read_at LIMIT 1)) AS odometer_km
    ) AS b
    LEFT JOIN LATERAL (
        SELECT x.odometer_km, x.read_at FROM odometer_readings x
        WHERE x.vehicle_id = w.vehicle_id AND x.read_at <= w.until_at
        ORDER BY x.read_at DESC LIMIT 1
    ) AS r ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN w.out AND t.odometer_km IS NOT NULL AND t.ts > coalesce(r.read_at, '-infinity')
                    THEN round(t.odometer_km::numeric, 1) ELSE r.odometer_km END AS odometer_km
    ) AS e
    GROUP BY w.id, w.line_no
)
SELECT a.rule_no, a.organisation_id, 'lease', a.id, a.lease_no,
       a.from_on || '/line-' || a.line_no, -u.used_pct,
       jsonb_build_object('customer_no', c.customer_no, 'line_no', a.line_no, 'from_on', a.from_on,
           'counted_from_on', a.begins_on, 'included_km', a.counted_km,
           'driven_km', round(d.driven_km, 1), 'used_pct', u.used_pct),
       a.id, a.customer_id
FROM counted a
JOIN driven d ON d.id = a.id AND d.line_no = a.line_no
JOIN customers c ON c.id = a.customer_id
-- Cut off: a share is used when it is, not when it nearly is.
CROSS JOIN LATERAL (SELECT trunc(100 * d.driven_km / a.counted_km, 1) AS used_pct) AS u
WHERE -u.used_pct <= a.steps[1];

-- name: analyze_sweep_items
-- How much is due, for the planner: of what it is joined by.
ANALYZE sweep_items (rule_no, organisation_id, subject_kind, subject_id, occurrence);
