-- name: make_fit
-- Keys are looked up by their indexes, until the transaction ends. What refers to a table of few pages is
-- checked row by row: each check would read all of it, planned for a disk.
SELECT set_config('random_page_cost', '1.1', true);

-- name: lock_source
-- One at a time applies what rules of a source find; until the commit.
SELECT pg_advisory_xact_lock(hashtextextended('alerts.inbox.' || %(source)s, 0));

-- name: list_fires
-- Which of these fires are recorded, and of which alert.
SELECT f.organisation_id, f.rule_code, f.subject_kind, f.subject_id, f.fire_key, f.alert_id
FROM jsonb_to_recordset(%(rows)s) AS r (organisation_id bigint, rule_code text, subject_kind text,
    subject_id bigint, fire_key text)
JOIN alert_fires f ON f.organisation_id = r.organisation_id AND f.rule_code = r.rule_code
    AND f.subject_kind = r.subject_kind AND f.subject_id = r.subject_id
    AND f.fire_key = r.fire_key;

-- name: list_missed
-- Which of these reminders were only noted, as a later one was due as well, and of which alert.
SELECT a.organisation_id, a.rule_code, a.subject_kind, a.subject_id, r.fire_key, a.id
FROM jsonb_to_recordset(%(rows)s) AS r (organisation_id bigint, rule_code text, subject_kind text,
    subject_id bigint, fire_key text, occurrence text)
JOIN alerts a ON a.organisation_id = r.organisation_id AND a.rule_code = r.rule_code
    AND a.subject_kind = r.subject_kind AND a.subject_id = r.subject_id
    AND a.occurrence = r.occurrence
WHERE EXISTS (SELECT FROM alert_fires f WHERE f.alert_id = a.id AND r.fire_key = ANY (f.missed_keys));

-- name: lock_alerts
-- Alerts of these rules and subjects: unresolved, of these occurrences, or ended since; and these.
WITH wanted AS MATERIALIZED (
    SELECT a.id
    FROM jsonb_to_recordset(%(rows)s) AS r (organisation_id bigint, rule_code text,
        subject_kind text, subject_id bigint, occurrences text[], since timestamptz)
    JOIN alerts a ON a.subject_kind = r.subject_kind AND a.subject_id = r.subject_id
        AND a.rule_code = r.rule_code AND a.organisation_id = r.organisation_id
    WHERE a.state <> 'resolved' OR a.occurrence = ANY (r.occurrences) OR a.cleared_at >= r.since
    UNION
    SELECT unnest(%(ids)s::bigint[])
)
SELECT a.id, a.alert_no, a.tenant_id, a.organisation_id, a.rule_code, a.kind, a.rule_version,
       a.subject_kind, a.subject_id, a.subject_key, a.occurrence, a.severity, a.state, a.facts,
       a.vehicle_id, a.lease_id, a.bill_id, a.customer_id, a.contract_id, a.work_order_id,
       a.due_on, a.stage, a.fires, a.raised_at, a.last_raised_at, a.historical,
       a.acknowledged_at, a.acknowledged_by, a.snoozed_until, a.inhibited_by_id, a.escalation,
       a.escalate_at, a.cleared_at, a.resolved_at, a.resolved_by, a.resolution, a.reopened
FROM alerts a
WHERE a.id IN (SELECT id FROM wanted)
ORDER BY a.id
FOR UPDATE OF a;

-- name: list_organisations
-- Zones of organisations, and the escalation that reaches each: its own, or the nearest above.
SELECT o.id, o.time_zone,
       (SELECT e.steps
        FROM organisation_closure c
        JOIN alert_escalations e ON e.organisation_id = c.ancestor_id AND e.retired_at IS NULL
        WHERE c.descendant_id = o.id
        ORDER BY c.depth LIMIT 1) AS steps
FROM organisations o WHERE o.id = ANY (%(ids)s::bigint[]);

