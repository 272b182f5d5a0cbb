-- name: list_called
-- Customers in sight that bear one of these numbers; of one that was merged its survivor.
SELECT n.text, n.by, coalesce(m.customer_no, c.customer_no) AS customer_no,
       o.code AS organisation_code, coalesce(m.reference, c.reference) AS reference
FROM (SELECT t.text, 'customer_no' AS by, c.id FROM unnest(%(texts)s::text[]) AS t (text)
      JOIN customers c ON c.customer_no = upper(t.text)
      UNION ALL
      SELECT t.text, 'reference', c.id FROM unnest(%(texts)s::text[]) AS t (text)
      JOIN customers c ON c.reference = t.text
      UNION ALL
      SELECT t.text, 'id_number', c.id
      FROM unnest(%(numbers)s::text[], %(digests)s::bytea[]) AS t (text, digest)
      JOIN customers c ON c.id_digest = t.digest) AS n
JOIN customers c ON c.id = n.id
LEFT JOIN customers m ON m.id = c.merged_into_id
JOIN organisations o ON o.id = c.organisation_id
WHERE (SELECT app_is_system()) OR c.organisation_id IN (SELECT id FROM visible_organisations)
ORDER BY n.text, customer_no;

-- name: list_known_cards
-- Cards in sight by their numbers, whole.
SELECT c.id, c.tenant_id, c.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       c.customer_no, c.kind, c.name, c.id_type, c.id_sealed, c.id_digest, c.phone, c.email,
       c.contacts, c.addresses, c.invoice_title, c.tax_no, c.invoice_address, c.invoice_phone,
       c.legal_person, c.tier, c.notes, c.reference, false AS blacklisted,
       false AS blacklist_proposed, c.merged_into_id, NULL::text AS merged_into_no, c.merged_at,
       c.erased_at, (SELECT actor FROM actor_in_sight(c.created_by)) AS created_by, c.created_at,
       c.version
FROM customers c
JOIN organisations o ON o.id = c.organisation_id
WHERE c.customer_no = ANY (%(customer_nos)s::text[]) AND c.merged_into_id IS NULL
  AND ((SELECT app_is_system()) OR c.organisation_id IN (SELECT id FROM visible_organisations));

-- name: list_last_accounts
-- Of each of these customers the account that was added last and stands.
SELECT DISTINCT ON (a.customer_id) a.id, a.customer_id, c.customer_no, a.bank, a.holder,
       a.account_sealed, (SELECT actor FROM actor_in_sight(a.added_by)) AS added_by, a.added_at
FROM customer_accounts a
JOIN customers c ON c.id = a.customer_id
WHERE a.customer_id = ANY (%(ids)s::bigint[]) AND a.removed_at IS NULL
ORDER BY a.customer_id, a.id DESC;

-- name: list_taken_numbers
-- Those of the numbers that are taken.
SELECT customer_no FROM customers WHERE customer_no = ANY (%(numbers)s::text[]);

-- name: insert_cards
-- Customers of a sheet.
INSERT INTO customers (tenant_id, organisation_id, customer_no, kind, name, id_type, id_sealed,
    id_digest, phone, email, contacts, addresses, invoice_title, tax_no, invoice_address,
    invoice_phone, legal_person, tier, notes, reference, created_by, created_at)
SELECT o.tenant_id, o.id, n.customer_no, n.kind, n.name, n.id_type, decode(n.id_sealed, 'hex'),
       decode(n.id_digest, 'hex'), n.phone, n.email, n.contacts, n.addresses, n.invoice_title,
       n.tax_no, n.invoice_address, n.invoice_phone, n.legal_person, n.tier, n.notes, n.reference,
       %(by)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS n (version bigint, organisation text, customer_no text,
    kind text, name text, id_type text, id_sealed text, id_digest text, phone text, email text,
    contacts jsonb, addresses jsonb, invoice_title text, tax_no text, invoice_address text,
    invoice_phone text, legal_person text, tier text, notes text, reference text)
JOIN organisations o ON o.code = n.organisation
WHERE n.version IS NULL;

-- name: update_cards
-- Cards of a sheet that nobody has changed since they were read.
UPDATE customers c
SET name = n.name, id_type = n.id_type, id_sealed = decode(n.id_sealed, 'hex'),
    id_digest = decode(n.id_digest, 'hex'), phone = n.phone, email = n.email,
    contacts = n.contacts, addresses = n.addresses, invoice_title = n.invoice_title,
    tax_no = n.tax_no, legal_person = n.legal_person, tier = n.tier, notes = n.notes,
    reference = n.reference, version = c.version + 1
FROM jsonb_to_recordset(%(rows)s) AS n (version bigint, customer_no text, name text, id_type text,
    id_sealed text, id_digest text, phone text, email text, contacts jsonb, addresses jsonb,
    invoice_title text, tax_no text, legal_person text, tier text, notes text, reference text,
    organisation text)
JOIN organisations o ON o.code = n.organisation
WHERE c.customer_no = n.customer_no AND c.organisation_id = o.id AND c.version = n.version;

-- name: close_accounts
-- Where a sheet tells another account, the one it takes the place of is removed, and its like.
UPDATE customer_accounts a
SET removed_at = %(now)s
FROM jsonb_to_recordset(%(rows)s) AS n (customer_no text, organisation text, account_digest text,
    replaced_id bigint)
JOIN organisations o ON o.code = n.organisation
JOIN customers c ON c.customer_no = n.customer_no AND c.organisation_id = o.id
WHERE a.customer_id = c.id AND a.removed_at IS NULL
  AND (a.id = n.replaced_id OR a.account_digest = decode(n.account_digest, 'hex'));

-- name: insert_accounts
-- Accounts of a sheet.
INSERT INTO customer_accounts (tenant_id, organisation_id, customer_id, bank, holder,
    account_sealed, account_digest, added_by, added_at)
SELECT c.tenant_id, c.organisation_id, c.id, n.bank, n.holder, decode(n.account_sealed, 'hex'),
       decode(n.account_digest, 'hex'), %(by)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS n (customer_no text, organisation text, bank text, holder text,
    account_sealed text, account_digest text)
JOIN organisations o ON o.code = n.organisation
JOIN customers c ON c.customer_no = n.customer_no AND c.organisation_id = o.id;

-- name: list_customer_nos
-- Customers of an organisation and of those below it that stand for themselves.
SELECT c.customer_no FROM customers c
WHERE c.merged_into_id IS NULL AND c.erased_at IS NULL
  AND c.organisation_id IN (SELECT y.descendant_id FROM organisation_closure y
                            JOIN organisations o ON o.id = y.ancestor_id
                            WHERE o.code = %(organisation_code)s)
ORDER BY c.customer_no;
