-- name: list_hand_overs
-- Hand-overs in sight; filters, place and order are added in store.py. The plate is told as far as
-- the vehicle is in sight now: who had it before learns nothing of after.
SELECT n.id, n.key, n.tenant_id, n.organisation_id, o.code AS organisation_code, n.lease_id,
       l.lease_no, k.customer_no, k.name AS customer_name, n.line_no, n.event_no, n.vehicle_id,
       v.vin, CASE WHEN h.is_held THEN v.plate END AS plate, n.direction, n.occasion, n.handed_at,
       d.key AS driver, d.name AS driver_name, n.checklist_id, c.code AS checklist_code,
       c.edition AS checklist_edition, n.odometer_km, n.soc_pct, n.lat, n.lon, n.place, n.told,
       n.differences, n.overridden, n.override_reason, n.warnings, n.received_by, n.remarks,
       n.work_order_no, (SELECT actor FROM actor_in_sight(n.recorded_by)) AS recorded_by, n.recorded_at
FROM hand_overs n
JOIN organisations o ON o.id = n.organisation_id
JOIN leases l ON l.id = n.lease_id
JOIN customers k ON k.id = l.customer_id
JOIN vehicles v ON v.id = n.vehicle_id
LEFT JOIN customer_drivers d ON d.id = n.driver_id
LEFT JOIN checklist_templates c ON c.id = n.checklist_id
CROSS JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles p
                   WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)) AS is_held
) AS h;

-- name: find_vin
-- The VIN of a vehicle a lease knows by its id.
SELECT vin FROM vehicles WHERE id = %(id)s;

-- name: insert_hand_over
-- A hand-over as it was written down.
INSERT INTO hand_overs (tenant_id, organisation_id, lease_id, line_no, event_no, vehicle_id,
    direction, occasion, handed_at, driver_id, checklist_id, odometer_km, soc_pct, lat, lon, place,
    told, differences, overridden, override_reason, warnings, received_by, remarks, work_order_no,
    recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(lease_id)s, %(line_no)s, %(event_no)s,
    %(vehicle_id)s, %(direction)s, %(occasion)s, %(handed_at)s, %(driver_id)s, %(checklist_id)s,
    %(odometer_km)s, %(soc_pct)s, %(lat)s, %(lon)s, %(place)s, %(told)s, %(differences)s,
    %(overridden)s, %(override_reason)s, %(warnings)s, %(received_by)s, %(remarks)s,
    %(work_order_no)s, %(recorded_by)s, %(recorded_at)s)
RETURNING id, key;

-- name: insert_check
-- A step of the checklist as it was found.
INSERT INTO hand_over_checks (hand_over_id, step_no, tenant_id, organisation_id, result, note)
VALUES (%(hand_over_id)s, %(step_no)s, %(tenant_id)s, %(organisation_id)s, %(result)s, %(note)s);

-- name: insert_finding
-- What was found on the vehicle.
INSERT INTO hand_over_findings (hand_over_id, no, tenant_id, organisation_id, kind, part,
    description, was_there, estimate_fen)
VALUES (%(hand_over_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(kind)s, %(part)s,
    %(description)s, %(was_there)s, %(estimate_fen)s);

-- name: list_checks
-- The steps of a hand-over as they were found.
SELECT step_no, result, note
FROM hand_over_checks
WHERE hand_over_id = %(hand_over_id)s
ORDER BY step_no;

-- name: list_findings
-- What was found at a hand-over.
SELECT kind, part, description, was_there, estimate_fen
FROM hand_over_findings
WHERE hand_over_id = %(hand_over_id)s
ORDER BY no;
