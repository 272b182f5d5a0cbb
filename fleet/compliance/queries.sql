-- name: find_licence
-- The licence of a vehicle as it was written down.
SELECT vehicle_type, use_nature, registered_on, issued_on, motor_no, gvw_kg, seats, stricter, version
FROM vehicle_licences
WHERE vehicle_id = %(vehicle_id)s;

-- name: insert_licence
-- The first licence of a vehicle.
INSERT INTO vehicle_licences (vehicle_id, tenant_id, organisation_id, vehicle_type, use_nature,
    registered_on, issued_on, motor_no, gvw_kg, seats, stricter)
VALUES (%(vehicle_id)s, %(tenant_id)s, %(organisation_id)s, %(vehicle_type)s, %(use_nature)s,
    %(registered_on)s, %(issued_on)s, %(motor_no)s, %(gvw_kg)s, %(seats)s, %(stricter)s)
ON CONFLICT (vehicle_id) DO NOTHING;

-- name: update_licence
-- The licence as it is printed now, unless somebody changed it meanwhile.
UPDATE vehicle_licences
SET vehicle_type = %(vehicle_type)s, use_nature = %(use_nature)s, registered_on = %(registered_on)s,
    issued_on = %(issued_on)s, motor_no = %(motor_no)s, gvw_kg = %(gvw_kg)s, seats = %(seats)s,
    stricter = %(stricter)s, version = version + 1
WHERE vehicle_id = %(vehicle_id)s AND version = %(version)s;

-- name: find_inspection
-- The inspection of a vehicle on a day in a form.
SELECT form, inspected_on, passed, valid_to_on, place, report_no, note
FROM inspections
WHERE vehicle_id = %(vehicle_id)s AND inspected_on = %(inspected_on)s AND form = %(form)s;

-- name: save_inspection
-- An inspection, in place of the one written down for the same day and form.
INSERT INTO inspections (tenant_id, organisation_id, vehicle_id, form, inspected_on, passed,
    valid_to_on, place, report_no, note, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(form)s, %(inspected_on)s, %(passed)s,
    %(valid_to_on)s, %(place)s, %(report_no)s, %(note)s, %(recorded_by)s, %(recorded_at)s)
ON CONFLICT ON CONSTRAINT inspections_once DO UPDATE
SET passed = excluded.passed, valid_to_on = excluded.valid_to_on, place = excluded.place,
    report_no = excluded.report_no, note = excluded.note
RETURNING id;

-- name: list_inspections
-- Inspections with their vehicles; filters and the place of the page: store.py.
SELECT r.id, v.vin, v.plate, o.code AS organisation_code,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by, r.recorded_at,
       r.form, r.inspected_on, r.passed, r.valid_to_on, r.place, r.report_no, r.note
FROM inspections r
JOIN vehicles v ON v.id = r.vehicle_id
LEFT JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN users u ON u.login = r.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = r.recorded_by;

-- name: insert_policy
-- A new policy.
INSERT INTO insurance_policies (tenant_id, organisation_id, vehicle_id, kind, policy_no, insurer,
    insured, use_nature, covered_period, covers, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(kind)s, %(policy_no)s, %(insurer)s,
    %(insured)s, %(use_nature)s, tstzrange(%(from_at)s, %(until_at)s), %(covers)s,
    %(recorded_by)s, %(recorded_at)s)
RETURNING id;

-- name: update_policy
-- What a policy says after all, unless somebody changed it meanwhile.
UPDATE insurance_policies
SET insurer = %(insurer)s, insured = %(insured)s, use_nature = %(use_nature)s,
    covered_period = tstzrange(%(from_at)s, %(until_at)s), covers = %(covers)s,
    version = version + 1
WHERE id = %(id)s AND version = %(version)s AND voided_at IS NULL;

-- name: mark_policy_voided
-- A policy never counted.
UPDATE insurance_policies
SET voided_at = %(voided_at)s, voided_because = %(voided_because)s, version = version + 1
WHERE id = %(id)s AND voided_at IS NULL;

-- name: list_policies
-- Policies with their vehicles; filters and the place of the page: store.py.
SELECT r.id, v.vin, v.plate, o.code AS organisation_code,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by, r.recorded_at,
       r.kind, r.policy_no, r.insurer, lower(r.covered_period) AS from_at,
       upper(r.covered_period) AS until_at, r.insured, r.use_nature, r.covers, r.voided_at,
       r.voided_because, r.version
