-- name: list_known_lines
-- Lines of leases in sight by the number of the lease, elsewhere or here; one a vehicle agreed on,
-- else one a vehicle that came into it. Drafts, and leases that came to nothing, are left out.
SELECT r.text AS reference, l.lease_no, o.code AS organisation_code, o.time_zone AS zone,
       c.customer_no, l.state, l.terms, n.line_no, n.vin,
       (SELECT min(lower(s.let_period)) FROM lease_segments s
        WHERE s.lease_id = l.id AND s.line_no = n.line_no) AS delivered_at,
       (SELECT x.odometer_km FROM lease_segments s
        JOIN odometer_readings x ON x.vehicle_id = s.vehicle_id AND x.read_at = lower(s.let_period)
        WHERE s.lease_id = l.id AND s.line_no = n.line_no
        ORDER BY lower(s.let_period), x.id LIMIT 1) AS odometer_km
FROM unnest(%(references)s::text[]) AS r (text)
JOIN leases l ON l.reference = r.text OR l.lease_no = r.text
JOIN organisations o ON o.id = l.organisation_id
JOIN customers c ON c.id = l.customer_id
CROSS JOIN LATERAL (
    SELECT (e ->> 'no')::integer AS line_no,
           coalesce(e ->> 'vin', (SELECT v.vin FROM lease_segments s
                                  JOIN vehicles v ON v.id = s.vehicle_id
                                  WHERE s.lease_id = l.id AND s.line_no = (e ->> 'no')::integer
                                  ORDER BY lower(s.let_period) LIMIT 1)) AS vin
    FROM jsonb_array_elements(l.terms -> 'lines') AS e) AS n
WHERE l.state NOT IN ('draft', 'cancelled')
  AND ((SELECT app_is_system()) OR l.organisation_id IN (SELECT id FROM visible_organisations))
ORDER BY r.text, l.organisation_id = %(own_id)s DESC, l.id, n.line_no;

-- name: list_taken_references
-- Numbers elsewhere that leases in sight have, of whatever state.
SELECT DISTINCT r.text
FROM unnest(%(references)s::text[]) AS r (text)
JOIN leases l ON l.reference = r.text OR l.lease_no = r.text
WHERE (SELECT app_is_system()) OR l.organisation_id IN (SELECT id FROM visible_organisations);

-- name: list_taken
-- For which times vehicles are promised or with a lessee, by leases in sight.
SELECT v.vin, l.lease_no, false AS held, lower(b.booked_period) AS from_at,
       upper(b.booked_period) AS until_at
FROM lease_bookings b
JOIN leases l ON l.id = b.lease_id
JOIN vehicles v ON v.id = b.vehicle_id
WHERE v.vin = ANY (%(vins)s::text[]) AND NOT isempty(b.booked_period)
UNION ALL
SELECT v.vin, l.lease_no, true, lower(s.let_period), upper(s.let_period)
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
JOIN vehicles v ON v.id = s.vehicle_id
WHERE v.vin = ANY (%(vins)s::text[])
ORDER BY 1, 4;

-- name: list_came_at
-- Since when whoever has these vehicles now has them after somebody else; the first to be written
-- down may have had it before.
SELECT v.vin, lower(p.operated_period)
FROM vehicles v
JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
WHERE v.vin = ANY (%(vins)s::text[])
  AND EXISTS (SELECT FROM vehicle_operators b
              WHERE b.vehicle_id = v.id AND upper(b.operated_period) <= lower(p.operated_period));

-- name: list_lease_keys
-- Leases of an organisation and of those below it, one a line with a vehicle, by what they are
-- called and by VIN.
SELECT coalesce(l.reference, l.lease_no), n.vin
FROM leases l
CROSS JOIN LATERAL (
    SELECT (e ->> 'no')::integer AS line_no,
           coalesce(e ->> 'vin', (SELECT v.vin FROM lease_segments s
                                  JOIN vehicles v ON v.id = s.vehicle_id
                                  WHERE s.lease_id = l.id AND s.line_no = (e ->> 'no')::integer
                                  ORDER BY lower(s.let_period) LIMIT 1)) AS vin
    FROM jsonb_array_elements(l.terms -> 'lines') AS e) AS n
WHERE l.state IN ('signed', 'active', 'suspended') AND n.vin IS NOT NULL
  AND l.organisation_id IN (SELECT y.descendant_id FROM organisation_closure y
                            JOIN organisations o ON o.id = y.ancestor_id
                            WHERE o.code = %(organisation_code)s)
ORDER BY 1, n.line_no;
