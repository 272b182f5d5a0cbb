-- 通知: who is told of an alert, on what, and what came of it. Written down in the transaction that found
-- it (outbox), sent afterwards: what is committed is told, what is not is not. A message may be sent
-- twice if its sender dies between sending and noting it; each attempt is counted before it is made.

CREATE TABLE notification_channels (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    owner            text CHECK (owner <> ''),
    name             text NOT NULL CHECK (name <> ''),
    kind             text NOT NULL CHECK (kind IN ('wecom', 'dingtalk', 'feishu', 'email', 'sms', 'webhook')),
    target_sealed    bytea NOT NULL,
    target_hint      text NOT NULL CHECK (target_hint <> ''),
    enabled          boolean NOT NULL DEFAULT true,
    hourly_limit     integer NOT NULL DEFAULT 60 CHECK (hourly_limit BETWEEN 1 AND 10000),
    failing_since    timestamptz,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT notification_channels_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT notification_channels_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX notification_channels_organisation_id_idx ON notification_channels (organisation_id);
COMMENT ON TABLE notification_channels IS 'Where messages go. Written by alerts/notify.';
COMMENT ON COLUMN notification_channels.owner IS 'The log-in of the person whose own it is; null = the organisation''s.';
COMMENT ON COLUMN notification_channels.target_sealed IS 'Address and secrets, as JSON under GUANCHE_SECRET_KEY.';
COMMENT ON COLUMN notification_channels.target_hint IS 'What is shown of it: "ops-***@example.com".';
COMMENT ON COLUMN notification_channels.hourly_limit IS 'Messages an hour; what is more waits and is told together.';

-- 订阅: which alerts of which organisation (and all below) go to a channel, and when not.
CREATE TABLE notification_subscriptions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    channel_id       bigint NOT NULL,
    least_severity   text NOT NULL CHECK (least_severity IN ('info', 'warning', 'critical')),
    kinds            text[],
    tells_resolved   boolean NOT NULL DEFAULT false,
    digest           text NOT NULL DEFAULT 'none' CHECK (digest IN ('none', 'hourly', 'daily')),
    digest_at        time NOT NULL DEFAULT '08:30',
    quiet_from       time,
    quiet_until      time,
    critical_anyway  boolean NOT NULL DEFAULT true,
    language         text NOT NULL DEFAULT 'zh' CHECK (language IN ('zh', 'en')),
    enabled          boolean NOT NULL DEFAULT true,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT notification_subscriptions_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT notification_subscriptions_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CONSTRAINT notification_subscriptions_channel_in_tenant
        FOREIGN KEY (tenant_id, channel_id) REFERENCES notification_channels (tenant_id, id),
    CONSTRAINT notification_subscriptions_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX notification_subscriptions_organisation_id_idx ON notification_subscriptions (organisation_id);
CREATE INDEX notification_subscriptions_channel_id_idx ON notification_subscriptions (channel_id);
COMMENT ON TABLE notification_subscriptions IS 'Written by alerts/notify.';
COMMENT ON COLUMN notification_subscriptions.quiet_from IS
    'Local time of the organisation; from 22:00 until 07:00 spans midnight. What comes then waits.';

CREATE TABLE notification_messages (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    channel_id       bigint,
    recipient_sealed bytea,
    recipient_hint   text NOT NULL,
    kind             text NOT NULL,
    purpose          text NOT NULL CHECK (purpose IN ('alerts', 'digest', 'reminder', 'test')),
    language         text NOT NULL,
    subject          text NOT NULL,
    body             text NOT NULL,
    payload          jsonb NOT NULL,
    state            text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'dead')),
    attempts         integer NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL,
    next_attempt_at  timestamptz NOT NULL,
    claimed_until    timestamptz,
    claimed_by       text,
    sent_at          timestamptz,
    last_error       text,
    CONSTRAINT notification_messages_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT notification_messages_sent_whole CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT notification_messages_to_somebody CHECK (num_nonnulls(channel_id, recipient_sealed) = 1),
    CONSTRAINT notification_messages_channel_in_tenant
        FOREIGN KEY (tenant_id, channel_id) REFERENCES notification_channels (tenant_id, id),
    CONSTRAINT notification_messages_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX notification_messages_organisation_id_idx ON notification_messages (organisation_id, created_at DESC, id DESC);
