-- name: make_books_below
-- Books for an organisation and all below it, where there are none.
INSERT INTO ledger_books (organisation_id, tenant_id)
SELECT b.descendant_id, b.tenant_id
FROM organisation_closure b WHERE b.ancestor_id = %(organisation_id)s
ORDER BY b.descendant_id
ON CONFLICT (organisation_id) DO NOTHING;

-- name: lock_books_below
-- Until the commit nobody posts to the books of an organisation and those below it.
SELECT k.organisation_id, k.closed_until_on
FROM ledger_books k
WHERE k.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b
                            WHERE b.ancestor_id = %(organisation_id)s)
ORDER BY k.organisation_id FOR UPDATE;

-- name: find_first_booked
-- The first day anything counts on in these books.
SELECT min(e.booked_on) FROM ledger_entries e
WHERE e.organisation_id = ANY (%(organisation_ids)s);

-- name: insert_closings
-- What the accounts of books came to at the end of a month, kept.
INSERT INTO ledger_closings (tenant_id, organisation_id, month_on, balances, closed_by, closed_at)
SELECT k.tenant_id, k.organisation_id, %(month_on)s,
       coalesce((SELECT jsonb_object_agg(s.account, s.balance_fen)
                 FROM (SELECT p.account, sum(p.amount_fen) AS balance_fen FROM ledger_postings p
                       WHERE p.organisation_id = k.organisation_id AND p.booked_on < %(until_on)s
                       GROUP BY p.account) s), '{}'),
       %(closed_by)s, %(closed_at)s
FROM ledger_books k WHERE k.organisation_id = ANY (%(organisation_ids)s);

-- name: mark_closed
-- From when on books are open.
UPDATE ledger_books SET closed_until_on = %(until_on)s
WHERE organisation_id = ANY (%(organisation_ids)s);

-- name: list_closings
-- Months that are closed; filters, place and order are added in store.py.
SELECT c.id, o.code AS organisation_code, c.month_on, c.balances,
       (SELECT actor FROM actor_in_sight(c.closed_by)) AS closed_by, c.closed_at
FROM ledger_closings c
JOIN organisations o ON o.id = c.organisation_id;
