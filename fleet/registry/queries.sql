-- name: insert_vehicle
-- A new vehicle.
INSERT INTO vehicles (tenant_id, vin, plate, model, model_id, owner_id)
VALUES (%(tenant_id)s, %(vin)s, %(plate)s, %(model)s, %(model_id)s, %(owner_id)s)
RETURNING id;

-- name: find_vehicle
-- The vehicle with this VIN.
SELECT v.id, v.vin, v.plate, v.model, o.code AS owner_code, v.tenant_id, v.version,
       coalesce(h.id, v.owner_id) AS holder_id,
       (SELECT app_is_system()) OR EXISTS (SELECT FROM visible_vehicle_periods s
                                           WHERE s.vehicle_id = v.id AND upper_inf(s.visible_period))
           AS held,
       v.model_id, v.depot_id, v.tags, v.pooled, m.code AS model_code, d.code AS depot_code
FROM vehicles v
LEFT JOIN organisations o ON o.id = v.owner_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN organisations d ON d.id = v.depot_id
WHERE v.vin = %(vin)s;

-- name: update_vehicle
-- Changes plate and model of a vehicle that nobody has changed since it was read.
UPDATE vehicles
SET plate = %(plate)s, model = %(model)s, model_id = %(model_id)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

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

-- name: list_known_vins
-- Those of the given VINs that have a vehicle.
SELECT vin FROM vehicles WHERE vin = ANY(%(vins)s::text[]);

-- name: insert_vehicles
-- Many new vehicles at once.
INSERT INTO vehicles (tenant_id, vin, plate, model, model_id, owner_id)
SELECT o.tenant_id, n.vin, n.plate, coalesce(m.name, n.model), m.id, o.id
FROM unnest(%(vins)s::text[], %(plates)s::text[], %(models)s::text[], %(model_codes)s::text[],
            %(owner_codes)s::text[]) AS n (vin, plate, model, model_code, owner_code)
JOIN organisations o ON o.code = n.owner_code
LEFT JOIN vehicle_models m ON m.tenant_id = o.tenant_id AND m.code = n.model_code;

-- name: insert_operator_periods
-- Many vehicles are operated from this instant on.
INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
SELECT v.tenant_id, v.id, o.id, tstzrange(%(from_at)s, NULL)
FROM unnest(%(vins)s::text[], %(operator_codes)s::text[]) AS n (vin, operator_code)
JOIN vehicles v ON v.vin = n.vin
JOIN organisations o ON o.code = n.operator_code;

-- name: find_running_stage
-- The stage a vehicle is at.
SELECT s.stage, lower(s.staged_period) AS from_at, upper(s.staged_period) AS until_at,
       CASE WHEN o.id IS NOT NULL THEN s.reason END AS reason,
       coalesce(u.login, 'key:' || k.key_id) AS changed_by
FROM vehicle_stages s
LEFT JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN users u ON u.login = s.changed_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = s.changed_by
WHERE s.vehicle_id = %(vehicle_id)s AND upper_inf(s.staged_period);

-- name: list_stages
-- The stages a vehicle went through, oldest first; why and who, as far as in sight.
SELECT s.stage, lower(s.staged_period) AS from_at, upper(s.staged_period) AS until_at,
       CASE WHEN o.id IS NOT NULL THEN s.reason END AS reason,
       coalesce(u.login, 'key:' || k.key_id) AS changed_by
FROM vehicle_stages s
LEFT JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN users u ON u.login = s.changed_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = s.changed_by
WHERE s.vehicle_id = %(vehicle_id)s
ORDER BY lower(s.staged_period);

-- name: lock_stage
-- Lets one change of a vehicle's stage wait for another.
SELECT FROM vehicle_stages WHERE vehicle_id = %(vehicle_id)s AND upper_inf(staged_period) FOR UPDATE;

