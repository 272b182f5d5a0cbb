-- name: list_bills
-- Bills in sight; filters, place and order are added in store.py.
SELECT b.id, b.key, b.tenant_id, b.organisation_id, o.code AS organisation_code, b.customer_id,
       k.customer_no, k.name AS customer_name, b.lease_id, l.lease_no, b.kind, b.purpose, b.state,
       b.bill_no, b.from_on, b.until_on, b.due_on, b.issue_on, b.issued_on, b.issued_at,
       (SELECT actor FROM actor_in_sight(b.issued_by)) AS issued_by, b.total_fen, b.vat_fen,
       b.principal_fen, b.interest_fen, b.cost_fen, b.late_fee,
       coalesce(n.credited_fen, 0)::bigint AS credited_fen, w.open_fen, w.settled_on, b.drafted_at
FROM bills b
JOIN organisations o ON o.id = b.organisation_id
JOIN customers k ON k.id = b.customer_id
LEFT JOIN leases l ON l.id = b.lease_id
LEFT JOIN bill_balances w ON w.bill_id = b.id
LEFT JOIN LATERAL (SELECT sum(c.total_fen) AS credited_fen FROM credit_notes c
                   WHERE c.bill_id = b.id) n ON true;

-- name: list_lines
-- Lines of bills, with their vehicles and what credit notes took off them. Of a vehicle that is held
-- by others now, no plate is told.
SELECT l.bill_id, l.no, l.kind, l.class, l.title, l.amount_fen, l.net_fen, l.vat_fen, l.vat_pct,
       l.line_no, l.vehicle_id, v.vin, CASE WHEN h.is_held THEN v.plate END AS plate, l.from_on,
       l.until_on, l.source_kind, l.source_key, l.basis, coalesce(c.amount_fen, 0)::bigint AS credited_fen,
       coalesce(c.net_fen, 0)::bigint AS credited_net_fen,
       coalesce(c.vat_fen, 0)::bigint AS credited_vat_fen
FROM bill_lines l
LEFT JOIN vehicles v ON v.id = l.vehicle_id
LEFT JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles o
                   WHERE o.vehicle_id = v.id AND upper_inf(o.visible_period)) AS is_held
) h ON true
LEFT JOIN LATERAL (SELECT sum(n.amount_fen) AS amount_fen, sum(n.net_fen) AS net_fen,
                          sum(n.vat_fen) AS vat_fen
                   FROM credit_note_lines n
                   WHERE n.bill_id = l.bill_id AND n.bill_line_no = l.no) c ON true
WHERE l.bill_id = ANY (%(bill_ids)s::bigint[])
ORDER BY l.bill_id, l.no;
