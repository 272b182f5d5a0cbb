-- name: find_organisations
-- Organisations in sight by code or name.
SELECT code, name FROM organisations WHERE code = ANY (%(texts)s::text[]) OR name = ANY (%(texts)s::text[]);

-- name: find_models
-- Models of the tenant by code or name.
SELECT code, name FROM vehicle_models
WHERE code = ANY (%(texts)s::text[]) OR name = ANY (%(texts)s::text[]);

-- name: find_vehicles
-- Vehicles in sight by VIN or plate, and whether they may be written about.
SELECT v.vin, v.plate,
       (SELECT app_is_system()) OR v.id IN (SELECT s.vehicle_id FROM visible_vehicle_periods s
                                            WHERE upper_inf(s.visible_period)) AS held
FROM vehicles v
WHERE v.vin = ANY (%(vins)s::text[]) OR v.plate = ANY (%(plates)s::text[]);

-- name: list_held_vins
-- VINs of the vehicles that an organisation and those below it have now.
SELECT v.vin
FROM vehicles v
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
WHERE coalesce(p.organisation_id, v.owner_id) IN
      (SELECT c.descendant_id FROM organisation_closure c
       JOIN organisations o ON o.id = c.ancestor_id WHERE o.code = %(organisation_code)s)
ORDER BY v.vin;

-- name: list_model_codes
-- Codes of the catalogue.
SELECT code FROM vehicle_models ORDER BY code;

-- name: list_policy_nos
-- Policies that hold or held, of some vehicles.
SELECT p.policy_no FROM insurance_policies p JOIN vehicles v ON v.id = p.vehicle_id
WHERE v.vin = ANY (%(vins)s::text[]) AND p.voided_at IS NULL ORDER BY v.vin, p.policy_no;

-- name: list_inspection_keys
-- Inspections of some vehicles by what they are known by.
SELECT v.vin, i.inspected_on, i.form FROM inspections i JOIN vehicles v ON v.id = i.vehicle_id
WHERE v.vin = ANY (%(vins)s::text[]) ORDER BY v.vin, i.inspected_on, i.form;

-- name: list_work_order_references
-- References of the work orders of an organisation and of those below it.
SELECT w.reference FROM work_orders w
WHERE w.reference IS NOT NULL
  AND w.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c
                            JOIN organisations o ON o.id = c.ancestor_id
                            WHERE o.code = %(organisation_code)s)
ORDER BY w.reference;
