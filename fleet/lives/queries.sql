-- name: insert_odometer
-- What an odometer said.
INSERT INTO odometer_readings (tenant_id, organisation_id, vehicle_id, read_at, odometer_km,
    running_hours, source, note, recorded_by)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(read_at)s, %(odometer_km)s,
    %(running_hours)s, %(source)s, %(note)s, %(recorded_by)s)
RETURNING id;

-- name: list_odometer
-- The odometer of a vehicle as far as in sight, and how far each reading lies below the highest
-- before it; up to 1 km is how readings are rounded. Which of them: store.py.
SELECT r.id, r.read_at, r.odometer_km, r.running_hours, r.source,
       CASE WHEN o.id IS NOT NULL THEN r.note END AS note,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by,
       CASE WHEN r.below_km > 1 THEN r.below_km ELSE 0 END AS rolled_back_km
FROM (
    SELECT id, organisation_id, read_at, odometer_km, running_hours, source, note, recorded_by,
           max(odometer_km) OVER (ORDER BY read_at, id
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
               - odometer_km AS below_km
    FROM odometer_readings
    WHERE vehicle_id = %(vehicle_id)s
) AS r
LEFT JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN users u ON u.login = r.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = r.recorded_by;

-- name: find_odometer
-- The newest reading of a vehicle's odometer: what was written down, or what it reports.
SELECT odometer_km, read_at, source
FROM (
    SELECT odometer_km, read_at, source, 0 AS place
    FROM odometer_readings
    WHERE vehicle_id = %(vehicle_id)s
    UNION ALL
    SELECT round(odometer_km::numeric, 1), ts, 'telemetry', 1
    FROM visible_vehicle_state
    WHERE vehicle_id = %(vehicle_id)s AND odometer_km IS NOT NULL AND ts IS NOT NULL
) AS known
ORDER BY read_at DESC, place
LIMIT 1;

-- name: note_odometers
-- One reading a vehicle and day, of what it reports; the day is its operator's.
INSERT INTO odometer_readings (tenant_id, organisation_id, vehicle_id, read_at, odometer_km, source,
    recorded_by)
SELECT v.tenant_id, o.id, v.id, s.ts, round(s.odometer_km::numeric, 1), 'telemetry', %(recorded_by)s
FROM visible_vehicle_state s
JOIN vehicles v ON v.id = s.vehicle_id
JOIN organisations o ON o.id = coalesce(s.operator_id, v.owner_id) AND o.tenant_id = v.tenant_id
WHERE s.odometer_km >= 0 AND s.odometer_km < 1e8 AND s.ts <= %(now)s
  AND NOT EXISTS (
      SELECT FROM odometer_readings r
      WHERE r.vehicle_id = v.id AND r.source = 'telemetry'
        AND r.read_at >= date_trunc('day', s.ts, o.time_zone)
        AND r.read_at < date_trunc('day', s.ts, o.time_zone) + interval '36 hours'
        AND date_trunc('day', r.read_at, o.time_zone) = date_trunc('day', s.ts, o.time_zone))
ON CONFLICT ON CONSTRAINT odometer_readings_once DO NOTHING;

-- name: find_purchase
-- What a vehicle was bought for, as far as in sight.
SELECT q.purchased_on, q.price_fen, q.supplier, q.depreciation_method, q.useful_life_months,
       q.residual_pct, q.version, o.time_zone
FROM vehicle_purchases q
JOIN organisations o ON o.id = q.organisation_id
WHERE q.vehicle_id = %(vehicle_id)s;

-- name: insert_purchase
-- What a vehicle was bought for, if nobody has written it down.
INSERT INTO vehicle_purchases (tenant_id, organisation_id, vehicle_id, purchased_on, price_fen,
    supplier, depreciation_method, useful_life_months, residual_pct)
SELECT v.tenant_id, v.owner_id, v.id, %(purchased_on)s, %(price_fen)s, %(supplier)s,
       %(depreciation_method)s, %(useful_life_months)s, %(residual_pct)s
FROM vehicles v
WHERE v.id = %(vehicle_id)s
ON CONFLICT (vehicle_id) DO NOTHING;

-- name: update_purchase
-- What a vehicle was bought for, if nobody has changed it since it was read.
UPDATE vehicle_purchases
SET purchased_on = %(purchased_on)s, price_fen = %(price_fen)s, supplier = %(supplier)s,
    depreciation_method = %(depreciation_method)s, useful_life_months = %(useful_life_months)s,
    residual_pct = %(residual_pct)s, version = version + 1
WHERE vehicle_id = %(vehicle_id)s AND version = %(version)s;

-- name: stands_below_operator
-- Whether an organisation is the one that has the vehicle, or stands below it.
SELECT EXISTS (
    SELECT FROM vehicles v
    LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
    JOIN organisation_closure c ON c.ancestor_id = coalesce(p.organisation_id, v.owner_id)
    WHERE v.id = %(vehicle_id)s AND c.descendant_id = %(depot_id)s);

-- name: update_placing
-- Where a vehicle stands, if nobody has changed it since it was read.
UPDATE vehicles
SET depot_id = %(depot_id)s, tags = %(tags)s, pooled = %(pooled)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- name: list_pool
-- What organisations above offer; filters and the place of the page are added in store.py.
SELECT p.vin, p.plate, p.model, m.code AS model_code, p.owner_code, p.available_from_at,
       m.body_type, m.gvw_kg, m.battery_kwh, m.battery_chemistry, m.rated_range_km, m.box_volume_m3
FROM visible_pool p
LEFT JOIN vehicle_models m ON m.id = p.model_id;
