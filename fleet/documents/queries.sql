-- name: lock_subject
-- Has whoever adds to the same subject at the same time wait; until the commit.
SELECT pg_advisory_xact_lock(hashtextextended(%(subject)s, 0));

-- name: hold_bytes
-- Has a sweep leave bytes alone that somebody puts; until the commit.
SELECT pg_advisory_xact_lock_shared(hashtextextended(%(bytes)s, 0));

-- name: take_bytes
-- Has whoever puts the same bytes wait until they are gone, unless somebody is putting them.
SELECT pg_try_advisory_xact_lock(hashtextextended(%(bytes)s, 0));

-- name: find_same_document
-- The file with this content that this subject of the organisation has already.
SELECT key
FROM documents
WHERE tenant_id = %(tenant_id)s AND organisation_id = %(organisation_id)s
  AND vehicle_id IS NOT DISTINCT FROM %(vehicle_id)s
  AND subject_kind = %(subject_kind)s AND subject_key = %(subject_key)s
  AND sha256 = %(sha256)s AND withdrawn_at IS NULL
ORDER BY id
LIMIT 1;

-- name: insert_document
-- A file whose bytes are stored.
INSERT INTO documents (tenant_id, organisation_id, vehicle_id, subject_kind, subject_key, kind,
    goes_along, name, media_type, size_bytes, sha256, uploaded_by, uploaded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(subject_kind)s, %(subject_key)s,
    %(kind)s, %(goes_along)s, %(name)s, %(media_type)s, %(size_bytes)s, %(sha256)s,
    %(uploaded_by)s, %(uploaded_at)s)
RETURNING key;

-- name: find_document
-- One file by its key.
SELECT d.id, d.key, d.tenant_id, v.vin, o.code AS organisation_code, d.subject_kind, d.subject_key,
       d.kind, d.goes_along, d.name, d.media_type, d.size_bytes, d.sha256,
       (SELECT actor FROM actor_in_sight(d.uploaded_by)) AS uploaded_by,
       d.uploaded_at, d.withdrawn_at
FROM documents d
LEFT JOIN vehicles v ON v.id = d.vehicle_id
LEFT JOIN organisations o ON o.id = d.organisation_id
WHERE d.key = %(key)s;

-- name: list_documents
-- Files of a vehicle, the latest first.
SELECT d.id, d.key, d.tenant_id, v.vin, o.code AS organisation_code, d.subject_kind, d.subject_key,
       d.kind, d.goes_along, d.name, d.media_type, d.size_bytes, d.sha256,
       (SELECT actor FROM actor_in_sight(d.uploaded_by)) AS uploaded_by,
       d.uploaded_at, d.withdrawn_at
FROM documents d
LEFT JOIN vehicles v ON v.id = d.vehicle_id
LEFT JOIN organisations o ON o.id = d.organisation_id
WHERE d.vehicle_id = %(vehicle_id)s AND d.withdrawn_at IS NULL
  AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
  AND (%(subject_kind)s::text IS NULL OR d.subject_kind = %(subject_kind)s)
  AND (%(subject_key)s::text IS NULL OR d.subject_key = %(subject_key)s)
  AND (%(after_at)s::timestamptz IS NULL
       OR (d.uploaded_at, d.key) < (%(after_at)s, %(after_key)s::uuid))
ORDER BY d.uploaded_at DESC, d.key DESC
LIMIT %(limit)s;

-- name: mark_document_withdrawn
-- Takes a file out of sight; it stays stored.
UPDATE documents SET withdrawn_at = %(now)s
WHERE id = %(id)s AND withdrawn_at IS NULL;

-- name: mark_subjects_erasable
-- Takes all files of some subjects out of sight, and their bytes to be erased.
UPDATE documents SET withdrawn_at = coalesce(withdrawn_at, %(now)s), erase_after_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND subject_kind = %(subject_kind)s
  AND subject_key = ANY (%(keys)s::text[]) AND erase_after_at IS NULL;

-- name: list_to_erase
-- Whose bytes are due to go, the longest waiting first; of every tenant.
SELECT tenant_id, sha256 FROM documents_to_erase(%(at)s, %(limit)s);

-- name: are_bytes_needed
-- Whether a file that is not withdrawn, a contract or a paper of money of the tenant has these bytes.
SELECT EXISTS (SELECT FROM documents
               WHERE tenant_id = %(tenant_id)s AND sha256 = %(sha256)s AND withdrawn_at IS NULL)
    OR EXISTS (SELECT FROM contracts
               WHERE tenant_id = %(tenant_id)s AND sha256 = %(sha256)s)
    OR EXISTS (SELECT FROM contract_events
               WHERE tenant_id = %(tenant_id)s
                 AND content ->> 'facts_sha256' = encode(%(sha256)s, 'hex'))
    OR EXISTS (SELECT FROM money_papers
               WHERE tenant_id = %(tenant_id)s AND sha256 = %(sha256)s);

-- name: mark_bytes_erased
-- The bytes of all files that were to go with them are gone.
UPDATE documents SET erased_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND sha256 = %(sha256)s
  AND erase_after_at IS NOT NULL AND erased_at IS NULL;

-- name: mark_erase_after
-- The bytes are looked at again once this is past.
UPDATE documents SET erase_after_at = %(erase_after_at)s
WHERE tenant_id = %(tenant_id)s AND sha256 = %(sha256)s
  AND erase_after_at IS NOT NULL AND erased_at IS NULL;
