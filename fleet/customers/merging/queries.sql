-- name: list_duplicates
-- Customers in sight with something in common, each group by what and by its oldest number; neither
-- merged nor erased ones. Names are compared without blanks, brackets and dots.
WITH likenesses AS (
    SELECT 'id_number' AS likeness, encode(c.id_digest, 'hex') AS same, c.id
    FROM customers c WHERE c.id_digest IS NOT NULL
    UNION ALL
    SELECT 'phone', c.phone, c.id FROM customers c WHERE c.phone IS NOT NULL
    UNION ALL
    SELECT 'tax_no', c.tax_no, c.id FROM customers c WHERE c.tax_no IS NOT NULL
    UNION ALL
    SELECT 'name', c.kind || ' ' || lower(regexp_replace(normalize(c.name, NFKC),
           '[[:space:]().,·•]', '', 'g')), c.id
    FROM customers c
), groups AS (
    SELECT l.likeness, count(*) AS count,
           array_agg(c.customer_no ORDER BY c.customer_no) AS customer_nos,
           array_agg(c.name ORDER BY c.customer_no) AS names,
           array_agg(o.code ORDER BY c.customer_no) AS organisations,
           (array_agg(c.kind ORDER BY c.customer_no))[1] AS kind
    FROM likenesses l
    JOIN customers c ON c.id = l.id
    JOIN organisations o ON o.id = c.organisation_id
    WHERE c.merged_into_id IS NULL AND c.erased_at IS NULL
    GROUP BY c.tenant_id, l.likeness, l.same
    HAVING count(*) > 1
)
SELECT g.likeness, g.kind, g.names[1:%(most)s] AS names,
       g.customer_nos[1:%(most)s] AS customer_nos, g.organisations[1:%(most)s] AS organisations,
       g.count
FROM groups g
WHERE %(after_likeness)s::text IS NULL
   OR (g.likeness, g.customer_nos[1]) > (%(after_likeness)s, %(after_no)s)
ORDER BY g.likeness, g.customer_nos[1]
LIMIT %(limit)s;

-- name: mark_merged
-- A customer goes on as another, and with it all that were merged into it before.
UPDATE customers
SET merged_into_id = %(into_id)s, merged_at = coalesce(merged_at, %(now)s), version = version + 1
WHERE id = %(id)s OR merged_into_id = %(id)s;
