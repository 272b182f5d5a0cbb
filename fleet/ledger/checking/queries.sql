-- name: find_unbalanced
-- Entries that do not sum to zero, or have fewer than two postings.
SELECT e.event_kind || ' ' || e.event_key || ' ' || e.part AS key,
       coalesce(sum(p.amount_fen), 0)::bigint AS off_fen, count(p.no) AS sides
FROM ledger_entries e
LEFT JOIN ledger_postings p ON p.entry_id = e.id
GROUP BY e.id, e.event_kind, e.event_key, e.part
HAVING coalesce(sum(p.amount_fen), 0) <> 0 OR count(p.no) < 2
ORDER BY e.id LIMIT %(limit)s;

-- name: find_changed_closings
-- Closed months that do not come any more to what was kept of them.
SELECT o.code || ' ' || to_char(c.month_on, 'YYYY-MM') AS key
FROM ledger_closings c
JOIN organisations o ON o.id = c.organisation_id
WHERE c.balances <> coalesce(
    (SELECT jsonb_object_agg(s.account, s.balance_fen)
     FROM (SELECT p.account, sum(p.amount_fen) AS balance_fen FROM ledger_postings p
           WHERE p.organisation_id = c.organisation_id
             AND p.booked_on < c.month_on + interval '1 month' GROUP BY p.account) s), '{}')
ORDER BY 1 LIMIT %(limit)s;

-- name: find_open_closings
-- Closed months of books that are open then.
SELECT o.code || ' ' || to_char(c.month_on, 'YYYY-MM') AS key
FROM ledger_closings c
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN ledger_books b ON b.organisation_id = c.organisation_id
WHERE b.closed_until_on IS NULL OR b.closed_until_on <= c.month_on
ORDER BY 1 LIMIT %(limit)s;
