-- name: insert_lease
-- A new draft; none where the number is taken.
INSERT INTO leases (tenant_id, organisation_id, lease_no, customer_id, kind, state, terms, starts_on,
    ends_on, renews_id, reference, created_by, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(lease_no)s, %(customer_id)s, %(kind)s, 'draft',
    %(terms)s, %(starts_on)s, %(ends_on)s, %(renews_id)s, %(reference)s, %(created_by)s,
    %(created_at)s)
ON CONFLICT ON CONSTRAINT leases_lease_no_key DO NOTHING
RETURNING id;

-- name: update_draft
-- A draft as it is to be.
UPDATE leases
SET customer_id = %(customer_id)s, kind = %(kind)s, terms = %(terms)s, starts_on = %(starts_on)s,
    ends_on = %(ends_on)s, reference = %(reference)s, version = version + 1
WHERE id = %(id)s;

-- name: cancel_draft
-- A draft that comes to nothing.
UPDATE leases SET state = 'cancelled', version = version + 1 WHERE id = %(id)s;
