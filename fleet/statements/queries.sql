-- name: find_customer
-- Whose statement a number asks for: the customer itself or the one it was merged into, with all
-- that were merged into it; and who the seller is.
SELECT r.id, r.tenant_id, r.organisation_id, o.code AS organisation_code,
       o.name AS organisation_name, o.time_zone AS zone, r.customer_no, r.name, r.invoice_title,
       r.tax_no, r.invoice_address AS address, r.invoice_phone AS phone, f.family_ids,
       f.family_nos,
       (SELECT s.seller FROM billing_settings_of(r.organisation_id) s) AS seller
FROM customers c
JOIN customers r ON r.id = coalesce(c.merged_into_id, c.id)
JOIN organisations o ON o.id = r.organisation_id
CROSS JOIN LATERAL (
    SELECT array_agg(m.id ORDER BY m.id <> r.id, m.id) AS family_ids,
           array_agg(m.customer_no ORDER BY m.id <> r.id, m.id) AS family_nos
    FROM customers m WHERE m.id = r.id OR m.merged_into_id = r.id) f
WHERE c.customer_no = %(customer_no)s;

-- name: list_movements
-- All that moved what these customers owe, before a day, in order, as the ledger has it: above zero
-- they owe more. What only moves between what they owe and their credit moves nothing.
WITH moved AS (
    SELECT p.entry_id, sum(p.amount_fen)::bigint AS amount_fen,
           CASE WHEN count(DISTINCT p.lease_id) = 1 THEN min(p.lease_id) END AS lease_id
    FROM ledger_postings p
    WHERE p.customer_id = ANY (%(ids)s::bigint[])
      AND p.account IN ('receivable', 'deposit_receivable', 'customer_credit')
    GROUP BY p.entry_id
    HAVING sum(p.amount_fen) <> 0
)
SELECT e.happened_on AS "on", e.recorded_at,
       CASE
           WHEN e.event_kind IN ('payment', 'claim') AND m.amount_fen < 0 THEN 'payment'
           WHEN e.event_kind IN ('payment', 'claim') AND p.state = 'reversed' THEN 'reversal'
           WHEN e.event_kind = 'claim' THEN 'unclaimed'
           WHEN e.event_kind = 'write_off' AND m.amount_fen > 0 THEN 'write_off_undone'
           WHEN e.event_kind = 'deposit' AND m.amount_fen < 0 THEN 'deposit_applied'
           WHEN e.event_kind = 'deposit' THEN 'deposit_unapplied'
           WHEN e.event_kind IN ('bill', 'credit_note', 'reversal', 'refund', 'write_off')
               THEN e.event_kind
           ELSE 'other'
       END AS kind,
       coalesce(b.bill_no, n.credit_no, p.payment_no, q.payment_no, w.bill_no, d.bill_no,
                e.event_key) AS number,
       CASE e.event_kind
           WHEN 'bill' THEN b.kind
           WHEN 'credit_note' THEN n.reason
           WHEN 'payment' THEN p.channel
           WHEN 'claim' THEN p.channel
           WHEN 'reversal' THEN p.reversal_reason
           WHEN 'refund' THEN q.reason
           WHEN 'write_off' THEN w.reason
           WHEN 'deposit' THEN d.reason
           ELSE e.title
       END AS detail,
       l.lease_no, b.due_on, m.amount_fen
FROM moved m
JOIN ledger_entries e ON e.id = m.entry_id
LEFT JOIN leases l ON l.id = m.lease_id
LEFT JOIN bills b ON e.event_kind = 'bill' AND b.tenant_id = e.tenant_id
    AND b.bill_no = e.event_key
LEFT JOIN credit_notes n ON e.event_kind = 'credit_note' AND n.tenant_id = e.tenant_id
    AND n.credit_no = e.event_key
LEFT JOIN payments p ON e.event_kind IN ('payment', 'claim', 'reversal')
    AND p.tenant_id = e.tenant_id AND p.payment_no = e.event_key
