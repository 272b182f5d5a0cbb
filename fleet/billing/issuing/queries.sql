-- name: insert_drafts
-- Bills that are drafted; each by its place in the list.
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(%(drafts)s) AS d (tenant_id bigint, organisation_id bigint,
        customer_id bigint, lease_id bigint, kind text, purpose text, from_on date, until_on date,
        due_on date, issue_on date, total_fen bigint, vat_fen bigint, principal_fen bigint,
        interest_fen bigint, cost_fen bigint, late_fee jsonb, digest text, key uuid)
)
INSERT INTO bills (key, tenant_id, organisation_id, customer_id, lease_id, kind, purpose, state,
    from_on, until_on, due_on, issue_on, total_fen, vat_fen, principal_fen, interest_fen, cost_fen,
    late_fee, lines_sha256, drafted_by, drafted_at)
SELECT key, tenant_id, organisation_id, customer_id, lease_id, kind, purpose, 'draft', from_on,
       until_on, due_on, issue_on, total_fen, vat_fen, principal_fen, interest_fen, cost_fen,
       late_fee, decode(digest, 'hex'), %(by)s, %(now)s
FROM wanted
RETURNING id, key;

-- name: insert_lines
-- All lines of bills that were just drafted.
INSERT INTO bill_lines (bill_id, no, tenant_id, organisation_id, kind, class, title, amount_fen,
    net_fen, vat_fen, vat_pct, line_no, vehicle_id, from_on, until_on, source_kind, source_key, basis)
SELECT l.bill_id, l.no, l.tenant_id, l.organisation_id, l.kind, l.class, l.title, l.amount_fen,
       l.net_fen, l.vat_fen, l.vat_pct, l.line_no, l.vehicle_id, l.from_on, l.until_on,
       l.source_kind, l.source_key, l.basis
FROM jsonb_to_recordset(%(lines)s) AS l (bill_id bigint, no integer, tenant_id bigint,
    organisation_id bigint, kind text, class text, title text, amount_fen bigint, net_fen bigint,
    vat_fen bigint, vat_pct numeric, line_no integer, vehicle_id bigint, from_on date, until_on date,
    source_kind text, source_key text, basis jsonb);

-- name: mark_discarded
-- Drafts that do not hold any more.
UPDATE bills SET state = 'discarded', discarded_at = %(now)s
WHERE id = ANY (%(bill_ids)s::bigint[]) AND state = 'draft';

-- name: customers_of
-- Whose bills these are.
SELECT DISTINCT customer_id FROM bills WHERE id = ANY (%(bill_ids)s::bigint[]);

-- name: lock_drafts
-- Drafts, locked until the commit, with what is printed of their organisations and customers.
SELECT b.id, b.key, b.tenant_id, b.organisation_id, o.code AS organisation_code,
       o.time_zone AS zone, b.customer_id, k.customer_no, k.name, k.invoice_title, k.tax_no,
       k.invoice_address, b.lease_id, l.lease_no,
       coalesce(l.terms -> 'clauses', '{}') AS clauses, b.kind, b.purpose, b.from_on, b.until_on,
       b.due_on, b.issue_on, b.total_fen, b.vat_fen, b.principal_fen, b.interest_fen, b.cost_fen,
       b.late_fee
FROM bills b
JOIN organisations o ON o.id = b.organisation_id
JOIN customers k ON k.id = b.customer_id
LEFT JOIN leases l ON l.id = b.lease_id
WHERE b.id = ANY (%(bill_ids)s::bigint[]) AND b.state = 'draft'
ORDER BY b.id
FOR UPDATE OF b;

-- name: list_sellers
-- As whom organisations bill.
SELECT o.id, s.seller FROM organisations o CROSS JOIN LATERAL billing_settings_of(o.id) s
WHERE o.id = ANY (%(organisation_ids)s::bigint[]);

-- name: take_numbers
-- The next so many numbers of each organisation, kind and year; others wait until the commit.
INSERT INTO bill_counters (organisation_id, kind, year, tenant_id, last_no)
SELECT w.organisation_id, w.kind, w.year, w.tenant_id, w.wanted
FROM (SELECT * FROM jsonb_to_recordset(%(wanted)s) AS n (organisation_id bigint, kind text,
          year integer, tenant_id bigint, wanted integer)
      ORDER BY organisation_id, kind, year) AS w
ON CONFLICT (organisation_id, kind, year)
    DO UPDATE SET last_no = bill_counters.last_no + excluded.last_no
RETURNING organisation_id, kind, year, last_no;

-- name: mark_issued
-- Drafts that are bills from now on, each under its number, with what is printed of it.
UPDATE bills b
SET state = 'issued', bill_no = i.bill_no, issued_on = i.issued_on, issued_at = %(now)s,
    issued_by = %(by)s, snapshot = i.snapshot, snapshot_sha256 = decode(i.sha256, 'hex')
FROM jsonb_to_recordset(%(issued)s)
    AS i (id bigint, bill_no text, issued_on date, snapshot jsonb, sha256 text)
WHERE b.id = i.id AND b.state = 'draft';
