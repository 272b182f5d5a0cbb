-- name: insert_user
-- A new person, without a password yet.
INSERT INTO users (tenant_id, organisation_id, login, name, roles, phone, id_card_sealed, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(login)s, %(name)s, %(roles)s, %(phone)s,
    %(id_card_sealed)s, %(created_at)s);

-- name: list_users
-- People in sight; the filters and the place of the page are added in store.py.
SELECT u.id, u.login, u.name, u.organisation_id, o.code AS organisation_code, u.roles, u.phone,
       u.id_card_sealed, u.password_hash IS NOT NULL AS has_password, u.password_changed_at,
       u.locked_until, u.last_login_at, u.disabled_at, u.version, u.created_at
FROM users u
JOIN organisations o ON o.id = u.organisation_id;

-- name: update_user
-- A person whom nobody has changed since they were read.
UPDATE users
SET name = %(name)s, roles = %(roles)s, phone = %(phone)s, id_card_sealed = %(id_card_sealed)s,
    disabled_at = %(disabled_at)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s;

-- name: clear_lock
-- Failed log-ins are forgotten.
UPDATE users SET failed_logins = 0, locked_until = NULL WHERE id = %(user_id)s;

-- name: end_sessions
-- Every session of a person that still runs, but one.
UPDATE sessions SET ended_at = %(now)s
WHERE user_id = %(user_id)s AND ended_at IS NULL AND expires_at > %(now)s
  AND id IS DISTINCT FROM %(except_id)s;

-- name: use_up_resets
-- One-time links of a person that were not used cannot be any more.
UPDATE password_resets SET used_at = %(now)s WHERE user_id = %(user_id)s AND used_at IS NULL;

-- name: insert_reset
-- A one-time link.
INSERT INTO password_resets (organisation_id, user_id, token_digest, created_by, created_at,
    expires_at)
VALUES (%(organisation_id)s, %(user_id)s, %(token_digest)s, %(created_by)s, %(created_at)s,
    %(expires_at)s);

-- name: insert_api_key
-- A key of a machine; of its secret the digest.
INSERT INTO api_keys (tenant_id, organisation_id, key_id, name, secret_digest, scopes, created_by,
    created_at, expires_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(key_id)s, %(name)s, %(secret_digest)s, %(scopes)s,
    %(created_by)s, %(created_at)s, %(expires_at)s);

-- name: list_api_keys
-- Keys in sight; the place of the page is added in store.py.
SELECT k.id, k.key_id, k.name, k.organisation_id, o.code AS organisation_code, k.scopes,
       (SELECT actor FROM actor_in_sight(k.created_by)) AS created_by, k.created_at, k.expires_at,
       k.revoked_at, k.last_used_at
FROM api_keys k
JOIN organisations o ON o.id = k.organisation_id;

-- name: find_key_maker
-- Who made a key in sight, as it is written: for acts that take two people.
SELECT created_by FROM api_keys WHERE key_id = %(key_id)s;

-- name: mark_api_key_revoked
-- A key is taken back, once.
UPDATE api_keys SET revoked_at = %(now)s WHERE id = %(id)s AND revoked_at IS NULL;