-- name: insert_alerts
-- New alerts; none where one of the occurrence or number is there.
INSERT INTO alerts (tenant_id, organisation_id, alert_no, rule_code, kind, rule_version,
    subject_kind, subject_id, subject_key, occurrence, severity, state, facts, vehicle_id, lease_id,
    bill_id, customer_id, contract_id, work_order_id, due_on, stage, fires, raised_at,
    last_raised_at, recorded_at, historical, escalation, escalate_at, cleared_at, resolved_at,
    resolved_by, reopened)
SELECT r.tenant_id, r.organisation_id, r.alert_no, r.rule_code, r.kind, r.rule_version,
       r.subject_kind, r.subject_id, r.subject_key, r.occurrence, r.severity, r.state, r.facts,
       r.vehicle_id, r.lease_id, r.bill_id, r.customer_id, r.contract_id, r.work_order_id, r.due_on,
       r.stage, r.fires, r.raised_at, r.last_raised_at, %(now)s, r.historical, r.escalation,
       r.escalate_at, r.cleared_at, r.resolved_at, r.resolved_by, r.reopened
FROM jsonb_to_recordset(%(rows)s) AS r (tenant_id bigint, organisation_id bigint, alert_no text,
    rule_code text, kind text, rule_version bigint, subject_kind text, subject_id bigint,
    subject_key text, occurrence text, severity text, state text, facts jsonb, vehicle_id bigint,
    lease_id bigint, bill_id bigint, customer_id bigint, contract_id bigint, work_order_id bigint,
    due_on date, stage integer, fires integer, raised_at timestamptz, last_raised_at timestamptz,
    historical boolean, escalation integer, escalate_at timestamptz, cleared_at timestamptz,
    resolved_at timestamptz, resolved_by text, reopened integer)
ON CONFLICT DO NOTHING
RETURNING id, alert_no;

-- name: list_known
-- Which of these occurrences have their alert.
SELECT a.organisation_id, a.rule_code, a.subject_kind, a.subject_id, a.occurrence
FROM jsonb_to_recordset(%(rows)s) AS r (organisation_id bigint, rule_code text, subject_kind text,
    subject_id bigint, occurrence text)
JOIN alerts a ON a.organisation_id = r.organisation_id AND a.rule_code = r.rule_code
    AND a.subject_kind = r.subject_kind AND a.subject_id = r.subject_id
    AND a.occurrence = r.occurrence;

-- name: update_alerts
-- What became of alerts by what was found and is so no longer.
UPDATE alerts a
SET occurrence = r.occurrence, severity = r.severity, state = r.state, facts = r.facts,
    rule_version = r.rule_version, lease_id = r.lease_id, bill_id = r.bill_id,
    customer_id = r.customer_id, contract_id = r.contract_id, work_order_id = r.work_order_id,
    due_on = r.due_on, stage = r.stage, fires = r.fires,
    last_raised_at = r.last_raised_at, historical = r.historical,
    acknowledged_at = r.acknowledged_at, acknowledged_by = r.acknowledged_by,
    snoozed_until = r.snoozed_until, inhibited_by_id = r.inhibited_by_id,
    escalation = r.escalation, escalate_at = r.escalate_at, cleared_at = r.cleared_at,
    resolved_at = r.resolved_at, resolved_by = r.resolved_by, resolution = r.resolution,
    reopened = r.reopened, version = a.version + 1
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, occurrence text, severity text, state text,
    facts jsonb, rule_version bigint, lease_id bigint, bill_id bigint, customer_id bigint,
    contract_id bigint, work_order_id bigint, due_on date, stage integer, fires integer,
    last_raised_at timestamptz, historical boolean, acknowledged_at timestamptz,
    acknowledged_by text, snoozed_until timestamptz, inhibited_by_id bigint, escalation integer,
    escalate_at timestamptz, cleared_at timestamptz, resolved_at timestamptz, resolved_by text,
    resolution text, reopened integer)
WHERE a.id = r.id;

-- name: insert_fires
-- What fired, once.
INSERT INTO alert_fires (tenant_id, organisation_id, alert_id, rule_code, subject_kind, subject_id,
    fire_key, stage, severity, fired_at, recorded_at, caught_up, missed_keys)
