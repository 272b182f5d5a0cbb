-- name: lock_key
-- The same request of the same person at the same time waits for the first.
SELECT pg_advisory_xact_lock(hashtextextended('payment key ' || %(by)s || ' ' || %(key)s, 0));

-- name: lock_reference
-- The same number of a bank at the same time waits for the first.
SELECT pg_advisory_xact_lock(hashtextextended(
    'payment reference ' || %(tenant_id)s::text || ' ' || %(channel)s || ' ' || %(reference)s, 0));

-- name: find_payer
-- The customer with this number, or the one it was merged into, and the zone of its days.
SELECT h.id, h.tenant_id, h.organisation_id, h.customer_no, h.name, o.time_zone AS zone
FROM customers c
JOIN customers h ON h.id = coalesce(c.merged_into_id, c.id)
JOIN organisations o ON o.id = h.organisation_id
WHERE c.customer_no = %(customer_no)s;

-- name: find_by_key
-- The payment that was recorded under a key of somebody's, and of which request.
SELECT payment_no, request_digest FROM payments
WHERE recorded_by = %(by)s AND idempotency_key = %(key)s
ORDER BY id LIMIT 1;

-- name: find_by_reference
-- The payment with a bank's number, of the tenant.
SELECT payment_no FROM payments
WHERE tenant_id = %(tenant_id)s AND channel = %(channel)s AND bank_reference = %(reference)s
ORDER BY id LIMIT 1;

-- name: insert_payment
-- A payment; none where its number is taken.
INSERT INTO payments (tenant_id, organisation_id, payment_no, channel, bank_reference, received_on,
    amount_fen, payer_name, payer_account, remark, source, statement_key, customer_id, state,
    proposal, claimed_by, claimed_at, idempotency_key, request_digest, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(payment_no)s, %(channel)s, %(bank_reference)s,
    %(received_on)s, %(amount_fen)s, %(payer_name)s, %(payer_account)s, %(remark)s, %(source)s,
    %(statement_key)s, %(customer_id)s, %(state)s, %(proposal)s, %(claimed_by)s, %(claimed_at)s,
    %(idempotency_key)s, %(request_digest)s, %(by)s, %(now)s)
ON CONFLICT ON CONSTRAINT payments_payment_no_key DO NOTHING
RETURNING id;

-- name: list_payments
-- Payments; filters, place and order are added in store.py.
SELECT p.id, p.key, p.tenant_id, p.organisation_id, o.code AS organisation_code,
       o.time_zone AS zone, p.payment_no, p.channel, p.bank_reference, p.received_on, p.amount_fen,
       p.payer_name, p.payer_account, p.remark, p.source, p.statement_key, p.customer_id,
       k.customer_no, k.name AS customer_name, p.state, p.proposal,
       coalesce(c.amount_fen - c.left_fen - c.refunded_fen, 0)::bigint AS settled_fen,
       coalesce(c.left_fen, 0)::bigint AS left_fen,
       (SELECT actor FROM actor_in_sight(p.claimed_by)) AS claimed_by, p.claimed_at, p.reversed_on,
       p.reversal_reason, (SELECT actor FROM actor_in_sight(p.reversed_by)) AS reversed_by,
       p.reversed_at, (SELECT actor FROM actor_in_sight(p.recorded_by)) AS recorded_by, p.recorded_at,
       p.version
FROM payments p
JOIN organisations o ON o.id = p.organisation_id
LEFT JOIN customers k ON k.id = p.customer_id
LEFT JOIN LATERAL (
    SELECT sum(x.amount_fen) AS amount_fen, sum(x.left_fen) AS left_fen,
           sum(x.amount_fen) - sum(x.left_fen) - sum(x.settled_fen) AS refunded_fen
    FROM (SELECT c.amount_fen, c.left_fen,
                 coalesce((SELECT sum(a.amount_fen) FROM allocations a WHERE a.credit_id = c.id), 0)
                     AS settled_fen
          FROM credits c WHERE c.payment_id = p.id) x
) c ON true;

-- name: lock_payment
-- One at a time takes a payment on.
SELECT id FROM payments WHERE payment_no = %(payment_no)s FOR UPDATE;

-- name: mark_claimed
-- It is known whose a payment is.
UPDATE payments
SET state = 'claimed', customer_id = %(customer_id)s, claimed_by = %(by)s, claimed_at = %(now)s,
    version = version + 1
WHERE id = %(id)s;

-- name: mark_unclaimed
-- It is not known any more whose a payment is.
UPDATE payments
SET state = 'unclaimed', customer_id = NULL, claimed_by = NULL, claimed_at = NULL,
    version = version + 1
WHERE id = %(id)s;

-- name: mark_reversed
-- A payment never came.
UPDATE payments
SET state = 'reversed', reversed_on = %(on)s, reversal_reason = %(reason)s, reversed_by = %(by)s,
    reversed_at = %(now)s, version = version + 1
