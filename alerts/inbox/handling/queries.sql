-- name: find_assignee
-- The person in sight with this log-in, of an organisation that sees this one; and their roles.
SELECT u.roles
FROM users u
JOIN organisation_closure c ON c.ancestor_id = u.organisation_id
WHERE u.login = %(login)s AND u.disabled_at IS NULL AND c.descendant_id = %(organisation_id)s;
