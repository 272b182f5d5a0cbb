-- name: list_approvals
-- What was asked for a lease and what was decided, the first first.
SELECT id, terms_sha256, reasons, (SELECT actor FROM actor_in_sight(requested_by)) AS requested_by,
       requested_at, decision, (SELECT actor FROM actor_in_sight(decided_by)) AS decided_by, decided_at,
       note
FROM lease_approvals
WHERE lease_id = %(lease_id)s
ORDER BY id;

-- name: find_open_approval
-- What was asked for these terms and is not decided; who asked, as it is written: another has to decide.
SELECT id, requested_by FROM lease_approvals
WHERE lease_id = %(lease_id)s AND terms_sha256 = %(terms_sha256)s AND decision IS NULL;

-- name: insert_approval
-- Somebody asks for an approval of the terms as they stand.
INSERT INTO lease_approvals (tenant_id, organisation_id, lease_id, terms_sha256, reasons,
    requested_by, requested_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(lease_id)s, %(terms_sha256)s, %(reasons)s,
    %(requested_by)s, %(requested_at)s);

-- name: mark_decided
-- Somebody else decided.
UPDATE lease_approvals
SET decision = %(decision)s, decided_by = %(decided_by)s, decided_at = %(decided_at)s, note = %(note)s
WHERE id = %(id)s;
