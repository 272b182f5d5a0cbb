-- name: list_channels
-- Live channels in sight; filters, place and order are added in store.py.
SELECT c.id, c.key, c.tenant_id, c.organisation_id, o.code AS organisation_code, c.owner, c.name, c.kind,
       c.target_hint, c.enabled, c.hourly_limit, c.failing_since,
       (SELECT actor FROM actor_in_sight(c.created_by)) AS created_by, c.created_at, c.version
FROM notification_channels c
JOIN organisations o ON o.id = c.organisation_id
WHERE c.retired_at IS NULL

-- name: insert_channel
-- A new channel.
INSERT INTO notification_channels (key, tenant_id, organisation_id, owner, name, kind, target_sealed,
    target_hint, hourly_limit, created_by, created_at)
VALUES (%(key)s, %(tenant_id)s, %(organisation_id)s, %(owner)s, %(name)s, %(kind)s, %(target_sealed)s,
    %(target_hint)s, %(hourly_limit)s, %(created_by)s, %(now)s);

-- name: update_channel
-- What it is now, if nobody changed it since; a new address begins without a fault.
UPDATE notification_channels
SET name = %(name)s, enabled = %(enabled)s, hourly_limit = %(hourly_limit)s,
    target_sealed = coalesce(%(target_sealed)s, target_sealed),
    target_hint = coalesce(%(target_hint)s, target_hint),
    failing_since = CASE WHEN %(target_sealed)s::bytea IS NULL THEN failing_since END,
    version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL
RETURNING id;

-- name: retire_channel
-- It is used no more, if nobody changed it since.
UPDATE notification_channels SET retired_at = %(now)s, enabled = false, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL
RETURNING id;

-- name: retire_subscriptions
-- Nor are its subscriptions.
UPDATE notification_subscriptions SET retired_at = %(now)s, enabled = false, version = version + 1
WHERE channel_id = %(id)s AND retired_at IS NULL;

-- name: find_user_organisation
-- The organisation a person is of.
SELECT organisation_id FROM users WHERE login = %(login)s AND disabled_at IS NULL;
