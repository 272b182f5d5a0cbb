-- Fires are read by their alert, in order, and never by their number: one index for both, where a first
-- sweep writes tens of thousands of them.
ALTER TABLE alert_fires DROP CONSTRAINT alert_fires_pkey;
DROP INDEX alert_fires_alert_id_idx;
ALTER TABLE alert_fires ADD PRIMARY KEY (alert_id, id);
COMMENT ON TABLE alert_fires IS
    'Only grows; the first of an alert says that it was raised. Written by alerts/inbox.';
COMMENT ON TABLE alert_events IS
    'What happened to an alert after it was raised, in order; older ones have a row for that too. Only grows.'
    ' Written by alerts/inbox.';
