-- name: insert_events
-- What happened to alerts.
INSERT INTO alert_events (tenant_id, organisation_id, alert_id, at, actor, kind, note, facts)
SELECT r.tenant_id, r.organisation_id, r.alert_id, %(at)s, r.actor, r.kind, r.note, r.facts
FROM jsonb_to_recordset(%(rows)s) AS r (tenant_id bigint, organisation_id bigint, alert_id bigint,
    actor text, kind text, note text, facts jsonb);
