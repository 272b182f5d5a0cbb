-- name: find_session
-- The running session with this token, and whose it is, before it is known who asks.
SELECT id, kind, user_id, login, name, roles, organisation_id, organisation_code, expires_at,
       last_seen_at, stepped_up_at
FROM identity_find_session(%(digest)s);

-- name: find_api_key
-- The key with this public id, before it is known who asks.
SELECT id, key_id, name, secret_digest, scopes, organisation_id, organisation_code, expires_at,
       last_used_at
FROM identity_find_api_key(%(key_id)s);

-- name: find_credential
-- Whose log-in this is, before it is known who asks.
SELECT id, organisation_id, password_hash FROM identity_find_user(%(login)s);

-- name: find_reset
-- The unused one-time link with this token, before it is known who asks.
SELECT id, user_id, organisation_id, login, expires_at
FROM identity_find_password_reset(%(digest)s);

-- name: lock_person
-- A person at the door; parallel attempts on one account are judged one after the other.
SELECT u.id, u.login, u.name, u.roles, u.organisation_id, o.code AS organisation_code,
       u.password_hash, u.failed_logins, u.locked_until, u.disabled_at
FROM users u
JOIN organisations o ON o.id = u.organisation_id
WHERE u.id = %(user_id)s
FOR NO KEY UPDATE OF u;

-- name: list_attempts
-- How often these subjects tried in a window.
SELECT subject, attempts FROM login_attempts
WHERE window_at = %(window_at)s AND subject = ANY (%(subjects)s);

-- name: count_attempt
-- One attempt more, for each subject in the order given.
INSERT INTO login_attempts (subject, window_at)
SELECT subject, %(window_at)s FROM unnest(%(subjects)s::bytea[]) AS given (subject)
ON CONFLICT (subject, window_at) DO UPDATE SET attempts = login_attempts.attempts + 1;

-- name: forget_attempts
-- A hundred old windows at most; those another transaction forgets just now are left to it.
DELETE FROM login_attempts WHERE (subject, window_at) IN (
    SELECT subject, window_at FROM login_attempts WHERE window_at < %(before)s
    ORDER BY window_at LIMIT 100 FOR UPDATE SKIP LOCKED);

-- name: update_login_state
-- How many wrong passwords in a row, and until when the account is locked.
UPDATE users SET failed_logins = %(failed_logins)s, locked_until = %(locked_until)s
WHERE id = %(user_id)s;

-- name: mark_logged_in
-- When a person was last let in.
UPDATE users SET last_login_at = %(now)s WHERE id = %(user_id)s;

-- name: rehash_password
-- The same password, hashed with today's parameters.
UPDATE users SET password_hash = %(password_hash)s WHERE id = %(user_id)s;

-- name: update_password
-- A new password; failed log-ins are forgotten.
UPDATE users
SET password_hash = %(password_hash)s, password_changed_at = %(now)s, failed_logins = 0,
    locked_until = NULL
WHERE id = %(user_id)s;

-- name: insert_session
-- A new session; of its token the digest.
INSERT INTO sessions (organisation_id, user_id, token_digest, kind, created_at, last_seen_at,
    expires_at, ip, user_agent)
VALUES (%(organisation_id)s, %(user_id)s, %(token_digest)s, %(kind)s, %(created_at)s,
    %(created_at)s, %(expires_at)s, %(ip)s, %(user_agent)s)
RETURNING id;

-- name: list_sessions
-- A person's running sessions, the one last used first.
SELECT id, kind, created_at, last_seen_at, expires_at, ip, user_agent
FROM sessions
WHERE user_id = %(user_id)s AND ended_at IS NULL AND expires_at > %(now)s
ORDER BY last_seen_at DESC, id DESC;

-- name: end_session
-- One running session of the person with this log-in.
UPDATE sessions s SET ended_at = %(now)s
FROM users u
WHERE s.id = %(session_id)s AND s.ended_at IS NULL AND u.id = s.user_id AND u.login = %(login)s;

-- name: mark_session_seen
-- When a session was last used.
UPDATE sessions SET last_seen_at = %(now)s WHERE id = %(session_id)s AND last_seen_at < %(now)s;

-- name: mark_session_stepped_up
-- When the password was given again.
UPDATE sessions SET stepped_up_at = %(now)s WHERE id = %(session_id)s AND ended_at IS NULL;

-- name: mark_api_key_used
-- When a key was last used.
UPDATE api_keys SET last_used_at = %(now)s
WHERE id = %(machine_id)s AND (last_used_at IS NULL OR last_used_at < %(now)s);

-- name: mark_reset_used
-- A one-time link is used, once.
UPDATE password_resets SET used_at = %(now)s WHERE id = %(reset_id)s AND used_at IS NULL;
