-- The moments a vehicle changes hands, what was seen then, what is to be charged for it, and the
-- offences of those who had it.

-- One act: out to the customer, or back from the customer; a swap is one of each. What people typed
-- stands beside what the vehicle itself said at that minute.
CREATE TABLE hand_overs (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    lease_id         bigint NOT NULL,
    line_no          integer NOT NULL,
    event_no         integer NOT NULL,
    vehicle_id       bigint NOT NULL,
    direction        text NOT NULL CHECK (direction IN ('out', 'back')),
    occasion         text NOT NULL CHECK (occasion IN ('start', 'swap', 'return', 'import')),
    handed_at        timestamptz NOT NULL,
    driver_id        bigint,
    checklist_id     bigint,
    odometer_km      numeric(9, 1) CHECK (odometer_km >= 0),
    soc_pct          numeric(4, 1) CHECK (soc_pct BETWEEN 0 AND 100),
    lat              double precision CHECK (lat BETWEEN -90 AND 90),
    lon              double precision CHECK (lon BETWEEN -180 AND 180),
    place            text CHECK (place <> ''),
    told             jsonb,
    differences      jsonb NOT NULL DEFAULT '[]',
    overridden       jsonb NOT NULL DEFAULT '[]',
    override_reason  text CHECK (override_reason <> ''),
    warnings         jsonb NOT NULL DEFAULT '[]',
    received_by      text CHECK (received_by <> ''),
    remarks          text CHECK (remarks <> ''),
    work_order_no    text,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT hand_overs_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT hand_overs_once UNIQUE (lease_id, event_no, direction),
    CONSTRAINT hand_overs_place_whole CHECK ((lat IS NULL) = (lon IS NULL)),
    CONSTRAINT hand_overs_overridden_because
        CHECK ((overridden = '[]') = (override_reason IS NULL)),
    CONSTRAINT hand_overs_event_in_tenant
        FOREIGN KEY (tenant_id, lease_id, event_no) REFERENCES lease_events (tenant_id, lease_id, no),
    CONSTRAINT hand_overs_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT hand_overs_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT hand_overs_driver_in_tenant
        FOREIGN KEY (tenant_id, driver_id) REFERENCES customer_drivers (tenant_id, id),
    CONSTRAINT hand_overs_checklist_in_tenant
        FOREIGN KEY (tenant_id, checklist_id) REFERENCES checklist_templates (tenant_id, id),
    CONSTRAINT hand_overs_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX hand_overs_lease_id_idx ON hand_overs (lease_id, line_no);
CREATE INDEX hand_overs_vehicle_id_idx ON hand_overs (vehicle_id, handed_at);
CREATE INDEX hand_overs_organisation_id_idx ON hand_overs (organisation_id, handed_at, id);
CREATE INDEX hand_overs_driver_id_idx ON hand_overs (driver_id);
CREATE INDEX hand_overs_checklist_id_idx ON hand_overs (checklist_id);
COMMENT ON TABLE hand_overs IS 'Written by fleet/hand_overs.';
COMMENT ON COLUMN hand_overs.told IS
    'What telemetry said nearest to that minute: {"at", "odometer_km", "soc_pct", "lat", "lon"}.';
COMMENT ON COLUMN hand_overs.differences IS '[{"field", "typed", "told", "by"}, …]: beyond tolerance.';
COMMENT ON COLUMN hand_overs.overridden IS 'Blocks in spite of which it was handed over.';

CREATE TABLE hand_over_checks (
    hand_over_id     bigint NOT NULL,
    step_no          integer NOT NULL CHECK (step_no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    result           text NOT NULL CHECK (result IN ('ok', 'fault', 'not_applicable')),
    note             text CHECK (note <> ''),
    PRIMARY KEY (hand_over_id, step_no),
    CONSTRAINT hand_over_checks_hand_over_in_tenant
        FOREIGN KEY (tenant_id, hand_over_id) REFERENCES hand_overs (tenant_id, id),
    CONSTRAINT hand_over_checks_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX hand_over_checks_organisation_id_idx ON hand_over_checks (organisation_id);
COMMENT ON TABLE hand_over_checks IS 'Written by fleet/hand_overs.';

-- What was found on the vehicle. Normal wear (Civil Code §710) is never charged.
CREATE TABLE hand_over_findings (
    hand_over_id     bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('wear', 'damage', 'missing', 'dirt')),
    part             text NOT NULL CHECK (part <> ''),
    description      text NOT NULL CHECK (description <> ''),
    was_there        boolean NOT NULL DEFAULT false,
    estimate_fen     bigint CHECK (estimate_fen >= 0),
    PRIMARY KEY (hand_over_id, no),
    CONSTRAINT hand_over_findings_wear_is_free
        CHECK (NOT (kind = 'wear' OR was_there) OR coalesce(estimate_fen, 0) = 0),
    CONSTRAINT hand_over_findings_hand_over_in_tenant
        FOREIGN KEY (tenant_id, hand_over_id) REFERENCES hand_overs (tenant_id, id),
    CONSTRAINT hand_over_findings_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX hand_over_findings_organisation_id_idx ON hand_over_findings (organisation_id);
COMMENT ON TABLE hand_over_findings IS 'Written by fleet/hand_overs.';
COMMENT ON COLUMN hand_over_findings.was_there IS 'It was there when the vehicle went out.';

-- What somebody proposes to charge a customer for; finance bills what was accepted.
CREATE TABLE charges (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    lease_id         bigint NOT NULL,
    line_no          integer,
    vehicle_id       bigint,
    kind             text NOT NULL CHECK (kind IN ('damage', 'missing', 'cleaning', 'energy', 'mileage',
                         'violation', 'early_end', 'late_return', 'other')),
    title            text NOT NULL CHECK (title <> ''),
    amount_fen       bigint NOT NULL CHECK (amount_fen >= 0),
    basis            jsonb NOT NULL DEFAULT '{}',
    incurred_on      date NOT NULL,
    source_kind      text NOT NULL CHECK (source_kind IN ('hand_over', 'violation', 'lease', 'hand')),
    source_key       text NOT NULL CHECK (source_key <> ''),
    state            text NOT NULL CHECK (state IN ('proposed', 'accepted', 'waived', 'billed')),
    accepted_fen     bigint CHECK (accepted_fen >= 0),
    decided_by       text,
    decided_at       timestamptz,
    decision_note    text CHECK (decision_note <> ''),
    proposed_by      text NOT NULL,
    proposed_at      timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT charges_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT charges_once UNIQUE (lease_id, source_kind, source_key, kind, title),
    CONSTRAINT charges_decided_whole CHECK ((state = 'proposed') = (decided_at IS NULL)
        AND (state IN ('accepted', 'billed')) = (accepted_fen IS NOT NULL)),
    CONSTRAINT charges_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT charges_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT charges_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX charges_lease_id_idx ON charges (lease_id);
CREATE INDEX charges_vehicle_id_idx ON charges (vehicle_id);
CREATE INDEX charges_organisation_id_idx ON charges (organisation_id, proposed_at, id);
COMMENT ON TABLE charges IS 'Written by fleet/charges.';
COMMENT ON COLUMN charges.basis IS 'How the amount comes about: readings, price, quantity.';

-- 违章. Whose it is follows from who held the vehicle at that minute.
CREATE TABLE violations (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    violation_no     text NOT NULL CHECK (violation_no <> ''),
    occurred_at      timestamptz NOT NULL,
    place            text CHECK (place <> ''),
    code             text CHECK (code <> ''),
    description      text NOT NULL CHECK (description <> ''),
    fine_fen         bigint CHECK (fine_fen >= 0),
    points           integer CHECK (points BETWEEN 0 AND 12),
    noticed_on       date,
    lease_id         bigint,
    line_no          integer,
    state            text NOT NULL CHECK (state IN ('open', 'told', 'handled', 'transferred', 'dropped')),
    state_note       text CHECK (state_note <> ''),
    told_at          timestamptz,
    handled_at       timestamptz,
    handled_by       text CHECK (handled_by IN ('lessee', 'lessor')),
    paid_fen         bigint CHECK (paid_fen >= 0),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT violations_violation_no_key UNIQUE (tenant_id, violation_no),
    CONSTRAINT violations_handled_whole CHECK ((state = 'handled') = (handled_by IS NOT NULL)
        AND (state IN ('open', 'told')) = (handled_at IS NULL)),
    CONSTRAINT violations_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT violations_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT violations_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX violations_vehicle_id_idx ON violations (vehicle_id, occurred_at);
CREATE INDEX violations_lease_id_idx ON violations (lease_id);
CREATE INDEX violations_organisation_id_idx ON violations (organisation_id, occurred_at, id);
COMMENT ON TABLE violations IS '交通违法. Written by fleet/violations.';
COMMENT ON COLUMN violations.lease_id IS 'Null: nobody leased the vehicle at that minute.';
COMMENT ON COLUMN violations.handled_at IS 'When it was settled: handled, transferred or dropped.';
COMMENT ON COLUMN violations.paid_fen IS 'What the lessor paid in fines for it.';
COMMENT ON COLUMN violations.violation_no IS 'Of the notice or of 12123; unique in a tenant.';

GRANT SELECT ON hand_overs, hand_over_checks, hand_over_findings, charges, violations
    TO guanche_system;
GRANT SELECT, INSERT ON hand_overs, hand_over_checks, hand_over_findings, charges, violations
    TO guanche_app;
GRANT UPDATE (state, accepted_fen, decided_by, decided_at, decision_note, version) ON charges
    TO guanche_app;
GRANT UPDATE (lease_id, line_no, state, state_note, told_at, handled_at, handled_by, paid_fen,
    fine_fen, points, place, code, description, noticed_on, version) ON violations TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['hand_overs', 'hand_over_checks', 'hand_over_findings', 'charges',
        'violations'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
