-- name: list_messages
-- Messages in sight that tell only of kinds one may see; filters, place and order are added in store.py.
SELECT m.id, m.key, m.tenant_id, m.organisation_id, o.code AS organisation_code, c.key AS channel_key,
       c.name AS channel_name, c.owner, m.kind, m.recipient_hint, m.purpose, m.language, m.subject, m.body,
       m.state, m.attempts,
       (SELECT count(DISTINCT i.alert_id) FROM notification_items i WHERE i.message_id = m.id) AS alerts,
       m.created_at, m.next_attempt_at, m.sent_at, m.last_error
FROM notification_messages m
JOIN organisations o ON o.id = m.organisation_id
LEFT JOIN notification_channels c ON c.id = m.channel_id
WHERE (m.purpose <> 'reminder' OR %(reminders)s)
  AND NOT EXISTS (SELECT FROM notification_items i LEFT JOIN alerts a ON a.id = i.alert_id
                  WHERE i.message_id = m.id AND i.alert_id IS NOT NULL
                    AND (a.id IS NULL OR a.kind <> ALL (%(kinds)s)))

-- name: list_attempts
-- The attempts to send these messages, in order.
SELECT message_id, no, started_at, ended_at, result, detail
FROM notification_attempts WHERE message_id = ANY (%(messages)s)
ORDER BY message_id, no;

-- name: list_alert_nos
-- Of which alerts these messages tell.
SELECT DISTINCT i.message_id, a.alert_no
FROM notification_items i JOIN alerts a ON a.id = i.alert_id
WHERE i.message_id = ANY (%(messages)s)
ORDER BY 1, 2;

-- name: mark_waiting
-- What was given up waits again.
UPDATE notification_messages SET state = 'waiting', next_attempt_at = %(now)s
WHERE id = %(id)s AND state = 'dead'
RETURNING id;

-- name: count_this_hour
-- How many messages a channel was given since then.
SELECT count(*) FROM notification_messages WHERE channel_id = %(channel_id)s AND created_at > %(since)s;

-- name: insert_test
-- A message that shows that a channel works.
WITH made AS (
    INSERT INTO notification_messages (key, tenant_id, organisation_id, channel_id, recipient_hint, kind, purpose,
        language, subject, body, payload, state, created_at, next_attempt_at)
    VALUES (%(key)s, %(tenant_id)s, %(organisation_id)s, %(channel_id)s, %(recipient_hint)s, %(kind)s, 'test',
        %(language)s, %(subject)s, %(body)s, %(payload)s, 'waiting', %(now)s, %(now)s)
    RETURNING id
)
INSERT INTO notification_items (tenant_id, organisation_id, channel_id, purpose, dedup_key, created_at, not_before,
    state, message_id)
SELECT %(tenant_id)s, %(organisation_id)s, %(channel_id)s, 'test', 'test:' || %(key)s::text, %(now)s, %(now)s,
       'gathered', id
FROM made;

-- name: find_zone
-- The clock of an organisation.
SELECT time_zone FROM organisations WHERE id = %(organisation_id)s;