FROM insurance_policies r
JOIN vehicles v ON v.id = r.vehicle_id
LEFT JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN users u ON u.login = r.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = r.recorded_by;

-- name: insert_permit
-- A new permit.
INSERT INTO permits (tenant_id, organisation_id, vehicle_id, permit_no, holder, issued_on,
    valid_to_on, reviewed_to_on, technical_to_on, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(permit_no)s, %(holder)s,
    %(issued_on)s, %(valid_to_on)s, %(reviewed_to_on)s, %(technical_to_on)s, %(recorded_by)s,
    %(recorded_at)s)
RETURNING id;

-- name: update_permit
-- What a permit says now, unless somebody changed it meanwhile.
UPDATE permits
SET holder = %(holder)s, valid_to_on = %(valid_to_on)s, reviewed_to_on = %(reviewed_to_on)s,
    technical_to_on = %(technical_to_on)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND withdrawn_at IS NULL;

-- name: mark_permit_withdrawn
-- A permit does not hold any more.
UPDATE permits SET withdrawn_at = %(withdrawn_at)s, version = version + 1
WHERE id = %(id)s AND withdrawn_at IS NULL;

-- name: list_permits
-- Permits with their vehicles; filters and the place of the page: store.py.
SELECT r.id, v.vin, v.plate, o.code AS organisation_code,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by, r.recorded_at,
       r.permit_no, r.holder, r.issued_on, r.valid_to_on, r.reviewed_to_on, r.technical_to_on,
       r.withdrawn_at, r.version
FROM permits r
JOIN vehicles v ON v.id = r.vehicle_id
LEFT JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN users u ON u.login = r.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = r.recorded_by;

-- name: find_battery_test
-- The battery test of a vehicle on a day.
SELECT tested_on, result, place, soh_pct, charge_max_c, discharge_max_c, motor_max_c,
       controller_max_c, converter_max_c, note
FROM battery_tests
WHERE vehicle_id = %(vehicle_id)s AND tested_on = %(tested_on)s;

-- name: save_battery_test
-- A battery test, in place of the one written down for the same day.
INSERT INTO battery_tests (tenant_id, organisation_id, vehicle_id, tested_on, place, result, soh_pct,
    charge_max_c, discharge_max_c, motor_max_c, controller_max_c, converter_max_c, note,
    recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(tested_on)s, %(place)s, %(result)s,
    %(soh_pct)s, %(charge_max_c)s, %(discharge_max_c)s, %(motor_max_c)s, %(controller_max_c)s,
    %(converter_max_c)s, %(note)s, %(recorded_by)s, %(recorded_at)s)
ON CONFLICT ON CONSTRAINT battery_tests_once DO UPDATE
SET place = excluded.place, result = excluded.result, soh_pct = excluded.soh_pct,
    charge_max_c = excluded.charge_max_c, discharge_max_c = excluded.discharge_max_c,
    motor_max_c = excluded.motor_max_c, controller_max_c = excluded.controller_max_c,
    converter_max_c = excluded.converter_max_c, note = excluded.note
RETURNING id;

-- name: list_battery_tests
-- Battery tests with their vehicles; filters: store.py.
SELECT r.id, v.vin, v.plate, o.code AS organisation_code,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by, r.recorded_at,
       r.tested_on, r.result, r.place, r.soh_pct, r.charge_max_c, r.discharge_max_c, r.motor_max_c,
       r.controller_max_c, r.converter_max_c, r.note
FROM battery_tests r
JOIN vehicles v ON v.id = r.vehicle_id
LEFT JOIN organisations o ON o.id = r.organisation_id
LEFT JOIN users u ON u.login = r.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = r.recorded_by;

-- name: find_zone
-- The zone of an organisation's days, if the organisation is in sight.
SELECT time_zone FROM organisations WHERE id = %(organisation_id)s;

-- name: list_vehicle_ids
-- Vehicles in sight by id, those after one.
SELECT id FROM vehicles WHERE id > %(after_id)s ORDER BY id LIMIT %(limit)s;

