-- name: list_billed_to
-- Issued bills in sight by their numbers: whose they are, and of which customer that counts.
SELECT b.id AS bill_id, b.bill_no, b.tenant_id, b.organisation_id, o.time_zone AS zone,
       own.id AS customer_id, own.customer_no, b.issued_on
FROM bills b
JOIN organisations o ON o.id = b.organisation_id
JOIN customers k ON k.id = b.customer_id
JOIN customers own ON own.id = coalesce(k.merged_into_id, k.id)
WHERE b.bill_no = ANY (%(bill_nos)s) AND b.state = 'issued'
ORDER BY b.bill_no;

-- name: list_billed_lines
-- Lines of bills that are subject to VAT, with what was credited and what invoices were asked for.
SELECT b.id AS bill_id, b.bill_no, l.no AS bill_line_no, l.title AS item, l.vat_pct, l.amount_fen,
       l.vat_fen, coalesce(c.amount_fen, 0)::bigint AS credited_fen,
       coalesce(c.vat_fen, 0)::bigint AS credited_vat_fen, coalesce(r.amount_fen, 0)::bigint AS asked_fen,
       coalesce(r.vat_fen, 0)::bigint AS asked_vat_fen
FROM bills b
JOIN bill_lines l ON l.bill_id = b.id AND l.vat_pct IS NOT NULL
LEFT JOIN LATERAL (
    SELECT sum(n.amount_fen) AS amount_fen, sum(n.vat_fen) AS vat_fen FROM credit_note_lines n
    WHERE n.bill_id = l.bill_id AND n.bill_line_no = l.no) c ON true
LEFT JOIN LATERAL (
    SELECT sum(i.amount_fen) AS amount_fen, sum(i.vat_fen) AS vat_fen FROM invoice_request_lines i
    JOIN invoice_requests q ON q.id = i.request_id AND q.state <> 'withdrawn'
    WHERE i.bill_id = l.bill_id AND i.bill_line_no = l.no) r ON true
WHERE b.id = ANY (%(bill_ids)s)
ORDER BY b.bill_no, l.no;

-- name: insert_request
-- A request under a number; nothing where the number is taken.
INSERT INTO invoice_requests (tenant_id, organisation_id, request_no, customer_id, kind, red,
    reverses_id, title, tax_no, buyer, total_fen, vat_fen, state, state_note, requested_by, requested_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(request_no)s, %(customer_id)s, %(kind)s,
    %(reverses_id)s::bigint IS NOT NULL, %(reverses_id)s, %(title)s, %(tax_no)s, %(buyer)s,
    %(total_fen)s, %(vat_fen)s, 'requested', %(state_note)s, %(requested_by)s, %(requested_at)s)
ON CONFLICT ON CONSTRAINT invoice_requests_request_no_key DO NOTHING
RETURNING id;

-- name: insert_lines
-- The lines of a request, in their order.
INSERT INTO invoice_request_lines (request_id, no, tenant_id, organisation_id, bill_id, bill_line_no,
    item, amount_fen, net_fen, vat_fen, vat_pct)
SELECT q.id, n.no, q.tenant_id, q.organisation_id, n.bill_id, n.bill_line_no, n.item, n.amount_fen,
       n.net_fen, n.vat_fen, n.vat_pct
FROM jsonb_to_recordset(%(lines)s) AS n (no integer, bill_id bigint, bill_line_no integer, item text,
    amount_fen bigint, net_fen bigint, vat_fen bigint, vat_pct numeric)
JOIN invoice_requests q ON q.id = %(request_id)s;

-- name: list_requests
-- Requests in sight; filters, place and order are added in store.py.
SELECT q.id, q.tenant_id, q.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       q.request_no, q.customer_id, k.customer_no, q.kind, q.red, q.reverses_id,
       w.request_no AS reverses_no, q.title, q.tax_no, q.buyer,
       ARRAY(SELECT DISTINCT b.bill_no FROM invoice_request_lines i JOIN bills b ON b.id = i.bill_id
             WHERE i.request_id = q.id ORDER BY b.bill_no) AS bill_nos,
       q.total_fen, q.vat_fen, q.state, q.invoice_no, q.invoiced_on, q.state_note,
       (SELECT actor FROM actor_in_sight(q.requested_by)) AS requested_by,
       q.requested_at, q.version
FROM invoice_requests q
JOIN organisations o ON o.id = q.organisation_id
JOIN customers k ON k.id = q.customer_id
LEFT JOIN invoice_requests w ON w.id = q.reverses_id;

-- name: list_lines
-- The lines of requests.
SELECT i.request_id, i.no, i.bill_id, b.bill_no, i.bill_line_no, i.item, i.amount_fen, i.net_fen,
       i.vat_fen, i.vat_pct
FROM invoice_request_lines i
JOIN bills b ON b.id = i.bill_id
WHERE i.request_id = ANY (%(request_ids)s)
ORDER BY i.request_id, i.no;

-- name: list_taken_back
-- What red-letter invoices took back of an invoice, by line of a bill; withdrawn ones apart.
SELECT i.bill_id, i.bill_line_no, sum(i.amount_fen)::bigint, sum(i.vat_fen)::bigint
FROM invoice_requests q
JOIN invoice_request_lines i ON i.request_id = q.id
WHERE q.reverses_id = %(request_id)s AND q.state <> 'withdrawn'
GROUP BY i.bill_id, i.bill_line_no;

-- name: list_dates
-- Of requests, the last day anything was issued that they invoice or take back, and their bills.
SELECT q.id AS request_id, greatest(max(b.issued_on), w.invoiced_on) AS not_before_on,
       array_agg(DISTINCT b.id) AS bill_ids
FROM invoice_requests q
JOIN invoice_request_lines i ON i.request_id = q.id
JOIN bills b ON b.id = i.bill_id
LEFT JOIN invoice_requests w ON w.id = q.reverses_id
WHERE q.id = ANY (%(request_ids)s)
GROUP BY q.id, w.invoiced_on;

-- name: list_taken_numbers
-- Which of these numbers are taken within a tenant.
SELECT q.invoice_no FROM invoice_requests q
WHERE q.tenant_id = ANY (%(tenant_ids)s) AND q.invoice_no = ANY (%(invoice_nos)s);

-- name: mark_issued
-- Requests have their numbers.
UPDATE invoice_requests q
SET state = 'issued', invoice_no = n.invoice_no, invoiced_on = n.invoiced_on, version = q.version + 1
FROM unnest(%(ids)s::bigint[], %(invoice_nos)s::text[], %(invoiced_on)s::date[])
     AS n (id, invoice_no, invoiced_on)
WHERE q.id = n.id AND q.state = 'requested';

-- name: mark_withdrawn
-- A request is withdrawn.
UPDATE invoice_requests
SET state = 'withdrawn', state_note = %(state_note)s, version = version + 1
WHERE id = %(id)s AND state = 'requested';
