-- name: lock_books
-- From when on the books are open; nobody closes a month of them until the commit.
SELECT organisation_id, closed_until_on
FROM ledger_books WHERE organisation_id = ANY (%(organisation_ids)s)
ORDER BY organisation_id FOR SHARE;

-- name: insert_books
-- Books of organisations that have none yet.
INSERT INTO ledger_books (organisation_id, tenant_id)
SELECT n.organisation_id, n.tenant_id
FROM unnest(%(organisation_ids)s::bigint[], %(tenant_ids)s::bigint[]) AS n (organisation_id, tenant_id)
ORDER BY n.organisation_id
ON CONFLICT (organisation_id) DO NOTHING;

-- name: insert_entries
-- Entries, with the ids they got.
INSERT INTO ledger_entries (tenant_id, organisation_id, event_kind, event_key, part, happened_on,
    booked_on, title, recorded_by, recorded_at)
SELECT n.tenant_id, n.organisation_id, n.event_kind, n.event_key, n.part, n.happened_on, n.booked_on,
       n.title, %(recorded_by)s, %(recorded_at)s
FROM unnest(%(tenant_id)s::bigint[], %(organisation_id)s::bigint[], %(event_kind)s::text[],
            %(event_key)s::text[], %(part)s::integer[], %(happened_on)s::date[], %(booked_on)s::date[],
            %(title)s::text[])
     AS n (tenant_id, organisation_id, event_kind, event_key, part, happened_on, booked_on, title)
RETURNING organisation_id, event_kind, event_key, part, id;

-- name: insert_postings
-- All postings of entries that were just added.
INSERT INTO ledger_postings (entry_id, no, tenant_id, organisation_id, booked_on, account, amount_fen,
    customer_id, lease_id, vehicle_id)
SELECT n.entry_id, n.no, n.tenant_id, n.organisation_id, n.booked_on, n.account, n.amount_fen,
       n.customer_id, n.lease_id, n.vehicle_id
FROM unnest(%(entry_id)s::bigint[], %(no)s::integer[], %(tenant_id)s::bigint[],
            %(organisation_id)s::bigint[], %(booked_on)s::date[], %(account)s::text[],
            %(amount_fen)s::bigint[], %(customer_id)s::bigint[], %(lease_id)s::bigint[],
            %(vehicle_id)s::bigint[])
     AS n (entry_id, no, tenant_id, organisation_id, booked_on, account, amount_fen, customer_id,
           lease_id, vehicle_id);
