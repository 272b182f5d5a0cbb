-- name: list_balances
-- What each account came to at the end of a day, of an organisation and those below it or of all.
SELECT p.account,
       coalesce(sum(p.amount_fen) FILTER (WHERE p.booked_on < %(from_on)s), 0)::bigint AS opening_fen,
       coalesce(sum(p.amount_fen) FILTER (WHERE p.booked_on >= %(from_on)s AND p.amount_fen > 0), 0)::bigint
           AS debit_fen,
       coalesce(-sum(p.amount_fen) FILTER (WHERE p.booked_on >= %(from_on)s AND p.amount_fen < 0), 0)::bigint
           AS credit_fen,
       sum(p.amount_fen)::bigint AS balance_fen
FROM ledger_postings p
WHERE p.booked_on <= %(on)s
  AND (%(organisation)s::text IS NULL OR p.organisation_id IN (
      SELECT b.descendant_id FROM organisation_closure b
      JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s))
GROUP BY p.account;

-- name: sum_postings
-- What is posted to an account; filters are added in store.py.
SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM ledger_postings p;

-- name: list_entries
-- Entries in sight with their numbers; filters, place and order are added in store.py.
SELECT e.id, o.code AS organisation_code, e.event_kind, e.event_key, e.part, e.happened_on,
       e.booked_on, e.title, (SELECT actor FROM actor_in_sight(e.recorded_by)) AS recorded_by,
       e.recorded_at,
       (SELECT count(*) FROM ledger_entries b
        WHERE b.organisation_id = e.organisation_id
          AND b.booked_on >= date_trunc('month', e.booked_on::timestamp)::date
          AND (b.booked_on, b.id) <= (e.booked_on, e.id)) AS voucher
FROM ledger_entries e
JOIN organisations o ON o.id = e.organisation_id;

-- name: list_sides
-- The postings of entries.
SELECT p.entry_id, p.no, p.account, p.amount_fen, k.customer_no, l.lease_no, v.vin
FROM ledger_postings p
LEFT JOIN customers k ON k.id = p.customer_id
LEFT JOIN leases l ON l.id = p.lease_id
LEFT JOIN vehicles v ON v.id = p.vehicle_id
WHERE p.entry_id = ANY (%(entry_ids)s)
ORDER BY p.entry_id, p.no;

-- name: list_journal
-- Postings of a month, book by book in the order of their vouchers; the place of a page is the last
-- posting of the one before. A page holds whole stretches of a book, so that its first voucher is
-- counted and the others follow.
WITH page AS (
    SELECT e.organisation_id, e.booked_on, e.id AS entry_id, p.no, e.title, p.account, p.amount_fen,
           p.customer_id, p.lease_id, p.vehicle_id, e.event_kind, e.event_key
    FROM ledger_entries e
    JOIN ledger_postings p ON p.entry_id = e.id
    WHERE e.booked_on >= %(month_on)s AND e.booked_on < %(until_on)s
      AND (%(organisation)s::text IS NULL OR e.organisation_id IN (
          SELECT b.descendant_id FROM organisation_closure b
          JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s))
      AND (e.organisation_id, e.booked_on, e.id) >= (%(after_organisation)s, %(after_on)s, %(after_entry)s)
      AND (e.organisation_id, e.booked_on, e.id, p.no)
          > (%(after_organisation)s, %(after_on)s, %(after_entry)s, %(after_no)s)
    ORDER BY e.organisation_id, e.booked_on, e.id, p.no LIMIT %(limit)s
), firsts AS (
    SELECT f.organisation_id,
           (SELECT count(*) FROM ledger_entries b
            WHERE b.organisation_id = f.organisation_id AND b.booked_on >= %(month_on)s
              AND (b.booked_on, b.id) < (f.booked_on, f.entry_id)) AS earlier
    FROM (SELECT DISTINCT ON (organisation_id) organisation_id, booked_on, entry_id
          FROM page ORDER BY organisation_id, booked_on, entry_id) f
)
SELECT g.organisation_id, o.code AS organisation_code, g.booked_on,
       f.earlier + dense_rank() OVER (PARTITION BY g.organisation_id ORDER BY g.booked_on, g.entry_id)
           AS voucher,
       g.entry_id, g.no, g.title, g.account, g.amount_fen, k.customer_no, k.name AS customer_name,
       l.lease_no, v.vin, g.event_kind, g.event_key
FROM page g
JOIN firsts f USING (organisation_id)
JOIN organisations o ON o.id = g.organisation_id
LEFT JOIN customers k ON k.id = g.customer_id
LEFT JOIN leases l ON l.id = g.lease_id
LEFT JOIN vehicles v ON v.id = g.vehicle_id
ORDER BY g.organisation_id, g.booked_on, g.entry_id, g.no;