SELECT r.tenant_id, r.organisation_id, r.alert_id, r.rule_code, r.subject_kind, r.subject_id,
       r.fire_key, r.stage, r.severity, r.fired_at, %(now)s, r.caught_up, r.missed_keys
FROM jsonb_to_recordset(%(rows)s) AS r (tenant_id bigint, organisation_id bigint, alert_id bigint,
    rule_code text, subject_kind text, subject_id bigint, fire_key text, stage integer,
    severity text, fired_at timestamptz, caught_up boolean, missed_keys text[])
ON CONFLICT DO NOTHING;

-- name: make_alert_findings
-- What a sweep has found, as it is handed over. The sweep makes it, and fills it; here for its shape.
CREATE TEMP TABLE IF NOT EXISTS alert_findings OF alert_finding (PRIMARY KEY (no))
ON COMMIT PRESERVE ROWS;

-- name: list_organisations_found
-- Whose findings these are.
SELECT DISTINCT organisation_id FROM alert_findings WHERE no BETWEEN %(first)s AND %(last)s;

-- name: raise_found
-- New alerts of findings with these numbers, with what fired, which says that they were raised; none
-- where one of the occurrence is there. Each gets one of the codes, which are all different. How many
-- there are, and those of organisations of which anybody hears.
WITH found AS MATERIALIZED (
    SELECT f.*, 'A' || to_char(%(now)s::timestamptz AT TIME ZONE o.time_zone, 'YYMM') || '-' || c.code
               AS alert_no,
           e.escalate_at, f.fire_keys[cardinality(f.fire_keys)] AS fire_key
    FROM alert_findings f
    JOIN organisations o ON o.id = f.organisation_id
    JOIN unnest(%(codes)s::text[]) WITH ORDINALITY AS c (code, place)
        ON c.place = f.no - %(first)s::integer + 1
    LEFT JOIN jsonb_to_recordset(%(escalations)s) AS e (organisation_id bigint, severity text,
        escalate_at timestamptz) ON e.organisation_id = f.organisation_id AND e.severity = f.severity
    WHERE f.no BETWEEN %(first)s::integer AND %(last)s::integer
), raised AS (
    INSERT INTO alerts (tenant_id, organisation_id, alert_no, rule_code, kind, rule_version,
        subject_kind, subject_id, subject_key, occurrence, severity, facts, vehicle_id, lease_id,
        bill_id, customer_id, contract_id, work_order_id, due_on, stage, fires, raised_at,
        last_raised_at, recorded_at, escalate_at)
    SELECT tenant_id, organisation_id, alert_no, rule_code, kind, rule_version, subject_kind,
           subject_id, subject_key, occurrence, severity, facts, vehicle_id, lease_id, bill_id,
           customer_id, contract_id, work_order_id, due_on, stage, cardinality(fire_keys), raised_at,
           raised_at, %(now)s, escalate_at
    FROM found
    ORDER BY no
    ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING
    RETURNING id, alert_no
), written AS MATERIALIZED (
    SELECT r.id, f.* FROM raised r JOIN found f ON f.alert_no = r.alert_no
), fired AS (
    INSERT INTO alert_fires (tenant_id, organisation_id, alert_id, rule_code, subject_kind,
        subject_id, fire_key, stage, severity, fired_at, recorded_at, missed_keys)
    SELECT tenant_id, organisation_id, id, rule_code, subject_kind, subject_id, fire_key, stage,
           severity, raised_at, %(now)s, fire_keys[:cardinality(fire_keys) - 1]
    FROM written
    ORDER BY no
)
SELECT n.written, w.tenant_id, w.organisation_id, w.id, w.alert_no, w.kind, w.rule_code, w.severity,
       w.fire_key
FROM (SELECT count(*) AS written FROM written) AS n
LEFT JOIN written w ON %(hearing)s::bigint[] IS NULL OR w.organisation_id = ANY (%(hearing)s::bigint[])
ORDER BY w.no;

-- name: refresh_statistics
-- How many alerts there are, for the planner. After very many at once the checks of what refers to them
-- would go through the whole table for each row, planned for one that was empty. What is in the other
-- columns the server finds out by itself, by and by.
ANALYZE alerts (id, tenant_id, organisation_id);
