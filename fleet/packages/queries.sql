-- name: insert_package
-- A package comes on the list; none where the code is taken.
INSERT INTO service_packages (tenant_id, organisation_id, code, title, months, price_fen, visit_kind,
    visits, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(code)s, %(title)s, %(months)s, %(price_fen)s,
    %(visit_kind)s, %(visits)s, %(recorded_by)s, %(recorded_at)s)
ON CONFLICT ON CONSTRAINT service_packages_code_key DO NOTHING;

-- name: list_packages
-- The list of an organisation: its own packages and the head's; of one code its own.
SELECT DISTINCT ON (p.code) p.id, p.tenant_id, p.organisation_id, o.code AS organisation_code,
       p.code, p.title, p.months, p.price_fen, p.visit_kind, p.visits, p.retired_at,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by, p.recorded_at
FROM service_packages p
LEFT JOIN organisations o ON o.id = p.organisation_id
LEFT JOIN users u ON u.login = p.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = p.recorded_by
WHERE p.organisation_id IN (%(organisation_id)s, %(tenant_id)s)
  AND (%(code)s::text IS NULL OR p.code = %(code)s::text)
  AND (%(after)s::text IS NULL OR p.code > %(after)s::text)
  AND (%(retired)s::boolean IS NULL OR (p.retired_at IS NOT NULL) = %(retired)s::boolean)
ORDER BY p.code, p.organisation_id <> %(organisation_id)s
LIMIT %(limit)s;

-- name: mark_retired
-- A package is not sold any more.
UPDATE service_packages SET retired_at = %(now)s WHERE id = %(id)s AND retired_at IS NULL;

-- name: insert_sale
-- A package is sold with a lease.
INSERT INTO package_sales (tenant_id, organisation_id, package_id, lease_id, line_no, vehicle_id,
    from_on, price_fen, renews, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(package_id)s, %(lease_id)s, %(line_no)s, %(vehicle_id)s,
    %(from_on)s, %(price_fen)s, %(renews)s, %(recorded_by)s, %(recorded_at)s)
RETURNING key;

-- name: list_sales
-- Sales in sight, with what their terms follow from; filters, place and order: store.py.
SELECT s.id, s.key, s.tenant_id, s.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       p.code AS package_code, p.title, p.months, p.visit_kind, p.visits, s.lease_id, l.lease_no,
       l.state = 'cancelled' AS lease_cancelled,
       least(l.ends_on, (l.ended_at AT TIME ZONE o.time_zone)::date) AS lease_last_on,
       k.customer_no, s.line_no, s.vehicle_id, v.vin, s.from_on, s.price_fen, s.renews, s.ended_on,
       (SELECT actor FROM actor_in_sight(s.recorded_by)) AS recorded_by, s.recorded_at, s.version,
       ARRAY(SELECT pv.visited_on FROM package_visits pv WHERE pv.sale_id = s.id
             ORDER BY pv.no) AS visited
FROM package_sales s
JOIN service_packages p ON p.id = s.package_id
JOIN leases l ON l.id = s.lease_id
JOIN customers k ON k.id = l.customer_id
JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN vehicles v ON v.id = s.vehicle_id;

-- name: list_in_lines
-- Which vehicles came into the lines of leases, and on which day of theirs.
SELECT g.lease_id, g.line_no, g.vehicle_id,
       (lower(g.let_period) AT TIME ZONE o.time_zone)::date AS since_on
FROM lease_segments g
JOIN organisations o ON o.id = g.organisation_id
WHERE g.lease_id = ANY (%(lease_ids)s);

-- name: lock_sale
-- One at a time ends a sale or counts its visits.
SELECT id FROM package_sales WHERE key = %(key)s FOR UPDATE;

-- name: mark_ended
-- A sale has no further term.
UPDATE package_sales SET ended_on = %(ended_on)s, version = version + 1 WHERE id = %(id)s;

-- name: insert_visit
-- A visit was made.
INSERT INTO package_visits (sale_id, no, tenant_id, organisation_id, visited_on, work_order_no, note,
    recorded_by, recorded_at)
VALUES (%(sale_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(visited_on)s, %(work_order_no)s,
    %(note)s, %(recorded_by)s, %(recorded_at)s);

-- name: list_visits
-- The visits of a sale, one after the other.
SELECT no, visited_on, work_order_no, note,
       (SELECT actor FROM actor_in_sight(recorded_by)) AS recorded_by, recorded_at
FROM package_visits WHERE sale_id = %(sale_id)s ORDER BY no;
