-- name: place_violations
-- Whose each of these is: of the lease that had the vehicle at that minute, [hand-over, return);
-- else of whoever operated it then; else of its owner. Who is out of sight has no organisation here.
SELECT v.id AS vehicle_id, v.tenant_id, o.id AS organisation_id, o.time_zone, s.lease_id, s.line_no
FROM unnest(%(vins)s::text[], %(ats)s::timestamptz[]) WITH ORDINALITY AS asked (vin, occurred_at, place)
LEFT JOIN vehicles v ON v.vin = asked.vin
LEFT JOIN LATERAL (
    SELECT x.lease_id, x.line_no, x.organisation_id
    FROM lease_segments x
    WHERE x.vehicle_id = v.id AND x.let_period @> asked.occurred_at
) AS s ON true
LEFT JOIN LATERAL (
    SELECT p.organisation_id
    FROM vehicle_operators p
    WHERE p.vehicle_id = v.id AND p.operated_period @> asked.occurred_at
) AS p ON true
LEFT JOIN organisations o ON o.id = coalesce(s.organisation_id, p.organisation_id, v.owner_id)
    AND ((SELECT app_is_system()) OR o.id IN (SELECT id FROM visible_organisations))
ORDER BY asked.place;

-- name: insert_violations
-- New violations; a number that is taken is left out.
INSERT INTO violations (tenant_id, organisation_id, vehicle_id, violation_no, occurred_at, place,
    code, description, fine_fen, points, noticed_on, lease_id, line_no, state, recorded_by,
    recorded_at)
SELECT r.tenant_id, r.organisation_id, r.vehicle_id, r.violation_no, r.occurred_at, r.place, r.code,
       r.description, r.fine_fen, r.points, r.noticed_on, r.lease_id, r.line_no, 'open', %(by)s,
       %(now)s
FROM jsonb_to_recordset(%(rows)s) AS r (tenant_id bigint, organisation_id bigint,
    vehicle_id bigint, violation_no text, occurred_at timestamptz, place text, code text,
    description text, fine_fen bigint, points integer, noticed_on date, lease_id bigint,
    line_no integer)
ON CONFLICT ON CONSTRAINT violations_violation_no_key DO NOTHING
RETURNING violation_no;

-- name: update_violation
-- What a notice tells now.
UPDATE violations
SET place = %(place)s, code = %(code)s, description = %(description)s, fine_fen = %(fine_fen)s,
    points = %(points)s, noticed_on = %(noticed_on)s, version = version + 1
WHERE id = %(id)s;

-- name: lock_violation
-- One at a time takes a violation on.
SELECT id FROM violations WHERE violation_no = %(violation_no)s FOR UPDATE;

-- name: mark_state
-- A violation went on.
UPDATE violations
SET state = %(state)s, state_note = coalesce(%(note)s, state_note),
    told_at = coalesce(%(told_at)s::timestamptz, told_at),
    handled_at = coalesce(%(handled_at)s::timestamptz, handled_at),
    handled_by = %(handled_by)s, paid_fen = %(paid_fen)s, version = version + 1
WHERE id = %(id)s;

