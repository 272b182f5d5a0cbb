-- name: list_out
-- Vehicles with a lessee and the last day they are to be there; filters, place and order are added
-- in store.py. Of a lease that was terminated the last day is that of the termination at the latest.
SELECT l.id AS lease_id, l.lease_no, o.code AS organisation_code, o.time_zone, c.customer_no,
       c.name AS customer_name, l.kind, l.state, s.line_no, s.vehicle_id, v.vin,
       CASE WHEN (SELECT app_is_system())
                 OR EXISTS (SELECT FROM visible_vehicle_periods p
                            WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period))
            THEN v.plate END AS plate,
       lower(s.let_period) AS from_at, d.last_on, d.last_on - d.today AS days_left
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
JOIN organisations o ON o.id = l.organisation_id
JOIN customers c ON c.id = l.customer_id
JOIN vehicles v ON v.id = s.vehicle_id
CROSS JOIN LATERAL (
    SELECT least(l.ends_on, (l.ended_at AT TIME ZONE o.time_zone)::date) AS last_on,
           (%(now)s::timestamptz AT TIME ZONE o.time_zone)::date AS today
) AS d
WHERE upper_inf(s.let_period);

-- name: list_use
-- What each vehicle told since an instant: odometers then and now, when it moved last. It has moved
-- where the odometer grew between two readings; within that span the samples say when.
SELECT coalesce(b.odometer_km, f.odometer_km) AS then_km, coalesce(b.read_at, f.read_at) AS then_at,
       n.odometer_km AS now_km, n.ts AS now_at,
       coalesce(n.online AND n.last_heard_at >= %(heard_since)s
                AND n.speed_kmh > %(moving_above_kmh)s, false) AS moving,
       n.last_heard_at, coalesce(m.ts, g.until_at) AS moved_at
FROM unnest(%(ids)s::bigint[], %(since)s::timestamptz[]) WITH ORDINALITY AS asked (id, since_at, place)
LEFT JOIN LATERAL (
    SELECT r.odometer_km, r.read_at FROM odometer_readings r
    WHERE r.vehicle_id = asked.id AND r.read_at < asked.since_at
    ORDER BY r.read_at DESC LIMIT 1
) AS b ON true
LEFT JOIN LATERAL (
    SELECT r.odometer_km, r.read_at FROM odometer_readings r
    WHERE r.vehicle_id = asked.id AND r.read_at >= asked.since_at
    ORDER BY r.read_at LIMIT 1
) AS f ON true
LEFT JOIN LATERAL (
    SELECT round(x.odometer_km::numeric, 1) AS odometer_km, x.ts, x.online, x.last_heard_at,
           x.speed_kmh
    FROM visible_vehicle_state x
    WHERE x.vehicle_id = asked.id
    OFFSET 0
) AS n ON true
LEFT JOIN LATERAL (
    SELECT y.was_at AS from_at, y.read_at AS until_at
    FROM (SELECT e.read_at, e.odometer_km, lag(e.read_at) OVER w AS was_at,
                 lag(e.odometer_km) OVER w AS was_km
          FROM (SELECT r.read_at, r.odometer_km FROM odometer_readings r
                WHERE r.vehicle_id = asked.id AND r.read_at >= coalesce(b.read_at, f.read_at)
                UNION ALL
                SELECT n.ts, n.odometer_km WHERE n.odometer_km IS NOT NULL) AS e
          WINDOW w AS (ORDER BY e.read_at)) AS y
    WHERE y.odometer_km > y.was_km
    ORDER BY y.read_at DESC
    LIMIT 1
) AS g ON true
LEFT JOIN LATERAL (
    SELECT t.ts FROM visible_telemetry t
    WHERE t.vehicle_id = asked.id AND t.ts > g.from_at AND t.ts <= g.until_at
      AND t.speed_kmh > %(moving_above_kmh)s
    ORDER BY t.ts DESC
    LIMIT 1
) AS m ON true
ORDER BY asked.place;

-- name: find_tenant
-- The tenant an organisation belongs to.
SELECT tenant_id FROM organisations WHERE id = %(organisation_id)s;
