-- name: list_geofences
-- Places in sight; the filters and the place of the page are added in store.py.
SELECT g.id, g.organisation_id, o.code AS organisation, g.code, g.name, g.shape, g.lat, g.lon, g.radius_m,
       g.points, g.datum, g.drawn_points,
       (SELECT actor FROM actor_in_sight(g.created_by)) AS created_by, g.created_at, g.retired_at,
       g.version
FROM geofences g
JOIN organisations o ON o.id = g.organisation_id;

-- name: insert_geofence
-- A new place; nothing if the organisation has used the code before.
INSERT INTO geofences (tenant_id, organisation_id, code, name, shape, lat, lon, radius_m, points,
    datum, drawn_points, created_by, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(code)s, %(name)s, %(shape)s, %(lat)s, %(lon)s, %(radius_m)s,
    %(points)s, %(datum)s, %(drawn_points)s, %(created_by)s, %(now)s)
ON CONFLICT ON CONSTRAINT geofences_code_key DO NOTHING
RETURNING id;

-- name: update_geofence
-- A place that nobody has changed since it was read, drawn anew.
UPDATE geofences
SET name = %(name)s, shape = %(shape)s, lat = %(lat)s, lon = %(lon)s, radius_m = %(radius_m)s,
    points = %(points)s, datum = %(datum)s, drawn_points = %(drawn_points)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL;

-- name: mark_retired
-- It is no place for rules any more.
UPDATE geofences SET retired_at = %(now)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL;
