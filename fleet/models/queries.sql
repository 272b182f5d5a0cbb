-- name: insert_model
-- A new model of a tenant.
INSERT INTO vehicle_models (tenant_id, organisation_id, code, name, maker, body_type, gvw_kg,
    battery_kwh, battery_chemistry, rated_range_km, box_volume_m3, care)
VALUES (%(tenant_id)s, %(tenant_id)s, %(code)s, %(name)s, %(maker)s, %(body_type)s, %(gvw_kg)s,
    %(battery_kwh)s, %(battery_chemistry)s, %(rated_range_km)s, %(box_volume_m3)s, %(care)s)
RETURNING id;

-- name: list_models
-- Models in sight; filters and the place of the page are added in store.py.
SELECT id, tenant_id, code, name, maker, body_type, gvw_kg, battery_kwh, battery_chemistry,
       rated_range_km, box_volume_m3, care, version
FROM vehicle_models;

-- name: update_model
-- What a model is, if nobody has changed it since it was read.
UPDATE vehicle_models
SET name = %(name)s, maker = %(maker)s, body_type = %(body_type)s, gvw_kg = %(gvw_kg)s,
    battery_kwh = %(battery_kwh)s, battery_chemistry = %(battery_chemistry)s,
    rated_range_km = %(rated_range_km)s, box_volume_m3 = %(box_volume_m3)s, care = %(care)s,
    version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- name: rename_vehicles
-- Vehicles of these models bear their names.
UPDATE vehicles v
SET model = m.name, version = v.version + 1
FROM vehicle_models m
WHERE m.id = v.model_id AND m.tenant_id = %(tenant_id)s AND m.code = ANY (%(codes)s::text[])
  AND v.model IS DISTINCT FROM m.name;

-- name: insert_models
-- Many new models.
INSERT INTO vehicle_models (tenant_id, organisation_id, code, name, maker, body_type, gvw_kg,
    battery_kwh, battery_chemistry, rated_range_km, box_volume_m3)
SELECT %(tenant_id)s, %(tenant_id)s, n.code, n.name, n.maker, n.body_type, n.gvw_kg, n.battery_kwh,
       n.battery_chemistry, n.rated_range_km, n.box_volume_m3
FROM unnest(%(code)s::text[], %(name)s::text[], %(maker)s::text[], %(body_type)s::text[],
            %(gvw_kg)s::integer[], %(battery_kwh)s::numeric[], %(battery_chemistry)s::text[],
            %(rated_range_km)s::integer[], %(box_volume_m3)s::numeric[])
    AS n (code, name, maker, body_type, gvw_kg, battery_kwh, battery_chemistry, rated_range_km,
          box_volume_m3)
WHERE NOT EXISTS (SELECT FROM vehicle_models m
                  WHERE m.tenant_id = %(tenant_id)s AND m.code = n.code);

-- name: update_models
-- Many models, where a row says something else; a null leaves what is there.
UPDATE vehicle_models m
SET name = coalesce(n.name, m.name), maker = coalesce(n.maker, m.maker),
    body_type = coalesce(n.body_type, m.body_type), gvw_kg = coalesce(n.gvw_kg, m.gvw_kg),
    battery_kwh = coalesce(n.battery_kwh, m.battery_kwh),
    battery_chemistry = coalesce(n.battery_chemistry, m.battery_chemistry),
    rated_range_km = coalesce(n.rated_range_km, m.rated_range_km),
    box_volume_m3 = coalesce(n.box_volume_m3, m.box_volume_m3), version = m.version + 1
FROM unnest(%(code)s::text[], %(name)s::text[], %(maker)s::text[], %(body_type)s::text[],
            %(gvw_kg)s::integer[], %(battery_kwh)s::numeric[], %(battery_chemistry)s::text[],
            %(rated_range_km)s::integer[], %(box_volume_m3)s::numeric[])
    AS n (code, name, maker, body_type, gvw_kg, battery_kwh, battery_chemistry, rated_range_km,
          box_volume_m3)
WHERE m.tenant_id = %(tenant_id)s AND m.code = n.code
  AND (m.name, m.maker, m.body_type, m.gvw_kg, m.battery_kwh, m.battery_chemistry, m.rated_range_km,
       m.box_volume_m3)
      IS DISTINCT FROM
      (coalesce(n.name, m.name), coalesce(n.maker, m.maker), coalesce(n.body_type, m.body_type),
       coalesce(n.gvw_kg, m.gvw_kg), coalesce(n.battery_kwh, m.battery_kwh),
       coalesce(n.battery_chemistry, m.battery_chemistry),
       coalesce(n.rated_range_km, m.rated_range_km), coalesce(n.box_volume_m3, m.box_volume_m3));