-- name: rematch
-- Unsettled violations that belong to another lease than is written down, or to none; a lease of
-- another organisation takes none over. Who was told had another lease: it is open again. None for
-- the vehicles is all in sight.
WITH found AS (
    SELECT x.id, x.lease_id AS was_lease_id, s.lease_id, s.line_no
    FROM violations x
    LEFT JOIN LATERAL (
        SELECT g.lease_id, g.line_no
        FROM lease_segments g
        WHERE g.vehicle_id = x.vehicle_id AND g.let_period @> x.occurred_at
          AND g.organisation_id = x.organisation_id
    ) AS s ON true
    WHERE x.state = ANY (%(unsettled)s)
      AND (%(vehicle_ids)s::bigint[] IS NULL OR x.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
      AND (x.lease_id, x.line_no) IS DISTINCT FROM (s.lease_id, s.line_no)
    FOR UPDATE OF x
)
UPDATE violations v
SET lease_id = f.lease_id, line_no = f.line_no, version = v.version + 1,
    state = CASE WHEN f.lease_id IS DISTINCT FROM f.was_lease_id THEN 'open' ELSE v.state END,
    told_at = CASE WHEN f.lease_id IS DISTINCT FROM f.was_lease_id THEN NULL ELSE v.told_at END
FROM found f
LEFT JOIN leases w ON w.id = f.was_lease_id
LEFT JOIN leases n ON n.id = f.lease_id
WHERE v.id = f.id
RETURNING v.violation_no, v.tenant_id, w.lease_no AS was_lease_no, n.lease_no AS lease_no;

-- name: list_violations
-- Violations in sight; filters, place and order are added in store.py. Plates are told as far as the
-- vehicle is held now.
SELECT x.id, x.tenant_id, x.organisation_id, o.code AS organisation_code, o.time_zone, x.vehicle_id,
       v.vin, CASE WHEN h.is_held THEN v.plate END AS plate, x.violation_no, x.occurred_at, x.place,
       x.code, x.description, x.fine_fen, x.points, x.noticed_on, d.known_on, x.lease_id, l.lease_no,
       x.line_no, c.customer_no, c.name AS customer_name,
       -- The latest terms whose day has come; before any has, those that are in force first.
       coalesce((SELECT y.terms ->> 'violations_by' = 'lessee'
                 FROM lease_versions y
                 CROSS JOIN (SELECT (x.occurred_at AT TIME ZONE o.time_zone)::date AS happened_on) AS z
                 WHERE y.lease_id = x.lease_id
                 ORDER BY greatest(y.effective_on, z.happened_on), y.no DESC LIMIT 1), false)
           AS charged_to_lessee, e.lease_ended_on, x.state,
       x.state_note, x.told_at, x.handled_at, x.handled_by, x.paid_fen,
       (SELECT actor FROM actor_in_sight(x.recorded_by)) AS recorded_by, x.recorded_at,
       x.version
FROM violations x
JOIN vehicles v ON v.id = x.vehicle_id
JOIN organisations o ON o.id = x.organisation_id
LEFT JOIN leases l ON l.id = x.lease_id
LEFT JOIN customers c ON c.id = l.customer_id
CROSS JOIN LATERAL (
    SELECT coalesce(x.noticed_on, (x.occurred_at AT TIME ZONE o.time_zone)::date) AS known_on
) AS d
CROSS JOIN LATERAL (
    SELECT (l.ended_at AT TIME ZONE o.time_zone)::date AS lease_ended_on
) AS e
CROSS JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles p
                   WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)) AS is_held
) AS h;

-- name: count_by_vehicle
-- Unsettled violations by vehicle; place and order are added in store.py.
SELECT v.vin, CASE WHEN bool_or(h.is_held) THEN v.plate END AS plate, count(*)::integer AS unsettled,
       count(*) FILTER (WHERE d.known_on < %(overdue_if_before)s)::integer AS overdue,
       coalesce(sum(x.points), 0)::integer AS points,
       coalesce(sum(x.fine_fen), 0)::bigint AS fine_fen, min(x.occurred_at) AS oldest_at
FROM violations x
JOIN vehicles v ON v.id = x.vehicle_id
JOIN organisations o ON o.id = x.organisation_id
CROSS JOIN LATERAL (
    SELECT coalesce(x.noticed_on, (x.occurred_at AT TIME ZONE o.time_zone)::date) AS known_on
) AS d
CROSS JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles p
                   WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)) AS is_held
) AS h
WHERE x.state = ANY (%(unsettled)s)
  AND (%(vin)s::text IS NULL OR v.vin = %(vin)s)
  AND (%(organisation)s::text IS NULL OR x.organisation_id IN
       (SELECT b.descendant_id FROM organisation_closure b
        JOIN organisations a ON a.id = b.ancestor_id WHERE a.code = %(organisation)s))
GROUP BY v.id
HAVING count(*) >= %(at_least)s;

-- name: find_tenant
-- The tenant an organisation belongs to.
SELECT tenant_id FROM organisations WHERE id = %(organisation_id)s;
