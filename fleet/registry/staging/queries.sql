-- name: find_running_stage
-- The stage a vehicle is at.
SELECT s.stage, lower(s.staged_period) AS from_at, upper(s.staged_period) AS until_at,
       CASE WHEN o.id IS NOT NULL THEN s.reason END AS reason,
       coalesce(u.login, 'key:' || k.key_id) AS changed_by
FROM vehicle_stages s
LEFT JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN users u ON u.login = s.changed_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = s.changed_by
WHERE s.vehicle_id = %(vehicle_id)s AND upper_inf(s.staged_period);

-- name: list_stages
-- The stages a vehicle went through, oldest first; why and who, as far as in sight.
SELECT s.stage, lower(s.staged_period) AS from_at, upper(s.staged_period) AS until_at,
       CASE WHEN o.id IS NOT NULL THEN s.reason END AS reason,
       coalesce(u.login, 'key:' || k.key_id) AS changed_by
FROM vehicle_stages s
LEFT JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN users u ON u.login = s.changed_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = s.changed_by
WHERE s.vehicle_id = %(vehicle_id)s
ORDER BY lower(s.staged_period);

-- name: lock_stage
-- Lets one change of a vehicle's stage wait for another.
SELECT FROM vehicle_stages WHERE vehicle_id = %(vehicle_id)s AND upper_inf(staged_period) FOR UPDATE;

-- name: mark_stage_ended
-- Ends the stage a vehicle is at.
UPDATE vehicle_stages
SET staged_period = tstzrange(lower(staged_period), %(until_at)s)
WHERE vehicle_id = %(vehicle_id)s AND upper_inf(staged_period);

-- name: insert_stage
-- The vehicle is at this stage from this instant on.
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, reason,
    changed_by)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(stage)s,
    tstzrange(%(from_at)s, NULL), %(reason)s, %(changed_by)s);
