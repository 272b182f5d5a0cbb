-- name: insert_import
-- A sheet that waits to be looked at; its key.
INSERT INTO imports (tenant_id, organisation_id, kind, file_name, size_bytes, sha256, sheet, state,
                     created_by, permissions, created_at)
SELECT tenant_id, id, %(kind)s, %(file_name)s, %(size_bytes)s, %(sha256)s, %(sheet)s, 'waiting',
       %(created_by)s, %(permissions)s, %(now)s
FROM organisations WHERE id = %(organisation_id)s
RETURNING key, tenant_id;

-- name: next_import
-- Takes up the oldest import that waits, of any tenant, until an instant.
SELECT key, organisation_id, version, attempts FROM imports_next(%(now)s, %(until)s);

-- name: count_waiting
-- How many imports in sight are not finished.
SELECT count(*)::int FROM imports WHERE state IN ('waiting', 'checking', 'applying');

-- name: find_import
-- An import as it was sent, with the code of its organisation: whoever carries it out acts as who sent it.
SELECT i.id, i.key, i.tenant_id, i.organisation_id, o.code AS organisation_code, i.kind, i.file_name,
       i.size_bytes, i.sha256, i.sheet, i.state, i.mode, i.rows_total, i.rows_done, i.rows_new,
       i.rows_changed, i.rows_same, i.rows_bad, i.headers, i.problem, i.created_by, i.permissions,
       i.created_at, i.attempts, i.finished_at, i.version
FROM imports i JOIN organisations o ON o.id = i.organisation_id
WHERE i.key = %(key)s;

-- name: list_imports
-- Imports in sight, the latest first; filters and the place of the page: store.py.
SELECT i.id, i.key, i.tenant_id, i.organisation_id, o.code AS organisation_code, i.kind, i.file_name,
       i.size_bytes, i.sha256, i.sheet, i.state, i.mode, i.rows_total, i.rows_done, i.rows_new,
       i.rows_changed, i.rows_same, i.rows_bad, i.headers, i.problem,
       (SELECT actor FROM actor_in_sight(i.created_by)) AS created_by, i.permissions,
       i.created_at, i.attempts, i.finished_at, i.version
FROM imports i JOIN organisations o ON o.id = i.organisation_id;

-- name: list_rows
-- Rows of an import as the sheet counts them; filters and the place of the page: store.py.
SELECT row_no, outcome, key, changes, problems
FROM import_rows
WHERE import_id = %(import_id)s AND row_no > %(after)s;

-- name: list_rows_for_copy
-- What was found in every row, for the annotated copy; of the good ones the outcome alone.
SELECT row_no, outcome, problems FROM import_rows WHERE import_id = %(import_id)s ORDER BY row_no;

-- name: save_rows
-- What was found in some rows, in place of what was found before.
INSERT INTO import_rows (import_id, tenant_id, row_no, outcome, key, changes, problems)
SELECT %(import_id)s::bigint, %(tenant_id)s::bigint, n.row_no, n.outcome, n.key, n.changes, n.problems
FROM jsonb_to_recordset(%(rows)s)
    AS n (row_no integer, outcome text, key text, changes jsonb, problems jsonb)
ON CONFLICT (import_id, row_no) DO UPDATE
SET outcome = excluded.outcome, key = excluded.key, changes = excluded.changes,
    problems = excluded.problems
WHERE (import_rows.outcome, import_rows.key, import_rows.changes, import_rows.problems)
      IS DISTINCT FROM (excluded.outcome, excluded.key, excluded.changes, excluded.problems);

-- name: list_imports_naming
-- Imports of a kind with a row that is known by one of these keys.
SELECT i.id, i.key FROM imports i
WHERE i.tenant_id = %(tenant_id)s AND i.kind = %(kind)s
  AND EXISTS (SELECT FROM import_rows r WHERE r.import_id = i.id AND r.key = ANY (%(keys)s::text[]));

-- name: empty_rows
-- Keeps of rows only how they came out and by what they are known; of a person to be forgotten less.
UPDATE import_rows
SET changes = NULL, problems = NULL, key = CASE WHEN %(keys)s::text[] IS NULL THEN key END
WHERE import_id = ANY (%(import_ids)s::bigint[])
  AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]));

-- name: mark_applying
-- The import is to be applied, unless somebody was faster.
UPDATE imports
SET state = 'applying', mode = %(mode)s, rows_done = 0, problem = NULL, attempts = 0,
    worked_until_at = NULL, finished_at = NULL, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND state = 'checked';

-- name: mark_held
-- The worker is still at it.
UPDATE imports SET worked_until_at = %(until)s WHERE key = %(key)s AND version = %(version)s;

-- name: mark_given_back
-- The worker ended without finishing: the next one takes it up.
UPDATE imports SET worked_until_at = NULL, attempts = %(attempts)s
WHERE key = %(key)s AND version = %(version)s;

-- name: mark_progress
-- How far the worker is.
UPDATE imports
SET rows_done = %(rows_done)s, rows_total = coalesce(%(rows_total)s, rows_total)
WHERE key = %(key)s AND version = %(version)s;

-- name: mark_turned
-- The worker's last word: the state it leaves the import in.
UPDATE imports
SET state = %(state)s, sheet = coalesce(%(sheet)s, sheet), headers = coalesce(%(headers)s, headers),
    problem = %(problem)s, rows_total = coalesce(%(rows_total)s, rows_total),
    rows_done = coalesce(%(rows_done)s, rows_done), rows_new = coalesce(%(rows_new)s, rows_new),
    rows_changed = coalesce(%(rows_changed)s, rows_changed),
    rows_same = coalesce(%(rows_same)s, rows_same), rows_bad = coalesce(%(rows_bad)s, rows_bad),
    worked_until_at = NULL, finished_at = %(finished_at)s, version = version + 1
WHERE key = %(key)s AND version = %(version)s AND state IN ('checking', 'applying');

-- name: find_document
-- The file of an import.
SELECT key FROM documents WHERE subject_kind = 'import' AND subject_key = %(import_key)s
ORDER BY id LIMIT 1;

-- name: lock_applying
-- One import of a kind at a time is applied in a tenant: the next decides on what this one leaves.
SELECT pg_advisory_xact_lock(hashtext('imports ' || %(tenant_id)s::text || ' ' || %(kind)s::text));

-- name: settle_session
-- Row security makes plans look dear: compiling one takes ten times as long as it runs.
SELECT set_config('jit', 'off', false), set_config('lock_timeout', '60s', false);
