-- name: list_explained
-- Of these alerts, and of those of these vehicles that nobody was told of yet: the ones that an
-- unresolved alert of the same vehicle explains, and which.
SELECT a.id, a.tenant_id, a.organisation_id, i.id AS inhibitor_id, i.alert_no AS inhibitor_no
FROM alerts a
CROSS JOIN LATERAL (
    SELECT x.id, x.alert_no
    FROM alerts x
    JOIN jsonb_to_recordset(%(pairs)s) AS p (kind text, inhibitor text) ON p.inhibitor = x.kind
    WHERE p.kind = a.kind AND x.vehicle_id = a.vehicle_id AND x.organisation_id = a.organisation_id
      AND x.state <> 'resolved' AND x.id <> a.id
    ORDER BY x.id LIMIT 1
) AS i
WHERE a.state <> 'resolved' AND a.inhibited_by_id IS NULL
  AND (a.id = ANY (%(ids)s::bigint[])
       OR (a.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
           AND NOT EXISTS (SELECT FROM notification_items n
                           WHERE n.alert_id = a.id AND n.state = 'gathered')))
ORDER BY a.id
FOR UPDATE OF a SKIP LOCKED;

-- name: list_released
-- Unresolved alerts whose inhibitor is resolved, one of these or any; and what else explains each.
SELECT a.id, a.tenant_id, a.organisation_id, a.alert_no, a.kind, a.rule_code, a.severity,
       a.snoozed_until, a.version, r.alert_no AS released_by,
       (SELECT x.id
        FROM alerts x
        JOIN jsonb_to_recordset(%(pairs)s) AS p (kind text, inhibitor text) ON p.inhibitor = x.kind
        WHERE p.kind = a.kind AND x.vehicle_id = a.vehicle_id
          AND x.organisation_id = a.organisation_id AND x.state <> 'resolved' AND x.id <> a.id
        ORDER BY x.id LIMIT 1) AS inhibitor_id
FROM alerts a
JOIN alerts r ON r.id = a.inhibited_by_id
WHERE a.inhibited_by_id IS NOT NULL AND a.state <> 'resolved' AND r.state = 'resolved'
  AND (%(inhibitor_ids)s::bigint[] IS NULL OR r.id = ANY (%(inhibitor_ids)s::bigint[]))
ORDER BY a.id
FOR UPDATE OF a SKIP LOCKED;

-- name: mark_inhibited
-- What explains these alerts now; null = nothing does.
UPDATE alerts a SET inhibited_by_id = r.inhibitor_id, version = version + 1
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, inhibitor_id bigint)
WHERE a.id = r.id;
