-- name: list_subscriptions
-- Live subscriptions in sight; filters, place and order are added in store.py.
SELECT s.id, s.key, s.tenant_id, s.organisation_id, o.code AS organisation_code, c.key AS channel_key,
       c.name AS channel_name, c.owner, s.least_severity, s.kinds, s.tells_resolved, s.digest, s.digest_at,
       s.quiet_from, s.quiet_until, s.critical_anyway, s.language, s.enabled,
       (SELECT actor FROM actor_in_sight(s.created_by)) AS created_by, s.created_at,
       s.version
FROM notification_subscriptions s
JOIN organisations o ON o.id = s.organisation_id
JOIN notification_channels c ON c.id = s.channel_id
WHERE s.retired_at IS NULL

-- name: insert_subscription
-- A new subscription.
INSERT INTO notification_subscriptions (tenant_id, organisation_id, channel_id, least_severity, kinds,
    tells_resolved, digest, digest_at, quiet_from, quiet_until, critical_anyway, language, enabled, created_by,
    created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(channel_id)s, %(least_severity)s, %(kinds)s, %(tells_resolved)s,
    %(digest)s, %(digest_at)s, %(quiet_from)s, %(quiet_until)s, %(critical_anyway)s, %(language)s,
    %(enabled)s, %(created_by)s, %(now)s)
RETURNING key;

-- name: update_subscription
-- What it is now, if nobody changed it since.
UPDATE notification_subscriptions
SET least_severity = %(least_severity)s, kinds = %(kinds)s, tells_resolved = %(tells_resolved)s,
    digest = %(digest)s, digest_at = %(digest_at)s, quiet_from = %(quiet_from)s,
    quiet_until = %(quiet_until)s, critical_anyway = %(critical_anyway)s, language = %(language)s,
    enabled = %(enabled)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL
RETURNING id;

-- name: retire_subscription
-- It holds no more, if nobody changed it since.
UPDATE notification_subscriptions SET retired_at = %(now)s, enabled = false, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL
RETURNING id;
