-- name: list_customers
-- Customers in sight; filters, place and order are added in store.py. Whether one is blacklisted is
-- told of it and of all that were merged into it.
SELECT c.id, c.tenant_id, c.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       c.customer_no, c.kind, c.name, c.id_type, c.id_sealed, c.id_digest, c.phone, c.email,
       c.contacts, c.addresses, c.invoice_title, c.tax_no, c.invoice_address, c.invoice_phone,
       c.legal_person, c.tier, c.notes, c.reference, b.blacklisted, b.blacklist_proposed,
       c.merged_into_id, m.customer_no AS merged_into_no, c.merged_at, c.erased_at,
       (SELECT actor FROM actor_in_sight(c.created_by)) AS created_by,
       c.created_at, c.version
FROM customers c
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN customers m ON m.id = c.merged_into_id
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(x.decision = 'approved'), false) AS blacklisted,
           coalesce(bool_or(x.decision IS NULL), false) AS blacklist_proposed
    FROM customers f
    JOIN customer_blacklistings x ON x.customer_id = f.id
    WHERE (f.id = c.id OR f.merged_into_id = c.id)
      AND x.lifted_at IS NULL AND x.decision IS DISTINCT FROM 'refused'
) AS b;

-- name: lock_customer
-- One at a time changes a customer.
SELECT id FROM customers WHERE customer_no = %(customer_no)s FOR UPDATE;

-- name: insert_customer
-- A new customer; none where the number, the ID number or the reference is taken.
INSERT INTO customers (tenant_id, organisation_id, customer_no, kind, name, id_type, id_sealed,
    id_digest, phone, email, contacts, addresses, invoice_title, tax_no, invoice_address,
    invoice_phone, legal_person, tier, notes, reference, created_by, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_no)s, %(kind)s, %(name)s, %(id_type)s,
    %(id_sealed)s, %(id_digest)s, %(phone)s, %(email)s, %(contacts)s, %(addresses)s,
    %(invoice_title)s, %(tax_no)s, %(invoice_address)s, %(invoice_phone)s, %(legal_person)s,
    %(tier)s, %(notes)s, %(reference)s, %(created_by)s, %(created_at)s)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: update_customer
-- A card that nobody has changed since it was read.
UPDATE customers
SET kind = %(kind)s, name = %(name)s, id_type = %(id_type)s, id_sealed = %(id_sealed)s,
    id_digest = %(id_digest)s, phone = %(phone)s, email = %(email)s, contacts = %(contacts)s,
    addresses = %(addresses)s, invoice_title = %(invoice_title)s, tax_no = %(tax_no)s,
    invoice_address = %(invoice_address)s, invoice_phone = %(invoice_phone)s,
    legal_person = %(legal_person)s, tier = %(tier)s, notes = %(notes)s,
    reference = %(reference)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- name: find_same
-- Who of the organisation has an ID number or a reference, by the number it goes on under now.
SELECT coalesce(m.customer_no, c.customer_no) AS customer_no,
       coalesce(m.id, c.id) AS id, coalesce(c.id_digest = %(id_digest)s, false) AS same_number
FROM customers c
LEFT JOIN customers m ON m.id = c.merged_into_id
WHERE c.organisation_id = %(organisation_id)s
  AND (c.id_digest = %(id_digest)s OR c.reference = %(reference)s)
  AND coalesce(m.id, c.id) <> %(except_id)s
ORDER BY c.id_digest IS DISTINCT FROM %(id_digest)s, c.id
LIMIT 1;

-- name: list_family
-- A customer and all that were merged into it.
SELECT id FROM customers
WHERE id = %(customer_id)s OR merged_into_id = %(customer_id)s
ORDER BY (id = %(customer_id)s) DESC, id;

-- name: list_merged_from
-- The numbers of those that were merged into a customer.
SELECT customer_no FROM customers WHERE merged_into_id = %(customer_id)s ORDER BY merged_at, id;
