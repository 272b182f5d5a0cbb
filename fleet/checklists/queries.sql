-- name: list_checklists
-- The latest edition of every checklist by code; filters and place are added in store.py.
SELECT c.id, c.code, c.edition, c.kind, c.title, c.steps, c.published_at
FROM checklist_templates c
WHERE NOT EXISTS (SELECT FROM checklist_templates later
                  WHERE later.tenant_id = c.tenant_id AND later.code = c.code
                    AND later.edition > c.edition);

-- name: list_editions
-- Every edition of a checklist, the latest first.
SELECT id, code, edition, kind, title, steps, published_at
FROM checklist_templates
WHERE code = %(code)s
ORDER BY edition DESC;

-- name: find_checklist
-- An edition by its id.
SELECT id, code, edition, kind, title, steps, published_at
FROM checklist_templates
WHERE id = %(id)s;

-- name: insert_checklist
-- A further edition of a checklist, or its first.
INSERT INTO checklist_templates (tenant_id, organisation_id, code, edition, kind, title, steps,
    published_by, published_at)
SELECT %(tenant_id)s, %(tenant_id)s, %(code)s, coalesce(max(c.edition), 0) + 1, %(kind)s, %(title)s,
       %(steps)s, %(published_by)s, %(published_at)s
FROM checklist_templates c
WHERE c.tenant_id = %(tenant_id)s AND c.code = %(code)s
RETURNING id, code, edition, kind, title, steps, published_at;
