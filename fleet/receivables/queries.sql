-- name: lock_customers
-- One at a time moves the money of a customer and of those merged with it; always in one order.
WITH heads AS (
    SELECT DISTINCT coalesce(c.merged_into_id, c.id) AS id FROM customers c WHERE c.id = ANY (%(ids)s)
), family AS (
    SELECT id FROM heads
    UNION SELECT c.id FROM customers c JOIN heads h ON h.id = c.merged_into_id
    UNION SELECT unnest(%(ids)s::bigint[])
)
SELECT pg_advisory_xact_lock(hashtextextended('money of customer ' || f.id, 0))
FROM (SELECT id FROM family ORDER BY id) AS f;

-- name: list_families
-- Customers and all that are merged with them, each with the one that counts.
WITH heads AS (
    SELECT DISTINCT coalesce(c.merged_into_id, c.id) AS id FROM customers c WHERE c.id = ANY (%(ids)s)
)
SELECT h.id, h.id AS family_id FROM heads h
UNION SELECT c.id, h.id FROM heads h JOIN customers c ON c.merged_into_id = h.id
ORDER BY 2, 1;

-- name: insert_balances
-- What is open of bills that were just issued: all of it.
INSERT INTO bill_balances (bill_id, tenant_id, organisation_id, customer_id, lease_id, due_on,
    open_principal_fen, open_interest_fen, open_cost_fen, vat_due_on, settled_on)
SELECT n.bill_id, n.tenant_id, n.organisation_id, n.customer_id, n.lease_id, n.due_on,
       n.principal_fen, n.interest_fen, n.cost_fen, n.vat_due_on,
       CASE WHEN n.principal_fen + n.interest_fen + n.cost_fen = 0 THEN n.issued_on END
FROM jsonb_to_recordset(%(rows)s) AS n (bill_id bigint, tenant_id bigint, organisation_id bigint,
    customer_id bigint, lease_id bigint, due_on date, principal_fen bigint, interest_fen bigint,
    cost_fen bigint, vat_due_on date, issued_on date);

-- name: list_open
-- Issued bills, with what is open of them now; which ones is added in store.py.
SELECT b.bill_id, i.bill_no, b.tenant_id, b.organisation_id, b.customer_id, k.customer_no,
       coalesce(k.merged_into_id, k.id) AS family_id, b.lease_id, l.lease_no, i.kind, b.due_on,
       i.issued_on, b.open_principal_fen, b.open_interest_fen, b.open_cost_fen, b.vat_due_on,
       coalesce(d.held_fen, 0) AS security_fen, i.late_fee
FROM bill_balances b
JOIN bills i ON i.id = b.bill_id
JOIN customers k ON k.id = b.customer_id
LEFT JOIN leases l ON l.id = b.lease_id
LEFT JOIN deposit_balances d ON d.lease_id = b.lease_id;

-- name: list_open_on
-- Issued bills, with what was open of them at the end of a day; which ones is added in store.py.
SELECT b.bill_id, i.bill_no, b.tenant_id, b.organisation_id, b.customer_id, k.customer_no,
       coalesce(k.merged_into_id, k.id) AS family_id, b.lease_id, l.lease_no, i.kind, b.due_on,
       i.issued_on, i.principal_fen - s.principal_fen AS open_principal_fen,
       i.interest_fen - s.interest_fen AS open_interest_fen,
       i.cost_fen - s.cost_fen AS open_cost_fen, b.vat_due_on,
       coalesce(d.held_fen, 0) AS security_fen, i.late_fee
FROM bill_balances b
JOIN bills i ON i.id = b.bill_id
JOIN customers k ON k.id = b.customer_id
LEFT JOIN leases l ON l.id = b.lease_id
LEFT JOIN deposit_balances d ON d.lease_id = b.lease_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'principal'), 0)::bigint AS principal_fen,
           coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'interest'), 0)::bigint AS interest_fen,
           coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'cost'), 0)::bigint AS cost_fen
    FROM allocations a WHERE a.bill_id = b.bill_id AND a.allocated_on <= %(on)s
) s;

