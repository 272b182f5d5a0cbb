-- name: list_groups
-- Groups in sight; the filters and the place of the page are added in store.py.
SELECT g.id, g.tenant_id, g.organisation_id, o.code AS organisation, g.code, g.name,
       (SELECT count(*) FROM vehicle_group_members m
        JOIN vehicles v ON v.id = m.vehicle_id
        WHERE m.group_id = g.id AND m.removed_at IS NULL) AS vehicles,
       (SELECT actor FROM actor_in_sight(g.created_by)) AS created_by, g.created_at, g.retired_at,
       g.version
FROM vehicle_groups g
JOIN organisations o ON o.id = g.organisation_id;

-- name: list_members
-- Vehicles of a group as far as they are in sight, by VIN, after a VIN.
SELECT v.vin, v.plate, v.model, m.added_at
FROM vehicle_group_members m
JOIN vehicles v ON v.id = m.vehicle_id
WHERE m.group_id = %(group_id)s AND m.removed_at IS NULL
  AND (%(after)s::text IS NULL OR v.vin > %(after)s)
ORDER BY v.vin
LIMIT %(limit)s;

-- name: insert_group
-- A new group; nothing if the organisation has used the code before.
INSERT INTO vehicle_groups (tenant_id, organisation_id, code, name, created_by, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(code)s, %(name)s, %(created_by)s, %(now)s)
ON CONFLICT ON CONSTRAINT vehicle_groups_code_key DO NOTHING
RETURNING id;

-- name: update_group
-- The name of a group that nobody has changed since it was read.
UPDATE vehicle_groups SET name = %(name)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL;

-- name: mark_retired
-- It is no group for rules any more.
UPDATE vehicle_groups SET retired_at = %(now)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL;

-- name: count_change
-- Other vehicles make another version: whoever keeps rules in memory compares versions only.
UPDATE vehicle_groups SET version = version + 1 WHERE id = %(id)s;

-- name: list_vehicles
-- Those of the VINs that are vehicles in sight.
SELECT id, vin FROM vehicles WHERE tenant_id = %(tenant_id)s AND vin = ANY (%(vins)s::text[]);

-- name: insert_members
-- Put vehicles into a group; those that are in it stay.
INSERT INTO vehicle_group_members (tenant_id, organisation_id, group_id, vehicle_id, added_at)
SELECT %(tenant_id)s, %(organisation_id)s, %(group_id)s, v.id, %(now)s
FROM unnest(%(vehicle_ids)s::bigint[]) AS v (id)
ON CONFLICT (group_id, vehicle_id) WHERE removed_at IS NULL DO NOTHING;

-- name: mark_removed
-- Take vehicles out of a group.
UPDATE vehicle_group_members SET removed_at = %(now)s
WHERE group_id = %(group_id)s AND removed_at IS NULL AND vehicle_id = ANY (%(vehicle_ids)s::bigint[]);