WHERE id = %(id)s;

-- name: list_claims
-- The credits a payment was for its customers, the last first; each claim is one.
SELECT id FROM credits WHERE payment_id = %(payment_id)s ORDER BY id DESC;

-- name: find_refunded
-- How much of a credit was given back.
SELECT coalesce(sum(amount_fen), 0)::bigint FROM refunds WHERE credit_id = %(credit_id)s;

-- name: list_bills_numbered
-- Issued bills of customers by their numbers.
SELECT id, bill_no FROM bills
WHERE bill_no = ANY (%(bill_nos)s) AND customer_id = ANY (%(customer_ids)s) AND state = 'issued';

-- name: list_settled
-- What a payment settles, by bill; what was undone is left out.
SELECT b.bill_no, min(a.rule) AS rule, max(a.allocated_on) AS settled_on,
       coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'cost'), 0)::bigint AS cost_fen,
       coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'interest'), 0)::bigint AS interest_fen,
       coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'principal'), 0)::bigint AS principal_fen
FROM credits c
JOIN allocations a ON a.credit_id = c.id AND a.amount_fen > 0
JOIN bills b ON b.id = a.bill_id
WHERE c.payment_id = %(payment_id)s
  AND NOT EXISTS (SELECT FROM allocations u WHERE u.undoes_id = a.id)
GROUP BY b.bill_no
ORDER BY min(a.id);

-- name: insert_refund
-- Money given back out of a credit.
INSERT INTO refunds (tenant_id, organisation_id, customer_id, credit_id, amount_fen, channel,
    bank_reference, paid_on, reason, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(credit_id)s, %(amount_fen)s,
    %(channel)s, %(bank_reference)s, %(paid_on)s, %(reason)s, %(by)s, %(now)s)
RETURNING key;

-- name: list_refunds
-- Money given back; filters, place and order are added in store.py.
SELECT r.id, r.key, r.tenant_id, r.organisation_id, o.code AS organisation_code, k.customer_no,
       k.name AS customer_name, c.source_key AS credit_source, r.amount_fen, r.channel,
       r.bank_reference, r.paid_on, r.reason,
       (SELECT actor FROM actor_in_sight(r.recorded_by)) AS recorded_by, r.recorded_at
FROM refunds r
JOIN organisations o ON o.id = r.organisation_id
JOIN customers k ON k.id = r.customer_id
JOIN credits c ON c.id = r.credit_id;

-- name: find_bill_to_write_off
-- An issued bill, with what a write-off of it is kept under.
SELECT b.id AS bill_id, b.bill_no, b.tenant_id, b.organisation_id, b.customer_id
FROM bills b
WHERE b.bill_no = %(bill_no)s AND b.state = 'issued';

-- name: insert_write_off
-- Somebody asks to give up so much of a bill; none where that was asked and is not decided.
INSERT INTO write_offs (tenant_id, organisation_id, customer_id, bill_id, amount_fen, reason,
    requested_by, requested_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(bill_id)s, %(amount_fen)s,
    %(reason)s, %(by)s, %(now)s)
ON CONFLICT (bill_id) WHERE decision IS NULL DO NOTHING
RETURNING key;

-- name: lock_write_off
-- One at a time decides on a write-off; who asked for it, as it is written: another has to decide.
SELECT requested_by FROM write_offs WHERE key = %(key)s FOR UPDATE;

-- name: mark_decided
-- A write-off was approved or refused.
UPDATE write_offs
SET decision = %(decision)s, decided_by = %(by)s, decided_at = %(now)s, decision_note = %(note)s
WHERE id = %(id)s;

-- name: list_write_offs
-- Write-offs; filters, place and order are added in store.py.
SELECT w.id, w.key, w.tenant_id, w.organisation_id, o.code AS organisation_code, w.customer_id,
       k.customer_no, k.name AS customer_name, w.bill_id, b.bill_no, o.time_zone AS zone,
       w.amount_fen,
       coalesce((SELECT sum(a.amount_fen) FROM allocations a WHERE a.write_off_id = w.id), 0)::bigint
           AS standing_fen,
       w.reason, coalesce(w.decision, 'requested') AS state,
       (SELECT actor FROM actor_in_sight(w.requested_by)) AS requested_by, w.requested_at,
       (SELECT actor FROM actor_in_sight(w.decided_by)) AS decided_by, w.decided_at, w.decision_note
FROM write_offs w
JOIN organisations o ON o.id = w.organisation_id
JOIN customers k ON k.id = w.customer_id
JOIN bills b ON b.id = w.bill_id;

-- name: find_deposits_held
-- What is held of deposits of customers.
SELECT coalesce(sum(held_fen), 0)::bigint FROM deposit_balances
WHERE customer_id = ANY (%(customer_ids)s);