-- name: list_credits
-- Credit of customers; filters, place and order are added in store.py.
SELECT c.id, c.tenant_id, c.organisation_id, o.code AS organisation_code, c.customer_id,
       k.customer_no, k.name AS customer_name, coalesce(k.merged_into_id, k.id) AS family_id,
       c.source_kind, c.source_key, c.payment_id, c.amount_fen, c.left_fen, c.since_on,
       c.recorded_at
FROM credits c
JOIN customers k ON k.id = c.customer_id
JOIN organisations o ON o.id = c.organisation_id;

-- name: insert_credit
-- Money of a customer that settles no bill yet.
INSERT INTO credits (tenant_id, organisation_id, customer_id, source_kind, source_key, payment_id,
    amount_fen, left_fen, since_on, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(source_kind)s, %(source_key)s,
    %(payment_id)s, %(amount_fen)s, %(amount_fen)s, %(since_on)s, %(now)s)
RETURNING id;

-- name: take_credits
-- So much less is left of credits; below zero: so much more.
UPDATE credits c SET left_fen = c.left_fen - n.amount_fen
FROM jsonb_to_recordset(%(rows)s) AS n (id bigint, amount_fen bigint)
WHERE c.id = n.id;

-- name: insert_allocations
-- What settles which class of which bill, in the order given.
INSERT INTO allocations (tenant_id, organisation_id, customer_id, bill_id, class, amount_fen,
    credit_id, credit_note_id, deposit_movement_id, write_off_id, undoes_id, rule, allocated_on,
    paid_on, recorded_by, recorded_at)
SELECT n.tenant_id, n.organisation_id, n.customer_id, n.bill_id, n.class, n.amount_fen,
       n.credit_id, n.credit_note_id, n.deposit_movement_id, n.write_off_id, n.undoes_id, n.rule,
       n.allocated_on, n.paid_on, %(by)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS n (no integer, tenant_id bigint, organisation_id bigint,
    customer_id bigint, bill_id bigint, class text, amount_fen bigint, credit_id bigint,
    credit_note_id bigint, deposit_movement_id bigint, write_off_id bigint, undoes_id bigint,
    rule text, allocated_on date, paid_on date)
ORDER BY n.no
RETURNING id;

-- name: move_balances
-- So much less is open of bills, by class; below zero: so much more. Settled when nothing is open:
-- on the last day of all that settled it, which need not be what was told last.
UPDATE bill_balances b
SET open_principal_fen = b.open_principal_fen - n.principal_fen,
    open_interest_fen = b.open_interest_fen - n.interest_fen,
    open_cost_fen = b.open_cost_fen - n.cost_fen,
    settled_on = CASE WHEN b.open_fen = n.principal_fen + n.interest_fen + n.cost_fen
                      THEN greatest(n.moved_on, (SELECT max(a.allocated_on) FROM allocations a
                                                 WHERE a.bill_id = b.bill_id)) END
FROM jsonb_to_recordset(%(rows)s) AS n (bill_id bigint, principal_fen bigint, interest_fen bigint,
    cost_fen bigint, moved_on date)
WHERE b.bill_id = n.bill_id;

-- name: list_moved_after
-- What settled each class of bills on each day after one; below zero: undone.
SELECT a.bill_id, a.class, a.allocated_on, sum(a.amount_fen)::bigint AS amount_fen
FROM allocations a
WHERE a.bill_id = ANY (%(bill_ids)s) AND a.allocated_on > %(on)s
GROUP BY a.bill_id, a.class, a.allocated_on
ORDER BY a.bill_id, a.class, a.allocated_on;

-- name: list_allocations
-- What settled what; which ones is added in store.py.
SELECT a.id, a.tenant_id, a.organisation_id, a.customer_id, a.bill_id, i.bill_no,
       i.kind AS bill_kind, i.lease_id, a.class AS class_, a.amount_fen, a.credit_id,
       a.credit_note_id, a.deposit_movement_id, a.write_off_id, a.undoes_id, a.rule, a.allocated_on
