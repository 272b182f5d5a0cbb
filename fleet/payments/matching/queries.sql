-- name: list_customers_named
-- Customers, those merged as the one they went into, by what a payment names: numbers of bills, of
-- leases, of customers, and plates of vehicles their leases had lately.
SELECT coalesce(c.merged_into_id, c.id) AS customer_id
FROM bills b JOIN customers c ON c.id = b.customer_id
WHERE b.bill_no = ANY (%(bill_nos)s)
UNION
SELECT coalesce(c.merged_into_id, c.id)
FROM leases l JOIN customers c ON c.id = l.customer_id
WHERE l.lease_no = ANY (%(lease_nos)s)
UNION
SELECT coalesce(c.merged_into_id, c.id) FROM customers c WHERE c.customer_no = ANY (%(customer_nos)s)
UNION
SELECT coalesce(c.merged_into_id, c.id)
FROM vehicles v
JOIN lease_segments s ON s.vehicle_id = v.id
    AND s.let_period && tstzrange(%(plates_since)s, NULL)
JOIN leases l ON l.id = s.lease_id
JOIN customers c ON c.id = l.customer_id
WHERE v.plate = ANY (%(plates)s);

-- name: list_customers_owing
-- Customers of an organisation, or below it, of whom a bill has just so much open; none of an amount
-- that too many owe.
SELECT o.open_fen, o.customer_ids
FROM (
    SELECT b.open_fen, array_agg(DISTINCT coalesce(c.merged_into_id, c.id)) AS customer_ids
    FROM bill_balances b JOIN customers c ON c.id = b.customer_id
    WHERE b.settled_on IS NULL AND b.open_fen = ANY (%(amounts)s)
      AND b.organisation_id IN (SELECT descendant_id FROM organisation_closure
                                WHERE ancestor_id = %(organisation_id)s)
    GROUP BY b.open_fen
) AS o
WHERE cardinality(o.customer_ids) <= %(most)s;

-- name: list_names
-- By which names payers may be known: of customers, of those merged into them, on their invoices,
-- and of holders of their accounts.
SELECT coalesce(c.merged_into_id, c.id) AS customer_id, n.name
FROM customers c
CROSS JOIN LATERAL (
    SELECT c.name UNION SELECT c.invoice_title
    UNION SELECT a.holder FROM customer_accounts a
          WHERE a.customer_id = c.id AND a.removed_at IS NULL
) AS n (name)
WHERE c.erased_at IS NULL AND n.name IS NOT NULL;

-- name: list_candidates
-- Customers of an organisation, or below it, with all by which a payment may name them: a receipt
-- keeps its proposals, and who sees it sees no customer beside it.
SELECT h.id AS customer_id, h.customer_no,
       array_agg(DISTINCT f.customer_no) AS customer_nos,
       coalesce(array_agg(DISTINCT l.lease_no) FILTER (WHERE l.id IS NOT NULL), '{}') AS lease_nos,
       coalesce(array_agg(DISTINCT v.plate) FILTER (WHERE v.plate IS NOT NULL), '{}') AS plates
FROM customers h
JOIN customers f ON f.id = h.id OR f.merged_into_id = h.id
LEFT JOIN leases l ON l.customer_id = f.id AND l.state <> 'draft'
LEFT JOIN lease_segments s ON s.lease_id = l.id
    AND s.let_period && tstzrange(%(plates_since)s, NULL)
LEFT JOIN vehicles v ON v.id = s.vehicle_id
WHERE h.id = ANY (%(customer_ids)s) AND h.erased_at IS NULL
  AND h.organisation_id IN (SELECT descendant_id FROM organisation_closure
                            WHERE ancestor_id = %(organisation_id)s)
GROUP BY h.id, h.customer_no;

-- name: list_open_bills
-- What is open of bills of these customers, and of those merged into them, by due day.
SELECT coalesce(c.merged_into_id, c.id) AS customer_id, b.bill_no, l.lease_no, o.due_on, o.open_fen
FROM bill_balances o
JOIN bills b ON b.id = o.bill_id
JOIN customers c ON c.id = o.customer_id
LEFT JOIN leases l ON l.id = o.lease_id
WHERE o.settled_on IS NULL
  AND (c.id = ANY (%(customer_ids)s) OR c.merged_into_id = ANY (%(customer_ids)s))
  AND o.organisation_id IN (SELECT descendant_id FROM organisation_closure
                            WHERE ancestor_id = %(organisation_id)s)
ORDER BY o.due_on, b.bill_no;

-- name: list_paid_before
-- For which customers receipts of the same payers, by name and the last four of the account, were
-- claimed.
SELECT DISTINCT q.name, q.last_four, coalesce(c.merged_into_id, c.id) AS customer_id
FROM unnest(%(names)s::text[], %(last_fours)s::text[]) AS q (name, last_four)
JOIN payments p ON p.payer_name = q.name AND right(p.payer_account, 4) = q.last_four
    AND p.state = 'claimed'
JOIN customers c ON c.id = p.customer_id;

-- name: list_recorded_by_hand
-- Receipts without a number of the bank, recorded by people about a day, for an amount.
SELECT DISTINCT ON (q.place) q.place, p.payment_no
FROM unnest(%(days)s::date[], %(amounts)s::bigint[]) WITH ORDINALITY AS q (received_on, amount_fen, place)
JOIN payments p ON p.organisation_id = %(organisation_id)s AND p.amount_fen = q.amount_fen
    AND p.received_on BETWEEN q.received_on - %(days_around)s::integer
        AND q.received_on + %(days_around)s::integer
    AND p.bank_reference IS NULL AND p.state <> 'reversed' AND p.channel <> 'cash'
ORDER BY q.place, p.received_on, p.payment_no;
