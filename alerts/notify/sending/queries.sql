-- name: give_up
-- What is of no use any more: to a channel that is off, a notice that is settled, withdrawn or sent
-- otherwise, or what nobody has lived to note so many times.
UPDATE notification_messages m
SET state = 'dead', last_error = g.reason, claimed_until = NULL, claimed_by = NULL
FROM (
    SELECT d.id, CASE WHEN d.state = 'sending' THEN 'unknown'
                      WHEN c.id IS NOT NULL AND (c.retired_at IS NOT NULL OR NOT c.enabled) THEN 'channel_off'
                      WHEN n.state <> 'made' THEN n.state
                      WHEN b.settled_on IS NOT NULL THEN 'settled' END AS reason
    FROM notification_messages d
    LEFT JOIN notification_channels c ON c.id = d.channel_id
    LEFT JOIN notification_items i ON i.message_id = d.id AND i.notice_id IS NOT NULL
    LEFT JOIN dunning_notices n ON n.id = i.notice_id
    LEFT JOIN bill_balances b ON b.bill_id = n.bill_id
    WHERE d.next_attempt_at <= %(now)s
      AND (d.state = 'waiting' OR d.state = 'sending' AND d.claimed_until < %(now)s AND d.attempts >= %(most)s)
) g
WHERE m.id = g.id AND g.reason IS NOT NULL AND m.state IN ('waiting', 'sending');

-- name: claim
-- Messages whose time has come, and those whose sender was not heard again; three of a channel at most.
-- Customers are written to by day only. Each attempt is begun before it is made.
WITH due AS (
    SELECT m.id FROM notification_messages m
    WHERE m.id IN (
        SELECT r.id FROM (
            SELECT d.id, d.next_attempt_at,
                   row_number() OVER (PARTITION BY coalesce(d.channel_id, -d.id)
                                      ORDER BY d.next_attempt_at, d.id) AS place
            FROM notification_messages d
            JOIN organisations o ON o.id = d.organisation_id
            WHERE d.state IN ('waiting', 'sending') AND d.next_attempt_at <= %(now)s
              AND (d.state = 'waiting' OR d.claimed_until < %(now)s)
              AND (d.purpose <> 'reminder' OR (%(now)s::timestamptz AT TIME ZONE o.time_zone)::time
                   BETWEEN %(from_time)s AND %(until_time)s)
        ) r
        WHERE r.place <= 3 ORDER BY r.next_attempt_at, r.id LIMIT %(most)s)
      AND (m.state = 'waiting' OR m.state = 'sending' AND m.claimed_until < %(now)s)
    FOR UPDATE OF m SKIP LOCKED
), claimed AS (
    UPDATE notification_messages m
    SET state = 'sending', claimed_until = %(until)s, claimed_by = %(holder)s, attempts = m.attempts + 1
    FROM due WHERE m.id = due.id
    RETURNING m.*
), begun AS (
    INSERT INTO notification_attempts (message_id, no, tenant_id, organisation_id, started_at)
    SELECT id, attempts, tenant_id, organisation_id, %(now)s FROM claimed
    RETURNING message_id
)
SELECT m.id, m.key, m.tenant_id, m.organisation_id, m.kind, m.purpose, m.subject, m.body, m.payload,
       m.attempts, m.created_at, m.channel_id, m.recipient_sealed, c.key AS channel_key, c.target_sealed,
       m.payload -> 'data' ->> 'notice_no' AS notice_no
FROM claimed m
JOIN begun ON begun.message_id = m.id
LEFT JOIN notification_channels c ON c.id = m.channel_id
ORDER BY m.id;

-- name: end_attempt
-- How an attempt ended.
UPDATE notification_attempts SET ended_at = %(now)s, result = %(result)s, detail = %(detail)s
WHERE message_id = %(id)s AND no = %(no)s AND ended_at IS NULL;

-- name: mark_sent
-- A receiver has it, whoever holds the message by now.
UPDATE notification_messages
SET state = 'sent', sent_at = %(now)s, last_error = NULL, claimed_until = NULL, claimed_by = NULL
WHERE id = %(id)s AND state IN ('waiting', 'sending')
RETURNING id;

-- name: mark_failed
-- It failed: again later, or never. Not where somebody else holds the message by now.
UPDATE notification_messages
SET state = CASE WHEN %(again_at)s::timestamptz IS NULL THEN 'dead' ELSE 'waiting' END,
    next_attempt_at = coalesce(%(again_at)s, next_attempt_at), last_error = %(detail)s,
    claimed_until = NULL, claimed_by = NULL
WHERE id = %(id)s AND state = 'sending' AND attempts = %(no)s
RETURNING id;

-- name: list_retries
-- Messages to channels that were tried and are due again, nobody else's meanwhile.
SELECT id, next_attempt_at FROM notification_messages
WHERE state = 'waiting' AND attempts > 0 AND channel_id IS NOT NULL AND next_attempt_at <= %(now)s
ORDER BY next_attempt_at, id
LIMIT %(most)s
FOR UPDATE SKIP LOCKED;

-- name: put_off
-- It is tried again then, and not before.
UPDATE notification_messages SET next_attempt_at = %(until)s WHERE id = %(id)s;

-- name: list_hours
-- When those want to hear whom a message tells of something; without a subscription, at any time.
SELECT DISTINCT o.time_zone AS zone, s.quiet_from, s.quiet_until, coalesce(s.critical_anyway, true) AS critical_anyway,
       coalesce(a.severity = 'critical', false) AS critical
FROM notification_items i
JOIN organisations o ON o.id = i.organisation_id
LEFT JOIN notification_subscriptions s ON s.id = i.subscription_id
LEFT JOIN alerts a ON a.id = i.alert_id
WHERE i.message_id = %(id)s;

-- name: mark_channel
-- Since when a channel fails; null once something arrives.
UPDATE notification_channels
SET failing_since = CASE WHEN %(works)s THEN NULL ELSE coalesce(failing_since, %(now)s) END
WHERE id = %(id)s AND (failing_since IS NOT NULL) = %(works)s;

-- name: count_waiting
-- Messages that are not sent and not given up.
SELECT count(*) FROM notification_messages WHERE state IN ('waiting', 'sending');
