-- name: find_balances_off
-- Issued bills whose open part is not what follows from what settled them.
SELECT i.bill_no, coalesce(b.open_fen, 0)::bigint AS kept_fen,
       (i.total_fen - coalesce(sum(a.amount_fen), 0))::bigint AS follows_fen
FROM bills i
LEFT JOIN bill_balances b ON b.bill_id = i.id
LEFT JOIN allocations a ON a.bill_id = i.id
WHERE i.state = 'issued'
GROUP BY i.id, i.bill_no, i.total_fen, i.principal_fen, i.interest_fen, i.cost_fen, b.bill_id,
    b.open_fen, b.open_principal_fen, b.open_interest_fen, b.open_cost_fen
HAVING b.bill_id IS NULL
    OR b.open_principal_fen
        <> i.principal_fen - coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'principal'), 0)
    OR b.open_interest_fen
        <> i.interest_fen - coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'interest'), 0)
    OR b.open_cost_fen <> i.cost_fen - coalesce(sum(a.amount_fen) FILTER (WHERE a.class = 'cost'), 0)
ORDER BY i.bill_no LIMIT %(limit)s;

-- name: find_settled_off
-- Bills that count as settled before the last day of what settled them, as days (20261122): figures
-- of a past day look only at those settled later.
SELECT i.bill_no, to_char(b.settled_on, 'YYYYMMDD')::integer AS kept_on,
       to_char(max(a.allocated_on), 'YYYYMMDD')::integer AS follows_on
FROM bill_balances b
JOIN bills i ON i.id = b.bill_id
JOIN allocations a ON a.bill_id = b.bill_id
WHERE b.settled_on IS NOT NULL
GROUP BY i.bill_no, b.settled_on
HAVING b.settled_on < max(a.allocated_on)
ORDER BY i.bill_no LIMIT %(limit)s;

-- name: find_credits_off
-- Credit of which not is left what follows; of a payment that is not the customer's any more, none.
SELECT c.source_key, c.left_fen, f.follows_fen
FROM credits c
LEFT JOIN payments p ON p.id = c.payment_id
CROSS JOIN LATERAL (
    SELECT (CASE WHEN p.state <> 'claimed'
                      OR EXISTS (SELECT FROM credits n WHERE n.payment_id = c.payment_id AND n.id > c.id)
                 THEN 0
                 ELSE c.amount_fen
                     - coalesce((SELECT sum(a.amount_fen) FROM allocations a WHERE a.credit_id = c.id), 0)
                     - coalesce((SELECT sum(r.amount_fen) FROM refunds r WHERE r.credit_id = c.id), 0)
            END)::bigint AS follows_fen
) f
WHERE c.left_fen <> f.follows_fen
ORDER BY c.id LIMIT %(limit)s;

-- name: find_deposits_off
-- Deposits of which not is held what came in, less what was taken off, applied and given back.
WITH moves AS (
    SELECT i.lease_id, a.amount_fen
    FROM allocations a JOIN bills i ON i.id = a.bill_id
    WHERE i.kind = 'deposit' AND (a.credit_id IS NOT NULL OR a.deposit_movement_id IS NOT NULL)
    UNION ALL
    SELECT m.lease_id, -a.amount_fen
    FROM allocations a JOIN deposit_movements m ON m.id = a.deposit_movement_id
    UNION ALL
    SELECT m.lease_id, CASE m.kind WHEN 'opening' THEN m.amount_fen ELSE -m.amount_fen END
    FROM deposit_movements m WHERE m.kind IN ('opening', 'refunded')
    UNION ALL
    SELECT i.lease_id, -c.amount_fen
    FROM credits c
    JOIN credit_notes n ON n.credit_no = c.source_key AND n.tenant_id = c.tenant_id
    JOIN bills i ON i.id = n.bill_id
    WHERE c.source_kind = 'credit_note' AND i.kind = 'deposit'
), sums AS (
    SELECT lease_id, sum(amount_fen)::bigint AS follows_fen FROM moves GROUP BY lease_id
)
SELECT l.lease_no, coalesce(d.held_fen, 0)::bigint, coalesce(s.follows_fen, 0)::bigint
FROM sums s
FULL JOIN deposit_balances d ON d.lease_id = s.lease_id
JOIN leases l ON l.id = coalesce(s.lease_id, d.lease_id)
WHERE coalesce(d.held_fen, 0) <> coalesce(s.follows_fen, 0)
ORDER BY l.lease_no LIMIT %(limit)s;

