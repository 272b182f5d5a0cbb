-- name: insert_vehicle
-- A new vehicle.
INSERT INTO vehicles (tenant_id, vin, plate, model, owner_id)
VALUES (%(tenant_id)s, %(vin)s, %(plate)s, %(model)s, %(owner_id)s)
RETURNING id;

-- name: find_vehicle
-- The vehicle with this VIN.
SELECT v.id, v.vin, v.plate, v.model, o.code AS owner_code, v.tenant_id, v.version
FROM vehicles v
LEFT JOIN organisations o ON o.id = v.owner_id
WHERE v.vin = %(vin)s;

-- name: update_vehicle
-- Changes plate and model of a vehicle that nobody has changed since it was read.
UPDATE vehicles
SET plate = %(plate)s, model = %(model)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- name: insert_device
-- A new device.
INSERT INTO devices (tenant_id, serial, owner_id)
VALUES (%(tenant_id)s, %(serial)s, %(owner_id)s)
RETURNING id;

-- name: find_device
-- The device with this serial.
SELECT d.id, d.serial, o.code AS owner_code, d.tenant_id
FROM devices d
LEFT JOIN organisations o ON o.id = d.owner_id
WHERE d.serial = %(serial)s;

-- name: list_devices
-- Devices in sight with the vehicle each sits in; filters and the place of the page: store.py.
SELECT d.serial, o.code AS owner_code, v.vin, lower(b.bound_period) AS bound_from, d.created_at
FROM devices d
LEFT JOIN organisations o ON o.id = d.owner_id
LEFT JOIN device_bindings b ON b.device_id = d.id AND upper_inf(b.bound_period)
LEFT JOIN vehicles v ON v.id = b.vehicle_id;

-- name: list_bindings_of_device
-- Every vehicle the device sat in, oldest first; of each, the part of the time in sight.
SELECT b.id, d.serial, v.vin, lower(seen.period) AS from_at, upper(seen.period) AS until_at
FROM device_bindings b
JOIN devices d ON d.id = b.device_id
JOIN vehicles v ON v.id = b.vehicle_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN app_is_system() THEN b.bound_period
                ELSE range_merge(range_agg(b.bound_period * p.visible_period)) END AS period
    FROM visible_vehicle_periods p
    WHERE p.vehicle_id = b.vehicle_id AND p.visible_period && b.bound_period
) AS seen
WHERE b.device_id = %(device_id)s
ORDER BY lower(b.bound_period);

-- name: insert_binding
-- The device sits in the vehicle from this instant on.
INSERT INTO device_bindings (tenant_id, device_id, vehicle_id, bound_period)
VALUES (%(tenant_id)s, %(device_id)s, %(vehicle_id)s, tstzrange(%(from_at)s, NULL))
RETURNING id;

-- name: find_running_binding_of_device
-- The running period of a device, locked against others who would end it.
SELECT b.id, d.serial, v.vin, lower(b.bound_period) AS from_at, upper(b.bound_period) AS until_at
FROM device_bindings b
JOIN devices d ON d.id = b.device_id
JOIN vehicles v ON v.id = b.vehicle_id
WHERE b.device_id = %(device_id)s AND upper_inf(b.bound_period)
FOR UPDATE OF b;

-- name: find_running_binding_of_vehicle
-- The running period of a vehicle's device, locked against others who would end it.
SELECT b.id, d.serial, v.vin, lower(b.bound_period) AS from_at, upper(b.bound_period) AS until_at
FROM device_bindings b
JOIN devices d ON d.id = b.device_id
JOIN vehicles v ON v.id = b.vehicle_id
WHERE b.vehicle_id = %(vehicle_id)s AND upper_inf(b.bound_period)
FOR UPDATE OF b;

-- name: mark_binding_ended
-- Ends a running binding.
UPDATE device_bindings
SET bound_period = tstzrange(lower(bound_period), %(until_at)s)
WHERE id = %(id)s;

-- name: list_bindings
-- Every device that sat in the vehicle, oldest first; of each, the part of the time in sight.
SELECT b.id, d.serial, v.vin, lower(seen.period) AS from_at, upper(seen.period) AS until_at
FROM device_bindings b
JOIN devices d ON d.id = b.device_id
JOIN vehicles v ON v.id = b.vehicle_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN app_is_system() THEN b.bound_period
                ELSE range_merge(range_agg(b.bound_period * p.visible_period)) END AS period
    FROM visible_vehicle_periods p
    WHERE p.vehicle_id = b.vehicle_id AND p.visible_period && b.bound_period
) AS seen
WHERE b.vehicle_id = %(vehicle_id)s
ORDER BY lower(b.bound_period);

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

-- name: insert_devices
-- Many new devices at once.
INSERT INTO devices (tenant_id, serial, owner_id)
SELECT o.tenant_id, n.serial, o.id
FROM unnest(%(serials)s::text[], %(owner_codes)s::text[]) AS n (serial, owner_code)
JOIN organisations o ON o.code = n.owner_code;

-- name: insert_bindings
-- Many devices sit in their vehicles from this instant on.
INSERT INTO device_bindings (tenant_id, device_id, vehicle_id, bound_period)
SELECT d.tenant_id, d.id, v.id, tstzrange(%(from_at)s, NULL)
FROM unnest(%(serials)s::text[], %(vins)s::text[]) AS n (serial, vin)
JOIN devices d ON d.serial = n.serial
JOIN vehicles v ON v.vin = n.vin;

-- name: insert_operator_periods
-- Many vehicles are operated from this instant on.
INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
SELECT v.tenant_id, v.id, o.id, tstzrange(%(from_at)s, NULL)
FROM unnest(%(vins)s::text[], %(operator_codes)s::text[]) AS n (vin, operator_code)
JOIN vehicles v ON v.vin = n.vin
JOIN organisations o ON o.code = n.operator_code;
