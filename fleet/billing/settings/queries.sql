-- name: find_settings
-- The settings that count for an organisation in sight, and whose they are.
SELECT o.id AS organisation_id, o.tenant_id, o.code AS organisation_code,
       w.code AS of_organisation_code, s.bills_from_on, s.draft_days, s.issue_days, s.issues_itself,
       s.seller, CASE WHEN s.organisation_id = o.id THEN s.version ELSE 0 END AS version,
       (SELECT actor FROM actor_in_sight(s.changed_by)) AS changed_by, s.changed_at
FROM organisations o
CROSS JOIN LATERAL billing_settings_of(o.id) s
LEFT JOIN organisations w ON w.id = s.organisation_id
WHERE o.id = %(organisation_id)s;

-- name: lock_settings
-- One at a time says how an organisation bills; its own version, none where it has none.
SELECT version FROM billing_settings WHERE organisation_id = %(organisation_id)s FOR UPDATE;

-- name: insert_settings
-- The first settings of an organisation; none where somebody was faster.
INSERT INTO billing_settings (organisation_id, tenant_id, bills_from_on, draft_days, issue_days,
    issues_itself, seller, changed_by, changed_at)
VALUES (%(organisation_id)s, %(tenant_id)s, %(bills_from_on)s, %(draft_days)s, %(issue_days)s,
    %(issues_itself)s, %(seller)s, %(changed_by)s, %(changed_at)s)
ON CONFLICT (organisation_id) DO NOTHING;

-- name: update_settings
-- Other settings of an organisation.
UPDATE billing_settings
SET bills_from_on = %(bills_from_on)s, draft_days = %(draft_days)s, issue_days = %(issue_days)s,
    issues_itself = %(issues_itself)s, seller = %(seller)s, changed_by = %(changed_by)s,
    changed_at = %(changed_at)s, version = version + 1
WHERE organisation_id = %(organisation_id)s;

-- name: look_again_below
-- The leases of an organisation and of those below it are looked at when billing runs next.
UPDATE lease_billing
SET next_on = least(next_on, %(on)s::date)
WHERE organisation_id IN (SELECT descendant_id FROM organisation_closure
                          WHERE ancestor_id = %(organisation_id)s);
