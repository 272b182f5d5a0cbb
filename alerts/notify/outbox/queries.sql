-- name: sees_all
-- Whether this session sees every subscription, those of the organisations above included. The owner
-- of the tables does, though row security is forced on it.
SELECT app_is_system();

-- name: list_hearing
-- Organisations with a live subscription of their own or above.
SELECT DISTINCT a.descendant_id
FROM notification_subscriptions s
JOIN notification_channels c ON c.id = s.channel_id AND c.enabled AND c.retired_at IS NULL
JOIN organisation_closure a ON a.ancestor_id = s.organisation_id
WHERE s.enabled AND s.retired_at IS NULL;

-- name: list_subscribed
-- Which live subscriptions each telling reaches: of its organisation or above, grave enough, of a kind
-- asked for, and to a channel whose owner may see the kind. What is over is told to who heard of it.
SELECT t.place, s.tenant_id, s.organisation_id, s.channel_id, s.id AS subscription_id,
       o.time_zone AS zone, s.quiet_from, s.quiet_until, s.digest, s.digest_at, s.critical_anyway
FROM jsonb_to_recordset(%(tolds)s) AS t (place integer, organisation_id bigint, alert_id bigint, kind text,
    rank integer, over boolean)
JOIN jsonb_to_recordset(%(kinds)s) AS r (kind text, roles text[]) ON r.kind = t.kind
JOIN organisation_closure a ON a.descendant_id = t.organisation_id
JOIN notification_subscriptions s ON s.organisation_id = a.ancestor_id AND s.enabled AND s.retired_at IS NULL
JOIN notification_channels c ON c.id = s.channel_id AND c.enabled AND c.retired_at IS NULL
JOIN organisations o ON o.id = s.organisation_id
WHERE t.rank >= array_position(ARRAY['info', 'warning', 'critical'], s.least_severity)
  AND (s.kinds IS NULL OR t.kind = ANY (s.kinds))
  AND (c.owner IS NULL OR EXISTS (
        SELECT FROM users u
        JOIN organisation_closure x ON x.ancestor_id = u.organisation_id AND x.descendant_id = t.organisation_id
        WHERE u.login = c.owner AND u.disabled_at IS NULL AND u.roles && r.roles))
  AND (NOT t.over OR s.tells_resolved AND EXISTS (
        SELECT FROM notification_items i
        WHERE i.alert_id = t.alert_id AND i.channel_id = c.id AND i.state = 'gathered'))
ORDER BY t.place, s.id;

-- name: list_named
-- The own channels of the people a telling names, as far as they may see its kind.
SELECT t.place, c.tenant_id, c.organisation_id, c.id AS channel_id
FROM jsonb_to_recordset(%(tolds)s) AS t (place integer, organisation_id bigint, kind text, logins text[])
JOIN jsonb_to_recordset(%(kinds)s) AS r (kind text, roles text[]) ON r.kind = t.kind
JOIN users u ON u.login = ANY (t.logins) AND u.disabled_at IS NULL AND u.roles && r.roles
JOIN organisation_closure x ON x.ancestor_id = u.organisation_id AND x.descendant_id = t.organisation_id
JOIN notification_channels c ON c.owner = u.login AND c.tenant_id = u.tenant_id AND c.enabled
    AND c.retired_at IS NULL
ORDER BY t.place, c.id;

-- name: insert_items
-- What is to be told; the same to the same channel once.
INSERT INTO notification_items (tenant_id, organisation_id, channel_id, subscription_id, alert_id, purpose,
    dedup_key, created_at, not_before)
SELECT r.tenant_id, r.organisation_id, r.channel_id, r.subscription_id, r.alert_id, r.purpose, r.dedup_key,
       %(now)s, r.not_before
FROM jsonb_to_recordset(%(rows)s) AS r (tenant_id bigint, organisation_id bigint, channel_id bigint,
    subscription_id bigint, alert_id bigint, purpose text, dedup_key text, not_before timestamptz)
ON CONFLICT (dedup_key) DO NOTHING;

-- name: take_left
-- What a session that does not see all left to be spread; nobody else takes it.
SELECT i.id, i.tenant_id, a.organisation_id, a.id AS alert_id, a.alert_no, a.kind, a.rule_code, a.severity,
       i.purpose, i.dedup_key
FROM notification_items i
JOIN alerts a ON a.id = i.alert_id
WHERE i.state = 'waiting' AND i.channel_id IS NULL
ORDER BY i.id
LIMIT %(most)s
FOR UPDATE OF i SKIP LOCKED;

-- name: mark_spread
-- It stands in the outbox by channel now.
UPDATE notification_items SET state = 'dropped', drop_reason = 'spread' WHERE id = ANY (%(ids)s);
