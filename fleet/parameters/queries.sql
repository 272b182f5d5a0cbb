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
