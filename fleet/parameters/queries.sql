-- name: find_figures
-- The figures in force on a day: a tenant's own before everybody's; before the first, the first.
SELECT content
FROM parameters
WHERE name = %(name)s AND (tenant_id IS NULL OR tenant_id = %(tenant_id)s)
ORDER BY (valid_from_on <= %(on)s) DESC,
         CASE WHEN valid_from_on <= %(on)s THEN tenant_id IS NOT NULL END DESC,
         CASE WHEN valid_from_on <= %(on)s THEN valid_from_on END DESC,
         valid_from_on, id DESC
LIMIT 1;

-- name: list_figures
-- The figures of every name in force on a day for the tenant of an organisation, as `find_figures`.
SELECT DISTINCT ON (p.name)
       p.name, p.valid_from_on, p.content, p.source, p.tenant_id IS NOT NULL AS own,
       (SELECT actor FROM actor_in_sight(p.recorded_by)) AS recorded_by, p.recorded_at
FROM parameters p
WHERE p.tenant_id IS NULL
   OR p.tenant_id = (SELECT tenant_id FROM organisations WHERE id = %(organisation_id)s)
ORDER BY p.name, (p.valid_from_on <= %(on)s) DESC,
         CASE WHEN p.valid_from_on <= %(on)s THEN p.tenant_id IS NOT NULL END DESC,
         CASE WHEN p.valid_from_on <= %(on)s THEN p.valid_from_on END DESC,
         p.valid_from_on, p.id DESC;

-- name: list_history
-- Everything that was ever written of a name for the tenant of an organisation, the last first.
SELECT p.name, p.valid_from_on, p.content, p.source, p.tenant_id IS NOT NULL AS own,
       (SELECT actor FROM actor_in_sight(p.recorded_by)) AS recorded_by, p.recorded_at
FROM parameters p
WHERE p.name = %(name)s
  AND (p.tenant_id IS NULL
       OR p.tenant_id = (SELECT tenant_id FROM organisations WHERE id = %(organisation_id)s))
ORDER BY p.valid_from_on DESC, p.tenant_id IS NOT NULL DESC, p.id DESC;

-- name: is_head
-- Whether an organisation is the head of its tenant.
SELECT tenant_id = id FROM organisations WHERE id = %(organisation_id)s;

-- name: insert_figures
-- A tenant's own figures from a day on.
INSERT INTO parameters (tenant_id, organisation_id, name, valid_from_on, content, source,
    recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(tenant_id)s, %(name)s, %(valid_from_on)s, %(content)s, %(source)s,
    %(recorded_by)s, %(recorded_at)s);
