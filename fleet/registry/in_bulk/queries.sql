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
