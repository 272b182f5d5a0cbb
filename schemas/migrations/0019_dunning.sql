-- 催收: reminders, demands and notices, each on a stage of the ladder, with the clause it stands on and
-- the proof that it arrived. A demand restarts the limitation period (民法典 §195): none is ever lost.

CREATE TABLE dunning_notices (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    notice_no        text NOT NULL CHECK (notice_no ~ '^D[0-9]{4}-[0-9A-Z]{6}$'),
    customer_id      bigint NOT NULL,
    lease_id         bigint,
    bill_id          bigint NOT NULL,
    stage            text NOT NULL CHECK (stage ~ '^[a-z][a-z0-9_]{0,40}$'),
    kind             text NOT NULL CHECK (kind IN ('reminder', 'call', 'demand', 'lock_notice',
                         'rescission_notice', 'recovery', 'suit')),
    stage_on         date NOT NULL,
    made_at          timestamptz NOT NULL,
    made_by          text NOT NULL,
    open_fen         bigint NOT NULL CHECK (open_fen >= 0),
    late_fee_fen     bigint NOT NULL CHECK (late_fee_fen >= 0),
    deadline_on      date,
    clause           text CHECK (clause <> ''),
    rule             text CHECK (rule <> ''),
    content          jsonb NOT NULL,
    state            text NOT NULL CHECK (state IN ('made', 'sent', 'arrived', 'withdrawn')),
    state_note       text CHECK (state_note <> ''),
    arrived_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT dunning_notices_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT dunning_notices_notice_no_key UNIQUE (tenant_id, notice_no),
    CONSTRAINT dunning_notices_arrived_whole CHECK ((state = 'arrived') = (arrived_at IS NOT NULL)),
    CONSTRAINT dunning_notices_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT dunning_notices_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT dunning_notices_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT dunning_notices_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
-- Once a bill and stage, whatever the down-time; again only after it was settled and opened anew.
CREATE UNIQUE INDEX dunning_notices_once_idx ON dunning_notices (bill_id, stage) WHERE state <> 'withdrawn';
CREATE INDEX dunning_notices_organisation_id_idx ON dunning_notices (organisation_id, made_at, id);
CREATE INDEX dunning_notices_not_sent_idx ON dunning_notices (organisation_id) WHERE state = 'made';
CREATE INDEX dunning_notices_customer_id_idx ON dunning_notices (customer_id);
CREATE INDEX dunning_notices_lease_id_idx ON dunning_notices (lease_id);
COMMENT ON TABLE dunning_notices IS 'Written by fleet/dunning.';
COMMENT ON COLUMN dunning_notices.stage_on IS 'The day its stage began, by the ladder.';
COMMENT ON COLUMN dunning_notices.open_fen IS
    'What it demands: of its bill, and as a letter of all overdue bills of the lease.';
COMMENT ON COLUMN dunning_notices.deadline_on IS
    'The last day of the time it sets, counted from its arrival (民法典 §201, §565); null until then.';
COMMENT ON COLUMN dunning_notices.content IS 'As it was rendered: {"title", "text", "facts"}; it stays.';

CREATE TABLE dunning_deliveries (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    notice_id        bigint NOT NULL,
    channel          text NOT NULL CHECK (channel IN ('wechat', 'sms', 'email', 'post', 'by_hand', 'call')),
    sent_at          timestamptz NOT NULL,
    arrived_at       timestamptz,
    result           text NOT NULL CHECK (result IN ('sent', 'arrived', 'refused', 'failed')),
    proof            text CHECK (proof <> ''),
    document_key     uuid,
    note             text CHECK (note <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT dunning_deliveries_arrived_whole CHECK ((result = 'arrived') = (arrived_at IS NOT NULL)),
    CONSTRAINT dunning_deliveries_in_order CHECK (arrived_at >= sent_at),
    CONSTRAINT dunning_deliveries_notice_in_tenant
        FOREIGN KEY (tenant_id, notice_id) REFERENCES dunning_notices (tenant_id, id),
    CONSTRAINT dunning_deliveries_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX dunning_deliveries_notice_id_idx ON dunning_deliveries (notice_id);
CREATE INDEX dunning_deliveries_organisation_id_idx ON dunning_deliveries (organisation_id);
COMMENT ON TABLE dunning_deliveries IS 'Only grows. Written by fleet/dunning.';
COMMENT ON COLUMN dunning_deliveries.proof IS 'Number of the registered letter, of the message, who signed for it.';

-- Whose bills are open, or have notices that were not sent, of any tenant: who duns then acts for each.
CREATE FUNCTION dunning_organisations() RETURNS TABLE (organisation_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT b.organisation_id FROM bill_balances b WHERE b.settled_on IS NULL
    UNION
    SELECT n.organisation_id FROM dunning_notices n WHERE n.state = 'made'
    ORDER BY 1
$$;
ALTER FUNCTION dunning_organisations() OWNER TO guanche_system;
REVOKE ALL ON FUNCTION dunning_organisations() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dunning_organisations() TO guanche_app;

GRANT SELECT ON dunning_notices, dunning_deliveries TO guanche_system;
GRANT SELECT, INSERT ON dunning_notices, dunning_deliveries TO guanche_app;
GRANT UPDATE (state, state_note, arrived_at, deadline_on, version) ON dunning_notices TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['dunning_notices', 'dunning_deliveries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
