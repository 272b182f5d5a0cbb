-- name: make_fit
-- Sorts and hashes of a whole fleet in memory; to compile a statement takes longer than to run it.
-- Until the transaction ends.
SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true);

-- name: make_sweep_asked
-- The rules of a sweep, one an organisation. Until the transaction ends; as those below.
CREATE TEMP TABLE IF NOT EXISTS sweep_asked (
    rule_no integer, organisation_id bigint, tenant_id bigint, zone text, today date, reach_on date,
    until_on date, code text, kind text, version bigint, severity text, offsets_days integer[], every_days integer,
    critical_from_days integer, steps double precision[], figures jsonb, scoped boolean
) ON COMMIT DELETE ROWS;

-- name: make_sweep_scopes
-- The vehicles of rules that are not for all.
CREATE TEMP TABLE IF NOT EXISTS sweep_scopes (rule_no integer, vehicle_id bigint)
ON COMMIT DELETE ROWS;

-- name: make_sweep_items
-- What is due, or will be before long, by each rule.
CREATE TEMP TABLE IF NOT EXISTS sweep_items (
    rule_no integer, organisation_id bigint, subject_kind text, subject_id bigint, subject_key text,
    occurrence text, due_on date, days_left integer, remaining double precision, since_at timestamptz,
    facts jsonb, vehicle_id bigint, lease_id bigint, bill_id bigint, customer_id bigint,
    contract_id bigint, work_order_id bigint
) ON COMMIT DELETE ROWS;

-- name: make_sweep_told
-- Which of it is to be told, and what its alert has told so far.
CREATE TEMP TABLE IF NOT EXISTS sweep_told (
    place tid, rule_no integer, alert_id bigint, again integer, days_left integer, taken integer,
    told_days_left integer, told_taken integer, case_no integer
) ON COMMIT DELETE ROWS;

-- name: make_alert_findings
-- What is to be told with all that is said of it, in order, for the inbox to take in parts. Until the
-- next sweep: each part may be a transaction of its own.
CREATE TEMP TABLE IF NOT EXISTS alert_findings OF alert_finding (PRIMARY KEY (no))
ON COMMIT PRESERVE ROWS;

-- name: empty_alert_findings
-- Those of the sweep before.
TRUNCATE alert_findings;

-- name: delete_findings
-- Those with a number above.
DELETE FROM alert_findings WHERE no > %(after)s;

-- name: empty_sweep
-- A second sweep in one transaction begins anew.
TRUNCATE sweep_asked, sweep_scopes, sweep_items, sweep_told;

-- name: analyze_sweep_asked
-- How many rules there are, for the planner.
ANALYZE sweep_asked;

-- name: analyze_sweep_scopes
-- How many vehicles are in scopes, for the planner.
ANALYZE sweep_scopes;

-- name: analyze_sweep_told
-- How much is to be told, for the planner.
ANALYZE sweep_told;

-- name: ask
-- The rules with the day it is where they hold, and up to which day of something due they look: the
-- first reminder's; and as far as anything was told of, should the clock have gone back.
INSERT INTO sweep_asked
SELECT n.rule_no, o.id, o.tenant_id, o.time_zone, d.today, f.reach_on,
       greatest(f.reach_on, open.due_on),
       n.code, n.kind, n.version, n.severity, n.offsets_days, n.every_days, n.critical_from_days,
       n.steps, n.figures, n.scoped
FROM jsonb_to_recordset(%(rules)s) AS n (rule_no integer, organisation_ids bigint[], code text,
    kind text, version bigint, severity text, offsets_days integer[], every_days integer,
    critical_from_days integer, steps double precision[], figures jsonb, scoped boolean)