-- name: mark_stage_ended
-- Ends the stage a vehicle is at.
UPDATE vehicle_stages
SET staged_period = tstzrange(lower(staged_period), %(until_at)s)
WHERE vehicle_id = %(vehicle_id)s AND upper_inf(staged_period);

-- name: insert_stage
-- The vehicle is at this stage from this instant on.
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, reason,
    changed_by)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(stage)s,
    tstzrange(%(from_at)s, NULL), %(reason)s, %(changed_by)s);

-- name: insert_first_stages
-- Many vehicles begin their lives.
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, changed_by)
SELECT v.tenant_id, o.id, v.id, n.stage, tstzrange(%(from_at)s, NULL), %(changed_by)s
FROM unnest(%(vins)s::text[], %(operator_codes)s::text[], %(stages)s::text[])
    AS n (vin, operator_code, stage)
JOIN vehicles v ON v.vin = n.vin
JOIN organisations o ON o.code = n.operator_code;

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

-- name: list_known_vehicles
-- What a sheet says of vehicles, as it is, with the ids of what it names.
SELECT v.vin, v.plate, m.code AS model_code, v.model, o.code AS owner, h.code AS operator,
       d.code AS depot, s.stage, v.tags, q.purchased_on, q.price_fen, q.depreciation_method,
       q.useful_life_months, q.residual_pct, r.odometer_km,
       (SELECT app_is_system()) OR v.id IN (SELECT vehicle_id FROM visible_vehicle_periods
                                            WHERE upper_inf(visible_period)) AS held,
       v.id, v.tenant_id, v.owner_id, coalesce(h.id, v.owner_id) AS holder_id, v.model_id,
       v.depot_id, lower(s.staged_period) AS staged_from_at
FROM vehicles v
LEFT JOIN organisations o ON o.id = v.owner_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
LEFT JOIN organisations d ON d.id = v.depot_id
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN vehicle_stages s ON s.vehicle_id = v.id AND upper_inf(s.staged_period)
LEFT JOIN vehicle_purchases q ON q.vehicle_id = v.id
LEFT JOIN (
    SELECT DISTINCT ON (vehicle_id) vehicle_id, odometer_km
    FROM odometer_readings
    WHERE vehicle_id IN (SELECT id FROM vehicles WHERE vin = ANY (%(vins)s::text[]))
    ORDER BY vehicle_id, read_at DESC, id DESC
) AS r ON r.vehicle_id = v.id
WHERE v.vin = ANY (%(vins)s::text[]);

-- name: list_plates
-- Which vehicle in sight bears which of the plates.
SELECT plate, vin FROM vehicles WHERE plate = ANY (%(plates)s::text[]);

-- name: list_models
-- Those of the codes that have a model in sight.
SELECT tenant_id, code, id, name FROM vehicle_models WHERE code = ANY (%(codes)s::text[]);

-- name: list_places
-- The organisations in sight, each with those it stands at or below.
SELECT d.code, d.id, d.tenant_id, array_agg(a.code) AS above
FROM organisation_closure c
JOIN organisations a ON a.id = c.ancestor_id
JOIN organisations d ON d.id = c.descendant_id
GROUP BY d.id;

-- name: insert_rows
-- New vehicles of a sheet.
INSERT INTO vehicles (tenant_id, vin, plate, model, model_id, owner_id, depot_id, tags)
SELECT n.tenant_id, n.vin, n.plate, n.model, n.model_id, n.owner_id, n.depot_id,
       string_to_array(n.tags, chr(31))
FROM unnest(%(tenant_id)s::bigint[], %(vin)s::text[], %(plate)s::text[], %(model)s::text[],
            %(model_id)s::bigint[], %(owner_id)s::bigint[], %(depot_id)s::bigint[],
            %(tags)s::text[])
    AS n (tenant_id, vin, plate, model, model_id, owner_id, depot_id, tags)
RETURNING vin, id;

