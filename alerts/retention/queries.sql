-- name: delete_messages
-- The oldest messages that are over, with their attempts and what they told of. One that told of what is
-- unresolved stays, as who was told of it is to be told of its end; so does the proof of a delivery.
WITH old AS MATERIALIZED (
    SELECT m.id FROM notification_messages m
    WHERE m.state IN ('sent', 'dead') AND m.created_at < %(before)s
      AND NOT EXISTS (SELECT FROM notification_items i
                      JOIN alerts a ON a.id = i.alert_id AND a.state <> 'resolved'
                      WHERE i.message_id = m.id)
      AND NOT EXISTS (SELECT FROM notification_items i
                      JOIN dunning_notices n ON n.id = i.notice_id
                      JOIN bill_balances b ON b.bill_id = n.bill_id
                      WHERE i.message_id = m.id
                        AND (b.settled_on IS NULL
                             OR EXISTS (SELECT FROM dunning_deliveries d
                                        WHERE d.notice_id = n.id AND d.proof = m.key::text)))
    ORDER BY m.created_at, m.id
    LIMIT %(most)s
    FOR UPDATE OF m SKIP LOCKED
), items AS (
    DELETE FROM notification_items i USING old WHERE i.message_id = old.id
), attempts AS (
    DELETE FROM notification_attempts t USING old WHERE t.message_id = old.id
)
DELETE FROM notification_messages m USING old WHERE m.id = old.id;

-- name: delete_dropped
-- What was not told after all, the oldest first; not of what is unresolved.
DELETE FROM notification_items
WHERE id IN (SELECT i.id FROM notification_items i
             WHERE i.state = 'dropped' AND i.created_at < %(before)s
               AND NOT EXISTS (SELECT FROM alerts a WHERE a.id = i.alert_id AND a.state <> 'resolved')
             ORDER BY i.created_at, i.id
             LIMIT %(most)s
             FOR UPDATE OF i SKIP LOCKED);

-- name: delete_alerts
-- Alerts that were resolved long ago, with their fires and events. Fires say what was reminded of: they stay
-- as long as it may be due again, which is until its rule has seen it settled. Called resolved by hand, or
-- its rule switched off meanwhile: it may be due still.
WITH old AS MATERIALIZED (
    SELECT a.id FROM alerts a
    WHERE a.state = 'resolved' AND a.resolved_at < %(before)s
      AND (a.historical OR a.cleared_at < %(before)s)
      AND coalesce((SELECT e.facts ->> 'because' FROM alert_events e
                    WHERE e.alert_id = a.id AND e.kind = 'cleared'
                    ORDER BY e.id DESC LIMIT 1), '') NOT IN ('rule_off', 'out_of_scope')
      AND NOT EXISTS (SELECT FROM notification_items i WHERE i.alert_id = a.id)
      AND NOT EXISTS (SELECT FROM alerts x WHERE x.inhibited_by_id = a.id)
    ORDER BY a.resolved_at, a.id
    LIMIT %(most)s
    FOR UPDATE OF a SKIP LOCKED
), fires AS (
    DELETE FROM alert_fires f USING old WHERE f.alert_id = old.id
), events AS (
    DELETE FROM alert_events e USING old WHERE e.alert_id = old.id
)
DELETE FROM alerts a USING old WHERE a.id = old.id;