CROSS JOIN LATERAL unnest(n.organisation_ids) AS asked (organisation_id)
JOIN organisations o ON o.id = asked.organisation_id
CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE o.time_zone)::date AS today) AS d
CROSS JOIN LATERAL (
    SELECT d.today + n.offsets_days[1] + %(ahead_days)s::integer AS reach_on
) AS f
LEFT JOIN (
    SELECT a.organisation_id, a.rule_code, max(a.due_on) AS due_on
    FROM alerts a
    WHERE a.cleared_at IS NULL AND NOT a.historical AND a.kind = ANY (%(kinds)s)
    GROUP BY a.organisation_id, a.rule_code
) AS open ON open.organisation_id = o.id AND open.rule_code = n.code;

-- name: ask_scopes
-- Which vehicles each rule with a scope is for; all that is said of them must hold.
INSERT INTO sweep_scopes
SELECT n.rule_no, v.id
FROM jsonb_to_recordset(%(rules)s) AS n (rule_no integer, members bigint[], models text[],
    vins text[], lease_no text)
JOIN sweep_asked r ON r.rule_no = n.rule_no AND r.scoped
JOIN vehicles v ON v.tenant_id = r.tenant_id
WHERE (n.members IS NULL OR v.id = ANY (n.members))
  AND (n.models = '{}' OR v.model = ANY (n.models))
  AND (n.vins = '{}' OR v.vin = ANY (n.vins))
  AND (n.lease_no IS NULL OR EXISTS (
        SELECT FROM lease_segments s
        JOIN leases l ON l.id = s.lease_id
        WHERE s.vehicle_id = v.id AND upper_inf(s.let_period) AND l.tenant_id = v.tenant_id
          AND l.lease_no = n.lease_no));

