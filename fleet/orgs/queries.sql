-- name: insert_organisation
-- A new node below its parent, or a new root where the parent is null.
INSERT INTO organisations (code, name, parent_id, time_zone)
VALUES (%(code)s, %(name)s, %(parent_id)s, %(time_zone)s)
RETURNING id;

-- name: find_organisation
-- The organisation with this code.
SELECT o.id, o.code, o.name, p.code AS parent_code, o.time_zone
FROM organisations o
LEFT JOIN organisations p ON p.id = o.parent_id
WHERE o.code = %(code)s;

-- name: list_subtree
-- The organisation with this code and all below it, by depth, then code.
WITH RECURSIVE below (id, depth) AS (
    SELECT id, 0 FROM organisations WHERE code = %(code)s
    UNION ALL
    SELECT o.id, b.depth + 1 FROM organisations o JOIN below b ON o.parent_id = b.id
)
SELECT o.id, o.code, o.name, p.code AS parent_code, o.time_zone, b.depth
FROM below b
JOIN organisations o ON o.id = b.id
LEFT JOIN organisations p ON p.id = o.parent_id
ORDER BY b.depth, o.code;

-- name: lock_tree
-- One move at a time; taken before the update, else two moves would wait for each other.
LOCK TABLE organisations IN SHARE ROW EXCLUSIVE MODE;

-- name: update_parent
-- Puts an organisation below another, or makes it a root.
UPDATE organisations SET parent_id = %(parent_id)s WHERE id = %(id)s;
