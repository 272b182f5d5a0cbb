-- name: find_reaching
-- The escalation that reaches an organisation in sight: its own, or the nearest above. Who acts for
-- nobody and sees all, the owner, finds it in the tables.
WITH reaching AS (SELECT * FROM alert_escalation_reaching(%(organisation_id)s))
SELECT e.organisation_id, e.organisation_code, e.steps, e.version FROM reaching e
UNION ALL
(SELECT x.organisation_id, o.code, x.steps, x.version
 FROM organisation_closure c
 JOIN alert_escalations x ON x.organisation_id = c.ancestor_id AND x.retired_at IS NULL
 JOIN organisations o ON o.id = x.organisation_id
 WHERE c.descendant_id = %(organisation_id)s AND NOT EXISTS (SELECT FROM reaching)
 ORDER BY c.depth LIMIT 1);

-- name: find_own
-- The escalation an organisation set itself, also one it gave up; locked.
SELECT e.steps, e.version, e.retired_at IS NOT NULL FROM alert_escalations e
WHERE e.organisation_id = %(organisation_id)s FOR UPDATE;

-- name: insert_escalation
-- The first one an organisation sets itself.
INSERT INTO alert_escalations (organisation_id, tenant_id, steps, changed_by, changed_at)
VALUES (%(organisation_id)s, %(tenant_id)s, %(steps)s, %(by)s, %(now)s)
ON CONFLICT DO NOTHING;

-- name: update_escalation
-- Another one in its place, or none of its own any more.
UPDATE alert_escalations
SET steps = %(steps)s, changed_by = %(by)s, changed_at = %(now)s,
    retired_at = CASE WHEN %(retired)s THEN %(now)s::timestamptz END, version = version + 1
WHERE organisation_id = %(organisation_id)s;

-- name: find_person
-- Whether a person in sight has this log-in.
SELECT EXISTS (SELECT FROM users u WHERE u.login = %(login)s AND u.disabled_at IS NULL);

-- name: list_in_sight
-- Those of these log-ins that are in sight.
SELECT s.actor
FROM unnest(%(logins)s::text[]) AS t (login)
CROSS JOIN LATERAL actor_in_sight(t.login) AS s;

-- name: list_due
-- Alerts that nobody acknowledged in time, and the escalation that reaches each. What was put off
-- rests until it is woken, which moves its next step on.
SELECT a.id, a.tenant_id, a.organisation_id, a.alert_no, a.kind, a.rule_code, a.severity,
       a.escalation, a.escalate_at, a.reopened,
       (SELECT e.steps
        FROM organisation_closure c
        JOIN alert_escalations e ON e.organisation_id = c.ancestor_id AND e.retired_at IS NULL
        WHERE c.descendant_id = a.organisation_id
        ORDER BY c.depth LIMIT 1) AS steps
FROM alerts a
WHERE a.escalate_at <= %(now)s AND a.state = 'open' AND a.inhibited_by_id IS NULL
  AND a.snoozed_until IS NULL
ORDER BY a.id
LIMIT 5000
FOR UPDATE OF a SKIP LOCKED;

-- name: list_resting
-- Of these alerts those with a step to come, locked before; and the escalation that reaches each.
SELECT a.id, a.severity, a.escalation,
       (SELECT e.steps
        FROM organisation_closure c
        JOIN alert_escalations e ON e.organisation_id = c.ancestor_id AND e.retired_at IS NULL
        WHERE c.descendant_id = a.organisation_id
        ORDER BY c.depth LIMIT 1) AS steps
FROM alerts a
WHERE a.id = ANY (%(ids)s::bigint[]) AND a.escalate_at IS NOT NULL;

-- name: mark_moved_on
-- When the next step of these alerts is due; that they changed is counted by what woke them.
UPDATE alerts a SET escalate_at = r.escalate_at
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, escalate_at timestamptz)
WHERE a.id = r.id;

-- name: list_people
-- People of organisations above these, so many levels up or else at the root, and people by log-in who see
-- the organisation.
SELECT r.place, u.login, u.roles
FROM jsonb_to_recordset(%(rows)s) AS r (place integer, organisation_id bigint, tenant_id bigint,
    levels_up integer, role text, login text)
JOIN LATERAL (
    SELECT c.ancestor_id FROM organisation_closure c
    WHERE c.descendant_id = r.organisation_id AND c.depth <= r.levels_up
    ORDER BY c.depth DESC LIMIT 1
) AS above ON r.login IS NULL
JOIN users u ON u.organisation_id = above.ancestor_id AND r.role = ANY (u.roles)
WHERE u.disabled_at IS NULL
UNION ALL
SELECT r.place, u.login, u.roles
FROM jsonb_to_recordset(%(rows)s) AS r (place integer, organisation_id bigint, tenant_id bigint,
    levels_up integer, role text, login text)
JOIN users u ON u.login = r.login AND u.tenant_id = r.tenant_id
JOIN organisation_closure s ON s.ancestor_id = u.organisation_id AND s.descendant_id = r.organisation_id
WHERE u.disabled_at IS NULL
ORDER BY 1, 2;

-- name: mark_escalated
-- One more step is done; when the next one is due.
UPDATE alerts a
SET escalation = r.escalation, escalate_at = r.escalate_at, version = a.version + 1
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, escalation integer, escalate_at timestamptz)
WHERE a.id = r.id;
