-- What alerts refuse: a finding that the inbox cannot take, a rule that cannot be judged. Kept as a row, so
-- that one that is faulty stops no other, and can be looked at and tried again. And what finds the old rows
-- of alerts and notifications that are deleted by age.

CREATE TABLE alert_refusals (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    refusal_key      text NOT NULL UNIQUE,
    tenant_id        bigint,
    organisation_id  bigint,
    what             text NOT NULL CHECK (what IN ('finding', 'clearing', 'rule')),
    source           text NOT NULL CHECK (source IN ('telemetry', 'sweep')),
    reason           text NOT NULL CHECK (reason IN ('constraint', 'bad_value', 'raised', 'rule_failed',
                         'program')),
    message          text NOT NULL,
    rule_code        text NOT NULL,
    subject_key      text,
    occurrence       text,
    matter           jsonb NOT NULL,
    times            bigint NOT NULL DEFAULT 1,
    refused_at       timestamptz NOT NULL,
    last_refused_at  timestamptz NOT NULL,
    settled_at       timestamptz,
    CONSTRAINT alert_refusals_of_somebody_whole CHECK ((tenant_id IS NULL) = (organisation_id IS NULL)),
    CONSTRAINT alert_refusals_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX alert_refusals_organisation_id_idx ON alert_refusals (tenant_id, organisation_id);
CREATE INDEX alert_refusals_open_idx ON alert_refusals (last_refused_at) WHERE settled_at IS NULL;
CREATE INDEX alert_refusals_last_refused_at_idx ON alert_refusals (last_refused_at);
COMMENT ON TABLE alert_refusals IS 'Written by alerts/refusals.';
COMMENT ON COLUMN alert_refusals.refusal_key IS 'What was refused; the same again is counted, not repeated.';
COMMENT ON COLUMN alert_refusals.organisation_id IS 'Null: the organisation it names is none.';
COMMENT ON COLUMN alert_refusals.reason IS
    'constraint, bad_value, raised: what the database said of it; rule_failed: a rule could not be judged;'
    ' program: ours failed on it.';
COMMENT ON COLUMN alert_refusals.matter IS 'The finding or clearing as it was; of a rule, what is known of it.';
COMMENT ON COLUMN alert_refusals.settled_at IS 'When it was taken after all, or was over, or its rule could be judged.';

GRANT SELECT ON alert_refusals TO guanche_system;
GRANT SELECT ON alert_refusals TO guanche_app;
ALTER TABLE alert_refusals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON alert_refusals TO guanche_system USING (true);
CREATE POLICY app_sees_its_organisations ON alert_refusals TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));

-- The oldest of what may be deleted by age.
CREATE INDEX alerts_resolved_at_idx ON alerts (resolved_at) WHERE state = 'resolved';
CREATE INDEX notification_messages_over_idx ON notification_messages (created_at) WHERE state IN ('sent', 'dead');
CREATE INDEX notification_items_dropped_idx ON notification_items (created_at) WHERE state = 'dropped';
