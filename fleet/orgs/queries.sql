-- name: insert_organisation
-- A new node below its parent, or a new root where the parent is null.
INSERT INTO organisations (code, name, parent_id, time_zone)
VALUES (%(code)s, %(name)s, %(parent_id)s, %(time_zone)s)
RETURNING id;

-- name: find_organisation
-- The organisation with this code.
SELECT o.id, o.code, o.name, p.code AS parent_code, o.time_zone, o.tenant_id, o.version
FROM organisations o
LEFT JOIN organisations p ON p.id = o.parent_id
WHERE o.code = %(code)s;

-- name: list_organisations
-- Every organisation in sight, by code; the place of the page is added in store.py.
SELECT o.id, o.code, o.name, p.code AS parent_code, o.time_zone, o.tenant_id, o.version
FROM organisations o
LEFT JOIN organisations p ON p.id = o.parent_id;

-- name: list_subtree
-- The organisation with this code and all below it, by depth, then code.
SELECT o.id, o.code, o.name, p.code AS parent_code, o.time_zone, b.depth
FROM organisations top
JOIN organisation_closure b ON b.ancestor_id = top.id
JOIN organisations o ON o.id = b.descendant_id
LEFT JOIN organisations p ON p.id = o.parent_id
WHERE top.code = %(code)s
ORDER BY b.depth, o.code;

-- name: lock_tree
-- One move at a time; taken before the update, else two moves would wait for each other.
SELECT pg_advisory_xact_lock(hashtext('organisations_tree'));

-- name: update_parent
-- Puts an organisation below another.
UPDATE organisations SET parent_id = %(parent_id)s, version = version + 1 WHERE id = %(id)s;

-- name: update_organisation
-- Renames an organisation that nobody has changed since it was read.
UPDATE organisations
SET name = %(name)s, time_zone = %(time_zone)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;
