-- name: find_party
-- A customer by its number, itself first, with all that were merged into it.
SELECT c.id, c.tenant_id, c.organisation_id, o.code AS organisation_code, c.customer_no,
       m.customer_no AS merged_into_no, c.erased_at,
       (SELECT array_agg(f.id ORDER BY f.id <> c.id, f.id) FROM customers f
        WHERE f.id = c.id OR f.merged_into_id = c.id) AS family_ids,
       (SELECT array_agg(f.customer_no ORDER BY f.id <> c.id, f.id) FROM customers f
        WHERE f.id = c.id OR f.merged_into_id = c.id) AS family_nos
FROM customers c
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN customers m ON m.id = c.merged_into_id
WHERE c.customer_no = %(customer_no)s;

-- name: lock_customers
-- Keeps others from changing these customers until the commit.
SELECT id FROM customers WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id FOR UPDATE;

-- name: insert_consent
-- What somebody agreed to; its key.
INSERT INTO customer_consents (tenant_id, organisation_id, customer_id, kind, text_version,
    text_sha256, given_by, given_at, method, evidence, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(kind)s, %(text_version)s,
    %(text_sha256)s, %(given_by)s, %(given_at)s, %(method)s, %(evidence)s, %(recorded_by)s,
    %(recorded_at)s)
RETURNING key;

-- name: list_consents
-- What these customers agreed to, the latest first, withdrawn ones too.
SELECT n.key, n.customer_id, c.customer_no, n.kind, n.text_version, n.text_sha256, n.given_by,
       n.given_at, n.method, n.evidence,
       (SELECT actor FROM actor_in_sight(n.recorded_by)) AS recorded_by, n.recorded_at, n.withdrawn_at,
       n.withdrawn_note
FROM customer_consents n
JOIN customers c ON c.id = n.customer_id
WHERE n.customer_id = ANY (%(ids)s::bigint[])
ORDER BY n.given_at DESC, n.id DESC;

-- name: find_consent_in_force
-- The latest consent of a kind that counts at an instant for a customer; for one that was merged
-- into another as for that one: given to any of them, it is the same person's.
SELECT n.key, n.customer_id, c.customer_no, n.kind, n.text_version, n.text_sha256, n.given_by,
       n.given_at, n.method, n.evidence,
       (SELECT actor FROM actor_in_sight(n.recorded_by)) AS recorded_by, n.recorded_at, n.withdrawn_at,
       n.withdrawn_note
FROM customer_consents n
JOIN customers c ON c.id = n.customer_id
CROSS JOIN (SELECT coalesce(x.merged_into_id, x.id) AS id FROM customers x
            WHERE x.id = %(customer_id)s) AS s
WHERE (c.id = s.id OR c.merged_into_id = s.id) AND n.kind = %(kind)s AND n.given_at <= %(at)s
  AND (n.withdrawn_at IS NULL OR n.withdrawn_at > %(at)s)
ORDER BY n.given_at DESC, n.id DESC
LIMIT 1;

-- name: mark_consent_withdrawn
-- It counts no more from an instant on; the row stays.
UPDATE customer_consents SET withdrawn_at = %(withdrawn_at)s, withdrawn_note = %(note)s
WHERE key = %(key)s AND withdrawn_at IS NULL;

-- name: list_accounts
-- Bank accounts of these customers, removed ones too; numbers are sealed.
SELECT a.id, a.customer_id, c.customer_no, a.bank, a.holder, a.account_sealed,
       (SELECT actor FROM actor_in_sight(a.added_by)) AS added_by,
       a.added_at, a.removed_at
FROM customer_accounts a
JOIN customers c ON c.id = a.customer_id
WHERE a.customer_id = ANY (%(ids)s::bigint[])
ORDER BY a.id;

-- name: list_drivers
-- Drivers of these customers, removed ones too; licences are sealed.
SELECT d.id, c.customer_no, d.key, d.customer_id, d.name, d.phone, d.licence_sealed, d.classes,
       d.first_issued_on, d.valid_to_on, d.version, o.time_zone AS zone, d.added_at, d.removed_at
FROM customer_drivers d
JOIN customers c ON c.id = d.customer_id
JOIN organisations o ON o.id = d.organisation_id
WHERE d.customer_id = ANY (%(ids)s::bigint[])
ORDER BY d.id;

-- name: list_blacklistings
-- When these customers were proposed for the blacklist, why, and what became of it.
SELECT c.customer_no, b.reason, b.proposed_at, b.decision, b.decided_at, b.decision_note,
       b.lifted_at, b.lifted_because
FROM customer_blacklistings b
JOIN customers c ON c.id = b.customer_id
WHERE b.customer_id = ANY (%(ids)s::bigint[])
ORDER BY b.id;

-- name: erase_cards
-- Empties the cards; numbers, names and all that leads to the person go.
UPDATE customers
SET name = %(erased)s, id_type = NULL, id_sealed = NULL, id_digest = NULL, phone = NULL,
    email = NULL, contacts = '[]', addresses = '[]', invoice_title = NULL, tax_no = NULL,
    invoice_address = NULL, invoice_phone = NULL, legal_person = NULL, notes = NULL,
    reference = NULL, erased_at = %(now)s, version = version + 1
WHERE id = ANY (%(ids)s::bigint[]);

-- name: erase_accounts
-- Empties bank accounts; a digest of zeros is nobody's.
UPDATE customer_accounts
SET bank = %(erased)s, holder = %(erased)s, account_sealed = ''::bytea,
    account_digest = decode(repeat('00', 32), 'hex'), removed_at = coalesce(removed_at, %(now)s)
WHERE customer_id = ANY (%(ids)s::bigint[]);

-- name: erase_drivers
-- Empties drivers; hand-overs still say that there was one.
UPDATE customer_drivers
SET name = %(erased)s, phone = NULL, licence_sealed = ''::bytea,
    licence_digest = decode(repeat('00', 32), 'hex'), first_issued_on = NULL,
    removed_at = coalesce(removed_at, %(now)s), version = version + 1
WHERE customer_id = ANY (%(ids)s::bigint[]);

-- name: erase_consents
-- Empties who gave a consent and what proved it; that it was given stays.
UPDATE customer_consents SET given_by = %(erased)s, evidence = NULL, withdrawn_note = NULL
WHERE customer_id = ANY (%(ids)s::bigint[]);

-- name: erase_blacklistings
-- Empties what was said of them; that and when they were listed stays.
UPDATE customer_blacklistings
SET reason = %(erased)s, decision_note = NULL,
    lifted_because = CASE WHEN lifted_because IS NULL THEN NULL ELSE %(erased)s END
WHERE customer_id = ANY (%(ids)s::bigint[]);
