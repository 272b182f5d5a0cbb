-- name: clear_depot
-- A vehicle that goes to another operator stands at none of the former one's depots.
UPDATE vehicles SET depot_id = NULL, version = version + 1
WHERE id = %(id)s AND depot_id IS NOT NULL;

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

-- name: insert_transfer
-- A vehicle goes from whoever operates it to an organisation; before the periods are changed.
INSERT INTO vehicle_transfers (tenant_id, vehicle_id, from_organisation_id, organisation_id,
    transferred_at, odometer_km, soc_pct, checks, remarks, recorded_by)
VALUES (%(tenant_id)s, %(vehicle_id)s,
    (SELECT p.organisation_id FROM vehicle_operators p
     WHERE p.vehicle_id = %(vehicle_id)s AND upper_inf(p.operated_period)),
    %(organisation_id)s, %(transferred_at)s, %(odometer_km)s, %(soc_pct)s, %(checks)s, %(remarks)s,
    %(recorded_by)s);

-- name: insert_transfer_odometer
-- The odometer as read at a transfer.
INSERT INTO odometer_readings (tenant_id, organisation_id, vehicle_id, read_at, odometer_km, source,
    recorded_by)
VALUES (%(tenant_id)s, %(holder_id)s, %(vehicle_id)s, %(transferred_at)s, %(odometer_km)s,
    'transfer', %(recorded_by)s);

-- name: list_transfers
-- The transfers of a vehicle in sight, oldest first.
SELECT f.code AS from_code, o.code AS to_code, t.transferred_at, t.odometer_km, t.soc_pct, t.checks,
       t.remarks
FROM vehicle_transfers t
LEFT JOIN organisations f ON f.id = t.from_organisation_id
LEFT JOIN organisations o ON o.id = t.organisation_id
WHERE t.vehicle_id = %(vehicle_id)s
ORDER BY t.transferred_at, t.id;
