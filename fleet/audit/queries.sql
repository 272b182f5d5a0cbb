-- name: has_entry_since
-- Whether this actor did this since an instant.
SELECT EXISTS (
    SELECT FROM audit_entries
    WHERE organisation_id = %(organisation_id)s AND actor_name = %(actor_name)s
      AND action = %(action)s AND at >= %(since)s);

-- name: list_entries
-- What was done, newest first; the filters and the place of the page are added in store.py.
SELECT o.code AS organisation_code, e.no, e.at, e.actor_kind, e.actor_name, e.action,
       e.object_kind, e.object_key, e.before, e.after, e.ip, e.request_id
FROM audit_entries e
JOIN organisations o ON o.id = e.organisation_id;

-- name: list_entries_about
-- Entries about some objects with what proves them, in the order of time.
SELECT o.code AS organisation_code, e.no, e.at, e.actor_kind, e.actor_name, e.action,
       e.object_kind, e.object_key, e.before, e.after, e.ip, e.request_id,
       audit_fields(e) AS fields, e.previous_digest, e.digest
FROM audit_entries e
JOIN organisations o ON o.id = e.organisation_id
WHERE (e.object_kind, e.object_key) IN
    (SELECT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]))
ORDER BY e.at, o.code, e.no;

-- name: list_chain
-- Every entry as its digest was made of it, chain by chain.
SELECT e.organisation_id, e.no, audit_fields(e) AS fields, e.previous_digest, e.digest
FROM audit_entries e
ORDER BY e.organisation_id, e.no;

-- name: list_heads
-- The end of each chain.
SELECT organisation_id, no, digest FROM audit_heads ORDER BY organisation_id;
