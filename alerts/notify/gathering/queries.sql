-- name: take_channels
-- Channels of which something has waited long enough, and how many messages each may still be sent
-- this hour, those that may be sent none left out; nobody else gathers for them meanwhile.
SELECT c.id, c.key, c.tenant_id, c.organisation_id, c.kind, c.target_hint, s.live, s.room
FROM notification_channels c
CROSS JOIN LATERAL (
    SELECT c.enabled AND c.retired_at IS NULL AS live, c.hourly_limit - count(*) AS room
    FROM notification_messages m
    WHERE m.channel_id = c.id AND m.created_at > %(hour_ago)s
) AS s
WHERE c.id IN (SELECT i.channel_id FROM notification_items i
               WHERE i.state = 'waiting' AND i.not_before <= %(long_enough)s)
  AND (s.room > 0 OR NOT s.live)
ORDER BY c.id
LIMIT %(most)s
FOR NO KEY UPDATE OF c SKIP LOCKED;

-- name: list_items
-- What has come for these channels, with what is told of it, the oldest first. Forbidden is what the
-- owner of a channel may not see, or not any more. A rule is called as the nearest organisation has it.
SELECT i.id, i.channel_id, i.purpose, coalesce(s.digest, 'none') AS digest,
       coalesce(s.language, (SELECT x.language FROM notification_subscriptions x
                             WHERE x.channel_id = i.channel_id AND x.retired_at IS NULL
                             ORDER BY x.id LIMIT 1), 'zh') AS language,
       s.id IS NOT NULL AND (s.retired_at IS NOT NULL OR NOT s.enabled) AS unsubscribed,
       h.owner IS NOT NULL AND NOT EXISTS (
           SELECT FROM users u
           JOIN organisation_closure x ON x.ancestor_id = u.organisation_id AND x.descendant_id = a.organisation_id
           WHERE u.login = h.owner AND u.disabled_at IS NULL AND (r.roles IS NULL OR u.roles && r.roles)
       ) AS forbidden,
       a.organisation_id, a.alert_no, a.kind, a.rule_code, n.name AS rule_name, a.severity, a.state, a.historical,
       a.inhibited_by_id IS NOT NULL AS inhibited, a.snoozed_until, a.subject_kind, a.subject_key,
       v.vin, v.plate, l.lease_no, k.customer_no, k.name AS customer_name,
       o.code AS organisation_code, o.name AS organisation_name, o.time_zone AS zone, a.last_raised_at AS raised_at,
       a.due_on, a.facts
FROM unnest(%(channels)s::bigint[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT n.* FROM notification_items n
    WHERE n.channel_id = c.id AND n.state = 'waiting' AND n.not_before <= %(now)s AND n.alert_id IS NOT NULL
    ORDER BY n.id LIMIT %(most)s
) AS i
JOIN alerts a ON a.id = i.alert_id
JOIN organisations o ON o.id = a.organisation_id
JOIN notification_channels h ON h.id = i.channel_id
LEFT JOIN LATERAL (
    SELECT w.name FROM organisation_closure x
    JOIN alert_rules w ON w.organisation_id = x.ancestor_id AND w.code = a.rule_code AND w.retired_at IS NULL
    WHERE x.descendant_id = a.organisation_id
    ORDER BY x.depth LIMIT 1
) AS n ON true
LEFT JOIN jsonb_to_recordset(%(kinds)s) AS r (kind text, roles text[]) ON r.kind = a.kind
LEFT JOIN notification_subscriptions s ON s.id = i.subscription_id
LEFT JOIN vehicles v ON v.id = a.vehicle_id
LEFT JOIN leases l ON l.id = a.lease_id
LEFT JOIN customers k ON k.id = a.customer_id
ORDER BY i.id;

-- name: list_silences
-- What is silenced now, by organisation: by itself or by one above it.
SELECT c.descendant_id AS organisation_id, s.matching
FROM alert_silences s
JOIN organisation_closure c ON c.ancestor_id = s.organisation_id
WHERE s.silent_period @> %(now)s::timestamptz AND c.descendant_id = ANY (%(organisations)s);

-- name: list_reminders
-- Notices for customers whose hour has come, as they stand and as the customer is reached now.
SELECT i.id, i.tenant_id, i.organisation_id, n.notice_no, n.kind, n.state, n.content,
       b.settled_on IS NOT NULL AS settled, k.erased_at IS NOT NULL AS erased, k.phone, k.email
FROM notification_items i
JOIN dunning_notices n ON n.id = i.notice_id
JOIN bill_balances b ON b.bill_id = n.bill_id
JOIN customers k ON k.id = n.customer_id
WHERE i.state = 'waiting' AND i.channel_id IS NULL AND i.notice_id IS NOT NULL AND i.not_before <= %(now)s
ORDER BY i.id
LIMIT %(most)s
FOR UPDATE OF i SKIP LOCKED;

-- name: insert_messages
-- Messages as they were composed.
INSERT INTO notification_messages (key, tenant_id, organisation_id, channel_id, recipient_sealed,
    recipient_hint, kind, purpose, language, subject, body, payload, state, created_at, next_attempt_at)
SELECT r.key, r.tenant_id, r.organisation_id, r.channel_id, decode(r.recipient_sealed, 'hex'),
       r.recipient_hint, r.kind, r.purpose, r.language, r.subject, r.body, r.payload, 'waiting', %(now)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS r (key uuid, tenant_id bigint, organisation_id bigint, channel_id bigint,
    recipient_sealed text, recipient_hint text, kind text, purpose text, language text, subject text,
    body text, payload jsonb);

-- name: mark_gathered
-- What went into which message.
UPDATE notification_items i SET state = 'gathered', message_id = m.id
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, key uuid)
JOIN notification_messages m ON m.key = r.key
WHERE i.id = r.id AND i.state = 'waiting';

-- name: mark_dropped
-- What is not told after all, and why.
UPDATE notification_items i SET state = 'dropped', drop_reason = r.reason
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, reason text)
WHERE i.id = r.id AND i.state = 'waiting';