-- name: insert_operators_of_rows
-- Who operates the new vehicles of a sheet.
INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
SELECT n.tenant_id, n.vehicle_id, n.organisation_id, tstzrange(%(now)s, NULL)
FROM unnest(%(tenant_id)s::bigint[], %(vehicle_id)s::bigint[], %(organisation_id)s::bigint[])
    AS n (tenant_id, vehicle_id, organisation_id);

-- name: update_rows
-- Vehicles of a sheet of which a row says something else.
UPDATE vehicles v
SET plate = n.plate, model = n.model, model_id = n.model_id, depot_id = n.depot_id,
    tags = string_to_array(n.tags, chr(31)), version = v.version + 1
FROM unnest(%(id)s::bigint[], %(plate)s::text[], %(model)s::text[], %(model_id)s::bigint[],
            %(depot_id)s::bigint[], %(tags)s::text[])
    AS n (id, plate, model, model_id, depot_id, tags)
WHERE v.id = n.id;

-- name: end_stages_of_rows
-- Vehicles of a sheet go on to another stage.
UPDATE vehicle_stages
SET staged_period = tstzrange(lower(staged_period), %(now)s)
WHERE vehicle_id = ANY (%(vehicle_id)s::bigint[]) AND upper_inf(staged_period);

-- name: insert_stages_of_rows
-- The stage that vehicles of a sheet are at from now on.
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, reason,
    changed_by)
SELECT n.tenant_id, n.organisation_id, n.vehicle_id, n.stage, tstzrange(%(now)s, NULL), '表格导入',
       %(changed_by)s
FROM unnest(%(tenant_id)s::bigint[], %(organisation_id)s::bigint[], %(vehicle_id)s::bigint[],
            %(stage)s::text[]) AS n (tenant_id, organisation_id, vehicle_id, stage);

-- name: insert_purchases_of_rows
-- What vehicles of a sheet were bought for.
INSERT INTO vehicle_purchases (tenant_id, organisation_id, vehicle_id, purchased_on, price_fen,
    depreciation_method, useful_life_months, residual_pct)
SELECT n.tenant_id, n.organisation_id, n.vehicle_id, n.purchased_on, n.price_fen,
       n.depreciation_method, n.useful_life_months, n.residual_pct
FROM unnest(%(tenant_id)s::bigint[], %(organisation_id)s::bigint[], %(vehicle_id)s::bigint[],
            %(purchased_on)s::date[], %(price_fen)s::bigint[], %(depreciation_method)s::text[],
            %(useful_life_months)s::integer[], %(residual_pct)s::numeric[])
    AS n (tenant_id, organisation_id, vehicle_id, purchased_on, price_fen, depreciation_method,
          useful_life_months, residual_pct);

-- name: update_purchases_of_rows
-- What vehicles of a sheet were bought for after all.
UPDATE vehicle_purchases q
SET purchased_on = n.purchased_on, price_fen = n.price_fen,
    depreciation_method = n.depreciation_method, useful_life_months = n.useful_life_months,
    residual_pct = n.residual_pct, version = q.version + 1
FROM unnest(%(vehicle_id)s::bigint[], %(purchased_on)s::date[], %(price_fen)s::bigint[],
            %(depreciation_method)s::text[], %(useful_life_months)s::integer[],
            %(residual_pct)s::numeric[])
    AS n (vehicle_id, purchased_on, price_fen, depreciation_method, useful_life_months,
          residual_pct)
WHERE q.vehicle_id = n.vehicle_id;

-- name: insert_odometers_of_rows
-- Odometers of a sheet.
INSERT INTO odometer_readings (tenant_id, organisation_id, vehicle_id, read_at, odometer_km, source,
    recorded_by)
SELECT n.tenant_id, n.organisation_id, n.vehicle_id, %(now)s, n.odometer_km, 'hand', %(changed_by)s
FROM unnest(%(tenant_id)s::bigint[], %(organisation_id)s::bigint[], %(vehicle_id)s::bigint[],
            %(odometer_km)s::numeric[]) AS n (tenant_id, organisation_id, vehicle_id, odometer_km);
