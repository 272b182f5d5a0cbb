-- name: list_formats
-- Formats that organisations in sight have said.
SELECT f.code, f.title, f.columns, o.code AS organisation_code,
       (SELECT actor FROM actor_in_sight(f.recorded_by)) AS recorded_by, f.recorded_at,
       f.version
FROM bank_formats f JOIN organisations o ON o.id = f.organisation_id
ORDER BY f.code, o.code;

-- name: insert_format
-- Which column of a bank's statement is what.
INSERT INTO bank_formats (tenant_id, organisation_id, code, title, columns, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(code)s, %(title)s, %(columns)s, %(by)s, %(now)s);

-- name: update_format
-- Other columns; none where somebody was faster.
UPDATE bank_formats
SET title = %(title)s, columns = %(columns)s, recorded_by = %(by)s, recorded_at = %(now)s,
    version = version + 1
WHERE organisation_id = %(organisation_id)s AND code = %(code)s AND version = %(version)s;

-- name: lock_statements
-- One at a time brings in statements of a tenant; until the commit.
SELECT pg_advisory_xact_lock(hashtextextended('bank statements', %(tenant_id)s));

-- name: list_known
-- Which numbers of the bank came in before, on which day and for how much.
SELECT bank_reference, received_on, amount_fen
FROM payments
WHERE tenant_id = %(tenant_id)s AND channel = %(channel)s AND bank_reference = ANY (%(references)s);

-- name: list_taken_numbers
-- Which of these numbers of receipts are taken.
SELECT payment_no FROM payments
WHERE tenant_id = %(tenant_id)s AND payment_no = ANY (%(numbers)s);

-- name: insert_receipts
-- Receipts of a statement, claimed by nobody; one whose number came in meanwhile is left out.
INSERT INTO payments (tenant_id, organisation_id, payment_no, channel, bank_reference, received_on,
    amount_fen, payer_name, payer_account, remark, source, statement_key, state, proposal,
    recorded_by, recorded_at)
SELECT %(tenant_id)s, %(organisation_id)s, r.payment_no, %(channel)s, r.bank_reference,
       r.received_on, r.amount_fen, r.payer_name, r.payer_account, r.remark, 'statement',
       %(statement_key)s, 'unclaimed', r.proposal, %(by)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS r (payment_no text, bank_reference text, received_on date,
    amount_fen bigint, payer_name text, payer_account text, remark text, proposal jsonb)
ORDER BY r.bank_reference
ON CONFLICT ON CONSTRAINT payments_bank_reference_key DO NOTHING
RETURNING payment_no;

-- name: insert_statement
-- What was brought in of a file.
INSERT INTO bank_statements (key, tenant_id, organisation_id, file_name, sha256, format_code, counts,
    refusals, imported_by, imported_at)
VALUES (%(key)s, %(tenant_id)s, %(organisation_id)s, %(file_name)s, %(sha256)s, %(format_code)s,
    %(counts)s, %(refusals)s, %(by)s, %(now)s);

-- name: list_statements
-- Statements in sight; filters, place and order are added in store.py.
SELECT s.id, s.key, s.tenant_id, s.organisation_id, o.code AS organisation_code, s.file_name,
       s.sha256, s.format_code, s.counts, s.refusals,
       (SELECT actor FROM actor_in_sight(s.imported_by)) AS imported_by, s.imported_at
FROM bank_statements s JOIN organisations o ON o.id = s.organisation_id;

-- name: list_unclaimed
-- Receipts that are nobody's yet; filters, place and order are added in store.py.
SELECT p.id, p.key, p.tenant_id, p.organisation_id, o.code AS organisation_code, p.payment_no,
       p.channel, p.bank_reference, p.received_on, p.amount_fen, p.payer_name, p.payer_account,
       p.remark, p.source, p.statement_key, p.proposal,
       (SELECT actor FROM actor_in_sight(p.recorded_by)) AS recorded_by, p.recorded_at, p.version
FROM payments p JOIN organisations o ON o.id = p.organisation_id
WHERE p.state = 'unclaimed';

-- name: list_ids_of_customers
-- The ids of customers with these numbers; of merged ones that they went into.
SELECT customer_no, coalesce(merged_into_id, id) FROM customers WHERE customer_no = ANY (%(numbers)s);