FROM allocations a
JOIN bills i ON i.id = a.bill_id;

-- name: find_deposit_move
-- The movement of a deposit that settles a bill.
SELECT id, key, lease_id, customer_id FROM deposit_movements WHERE id = %(id)s;

-- name: find_write_off
-- The write-off that settles a bill.
SELECT id, key, customer_id FROM write_offs WHERE id = %(id)s;

-- name: find_held
-- What is held of the deposit of a lease.
SELECT held_fen FROM deposit_balances WHERE lease_id = %(lease_id)s;

-- name: move_held
-- So much more is held of the deposits of leases; below zero: so much less.
UPDATE deposit_balances d SET held_fen = d.held_fen + n.amount_fen
FROM jsonb_to_recordset(%(rows)s) AS n (lease_id bigint, amount_fen bigint)
WHERE d.lease_id = n.lease_id;

-- name: insert_held
-- Leases that have no deposit yet.
INSERT INTO deposit_balances (lease_id, tenant_id, organisation_id, customer_id, held_fen)
SELECT l.id, l.tenant_id, l.organisation_id, l.customer_id, 0
FROM leases l
WHERE l.id = ANY (%(lease_ids)s)
ON CONFLICT (lease_id) DO NOTHING;

-- name: list_tax_points
-- VAT of bills that falls due later than a day each, less what credit notes took off.
SELECT b.bill_id, i.bill_no, b.tenant_id, b.organisation_id, b.customer_id, b.lease_id,
       b.vat_due_on, n.earlier_on,
       (i.vat_fen - coalesce((SELECT sum(c.vat_fen) FROM credit_notes c WHERE c.bill_id = i.id), 0))::bigint
           AS vat_fen,
       coalesce((SELECT max(e.part) FROM ledger_entries e
                 WHERE e.organisation_id = b.organisation_id AND e.event_kind = 'vat_due'
                   AND e.event_key = i.bill_no), 0) AS last_part
FROM jsonb_to_recordset(%(rows)s) AS n (bill_id bigint, earlier_on date)
JOIN bill_balances b ON b.bill_id = n.bill_id
JOIN bills i ON i.id = b.bill_id
WHERE b.vat_due_on > n.earlier_on
ORDER BY b.bill_id;

-- name: mark_vat_due
-- From which day on the VAT of bills is due.
UPDATE bill_balances b SET vat_due_on = n.earlier_on
FROM jsonb_to_recordset(%(rows)s) AS n (bill_id bigint, earlier_on date)
WHERE b.bill_id = n.bill_id;

-- name: list_late_bills
-- Bills with a late fee agreed, and their principal, less what credit notes took off, and what was
-- given up: as long as it is, it costs nothing.
SELECT i.id, i.due_on, i.issued_on, i.late_fee,
       (i.principal_fen - coalesce((
           SELECT sum(n.amount_fen)
           FROM credit_note_lines n
           JOIN bill_lines l ON l.bill_id = n.bill_id AND l.no = n.bill_line_no
           WHERE n.bill_id = i.id AND l.class = 'principal'), 0)
        - coalesce((
           SELECT sum(a.amount_fen) FROM allocations a
           WHERE a.bill_id = i.id AND a.class = 'principal' AND a.write_off_id IS NOT NULL), 0))::bigint
           AS principal_fen
FROM bills i
WHERE i.id = ANY (%(bill_ids)s) AND i.state = 'issued' AND i.late_fee IS NOT NULL;

-- name: list_principal_history
-- How much of the principal of bills was paid on which day, out of credit or a deposit; below zero:
-- undone. On which day the money was there, though others settled the bill then.
SELECT a.bill_id, coalesce(a.paid_on, a.allocated_on) AS on_day, sum(a.amount_fen)::bigint AS amount_fen
FROM allocations a
WHERE a.bill_id = ANY (%(bill_ids)s) AND a.class = 'principal' AND a.credit_note_id IS NULL
  AND a.write_off_id IS NULL
GROUP BY 1, 2
HAVING sum(a.amount_fen) <> 0
ORDER BY 1, 2;
