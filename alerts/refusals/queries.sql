-- name: insert_refusals
-- What is refused; the same again is counted. The organisation it names may be none.
INSERT INTO alert_refusals AS k (refusal_key, tenant_id, organisation_id, what, source, reason, message, rule_code,
    subject_key, occurrence, matter, refused_at, last_refused_at)
SELECT r.key, o.tenant_id, o.id, r.what, r.source, r.reason, r.message, r.rule_code, r.subject_key, r.occurrence,
       coalesce(r.matter, '{}'), %(now)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS r (key text, what text, source text, organisation_id bigint, rule_code text,
    reason text, message text, subject_key text, occurrence text, matter jsonb)
LEFT JOIN organisations o ON o.id = r.organisation_id
ON CONFLICT (refusal_key) DO UPDATE SET times = k.times + 1, last_refused_at = excluded.last_refused_at,
    reason = excluded.reason, message = excluded.message, matter = excluded.matter, settled_at = NULL;

-- name: mark_settled
-- What these are known by stands open no longer.
UPDATE alert_refusals SET settled_at = %(now)s
WHERE settled_at IS NULL AND refusal_key = ANY (%(keys)s);

-- name: settle_rules
-- Rules of this source that can be judged again: all that were refused, but for these.
UPDATE alert_refusals SET settled_at = %(now)s
WHERE settled_at IS NULL AND what = 'rule' AND source = %(source)s AND refusal_key <> ALL (%(broken)s);

-- name: list_open
-- What is refused and not settled, the last refused first.
SELECT r.id, r.what, r.source, o.code AS organisation_code, r.rule_code, r.subject_key, r.occurrence, r.reason,
       r.message, r.matter, r.times, r.refused_at, r.last_refused_at, r.settled_at
FROM alert_refusals r
LEFT JOIN organisations o ON o.id = r.organisation_id
WHERE r.settled_at IS NULL
ORDER BY r.last_refused_at DESC, r.id DESC
LIMIT %(limit)s;

-- name: count_open
-- How much is refused and not settled.
SELECT count(*) FROM alert_refusals WHERE settled_at IS NULL;

-- name: take_findings
-- Findings of telemetry that may be tried again: nobody finds them anew, as a sweep does its own.
SELECT r.id, r.what, r.source, NULL::text AS organisation_code, r.rule_code, r.subject_key, r.occurrence, r.reason,
       r.message, r.matter, r.times, r.refused_at, r.last_refused_at, r.settled_at
FROM alert_refusals r
WHERE r.settled_at IS NULL AND r.what = 'finding' AND r.source = 'telemetry' AND r.refused_at > %(since)s
ORDER BY r.last_refused_at, r.id
LIMIT %(most)s
FOR UPDATE SKIP LOCKED;

-- name: delete_old
-- Refusals by age, settled or not, so many at once.
DELETE FROM alert_refusals
WHERE id IN (SELECT id FROM alert_refusals WHERE last_refused_at < %(before)s ORDER BY last_refused_at LIMIT %(most)s);