-- name: lock_vehicles
-- Lets one refresh of a vehicle wait for another; of vehicles that are held now, in one order.
SELECT id FROM vehicles WHERE id = ANY(%(vehicle_ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: list_papered
-- What counts of vehicles beside their papers: stage, model, and the organisation that has them.
SELECT v.id AS vehicle_id, v.vin, v.tenant_id, coalesce(h.time_zone, 'Asia/Shanghai') AS zone,
       coalesce(s.stage, 'in_stock') AS stage, m.gvw_kg AS model_gvw_kg, m.battery_chemistry,
       owner.name AS owner_name, h.name AS holder_name
FROM vehicles v
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = coalesce(p.organisation_id, v.owner_id)
LEFT JOIN organisations owner ON owner.id = v.owner_id
LEFT JOIN vehicle_stages s ON s.vehicle_id = v.id AND upper_inf(s.staged_period)
LEFT JOIN vehicle_models m ON m.id = v.model_id
WHERE v.id = ANY(%(vehicle_ids)s::bigint[])
ORDER BY v.id;

-- name: list_licences_of
-- The licences of vehicles.
SELECT vehicle_id, vehicle_type, use_nature, registered_on, issued_on, motor_no, gvw_kg, seats,
       stricter, version
FROM vehicle_licences
WHERE vehicle_id = ANY(%(vehicle_ids)s::bigint[]);

-- name: list_inspections_of
-- The inspections of vehicles.
SELECT vehicle_id, form, inspected_on, passed, valid_to_on, place, report_no, note
FROM inspections
WHERE vehicle_id = ANY(%(vehicle_ids)s::bigint[])
ORDER BY vehicle_id, inspected_on, id;

-- name: list_policies_of
-- The policies of vehicles that were not voided; what they cover only where it is asked for.
SELECT vehicle_id, kind, policy_no, insurer, lower(covered_period) AS from_at,
       upper(covered_period) AS until_at, insured, use_nature,
       CASE WHEN %(with_covers)s THEN covers END AS covers, voided_at, voided_because, version
FROM insurance_policies
WHERE vehicle_id = ANY(%(vehicle_ids)s::bigint[]) AND voided_at IS NULL
ORDER BY vehicle_id, lower(covered_period), id;

-- name: list_permits_of
-- The permits of vehicles that hold.
SELECT vehicle_id, permit_no, holder, issued_on, valid_to_on, reviewed_to_on, technical_to_on,
       withdrawn_at, version
FROM permits
WHERE vehicle_id = ANY(%(vehicle_ids)s::bigint[]) AND withdrawn_at IS NULL
ORDER BY vehicle_id, issued_on, id;

-- name: list_battery_tests_of
-- The battery tests of vehicles.
SELECT vehicle_id, tested_on, result, place, soh_pct, charge_max_c, discharge_max_c, motor_max_c,
       controller_max_c, converter_max_c, note
FROM battery_tests
WHERE vehicle_id = ANY(%(vehicle_ids)s::bigint[])
ORDER BY vehicle_id, tested_on;

-- name: list_obligations_of
-- What is kept of the obligations of vehicles, of the kinds that papers decide.
SELECT vehicle_id, tenant_id, kind, reference, is_open, due_on, due_at, window_from_on, facts
FROM obligations
WHERE vehicle_id = ANY(%(vehicle_ids)s::bigint[]) AND kind = ANY(%(kinds)s::text[]);

-- name: save_obligations
-- Many obligations as they are now.
INSERT INTO obligations (tenant_id, vehicle_id, kind, reference, is_open, due_on, due_at,
    window_from_on, facts, refreshed_at)
SELECT n.tenant_id, n.vehicle_id, n.kind, n.reference, n.is_open, n.due_on, n.due_at,
       n.window_from_on, n.facts, %(refreshed_at)s
FROM jsonb_to_recordset(%(rows)s) AS n (tenant_id bigint, vehicle_id bigint, kind text, reference text,
    is_open boolean, due_on date, due_at timestamptz, window_from_on date, facts jsonb)
ON CONFLICT (vehicle_id, kind, reference) DO UPDATE
SET is_open = excluded.is_open, due_on = excluded.due_on, due_at = excluded.due_at,
    window_from_on = excluded.window_from_on, facts = excluded.facts,
    refreshed_at = excluded.refreshed_at;

-- name: save_licences
-- Many licences as they are printed now.
INSERT INTO vehicle_licences (vehicle_id, tenant_id, organisation_id, vehicle_type, use_nature,
    registered_on, issued_on, motor_no, gvw_kg, seats)
SELECT v.id, v.tenant_id, coalesce(h.id, v.owner_id), n.vehicle_type, n.use_nature, n.registered_on,
       n.issued_on, n.motor_no, n.gvw_kg, n.seats
FROM jsonb_to_recordset(%(rows)s) AS n (vin text, vehicle_type text, use_nature text,
    registered_on date, issued_on date, motor_no text, gvw_kg integer, seats integer)
JOIN vehicles v ON v.vin = n.vin
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
ON CONFLICT (vehicle_id) DO UPDATE
SET vehicle_type = excluded.vehicle_type, use_nature = excluded.use_nature,
    registered_on = excluded.registered_on, issued_on = excluded.issued_on,
    motor_no = excluded.motor_no, gvw_kg = excluded.gvw_kg, seats = excluded.seats,
    version = vehicle_licences.version + 1
WHERE (vehicle_licences.vehicle_type, vehicle_licences.use_nature, vehicle_licences.registered_on,
       vehicle_licences.issued_on, vehicle_licences.motor_no, vehicle_licences.gvw_kg,
       vehicle_licences.seats)
    IS DISTINCT FROM (excluded.vehicle_type, excluded.use_nature, excluded.registered_on,
       excluded.issued_on, excluded.motor_no, excluded.gvw_kg, excluded.seats);

-- name: list_known_inspections
-- Inspections of vehicles by VIN, day and form.
SELECT v.vin, r.inspected_on, r.form, r.passed, r.valid_to_on, r.place, r.report_no
FROM inspections r
JOIN vehicles v ON v.id = r.vehicle_id
JOIN unnest(%(vins)s::text[], %(inspected_on)s::date[], %(forms)s::text[])
    AS n (vin, inspected_on, form)
  ON n.vin = v.vin AND n.inspected_on = r.inspected_on AND n.form = r.form;

-- name: save_inspections
-- Many inspections, each in place of the one of the same vehicle, day and form.
INSERT INTO inspections (tenant_id, organisation_id, vehicle_id, form, inspected_on, passed,
    valid_to_on, place, report_no, recorded_by, recorded_at)
SELECT v.tenant_id, coalesce(h.id, v.owner_id), v.id, n.form, n.inspected_on, n.passed,
       n.valid_to_on, n.place, n.report_no, %(recorded_by)s, %(recorded_at)s
FROM jsonb_to_recordset(%(rows)s) AS n (vin text, form text, inspected_on date, passed boolean,
    valid_to_on date, place text, report_no text)
JOIN vehicles v ON v.vin = n.vin
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
ON CONFLICT ON CONSTRAINT inspections_once DO UPDATE
SET passed = excluded.passed, valid_to_on = excluded.valid_to_on, place = excluded.place,
    report_no = excluded.report_no;

-- name: list_known_policies
-- Policies by their numbers.
SELECT v.vin, r.kind, r.policy_no, r.insurer, r.insured, r.use_nature,
       lower(r.covered_period) AS covered_from_at, upper(r.covered_period) AS covered_until_at,
       r.covers, r.voided_at IS NOT NULL AS voided
FROM insurance_policies r
JOIN vehicles v ON v.id = r.vehicle_id
WHERE r.policy_no = ANY(%(policy_nos)s::text[]);

-- name: save_policies
-- Many policies, each in place of the one of the same number; one that was voided stays so.
INSERT INTO insurance_policies (tenant_id, organisation_id, vehicle_id, kind, policy_no, insurer,
    insured, use_nature, covered_period, covers, recorded_by, recorded_at)
SELECT v.tenant_id, coalesce(h.id, v.owner_id), v.id, n.kind, n.policy_no, n.insurer, n.insured,
       n.use_nature, tstzrange(n.covered_from_at, n.covered_until_at), n.covers, %(recorded_by)s,
       %(recorded_at)s
FROM jsonb_to_recordset(%(rows)s) AS n (vin text, kind text, policy_no text, insurer text,
    insured text, use_nature text, covered_from_at timestamptz, covered_until_at timestamptz,
    covers jsonb)
JOIN vehicles v ON v.vin = n.vin
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
ON CONFLICT ON CONSTRAINT insurance_policies_policy_no_key DO UPDATE
SET insurer = excluded.insurer, insured = excluded.insured, use_nature = excluded.use_nature,
    covered_period = excluded.covered_period, covers = excluded.covers,
    version = insurance_policies.version + 1
WHERE insurance_policies.voided_at IS NULL
  AND insurance_policies.vehicle_id = excluded.vehicle_id
  AND insurance_policies.kind = excluded.kind;

-- name: list_vehicle_ids_of
-- The ids of vehicles by their VINs.
SELECT vin, id FROM vehicles WHERE vin = ANY(%(vins)s::text[]) ORDER BY id;
