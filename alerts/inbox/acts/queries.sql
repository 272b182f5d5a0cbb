-- name: lock_alerts
-- Alerts in sight with these numbers, of kinds the reader may see, in the order of their ids.
SELECT a.id, a.tenant_id, a.organisation_id, a.alert_no, a.kind, a.rule_code, a.severity, a.state,
       a.historical, a.assignee, a.acknowledged_at, a.acknowledged_by, a.snoozed_until,
       a.inhibited_by_id, a.escalation, a.escalate_at, a.cleared_at, a.resolved_at, a.resolved_by,
       a.resolution, a.reopened, a.work_order_id, a.version
FROM alerts a
WHERE a.alert_no = ANY (%(alert_nos)s::text[]) AND a.kind = ANY (%(kinds)s::text[])
ORDER BY a.id
FOR UPDATE OF a;

-- name: update_alerts
-- What people made of alerts; their rows are locked.
UPDATE alerts a
SET state = r.state, assignee = r.assignee, acknowledged_at = r.acknowledged_at,
    acknowledged_by = r.acknowledged_by, snoozed_until = r.snoozed_until,
    escalation = r.escalation, escalate_at = r.escalate_at, cleared_at = r.cleared_at,
    resolved_at = r.resolved_at, resolved_by = r.resolved_by, resolution = r.resolution,
    reopened = r.reopened, work_order_id = r.work_order_id, version = a.version + 1
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, state text, assignee text,
    acknowledged_at timestamptz, acknowledged_by text, snoozed_until timestamptz,
    escalation integer, escalate_at timestamptz, cleared_at timestamptz, resolved_at timestamptz,
    resolved_by text, resolution text, reopened integer, work_order_id bigint)
WHERE a.id = r.id;
