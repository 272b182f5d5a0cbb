-- name: insert_vehicle
-- A new vehicle.
INSERT INTO vehicles (tenant_id, vin, plate, model, model_id, owner_id)
VALUES (%(tenant_id)s, %(vin)s, %(plate)s, %(model)s, %(model_id)s, %(owner_id)s)
RETURNING id;

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

-- name: insert_first_stages
-- Many vehicles begin their lives.
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, changed_by)
SELECT v.tenant_id, o.id, v.id, n.stage, tstzrange(%(from_at)s, NULL), %(changed_by)s
FROM unnest(%(vins)s::text[], %(operator_codes)s::text[], %(stages)s::text[])
    AS n (vin, operator_code, stage)
JOIN vehicles v ON v.vin = n.vin
JOIN organisations o ON o.code = n.operator_code;
