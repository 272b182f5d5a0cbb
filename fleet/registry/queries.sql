-- name: insert_vehicle
-- A new vehicle.
INSERT INTO vehicles (tenant_id, vin, plate, model, owner_id)
VALUES (%(tenant_id)s, %(vin)s, %(plate)s, %(model)s, %(owner_id)s)
RETURNING id;

-- name: find_vehicle
-- The vehicle with this VIN.
SELECT v.id, v.vin, v.plate, v.model, o.code AS owner_code, v.tenant_id, v.version,
       coalesce(p.organisation_id, v.owner_id) AS holder_id,
       (SELECT app_is_system()) OR EXISTS (SELECT FROM visible_vehicle_periods s
                                           WHERE s.vehicle_id = v.id AND upper_inf(s.visible_period))
           AS held,
       v.model_id, v.depot_id, v.tags, v.pooled
FROM vehicles v
LEFT JOIN organisations o ON o.id = v.owner_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
WHERE v.vin = %(vin)s;

-- name: update_vehicle
-- Changes plate and model of a vehicle that nobody has changed since it was read.
UPDATE vehicles
SET plate = %(plate)s, model = %(model)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- name: insert_operator_period
-- The organisation operates the vehicle from this instant on.
INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
VALUES (%(tenant_id)s, %(vehicle_id)s, %(organisation_id)s, tstzrange(%(from_at)s, NULL))
RETURNING id;

-- name: find_running_operator_period
-- Who operates the vehicle now, locked against others who would end it.
SELECT p.id, v.vin, o.code AS organisation_code,
       lower(p.operated_period) AS from_at, upper(p.operated_period) AS until_at
FROM vehicle_operators p
JOIN vehicles v ON v.id = p.vehicle_id
LEFT JOIN organisations o ON o.id = p.organisation_id
WHERE p.vehicle_id = %(vehicle_id)s AND upper_inf(p.operated_period)
FOR UPDATE OF p;

-- name: mark_operator_period_ended
-- Ends a running period of an operator.
UPDATE vehicle_operators
SET operated_period = tstzrange(lower(operated_period), %(until_at)s)
WHERE id = %(id)s;

-- name: list_operator_periods
-- Everyone who operated the vehicle, oldest first.
SELECT p.id, v.vin, o.code AS organisation_code,
       lower(p.operated_period) AS from_at, upper(p.operated_period) AS until_at
FROM vehicle_operators p
JOIN vehicles v ON v.id = p.vehicle_id
LEFT JOIN organisations o ON o.id = p.organisation_id
WHERE p.vehicle_id = %(vehicle_id)s
ORDER BY lower(p.operated_period);

-- name: list_known_vins
-- Those of the given VINs that have a vehicle.
SELECT vin FROM vehicles WHERE vin = ANY(%(vins)s::text[]);

-- name: insert_vehicles
-- Many new vehicles at once.
INSERT INTO vehicles (tenant_id, vin, plate, model, owner_id)
SELECT o.tenant_id, n.vin, n.plate, n.model, o.id
FROM unnest(%(vins)s::text[], %(plates)s::text[], %(models)s::text[], %(owner_codes)s::text[])
    AS n (vin, plate, model, owner_code)
JOIN organisations o ON o.code = n.owner_code;

-- name: insert_operator_periods
-- Many vehicles are operated from this instant on.
INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
SELECT v.tenant_id, v.id, o.id, tstzrange(%(from_at)s, NULL)
FROM unnest(%(vins)s::text[], %(operator_codes)s::text[]) AS n (vin, operator_code)
JOIN vehicles v ON v.vin = n.vin
JOIN organisations o ON o.code = n.operator_code;