-- name: pick_due
-- What is to be told: a reminder's day, or a step, that its alert has not told yet; and what was
-- settled and is due again. Alerts are compared by what they told, not by the number of their
-- reminders, so that a rule may change meanwhile. Stages are few: each is reckoned once; so is what is
-- told of each case.
INSERT INTO sweep_told
WITH told AS MATERIALIZED (
    SELECT i.ctid AS place, i.rule_no, i.organisation_id, i.days_left, i.remaining, a.id AS alert_id,
           CASE WHEN a.cleared_at IS NOT NULL THEN a.reopened + 1 ELSE 0 END AS again,
           CASE WHEN a.cleared_at IS NULL THEN (a.facts #>> '{told,days_left}')::integer END
               AS told_days_left,
           CASE WHEN a.cleared_at IS NULL THEN (a.facts #>> '{told,remaining}')::double precision END
               AS told_remaining
    FROM sweep_items i
    JOIN sweep_asked r ON r.rule_no = i.rule_no AND r.organisation_id = i.organisation_id
    LEFT JOIN alerts a ON a.organisation_id = i.organisation_id AND a.rule_code = r.code
        AND a.subject_kind = i.subject_kind AND a.subject_id = i.subject_id
        AND a.occurrence = i.occurrence
), rules AS MATERIALIZED (
    SELECT DISTINCT ON (rule_no) rule_no, offsets_days, every_days, critical_from_days, steps
    FROM sweep_asked
), stages AS MATERIALIZED (
    SELECT d.rule_no, d.days_left, alert_stage(d.days_left, r.offsets_days, r.every_days) AS stage
    FROM (SELECT rule_no, days_left FROM told
          UNION SELECT rule_no, told_days_left FROM told) AS d
    JOIN rules r ON r.rule_no = d.rule_no
    WHERE d.days_left IS NOT NULL
), compared AS MATERIALIZED (
    SELECT t.*, n.stage, p.stage AS told_stage, r.critical_from_days, r.offsets_days,
           CASE WHEN t.remaining IS NULL THEN 0
                ELSE (SELECT count(*) FROM unnest(r.steps) AS s WHERE t.remaining <= s)
                END::integer AS taken,
           CASE WHEN t.told_remaining IS NULL THEN 0
                ELSE (SELECT count(*) FROM unnest(r.steps) AS s WHERE t.told_remaining <= s)
                END::integer AS told_taken
    FROM told t
    JOIN rules r ON r.rule_no = t.rule_no
    LEFT JOIN stages n ON n.rule_no = t.rule_no AND n.days_left = t.days_left
    LEFT JOIN stages p ON p.rule_no = t.rule_no AND p.days_left = t.told_days_left
)
SELECT place, rule_no, alert_id, again, days_left, taken, told_days_left, told_taken,
       dense_rank() OVER (ORDER BY rule_no, days_left, taken, told_days_left, told_taken, again > 0)
FROM compared
WHERE stage > coalesce(told_stage, 0) OR taken > told_taken
   OR (stage > 0 AND days_left <= critical_from_days AND critical_from_days < offsets_days[1]
       AND (told_days_left <= critical_from_days) IS NOT TRUE);

-- name: list_cases
-- What is told of many alike depends on this alone.
SELECT DISTINCT ON (case_no) case_no, rule_no, days_left, taken, told_days_left, told_taken,
       again > 0 AS again
FROM sweep_told
ORDER BY case_no;

-- name: assemble
-- What is to be told with all that is said of it: first what there is no alert of yet. It is so since
-- the day of the last reminder, or since when it came about; what is due again, or by use, is so now.
INSERT INTO alert_findings
SELECT %(after)s::integer
           + row_number() OVER (ORDER BY t.alert_id IS NOT NULL, i.organisation_id, r.code,
                                         i.subject_kind, i.subject_id, b.raised_at, i.occurrence),
       r.tenant_id, i.organisation_id, r.code, r.kind, r.version, d.severity, i.subject_kind,
       i.subject_id, i.subject_key, i.occurrence,
       i.facts || JSON_OBJECT(
           'missing_since_on': CASE WHEN b.missing THEN i.due_on + 1 END,
           'due_on': b.due_on, 'days_left': CASE WHEN NOT b.missing THEN i.days_left END,
           'stage': d.stage,
           'told': JSON_OBJECT('days_left': i.days_left, 'remaining': i.remaining
                               ABSENT ON NULL RETURNING jsonb)
           ABSENT ON NULL RETURNING jsonb),
       i.vehicle_id, i.lease_id, i.bill_id, i.customer_id, i.contract_id, i.work_order_id,
       b.due_on, d.stage, b.raised_at,
       ARRAY(SELECT i.occurrence || n.name || b.again FROM unnest(d.names) AS n (name))
FROM sweep_told t
JOIN sweep_items i ON i.ctid = t.place
JOIN sweep_asked r ON r.rule_no = i.rule_no AND r.organisation_id = i.organisation_id
JOIN jsonb_to_recordset(%(decided)s) AS d (case_no integer, stage integer, severity text,
    names text[], begun_days integer) ON d.case_no = t.case_no
CROSS JOIN LATERAL (
    SELECT least(%(now)s::timestamptz,
                 CASE WHEN t.again > 0 THEN NULL
                      WHEN i.since_at IS NOT NULL THEN i.since_at
                      ELSE (i.due_on - d.begun_days)::timestamp AT TIME ZONE r.zone END) AS raised_at,
           m.missing, CASE WHEN NOT m.missing THEN i.due_on END AS due_on,
           CASE WHEN t.again > 0 THEN '@' || t.again ELSE '' END AS again
    FROM (SELECT i.facts ? 'missing') AS m (missing)
) AS b;

-- name: read_days
-- The first and the last day of what is to be told from a number on: a program reads them, or cannot.
SELECT min(due_on), max(due_on), min(raised_at) FROM alert_findings WHERE no > %(after)s;

-- name: count_told
-- What is to be told, by kind: raised, due again after it was settled, or reminded of.
SELECT r.kind, CASE WHEN t.alert_id IS NULL THEN 'raised' WHEN t.again > 0 THEN 'again'
                    ELSE 'reminded' END AS what, count(*) AS number
FROM sweep_told t
JOIN (SELECT DISTINCT rule_no, kind FROM sweep_asked) AS r ON r.rule_no = t.rule_no
GROUP BY 1, 2;

-- name: list_findings
-- What is to be told from a number on, up to another or to the last.
SELECT f.tenant_id, f.organisation_id, f.rule_code, f.kind, f.rule_version, f.severity,
       f.subject_kind, f.subject_id, f.subject_key, f.occurrence, f.facts, f.vehicle_id, f.lease_id,
       f.bill_id, f.customer_id, f.contract_id, f.work_order_id, f.due_on, f.stage, f.raised_at,
       f.fire_keys
FROM alert_findings f
WHERE f.no >= %(first)s AND (%(last)s::integer IS NULL OR f.no <= %(last)s)
ORDER BY f.no;

-- name: find_gone
-- Alerts of these kinds of which nothing is due any more, and why: also those that somebody had called
-- resolved, so that they are told of should it be due again.
SELECT a.organisation_id, a.kind, a.rule_code, a.subject_kind, a.subject_id, a.occurrence,
       CASE WHEN r.rule_no IS NULL THEN 'rule_off'
            WHEN a.subject_kind = 'vehicle'
                 AND coalesce(p.organisation_id, v.owner_id) <> a.organisation_id
                THEN 'operator_changed'
            WHEN r.scoped AND NOT EXISTS (
                     SELECT FROM sweep_scopes s
                     WHERE s.rule_no = r.rule_no AND s.vehicle_id = a.subject_id)
                THEN 'out_of_scope'
            WHEN d.now_due_on <> a.due_on THEN 'moved'
            ELSE 'settled' END AS because,
       CASE WHEN d.now_due_on <> a.due_on THEN d.now_due_on END AS now_due_on
FROM alerts a
LEFT JOIN sweep_asked r ON r.organisation_id = a.organisation_id AND r.code = a.rule_code
LEFT JOIN vehicles v ON v.id = a.subject_id AND a.subject_kind = 'vehicle'
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN obligations o ON a.subject_kind = 'vehicle' AND o.vehicle_id = a.subject_id
    AND o.kind = a.facts ->> 'obligation' AND o.reference = coalesce(a.facts ->> 'reference', '')
    AND o.is_open
LEFT JOIN leases l ON a.subject_kind = 'lease' AND l.id = a.subject_id
    AND l.state IN ('active', 'suspended')
LEFT JOIN work_orders k ON a.subject_kind = 'work_order' AND k.id = a.subject_id
CROSS JOIN LATERAL (SELECT coalesce(o.due_on, l.ends_on, k.due_on) AS now_due_on) AS d
WHERE a.cleared_at IS NULL AND NOT a.historical AND a.kind = ANY (%(kinds)s)
  AND NOT EXISTS (SELECT FROM sweep_items i
                  JOIN sweep_asked x ON x.rule_no = i.rule_no AND x.organisation_id = i.organisation_id
                  WHERE i.organisation_id = a.organisation_id AND x.code = a.rule_code
                    AND i.subject_kind = a.subject_kind AND i.subject_id = a.subject_id
                    AND i.occurrence = a.occurrence)
ORDER BY a.organisation_id, a.rule_code, a.subject_kind, a.subject_id, a.occurrence;

-- name: list_items
-- All that is due by the rule that is asked for, told or not.
SELECT i.organisation_id, r.today, r.kind, r.severity, r.offsets_days, r.every_days,
       r.critical_from_days, r.steps, i.subject_kind, i.subject_key, i.occurrence, i.due_on,
       i.days_left, i.remaining
FROM sweep_items i
JOIN sweep_asked r ON r.rule_no = i.rule_no AND r.organisation_id = i.organisation_id
ORDER BY i.due_on, i.subject_key, i.occurrence
LIMIT %(limit)s;

-- name: list_below
-- An organisation in sight and those below it.
SELECT descendant_id FROM organisation_closure WHERE ancestor_id = %(organisation_id)s;
