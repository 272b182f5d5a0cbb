-- name: list_bills
-- The issued bills of a lease with what is still open of them, and how each was delivered.
SELECT b.bill_no, b.kind, b.from_on, b.until_on, b.issued_on, b.due_on, b.total_fen, b.vat_fen,
       coalesce((SELECT sum(n.total_fen) FROM credit_notes n WHERE n.bill_id = b.id), 0)::bigint
           AS credited_fen,
       a.open_fen, a.settled_on, b.late_fee,
       (SELECT actor FROM actor_in_sight(b.issued_by)) AS issued_by, b.issued_at, b.snapshot,
       b.snapshot_sha256,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('channel', d.channel,
                   'delivered_at', d.delivered_at, 'proof', d.proof,
                   'recorded_by', (SELECT actor FROM actor_in_sight(d.recorded_by)),
                   'recorded_at', d.recorded_at) ORDER BY d.delivered_at, d.id), '[]')
        FROM bill_deliveries d WHERE d.bill_id = b.id) AS deliveries
FROM bills b
LEFT JOIN bill_balances a ON a.bill_id = b.id
WHERE b.lease_id = %(lease_id)s AND b.state = 'issued'
ORDER BY b.issued_at, b.id;

-- name: list_bill_lines
-- What stands on the issued bills of a lease, with how each amount comes about.
SELECT b.bill_no, l.no, l.kind, l.class, l.title, v.vin, v.plate, l.line_no, l.from_on, l.until_on,
       l.net_fen, l.vat_pct, l.vat_fen, l.amount_fen, l.source_kind, l.source_key, l.basis
FROM bill_lines l
JOIN bills b ON b.id = l.bill_id
LEFT JOIN vehicles v ON v.id = l.vehicle_id
WHERE b.lease_id = %(lease_id)s AND b.state = 'issued'
ORDER BY b.issued_at, b.id, l.no;

-- name: list_credit_notes
-- What was taken off the bills of a lease, and why.
SELECT n.credit_no, b.bill_no, n.issued_on, n.reason, n.total_fen, n.vat_fen,
       (SELECT actor FROM actor_in_sight(n.issued_by)) AS issued_by,
       n.issued_at, n.snapshot, n.snapshot_sha256
FROM credit_notes n
JOIN bills b ON b.id = n.bill_id
WHERE b.lease_id = %(lease_id)s
ORDER BY n.issued_at, n.id;

-- name: list_payments
-- The payments that settled something of the lease, in whole or in part, with what it was.
SELECT p.payment_no, p.received_on, p.channel, p.bank_reference, p.payer_name, p.payer_account,
       p.remark, p.amount_fen, s.settled_fen, p.state, p.reversed_on, p.reversal_reason,
       (SELECT actor FROM actor_in_sight(p.recorded_by)) AS recorded_by, p.recorded_at
FROM payments p
JOIN (SELECT c.payment_id, sum(a.amount_fen)::bigint AS settled_fen
      FROM allocations a
      JOIN bills b ON b.id = a.bill_id
      JOIN credits c ON c.id = a.credit_id
      WHERE b.lease_id = %(lease_id)s
      GROUP BY c.payment_id) s ON s.payment_id = p.id
ORDER BY p.received_on, p.id;

-- name: list_allocations
-- What settled which class of which bill of the lease, and what was undone, below zero.
SELECT a.allocated_on, b.bill_no, a.class, a.amount_fen, a.rule,
       CASE WHEN a.credit_note_id IS NOT NULL THEN 'credit_note'
            WHEN a.deposit_movement_id IS NOT NULL THEN 'deposit'
            WHEN a.write_off_id IS NOT NULL THEN 'write_off'
            ELSE c.source_kind END AS source_kind,
       coalesce(p.payment_no, n.credit_no, m.key::text, w.key::text, c.source_key) AS source_key,
       (SELECT actor FROM actor_in_sight(a.recorded_by)) AS recorded_by, a.recorded_at
FROM allocations a
JOIN bills b ON b.id = a.bill_id
LEFT JOIN credits c ON c.id = a.credit_id
LEFT JOIN payments p ON p.id = c.payment_id
LEFT JOIN credit_notes n ON n.id = a.credit_note_id
LEFT JOIN deposit_movements m ON m.id = a.deposit_movement_id
LEFT JOIN write_offs w ON w.id = a.write_off_id
WHERE b.lease_id = %(lease_id)s
ORDER BY a.allocated_on, a.id;

-- name: list_deposit_movements
-- Where the deposit of the lease went.
SELECT m.key, m.kind, m.amount_fen, m.moved_on, m.until_on, m.reason, m.channel, m.bank_reference,
       (SELECT actor FROM actor_in_sight(m.recorded_by)) AS recorded_by, m.recorded_at
FROM deposit_movements m
WHERE m.lease_id = %(lease_id)s
ORDER BY m.recorded_at, m.id;

-- name: list_notices
-- Reminders and demands of the lease with how each reached the lessee; 民法典 §195 asks for that.
SELECT n.notice_no, b.bill_no, n.stage, n.kind, n.stage_on, n.open_fen, n.late_fee_fen,
       n.deadline_on, n.clause, n.rule, n.content, n.state, n.state_note, n.arrived_at,
       (SELECT actor FROM actor_in_sight(n.made_by)) AS made_by,
       n.made_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('channel', d.channel, 'sent_at', d.sent_at,
                   'arrived_at', d.arrived_at, 'result', d.result, 'proof', d.proof,
                   'document_key', d.document_key, 'note', d.note,
                   'recorded_by', (SELECT actor FROM actor_in_sight(d.recorded_by)),
                   'recorded_at', d.recorded_at) ORDER BY d.sent_at, d.id), '[]')
        FROM dunning_deliveries d WHERE d.notice_id = n.id) AS deliveries
FROM dunning_notices n
JOIN bills b ON b.id = n.bill_id
WHERE n.lease_id = %(lease_id)s
ORDER BY n.made_at, n.id;
