-- name: count_documents
-- Files of a vehicle in sight by kind, without those withdrawn.
SELECT kind, count(*) AS files
FROM documents
WHERE vehicle_id = %(vehicle_id)s AND withdrawn_at IS NULL
GROUP BY kind
ORDER BY kind;