LEFT JOIN LATERAL (
    SELECT y.payment_no, r.reason
    FROM refunds r
    JOIN credits c ON c.id = r.credit_id
    LEFT JOIN payments y ON y.id = c.payment_id
    WHERE e.event_kind = 'refund' AND r.key::text = e.event_key
      AND r.customer_id = ANY (%(ids)s::bigint[])) q ON true
LEFT JOIN LATERAL (
    SELECT x.bill_no, o.reason
    FROM write_offs o
    JOIN bills x ON x.id = o.bill_id
    WHERE e.event_kind = 'write_off' AND o.customer_id = ANY (%(ids)s::bigint[])
      AND (o.key::text = e.event_key OR EXISTS (
          SELECT FROM allocations a  -- what is undone goes by its own number
          WHERE a.write_off_id = o.id AND a.id::text = e.event_key))) w ON true
LEFT JOIN LATERAL (
    SELECT v.reason,
           (SELECT x.bill_no FROM allocations a JOIN bills x ON x.id = a.bill_id
            WHERE a.deposit_movement_id = v.id ORDER BY a.id LIMIT 1) AS bill_no
    FROM deposit_movements v
    WHERE e.event_kind = 'deposit' AND v.customer_id = ANY (%(ids)s::bigint[])
      AND (v.key::text = e.event_key OR EXISTS (
          SELECT FROM allocations a
          WHERE a.deposit_movement_id = v.id AND a.id::text = e.event_key))) d ON true
WHERE e.happened_on < %(until_on)s
ORDER BY e.happened_on, e.recorded_at, e.id;

-- name: list_open_bills
-- What was still to be paid of these customers' bills when a day began, the first due first.
SELECT b.bill_no, l.lease_no, b.kind, b.issued_on, b.due_on, b.total_fen,
       (b.total_fen - coalesce(s.settled_fen, 0))::bigint AS open_fen
FROM bills b
LEFT JOIN leases l ON l.id = b.lease_id
LEFT JOIN LATERAL (
    SELECT sum(a.amount_fen) AS settled_fen
    FROM allocations a
    WHERE a.bill_id = b.id AND a.allocated_on < %(until_on)s) s ON true
WHERE b.customer_id = ANY (%(ids)s::bigint[]) AND b.state = 'issued'
  AND b.issued_on < %(until_on)s AND b.total_fen <> coalesce(s.settled_fen, 0)
ORDER BY b.due_on, b.bill_no;

-- name: get_credit
-- What these customers had to their credit at the beginning of a day, in fen, as the ledger has it.
SELECT coalesce(-sum(p.amount_fen), 0)::bigint
FROM ledger_postings p
JOIN ledger_entries e ON e.id = p.entry_id
WHERE p.customer_id = ANY (%(ids)s::bigint[]) AND p.account = 'customer_credit'
  AND e.happened_on < %(until_on)s;

-- name: list_deposit_movements
-- What moved the deposits held of these customers, before a day, in order, as the ledger has it.
SELECT e.happened_on AS "on", l.lease_no, coalesce(m.kind, e.event_kind) AS kind,
       CASE WHEN m.kind IS NULL AND e.event_kind <> 'allocation' THEN e.event_key ELSE '' END
           AS number,
       -sum(p.amount_fen)::bigint AS amount_fen
FROM ledger_postings p
JOIN ledger_entries e ON e.id = p.entry_id
LEFT JOIN leases l ON l.id = p.lease_id
LEFT JOIN LATERAL (
    SELECT CASE WHEN v.key::text = e.event_key THEN v.kind ELSE 'unapplied' END AS kind
    FROM deposit_movements v
    WHERE e.event_kind = 'deposit' AND v.customer_id = ANY (%(ids)s::bigint[])
      AND (v.key::text = e.event_key OR EXISTS (
          SELECT FROM allocations a
          WHERE a.deposit_movement_id = v.id AND a.id::text = e.event_key))) m ON true
WHERE p.customer_id = ANY (%(ids)s::bigint[]) AND p.account = 'deposit_liability'
  AND e.happened_on < %(until_on)s
GROUP BY e.id, e.happened_on, l.lease_no, m.kind, e.event_kind, e.event_key
ORDER BY e.happened_on, e.id, l.lease_no;