CREATE INDEX notification_messages_channel_id_idx ON notification_messages (channel_id, created_at);
CREATE INDEX notification_messages_due_idx ON notification_messages (next_attempt_at) WHERE state IN ('waiting', 'sending');
COMMENT ON TABLE notification_messages IS 'As composed; key is the message id the receiver can know it by. Written by alerts/notify.';
COMMENT ON COLUMN notification_messages.channel_id IS 'Null: to a customer, on the way the customer is reached.';

-- One thing to tell one channel; several go together in one message.
CREATE TABLE notification_items (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    channel_id       bigint,
    subscription_id  bigint,
    alert_id         bigint,
    notice_id        bigint,
    purpose          text NOT NULL CHECK (purpose IN ('raised', 'reminded', 'reopened', 'escalated',
                         'released', 'resolved', 'reminder', 'test')),
    dedup_key        text NOT NULL UNIQUE,
    created_at       timestamptz NOT NULL,
    not_before       timestamptz NOT NULL,
    state            text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'gathered', 'dropped')),
    drop_reason      text,
    message_id       bigint,
    CONSTRAINT notification_items_gathered_whole CHECK ((state = 'gathered') = (message_id IS NOT NULL)),
    CONSTRAINT notification_items_dropped_whole CHECK ((state = 'dropped') = (drop_reason IS NOT NULL)),
    CONSTRAINT notification_items_channel_in_tenant
        FOREIGN KEY (tenant_id, channel_id) REFERENCES notification_channels (tenant_id, id),
    CONSTRAINT notification_items_subscription_in_tenant
        FOREIGN KEY (tenant_id, subscription_id) REFERENCES notification_subscriptions (tenant_id, id),
    CONSTRAINT notification_items_alert_in_tenant FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id),
    CONSTRAINT notification_items_notice_in_tenant
        FOREIGN KEY (tenant_id, notice_id) REFERENCES dunning_notices (tenant_id, id),
    CONSTRAINT notification_items_message_in_tenant
        FOREIGN KEY (tenant_id, message_id) REFERENCES notification_messages (tenant_id, id),
    CONSTRAINT notification_items_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX notification_items_waiting_idx ON notification_items (channel_id, not_before) WHERE state = 'waiting';
CREATE INDEX notification_items_organisation_id_idx ON notification_items (organisation_id);
CREATE INDEX notification_items_channel_id_idx ON notification_items (channel_id);
CREATE INDEX notification_items_subscription_id_idx ON notification_items (subscription_id);
CREATE INDEX notification_items_alert_id_idx ON notification_items (alert_id);
CREATE INDEX notification_items_notice_id_idx ON notification_items (notice_id);
CREATE INDEX notification_items_message_id_idx ON notification_items (message_id);
COMMENT ON TABLE notification_items IS 'Written by alerts/notify.';
COMMENT ON COLUMN notification_items.dedup_key IS 'What was to be told to whom: the same is never told twice.';

CREATE TABLE notification_attempts (
    message_id       bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    started_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    result           text CHECK (result IN ('sent', 'refused', 'unreachable', 'timed_out', 'forbidden_target')),
    detail           text,
    PRIMARY KEY (message_id, no),
    CONSTRAINT notification_attempts_ended_whole CHECK ((ended_at IS NULL) = (result IS NULL)),
    CONSTRAINT notification_attempts_message_in_tenant
        FOREIGN KEY (tenant_id, message_id) REFERENCES notification_messages (tenant_id, id),
    CONSTRAINT notification_attempts_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX notification_attempts_organisation_id_idx ON notification_attempts (organisation_id);
COMMENT ON TABLE notification_attempts IS
    'Begun before it is sent: one without an end is one of which nobody knows. Written by alerts/notify.';

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['notification_channels', 'notification_subscriptions', 'notification_messages',
        'notification_items', 'notification_attempts'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO guanche_system', own);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO guanche_app', own);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
GRANT UPDATE (name, target_sealed, target_hint, enabled, hourly_limit, failing_since, retired_at, version)
    ON notification_channels TO guanche_app;
GRANT UPDATE (least_severity, kinds, tells_resolved, digest, digest_at, quiet_from, quiet_until,
    critical_anyway, language, enabled, retired_at, version) ON notification_subscriptions TO guanche_app;
GRANT UPDATE (state, next_attempt_at) ON notification_messages TO guanche_app;
