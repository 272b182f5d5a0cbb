-- name: find_standing
-- What binds these customers still: leases that are signed, run, or have a vehicle out; charges;
-- bills that are not paid, and money that is theirs.
SELECT coalesce((SELECT array_agg(l.lease_no ORDER BY l.lease_no) FROM leases l
                 WHERE l.customer_id = ANY (%(ids)s::bigint[])
                   AND (l.state IN ('signed', 'active', 'suspended')
                        OR EXISTS (SELECT FROM lease_segments s
                                   WHERE s.lease_id = l.id AND upper_inf(s.let_period)))),
                '{}') AS lease_nos,
       (SELECT count(*) FROM charges g JOIN leases l ON l.id = g.lease_id
        WHERE l.customer_id = ANY (%(ids)s::bigint[]) AND g.state = 'proposed')::int
           AS undecided_charges,
       coalesce((SELECT array_agg(b.bill_no ORDER BY b.due_on, b.bill_no) FROM bill_balances a
                 JOIN bills b ON b.id = a.bill_id
                 WHERE a.customer_id = ANY (%(ids)s::bigint[]) AND a.settled_on IS NULL),
                '{}') AS open_bill_nos,
       (SELECT coalesce(sum(d.left_fen), 0) FROM credits d
        WHERE d.customer_id = ANY (%(ids)s::bigint[]))::bigint AS credit_fen,
       (SELECT coalesce(sum(h.held_fen), 0) FROM deposit_balances h
        WHERE h.customer_id = ANY (%(ids)s::bigint[]))::bigint AS deposit_fen,
       (SELECT max(greatest(l.ended_at, (SELECT max(upper(s.let_period)) FROM lease_segments s
                                         WHERE s.lease_id = l.id)))
        FROM leases l WHERE l.customer_id = ANY (%(ids)s::bigint[])) AS last_ended_at;

-- name: list_leases
-- Leases of these customers, in short.
SELECT l.lease_no, c.customer_no, l.kind, l.state, l.starts_on, l.ends_on, l.signed_at,
       l.started_at, l.ended_at, l.reference,
       coalesce((SELECT array_agg(DISTINCT v.vin) FROM lease_segments s
                 JOIN vehicles v ON v.id = s.vehicle_id WHERE s.lease_id = l.id), '{}') AS vins
FROM leases l
JOIN customers c ON c.id = l.customer_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY l.created_at, l.id;

-- name: list_hand_overs
-- When vehicles changed hands with these customers, and who drove away.
SELECT l.lease_no, h.line_no, v.vin, h.direction, h.occasion, h.handed_at, d.name AS driver,
       h.odometer_km, h.soc_pct, h.place, h.received_by, h.remarks
FROM hand_overs h
JOIN leases l ON l.id = h.lease_id
JOIN vehicles v ON v.id = h.vehicle_id
LEFT JOIN customer_drivers d ON d.id = h.driver_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY h.handed_at, h.id;

-- name: list_charges
-- What was proposed to charge these customers for.
SELECT l.lease_no, g.line_no, g.kind, g.title, g.amount_fen, g.accepted_fen, g.state, g.incurred_on
FROM charges g
JOIN leases l ON l.id = g.lease_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY g.proposed_at, g.id;

-- name: list_violations
-- Traffic violations that fell into leases of these customers.
SELECT l.lease_no, x.line_no, v.vin, x.violation_no, x.occurred_at, x.place, x.description,
       x.fine_fen, x.points, x.state
FROM violations x
JOIN leases l ON l.id = x.lease_id
JOIN vehicles v ON v.id = x.vehicle_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY x.occurred_at, x.id;

-- name: list_contracts
-- Contracts of these customers' leases, and until when they are kept.
SELECT k.contract_no, l.lease_no, k.origin, k.state, k.file_name, k.created_at, k.signed_at,
       k.retain_until_on,
       coalesce((SELECT array_agg(g.name ORDER BY g.no) FROM contract_signatories g
                 WHERE g.contract_id = k.id AND g.role <> 'lessor'), '{}') AS signatories
FROM contracts k
JOIN leases l ON l.id = k.lease_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY k.created_at, k.id;

-- name: list_quotes
-- What these customers were offered.
SELECT q.quote_no, c.customer_no, q.prospect, q.prospect_phone, q.state, q.valid_until_on,
       q.created_at
FROM quotes q
JOIN customers c ON c.id = q.customer_id
WHERE q.customer_id = ANY (%(ids)s::bigint[])
ORDER BY q.created_at, q.id;

-- name: list_bills
-- What these customers were billed, what was taken off, and what is still open.
SELECT b.bill_no, c.customer_no, l.lease_no, b.kind, b.from_on, b.until_on, b.issued_on, b.due_on,
       b.total_fen, b.vat_fen,
       coalesce((SELECT sum(n.total_fen) FROM credit_notes n WHERE n.bill_id = b.id), 0)::bigint
           AS credited_fen,
       a.open_fen, a.settled_on
FROM bills b
JOIN customers c ON c.id = b.customer_id
LEFT JOIN leases l ON l.id = b.lease_id
LEFT JOIN bill_balances a ON a.bill_id = b.id
WHERE b.customer_id = ANY (%(ids)s::bigint[]) AND b.state = 'issued'
ORDER BY b.issued_at, b.id;

-- name: list_payments
-- What these customers paid, from where, and what was given back of it.
SELECT p.payment_no, c.customer_no, p.received_on, p.channel, p.bank_reference, p.amount_fen,
       p.payer_name, p.payer_account, p.remark, p.state, p.reversed_on, p.reversal_reason,
       coalesce((SELECT sum(r.amount_fen) FROM refunds r JOIN credits d ON d.id = r.credit_id
                 WHERE d.payment_id = p.id), 0)::bigint AS refunded_fen
FROM payments p
JOIN customers c ON c.id = p.customer_id
WHERE p.customer_id = ANY (%(ids)s::bigint[])
ORDER BY p.received_on, p.id;

-- name: list_deposits
-- Deposits held of these customers' leases, and where they went.
SELECT l.lease_no, coalesce(h.held_fen, 0) AS held_fen,
       coalesce((SELECT jsonb_agg(jsonb_build_object('kind', m.kind, 'amount_fen', m.amount_fen,
                     'moved_on', m.moved_on, 'reason', m.reason) ORDER BY m.recorded_at, m.id)
                 FROM deposit_movements m WHERE m.lease_id = l.id), '[]') AS movements
FROM leases l
LEFT JOIN deposit_balances h ON h.lease_id = l.id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
  AND (h.lease_id IS NOT NULL OR EXISTS (SELECT FROM deposit_movements m WHERE m.lease_id = l.id))
ORDER BY l.created_at, l.id;

-- name: list_notices
-- Reminders and demands to these customers, and whether they arrived.
SELECT n.notice_no, c.customer_no, b.bill_no, n.kind, n.made_at, n.open_fen, n.deadline_on,
       n.state, n.arrived_at, n.content
FROM dunning_notices n
JOIN customers c ON c.id = n.customer_id
JOIN bills b ON b.id = n.bill_id
WHERE n.customer_id = ANY (%(ids)s::bigint[])
ORDER BY n.made_at, n.id;

-- name: list_files
-- Files of these customers that are not withdrawn.
SELECT d.subject_key AS customer_no, d.key, d.kind, d.name, d.media_type, d.size_bytes,
       d.uploaded_at
FROM documents d
WHERE d.subject_kind = 'customer' AND d.subject_key = ANY (%(nos)s::text[])
  AND d.organisation_id = %(organisation_id)s AND d.withdrawn_at IS NULL
ORDER BY d.id;