-- name: find_owed_off
-- Customers of whom the ledger has not owed what is open of their bills: of all but deposits, of
-- deposits asked for, and the other side of these.
WITH kept AS (
    SELECT p.account, p.customer_id, sum(p.amount_fen) AS fen
    FROM ledger_postings p
    WHERE p.account IN ('receivable', 'deposit_receivable', 'deposit_due')
    GROUP BY p.account, p.customer_id
), follows AS (
    SELECT x.account, b.customer_id,
           sum(CASE WHEN x.account = 'deposit_due' THEN -b.open_fen ELSE b.open_fen END) AS fen
    FROM bill_balances b
    JOIN bills i ON i.id = b.bill_id
    CROSS JOIN (VALUES ('receivable'), ('deposit_receivable'), ('deposit_due')) AS x (account)
    WHERE (i.kind = 'deposit') = (x.account <> 'receivable')
    GROUP BY x.account, b.customer_id
)
SELECT concat_ws(' ', account, c.customer_no), coalesce(k.fen, 0)::bigint, coalesce(f.fen, 0)::bigint
FROM kept k
FULL JOIN follows f USING (account, customer_id)
LEFT JOIN customers c ON c.id = coalesce(k.customer_id, f.customer_id)
WHERE coalesce(k.fen, 0) <> coalesce(f.fen, 0)
ORDER BY 1 LIMIT %(limit)s;

-- name: find_owing_off
-- Customers whom by the ledger not is owed what is left of their credit, or held of their deposits.
WITH kept AS (
    SELECT p.account, p.customer_id, sum(p.amount_fen) AS fen
    FROM ledger_postings p
    WHERE p.account IN ('customer_credit', 'deposit_liability')
    GROUP BY p.account, p.customer_id
), follows AS (
    SELECT 'customer_credit' AS account, customer_id, -sum(left_fen) AS fen
    FROM credits GROUP BY customer_id
    UNION ALL
    SELECT 'deposit_liability', customer_id, -sum(held_fen)
    FROM deposit_balances GROUP BY customer_id
)
SELECT concat_ws(' ', account, c.customer_no), coalesce(k.fen, 0)::bigint, coalesce(f.fen, 0)::bigint
FROM kept k
FULL JOIN follows f USING (account, customer_id)
LEFT JOIN customers c ON c.id = coalesce(k.customer_id, f.customer_id)
WHERE coalesce(k.fen, 0) <> coalesce(f.fen, 0)
ORDER BY 1 LIMIT %(limit)s;

-- name: find_totals_off
-- Tenants whose ledger does not come to nothing, or to what is unclaimed; VAT that never falls due,
-- rent that is never earned.
WITH kept AS (
    SELECT p.tenant_id, x.account, sum(p.amount_fen) AS fen
    FROM ledger_postings p
    JOIN (VALUES ('all'), ('unclaimed'), ('vat_pending'), ('deferred_revenue')) AS x (account)
        ON x.account = p.account OR x.account = 'all'
    GROUP BY p.tenant_id, x.account
), follows AS (
    SELECT tenant_id, 'unclaimed' AS account, -sum(amount_fen) AS fen
    FROM payments WHERE state = 'unclaimed' GROUP BY tenant_id
)
SELECT concat_ws(' ', account, o.code), coalesce(k.fen, 0)::bigint, coalesce(f.fen, 0)::bigint
FROM kept k
FULL JOIN follows f USING (tenant_id, account)
LEFT JOIN organisations o ON o.id = coalesce(k.tenant_id, f.tenant_id)
WHERE coalesce(k.fen, 0) <> coalesce(f.fen, 0)
ORDER BY 1 LIMIT %(limit)s;

-- name: find_bills_off
-- Issued bills whose lines do not add up to them.
SELECT i.bill_no, i.total_fen, coalesce(sum(l.amount_fen), 0)::bigint
FROM bills i
LEFT JOIN bill_lines l ON l.bill_id = i.id
WHERE i.state = 'issued'
GROUP BY i.id, i.bill_no, i.total_fen, i.vat_fen
HAVING i.total_fen <> coalesce(sum(l.amount_fen), 0) OR i.vat_fen <> coalesce(sum(l.vat_fen), 0)
ORDER BY i.bill_no LIMIT %(limit)s;

-- name: find_numbers_off
-- Counters that gave another number of numbers than there are bills, or credit notes.
SELECT concat_ws(' ', n.kind, o.code, n.year), n.last_no::bigint,
       (CASE n.kind
            WHEN 'bill' THEN (SELECT count(*) FROM bills b
                              WHERE b.organisation_id = n.organisation_id AND b.state = 'issued'
                                AND b.bill_no LIKE 'B' || n.year || '-%%')
            ELSE (SELECT count(*) FROM credit_notes c
                  WHERE c.organisation_id = n.organisation_id
                    AND c.credit_no LIKE 'N' || n.year || '-%%')
        END)::bigint
FROM bill_counters n
JOIN organisations o ON o.id = n.organisation_id
WHERE n.last_no <> (CASE n.kind
            WHEN 'bill' THEN (SELECT count(*) FROM bills b
                              WHERE b.organisation_id = n.organisation_id AND b.state = 'issued'
                                AND b.bill_no LIKE 'B' || n.year || '-%%')
            ELSE (SELECT count(*) FROM credit_notes c
                  WHERE c.organisation_id = n.organisation_id
                    AND c.credit_no LIKE 'N' || n.year || '-%%')
        END)
ORDER BY 1 LIMIT %(limit)s;
