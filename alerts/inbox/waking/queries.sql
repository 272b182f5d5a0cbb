-- name: list_snoozed_out
-- Alerts whose time of rest is over.
SELECT a.id, a.tenant_id, a.organisation_id, a.alert_no, a.kind, a.rule_code, a.severity, a.state,
       a.inhibited_by_id, a.version
FROM alerts a
WHERE a.snoozed_until <= %(now)s
ORDER BY a.id
LIMIT 10000
FOR UPDATE OF a SKIP LOCKED;

-- name: mark_woken
-- Put off no longer.
UPDATE alerts SET snoozed_until = NULL, version = version + 1 WHERE id = ANY (%(ids)s::bigint[]);
