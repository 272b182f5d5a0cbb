-- name: list_quotes
-- Quotes in sight; filters, place and order are added in store.py.
SELECT q.id, q.tenant_id, q.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       q.quote_no, q.customer_id, c.customer_no, c.name AS customer_name, q.prospect,
       q.prospect_phone, q.terms, q.valid_until_on, q.state, q.state_note, l.lease_no,
       (SELECT actor FROM actor_in_sight(q.created_by)) AS created_by,
       q.created_at, q.version
FROM quotes q
JOIN organisations o ON o.id = q.organisation_id
LEFT JOIN customers c ON c.id = q.customer_id
LEFT JOIN leases l ON l.id = q.lease_id
CROSS JOIN LATERAL (
    SELECT q.state = 'open' AND q.valid_until_on < (%(now)s::timestamptz AT TIME ZONE o.time_zone)::date
        AS is_expired
) AS e;

-- name: lock_quote
-- One at a time changes a quote.
SELECT id FROM quotes WHERE quote_no = %(quote_no)s FOR UPDATE;

-- name: insert_quote
-- A new quote; none where the number is taken.
INSERT INTO quotes (tenant_id, organisation_id, quote_no, customer_id, prospect, prospect_phone,
    terms, valid_until_on, state, created_by, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(quote_no)s, %(customer_id)s, %(prospect)s,
    %(prospect_phone)s, %(terms)s, %(valid_until_on)s, 'open', %(created_by)s, %(created_at)s)
ON CONFLICT ON CONSTRAINT quotes_quote_no_key DO NOTHING
RETURNING id;

-- name: update_quote
-- A quote as it is to be.
UPDATE quotes
SET customer_id = %(customer_id)s, prospect = %(prospect)s, prospect_phone = %(prospect_phone)s,
    terms = %(terms)s, valid_until_on = %(valid_until_on)s, version = version + 1
WHERE id = %(id)s;

-- name: mark_state
-- A quote came to its end; of one that was accepted, with the lease it became.
UPDATE quotes
SET state = %(state)s, state_note = %(note)s, lease_id = %(lease_id)s,
    customer_id = coalesce(%(customer_id)s, customer_id), version = version + 1
WHERE id = %(id)s;

-- name: forget_prospects
-- Of people to be forgotten: whom a quote was for before they were customers, and what was noted.
UPDATE quotes
SET prospect = NULL, prospect_phone = NULL, state_note = NULL, version = version + 1
WHERE customer_id = ANY (%(customer_ids)s::bigint[])
  AND (prospect IS NOT NULL OR prospect_phone IS NOT NULL OR state_note IS NOT NULL);
