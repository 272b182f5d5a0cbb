-- name: list_notes
-- Credit notes in sight; filters, place and order are added in store.py.
SELECT n.id, n.key, n.tenant_id, n.organisation_id, o.code AS organisation_code, k.customer_no,
       k.name AS customer_name, l.lease_no, b.bill_no, n.credit_no, n.reason, n.total_fen, n.vat_fen,
       n.issued_on, n.issued_at, (SELECT actor FROM actor_in_sight(n.issued_by)) AS issued_by
FROM credit_notes n
JOIN bills b ON b.id = n.bill_id
JOIN organisations o ON o.id = n.organisation_id
JOIN customers k ON k.id = n.customer_id
LEFT JOIN leases l ON l.id = b.lease_id;

-- name: list_note_lines
-- The lines of a credit note, as they were frozen of the bill.
SELECT n.no, n.bill_line_no, l.kind, l.title, v.vin, CASE WHEN h.is_held THEN v.plate END AS plate,
       n.amount_fen, n.net_fen, n.vat_fen, l.vat_pct, n.from_on, n.until_on, n.basis
FROM credit_note_lines n
JOIN bill_lines l ON l.bill_id = n.bill_id AND l.no = n.bill_line_no
LEFT JOIN vehicles v ON v.id = l.vehicle_id
LEFT JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles o
                   WHERE o.vehicle_id = v.id AND upper_inf(o.visible_period)) AS is_held
) h ON true
WHERE n.credit_note_id = %(note_id)s
ORDER BY n.no;

-- name: find_note_digest
-- What tells the frozen content of a credit note.
SELECT snapshot_sha256 FROM credit_notes WHERE id = %(note_id)s;

-- name: lock_bill
-- An issued bill, locked until the commit, with what was frozen of it and when its VAT is due.
SELECT b.id, b.tenant_id, b.organisation_id, o.time_zone AS zone, b.customer_id, b.lease_id,
       l.lease_no, b.bill_no, b.principal_fen, b.interest_fen, b.cost_fen, b.snapshot,
       coalesce(w.vat_due_on, greatest(b.due_on, b.issued_on)) AS vat_due_on
FROM bills b
JOIN organisations o ON o.id = b.organisation_id
LEFT JOIN leases l ON l.id = b.lease_id
LEFT JOIN bill_balances w ON w.bill_id = b.id
WHERE b.id = %(bill_id)s AND b.state = 'issued'
FOR UPDATE OF b;

-- name: list_bills_of_sources
-- Issued bills of a lease on which these sources stand.
SELECT DISTINCT b.id
FROM bills b
JOIN bill_lines l ON l.bill_id = b.id
JOIN unnest(%(kinds)s::text[], %(keys)s::text[]) AS s (kind, key)
    ON s.kind = l.source_kind AND s.key = l.source_key
WHERE b.lease_id = %(lease_id)s AND b.state = 'issued'
ORDER BY b.id;

-- name: insert_note
-- A credit note, without its lines.
INSERT INTO credit_notes (tenant_id, organisation_id, customer_id, bill_id, credit_no, reason,
    total_fen, vat_fen, issued_on, issued_at, issued_by, snapshot, snapshot_sha256)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(bill_id)s, %(credit_no)s, %(reason)s,
    %(total_fen)s, %(vat_fen)s, %(issued_on)s, %(now)s, %(by)s, %(snapshot)s::jsonb, %(sha256)s)
RETURNING id;

-- name: insert_note_lines
-- All lines of a credit note.
INSERT INTO credit_note_lines (credit_note_id, no, tenant_id, organisation_id, bill_id,
    bill_line_no, amount_fen, net_fen, vat_fen, from_on, until_on, basis)
SELECT %(note_id)s, l.no, %(tenant_id)s, %(organisation_id)s, %(bill_id)s, l.bill_line_no,
       l.amount_fen, l.net_fen, l.vat_fen, l.from_on, l.until_on, l.basis
FROM jsonb_to_recordset(%(lines)s) AS l (no integer, bill_line_no integer, amount_fen bigint,
    net_fen bigint, vat_fen bigint, from_on date, until_on date, basis jsonb);
