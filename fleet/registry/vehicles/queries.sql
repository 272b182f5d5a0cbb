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
