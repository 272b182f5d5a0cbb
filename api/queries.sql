-- name: claim_key
-- Take an Idempotency-Key for this request; no row if it is taken. Waits for who is taking it.
INSERT INTO idempotent_answers
    (organisation_id, actor, idempotency_key, request_digest, created_at)
VALUES (%(organisation_id)s, %(actor)s, %(key)s, %(request_digest)s, %(now)s)
ON CONFLICT DO NOTHING
RETURNING 1;

-- name: find_answer
-- What was answered to the request that took the key.
SELECT request_digest, answer_sealed
FROM idempotent_answers
WHERE organisation_id = %(organisation_id)s AND actor = %(actor)s AND idempotency_key = %(key)s;

-- name: keep_answer
-- The answer, for when the request comes again.
UPDATE idempotent_answers SET answer_sealed = %(answer_sealed)s
WHERE organisation_id = %(organisation_id)s AND actor = %(actor)s AND idempotency_key = %(key)s;

-- name: is_ready
-- The database answers, and what this role may not be: the owner of a table, or above row security.
SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(current_user, 'guanche_system', 'MEMBER')
           OR EXISTS (SELECT FROM pg_class c
                      WHERE c.relnamespace = 'public'::regnamespace AND c.relowner = r.oid)
           AS sees_too_much,
       pg_has_role(current_user, 'guanche_app', 'USAGE') AS is_app,
       (SELECT max(number) FROM schema_migrations) AS migration
FROM pg_roles r WHERE r.rolname = current_user;

-- name: prune_answers
-- Forget answers kept since before an instant, of every tenant; how many.
SELECT idempotent_answers_prune(%(before)s);
