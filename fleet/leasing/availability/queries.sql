-- name: pick_available
-- Vehicles held now that are free for the term; filters, place and order are added in store.py. One
-- walk each over bookings, what is out, work orders and all obligations: asked vehicle by vehicle,
-- the last cost more. How a vehicle is, is looked up one by one: a barrier view is a poor side of a
-- join.
WITH promise AS MATERIALIZED (
    SELECT b.lease_id, b.line_no, b.vehicle_id, upper(b.booked_period) AS free_from_at,
           b.booked_period && tstzrange(%(from_at)s, %(until_at)s) AS overlaps
    FROM lease_bookings b
    WHERE NOT isempty(b.booked_period)
), with_lessee AS MATERIALIZED (
    SELECT s.vehicle_id, p.free_from_at
    FROM lease_segments s
    LEFT JOIN promise p ON p.lease_id = s.lease_id AND p.line_no = s.line_no
        AND p.vehicle_id = s.vehicle_id
    WHERE upper_inf(s.let_period)
), off_the_road AS MATERIALIZED (
    SELECT k.vehicle_id
    FROM work_orders k
    WHERE k.state IN ('open', 'in_progress', 'waiting')
      AND k.down_from_at IS NOT NULL AND k.down_until_at IS NULL
), free AS MATERIALIZED (
    SELECT g.vehicle_id, g.stage, w.free_from_at
    FROM vehicle_stages g
    LEFT JOIN with_lessee w ON w.vehicle_id = g.vehicle_id
    WHERE upper_inf(g.staged_period)
      AND (g.stage = 'in_stock' AND w.vehicle_id IS NULL
           OR g.stage = 'let' AND w.free_from_at > %(now)s AND w.free_from_at <= %(from_at)s)
      AND g.vehicle_id NOT IN (SELECT p.vehicle_id FROM promise p WHERE p.overlaps)
      AND g.vehicle_id NOT IN (SELECT r.vehicle_id FROM off_the_road r)
), fit AS MATERIALIZED (
    SELECT o.vehicle_id
    FROM obligations o
    WHERE o.is_open AND o.kind = ANY (%(blocking)s::text[])
      AND (o.kind <> 'permit' OR coalesce(o.facts ->> 'need', 'required') = 'required')
    GROUP BY o.vehicle_id
    HAVING bool_and(o.due_on IS NOT NULL AND o.due_on >= %(papers_on)s
                    AND (o.due_at IS NULL OR o.due_at > %(now)s))
       AND array_agg(o.kind) @> %(needed)s::text[]
)
SELECT v.id AS vehicle_id, v.vin, f.stage, f.free_from_at, d.distance_m
FROM free f
JOIN fit ON fit.vehicle_id = f.vehicle_id
JOIN vehicles v ON v.id = f.vehicle_id
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN LATERAL (
    SELECT x.soc_pct, x.lat, x.lon FROM visible_vehicle_state x WHERE x.vehicle_id = v.id OFFSET 0
) AS s ON true
LEFT JOIN LATERAL (
    -- Great circle on a sphere of the earth's mean radius [m].
    SELECT round(2 * 6371008.8 * asin(least(1, sqrt(
               power(sin(radians(s.lat - %(near_lat)s::float8) / 2), 2)
               + cos(radians(%(near_lat)s::float8)) * cos(radians(s.lat))
                 * power(sin(radians(s.lon - %(near_lon)s::float8) / 2), 2)))))::bigint AS distance_m
) AS d ON s.lat IS NOT NULL AND s.lon IS NOT NULL AND %(near_lat)s::float8 IS NOT NULL
WHERE ((SELECT app_is_system())
       OR EXISTS (SELECT FROM visible_operated_vehicles h
                  WHERE h.vehicle_id = v.id AND upper_inf(h.visible_period))
       OR v.owner_id IN (SELECT id FROM visible_organisations)
          AND NOT EXISTS (SELECT FROM vehicle_operators p
                          WHERE p.vehicle_id = v.id AND upper_inf(p.operated_period)));

-- name: describe_available
-- The picked vehicles in the order given: papers, the next promise, the price of the list.
SELECT m.code AS model_code, m.body_type, d.code AS depot_code, v.tags, p.papers_until_on,
       n.promised_from_at, r.rent_fen, r.per, r.deposit_fen
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS page (id, place)
JOIN vehicles v ON v.id = page.id
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN organisations d ON d.id = v.depot_id
CROSS JOIN LATERAL (
    SELECT min(o.due_on) AS papers_until_on
    FROM obligations o
    WHERE o.vehicle_id = v.id AND o.is_open AND o.kind = ANY (%(blocking)s::text[])
      AND (o.kind <> 'permit' OR coalesce(o.facts ->> 'need', 'required') = 'required')
) AS p
CROSS JOIN LATERAL (
    SELECT min(lower(b.booked_period)) AS promised_from_at
    FROM lease_bookings b
    WHERE b.vehicle_id = v.id AND lower(b.booked_period) > %(from_at)s
) AS n
LEFT JOIN LATERAL (
    SELECT x.rent_fen, x.per, x.deposit_fen
    FROM rent_prices x
    WHERE x.model_id = v.model_id AND x.lease_kind = %(price_kind)s
      AND x.valid_from_on <= %(from_on)s
      AND x.organisation_id IN (v.tenant_id, coalesce(
              (SELECT h.organisation_id FROM vehicle_operators h
               WHERE h.vehicle_id = v.id AND upper_inf(h.operated_period)), v.owner_id))
    ORDER BY x.per <> CASE %(price_kind)s WHEN 'short' THEN 'day' ELSE 'month' END,
             x.organisation_id = v.tenant_id, x.valid_from_on DESC, x.id DESC
    LIMIT 1
) AS r ON true
ORDER BY page.place;
