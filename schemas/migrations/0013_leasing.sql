-- The book of leases: who has which vehicle, since when, until when, on what terms.
--
-- lease_events is the book itself and only grows; versions, segments, bookings and suspensions say
-- what follows from it, so that they can be asked. `guanche leases check` derives them anew.
--
-- A vehicle is promised once (lease_bookings) and held once (lease_segments): both by constraint,
-- whatever two people do at the same moment.

ALTER TABLE checklist_templates DROP CONSTRAINT checklist_templates_kind_check,
    ADD CONSTRAINT checklist_templates_kind_check CHECK (kind IN ('repair', 'maintenance',
        'battery_check', 'idle_care', 'accident', 'transfer', 'hand_over', 'return'));
ALTER TABLE documents DROP CONSTRAINT documents_subject_kind_check,
    ADD CONSTRAINT documents_subject_kind_check CHECK (subject_kind IN ('vehicle', 'inspection',
        'policy', 'permit', 'battery_test', 'work_order', 'transfer', 'import', 'customer', 'lease',
        'hand_over', 'violation', 'contract'));

-- What a model is let for by the list, from a day on; the last row of a day counts. An organisation
-- without its own asks the list of the head.
CREATE TABLE rent_prices (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    model_id         bigint NOT NULL,
    lease_kind       text NOT NULL CHECK (lease_kind IN ('short', 'long', 'lease_to_own')),
    rent_fen         bigint NOT NULL CHECK (rent_fen >= 0),
    per              text NOT NULL CHECK (per IN ('day', 'month')),
    deposit_fen      bigint NOT NULL CHECK (deposit_fen >= 0),
    valid_from_on    date NOT NULL,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT rent_prices_model_in_tenant
        FOREIGN KEY (tenant_id, model_id) REFERENCES vehicle_models (tenant_id, id),
    CONSTRAINT rent_prices_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX rent_prices_asked_idx ON rent_prices (organisation_id, model_id, lease_kind, valid_from_on);
CREATE INDEX rent_prices_model_id_idx ON rent_prices (model_id);
COMMENT ON TABLE rent_prices IS '标价. Written by fleet/leasing.';

CREATE TABLE leases (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    lease_no         text NOT NULL CHECK (lease_no ~ '^L[0-9]{4}-[0-9A-Z]{6}$'),
    customer_id      bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('short', 'long', 'lease_to_own')),
    state            text NOT NULL CHECK (state IN ('draft', 'signed', 'active', 'suspended', 'ended',
                         'terminated', 'bought_out', 'cancelled')),
    terms            jsonb NOT NULL,
    starts_on        date NOT NULL,
    ends_on          date,
    signed_at        timestamptz,
    started_at       timestamptz,
    ended_at         timestamptz,
    last_event_no    integer NOT NULL DEFAULT 0,
    renews_id        bigint,
    reference        text CHECK (reference <> ''),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT leases_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT leases_lease_no_key UNIQUE (tenant_id, lease_no),
    CONSTRAINT leases_reference_key UNIQUE (organisation_id, reference),
    CONSTRAINT leases_signed_when_no_draft
        CHECK ((state IN ('draft', 'cancelled')) OR signed_at IS NOT NULL),
    CONSTRAINT leases_ended_when_over
        CHECK ((state IN ('ended', 'terminated', 'bought_out')) = (ended_at IS NOT NULL)),
    CONSTRAINT leases_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT leases_renews_in_tenant
        FOREIGN KEY (tenant_id, renews_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT leases_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX leases_organisation_id_idx ON leases (organisation_id, created_at, id);
CREATE INDEX leases_customer_id_idx ON leases (customer_id);
CREATE INDEX leases_renews_id_idx ON leases (renews_id);
CREATE INDEX leases_running_ends_idx ON leases (ends_on) WHERE state IN ('active', 'suspended');
COMMENT ON TABLE leases IS 'One contract of lease, of one or many vehicles. Written by fleet/leasing.';
COMMENT ON COLUMN leases.terms IS 'Of a draft, what is proposed; else those of the latest version.';
COMMENT ON COLUMN leases.ends_on IS 'The last day by the latest version; null = open-ended.';

CREATE TABLE lease_events (
    lease_id         bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    kind             text NOT NULL CHECK (kind <> ''),
    happened_at      timestamptz NOT NULL,
    content          jsonb NOT NULL,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    PRIMARY KEY (lease_id, no),
    CONSTRAINT lease_events_tenant_key UNIQUE (tenant_id, lease_id, no),
    CONSTRAINT lease_events_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_events_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX lease_events_organisation_id_idx ON lease_events (organisation_id);
COMMENT ON TABLE lease_events IS 'What happened to a lease, as it was told. Written by fleet/leasing.';
COMMENT ON COLUMN lease_events.happened_at IS 'When it takes effect; recorded_at is when we knew.';

CREATE TABLE lease_versions (
    lease_id         bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    event_no         integer NOT NULL,
    effective_on     date NOT NULL,
    terms            jsonb NOT NULL,
    PRIMARY KEY (lease_id, no),
    CONSTRAINT lease_versions_event_in_tenant FOREIGN KEY (tenant_id, lease_id, event_no)
        REFERENCES lease_events (tenant_id, lease_id, no),
    CONSTRAINT lease_versions_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_versions_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX lease_versions_organisation_id_idx ON lease_versions (organisation_id);
COMMENT ON TABLE lease_versions IS
    'The terms in force from a day until the next version. Follows from lease_events.';

-- Which vehicle was where: from the minute it was handed over to the minute it came back.
CREATE TABLE lease_segments (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    lease_id         bigint NOT NULL,
    line_no          integer NOT NULL CHECK (line_no BETWEEN 1 AND 999),
    vehicle_id       bigint NOT NULL,
    let_period       tstzrange NOT NULL,
    from_event_no    integer NOT NULL,
    until_event_no   integer,
    CONSTRAINT lease_segments_half_open CHECK (NOT isempty(let_period) AND NOT lower_inf(let_period)
        AND lower_inc(let_period) AND NOT upper_inc(let_period)),
    CONSTRAINT lease_segments_vehicle_held_once
        EXCLUDE USING gist (int8range(vehicle_id, vehicle_id, '[]') WITH &&, let_period WITH &&),
    CONSTRAINT lease_segments_line_filled_once
        EXCLUDE USING gist (int8range(lease_id * 1000 + line_no, lease_id * 1000 + line_no, '[]') WITH &&,
                            let_period WITH &&),
    CONSTRAINT lease_segments_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_segments_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT lease_segments_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX lease_segments_lease_id_idx ON lease_segments (lease_id, line_no);
CREATE INDEX lease_segments_vehicle_id_idx ON lease_segments (vehicle_id);
CREATE INDEX lease_segments_organisation_id_idx ON lease_segments (organisation_id);
CREATE UNIQUE INDEX lease_segments_now_idx ON lease_segments (vehicle_id) WHERE upper_inf(let_period);
COMMENT ON TABLE lease_segments IS 'Follows from lease_events.';

-- Which vehicle is promised to a line, and for how long; an empty period: it no longer is.
CREATE TABLE lease_bookings (
    lease_id         bigint NOT NULL,
    line_no          integer NOT NULL,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    booked_period    tstzrange NOT NULL,
    PRIMARY KEY (lease_id, line_no),
    CONSTRAINT lease_bookings_half_open CHECK (isempty(booked_period) OR
        NOT lower_inf(booked_period) AND lower_inc(booked_period) AND NOT upper_inc(booked_period)),
    CONSTRAINT lease_bookings_vehicle_promised_once
        EXCLUDE USING gist (int8range(vehicle_id, vehicle_id, '[]') WITH &&, booked_period WITH &&)
        DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT lease_bookings_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_bookings_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT lease_bookings_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX lease_bookings_vehicle_id_idx ON lease_bookings (vehicle_id);
CREATE INDEX lease_bookings_organisation_id_idx ON lease_bookings (organisation_id);
COMMENT ON TABLE lease_bookings IS 'Follows from lease_events.';

CREATE TABLE lease_suspensions (
    lease_id         bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    line_no          integer,
    suspended_period daterange NOT NULL,
    credited         boolean NOT NULL,
    reason           text NOT NULL CHECK (reason <> ''),
    event_no         integer NOT NULL,
    PRIMARY KEY (lease_id, no),
    CONSTRAINT lease_suspensions_from_a_day CHECK (NOT lower_inf(suspended_period)),
    CONSTRAINT lease_suspensions_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_suspensions_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX lease_suspensions_organisation_id_idx ON lease_suspensions (organisation_id);
COMMENT ON TABLE lease_suspensions IS 'line_no null = the whole lease. Follows from lease_events.';

-- Terms beyond what sales may promise are approved by somebody else, for the draft as it stands.
CREATE TABLE lease_approvals (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    lease_id         bigint NOT NULL,
    terms_sha256     bytea NOT NULL CHECK (length(terms_sha256) = 32),
    reasons          jsonb NOT NULL,
    requested_by     text NOT NULL,
    requested_at     timestamptz NOT NULL,
    decision         text CHECK (decision IN ('approved', 'refused')),
    decided_by       text,
    decided_at       timestamptz,
    note             text CHECK (note <> ''),
    CONSTRAINT lease_approvals_decided_whole
        CHECK ((decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL)),
    CONSTRAINT lease_approvals_four_eyes CHECK (decided_by <> requested_by),
    CONSTRAINT lease_approvals_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_approvals_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX lease_approvals_once_idx ON lease_approvals (lease_id, terms_sha256)
    WHERE decision IS DISTINCT FROM 'refused';
CREATE INDEX lease_approvals_organisation_id_idx ON lease_approvals (organisation_id);
COMMENT ON TABLE lease_approvals IS 'Written by fleet/leasing.';

CREATE TABLE quotes (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    quote_no         text NOT NULL CHECK (quote_no ~ '^Q[0-9]{4}-[0-9A-Z]{6}$'),
    customer_id      bigint,
    prospect         text CHECK (prospect <> ''),
    prospect_phone   text CHECK (prospect_phone <> ''),
    terms            jsonb NOT NULL,
    valid_until_on   date NOT NULL,
    state            text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
    state_note       text CHECK (state_note <> ''),
    lease_id         bigint,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT quotes_quote_no_key UNIQUE (tenant_id, quote_no),
    CONSTRAINT quotes_for_somebody CHECK (customer_id IS NOT NULL OR prospect IS NOT NULL),
    CONSTRAINT quotes_accepted_is_a_lease CHECK ((state = 'accepted') = (lease_id IS NOT NULL)),
    CONSTRAINT quotes_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT quotes_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT quotes_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX quotes_organisation_id_idx ON quotes (organisation_id, created_at, id);
CREATE INDEX quotes_customer_id_idx ON quotes (customer_id);
CREATE INDEX quotes_lease_id_idx ON quotes (lease_id);
COMMENT ON TABLE quotes IS 'Offers. Written by fleet/quotes.';

GRANT SELECT ON rent_prices, leases, lease_events, lease_versions, lease_segments, lease_bookings,
    lease_suspensions, lease_approvals, quotes TO guanche_system;
GRANT SELECT, INSERT ON rent_prices, leases, lease_events, lease_versions, lease_segments,
    lease_bookings, lease_suspensions, lease_approvals, quotes TO guanche_app;
GRANT UPDATE (customer_id, kind, state, terms, starts_on, ends_on, signed_at, started_at, ended_at,
    last_event_no, renews_id, reference, version) ON leases TO guanche_app;
GRANT UPDATE (let_period, until_event_no) ON lease_segments TO guanche_app;
GRANT UPDATE (vehicle_id, booked_period) ON lease_bookings TO guanche_app;
GRANT UPDATE (suspended_period) ON lease_suspensions TO guanche_app;
GRANT UPDATE (decision, decided_by, decided_at, note) ON lease_approvals TO guanche_app;
GRANT UPDATE (customer_id, prospect, prospect_phone, terms, valid_until_on, state, state_note,
    lease_id, version) ON quotes TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['rent_prices', 'leases', 'lease_events', 'lease_versions',
        'lease_segments', 'lease_bookings', 'lease_suspensions', 'lease_approvals', 'quotes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
-- The list of the head is everybody's.
CREATE POLICY app_reads_the_heads ON rent_prices FOR SELECT TO guanche_app
    USING (organisation_id = tenant_id AND tenant_id IN (SELECT id FROM visible_tenants));

-- Whether a vehicle is promised or held, whoever did it: a transfer must know, and is told no more.
CREATE FUNCTION leases_hold_vehicle(p_vehicle_id bigint, p_at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM lease_segments s
                   WHERE s.vehicle_id = p_vehicle_id AND upper_inf(s.let_period))
        OR EXISTS (SELECT FROM lease_bookings b
                   WHERE b.vehicle_id = p_vehicle_id AND (upper_inf(b.booked_period)
                         OR upper(b.booked_period) > p_at))
$$;
ALTER FUNCTION leases_hold_vehicle(bigint, timestamptz) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION leases_hold_vehicle(bigint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leases_hold_vehicle(bigint, timestamptz) TO guanche_app;
