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
