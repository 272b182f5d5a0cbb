-- A vehicle's whole life: its model, the stages it goes through, what it cost, how far it has run,
-- the files that prove it; and the figures of law that decide what falls due.
--
-- Two kinds of rows beside a vehicle. What goes with it (its stage, its odometer, its papers) is seen
-- by whoever has it now, its owner and its operator, and by the organisation that wrote it down. What
-- is business (prices, costs) is seen by the organisation it belongs to and by the vehicle's owner:
-- the next operator learns nothing of the former one's.
--
-- organisation_id is whoever had the vehicle then: its operator, else its owner.

GRANT SELECT ON visible_owned_vehicles TO guanche_app;

-- Figures of law and of practice, each from a day on, with where it is written. Never changed: a
-- correction is a further row, the last of a day counts. A row without a tenant is everybody's.
CREATE TABLE parameters (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint,
    organisation_id  bigint,
    name             text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$'),
    valid_from_on    date NOT NULL,
    content          jsonb NOT NULL,
    source           text NOT NULL CHECK (source <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT parameters_of_a_whole_tenant CHECK (organisation_id IS NOT DISTINCT FROM tenant_id),
    CONSTRAINT parameters_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX parameters_name_idx ON parameters (name, valid_from_on);
CREATE INDEX parameters_organisation_id_idx ON parameters (organisation_id);
COMMENT ON TABLE parameters IS 'Dated figures of law with their source. Written by fleet/parameters.';

CREATE TABLE vehicle_models (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    code              text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name              text NOT NULL CHECK (name <> ''),
    maker             text NOT NULL CHECK (maker <> ''),
    body_type         text NOT NULL CHECK (body_type <> ''),
    gvw_kg            integer CHECK (gvw_kg BETWEEN 100 AND 60000),
    battery_kwh       numeric(6, 2) CHECK (battery_kwh > 0),
    battery_chemistry text CHECK (battery_chemistry IN ('lfp', 'nmc', 'lto', 'other')),
    rated_range_km    integer CHECK (rated_range_km > 0),
    box_volume_m3     numeric(6, 2) CHECK (box_volume_m3 > 0),
    care              jsonb NOT NULL DEFAULT '{}',
    version           bigint NOT NULL DEFAULT 1,
    CONSTRAINT vehicle_models_of_a_whole_tenant CHECK (organisation_id = tenant_id),
    CONSTRAINT vehicle_models_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT vehicle_models_code_key UNIQUE (tenant_id, code),
    CONSTRAINT vehicle_models_name_key UNIQUE (tenant_id, name),
    CONSTRAINT vehicle_models_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE vehicle_models IS 'The catalogue of a tenant. Written by fleet/registry.';
COMMENT ON COLUMN vehicle_models.body_type IS 'As on a licence, for instance 微型厢式货车.';
COMMENT ON COLUMN vehicle_models.care IS
    'What differs from the parameter care.idle for this model; {} = nothing.';

ALTER TABLE vehicles
    ADD COLUMN model_id bigint,
    ADD COLUMN depot_id bigint,
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN pooled boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT vehicles_model_in_tenant
        FOREIGN KEY (tenant_id, model_id) REFERENCES vehicle_models (tenant_id, id),
    ADD CONSTRAINT vehicles_depot_in_tenant
        FOREIGN KEY (tenant_id, depot_id) REFERENCES organisations (tenant_id, id),
    ADD CONSTRAINT vehicles_tags_few CHECK (cardinality(tags) <= 20);
CREATE INDEX vehicles_model_id_idx ON vehicles (model_id);
CREATE INDEX vehicles_depot_id_idx ON vehicles (depot_id);
CREATE INDEX vehicles_pooled_idx ON vehicles (tenant_id) WHERE pooled;
COMMENT ON COLUMN vehicles.model IS 'As on the card; that of its model where it has one.';
COMMENT ON COLUMN vehicles.pooled IS 'Its owner offers it to the organisations below while in stock.';
GRANT UPDATE (model_id, depot_id, tags, pooled) ON vehicles TO guanche_app;

-- ordered → in_stock → let → in_service → for_sale → disposed, as fleet/registry/stages.py allows.
CREATE TABLE vehicle_stages (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    stage            text NOT NULL CHECK (stage IN
                         ('ordered', 'in_stock', 'let', 'in_service', 'for_sale', 'disposed')),
    staged_period    tstzrange NOT NULL,
    reason           text CHECK (reason <> ''),
    changed_by       text NOT NULL,
    CONSTRAINT vehicle_stages_half_open CHECK (
        NOT isempty(staged_period) AND NOT lower_inf(staged_period)
        AND lower_inc(staged_period) AND NOT upper_inc(staged_period)),
    CONSTRAINT vehicle_stages_one_at_a_time
        EXCLUDE USING gist (int8range(vehicle_id, vehicle_id, '[]') WITH &&, staged_period WITH &&),
    CONSTRAINT vehicle_stages_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT vehicle_stages_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX vehicle_stages_now_idx ON vehicle_stages (vehicle_id)
    WHERE upper_inf(staged_period);
CREATE INDEX vehicle_stages_vehicle_id_idx ON vehicle_stages (vehicle_id);
CREATE INDEX vehicle_stages_organisation_id_idx ON vehicle_stages (organisation_id);
COMMENT ON TABLE vehicle_stages IS 'The life of a vehicle, [from, to). Written by fleet/registry.';
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, changed_by)
SELECT v.tenant_id, coalesce(p.organisation_id, v.owner_id), v.id, 'in_stock',
       tstzrange(v.created_at, NULL), 'guanche migrate'
FROM vehicles v
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period);

-- What its owner paid, and how it is written off.
CREATE TABLE vehicle_purchases (
    vehicle_id           bigint PRIMARY KEY,
    tenant_id            bigint NOT NULL,
    organisation_id      bigint NOT NULL,
    purchased_on         date NOT NULL,
    price_fen            bigint NOT NULL CHECK (price_fen >= 0),
    supplier             text CHECK (supplier <> ''),
    depreciation_method  text NOT NULL
        CHECK (depreciation_method IN ('straight_line', 'double_declining', 'none')),
    useful_life_months   integer CHECK (useful_life_months BETWEEN 1 AND 600),
    residual_pct         numeric(5, 2) CHECK (residual_pct BETWEEN 0 AND 100),
    version              bigint NOT NULL DEFAULT 1,
    CONSTRAINT vehicle_purchases_depreciated CHECK ((depreciation_method = 'none')
        OR (useful_life_months IS NOT NULL AND residual_pct IS NOT NULL)),
    CONSTRAINT vehicle_purchases_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT vehicle_purchases_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX vehicle_purchases_organisation_id_idx ON vehicle_purchases (organisation_id);
COMMENT ON TABLE vehicle_purchases IS 'Of the owner. Written by fleet/registry.';

-- Every reading is kept. One that is lower than an earlier one is a roll-back: told when read.
CREATE TABLE odometer_readings (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    read_at          timestamptz NOT NULL,
    odometer_km      numeric(9, 1) NOT NULL CHECK (odometer_km >= 0),
    running_hours    numeric(8, 1) CHECK (running_hours >= 0),
    source           text NOT NULL CHECK (source IN ('telemetry', 'hand', 'work_order', 'transfer')),
    note             text CHECK (note <> ''),
    recorded_by      text NOT NULL,
    CONSTRAINT odometer_readings_once UNIQUE (vehicle_id, read_at, source),
    CONSTRAINT odometer_readings_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT odometer_readings_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX odometer_readings_organisation_id_idx ON odometer_readings (organisation_id);
COMMENT ON TABLE odometer_readings IS
    'By hand, and one a day from telemetry. Written by fleet/registry.';

-- What was agreed on when a vehicle went from one operator to another. Each side sees it.
CREATE TABLE vehicle_transfers (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id             bigint NOT NULL,
    vehicle_id            bigint NOT NULL,
    from_organisation_id  bigint,
    organisation_id       bigint NOT NULL,
    transferred_at        timestamptz NOT NULL,
    odometer_km           numeric(9, 1) CHECK (odometer_km >= 0),
    soc_pct               numeric(4, 1) CHECK (soc_pct BETWEEN 0 AND 100),
    checks                jsonb NOT NULL DEFAULT '[]',
    remarks               text CHECK (remarks <> ''),
    recorded_by           text NOT NULL,
    CONSTRAINT vehicle_transfers_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT vehicle_transfers_from_in_tenant
        FOREIGN KEY (tenant_id, from_organisation_id) REFERENCES organisations (tenant_id, id),
    CONSTRAINT vehicle_transfers_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX vehicle_transfers_vehicle_id_idx ON vehicle_transfers (vehicle_id);
CREATE INDEX vehicle_transfers_organisation_id_idx ON vehicle_transfers (organisation_id);
CREATE INDEX vehicle_transfers_from_organisation_id_idx ON vehicle_transfers (from_organisation_id);
COMMENT ON TABLE vehicle_transfers IS
    'Hand-over records between operators. Written by fleet/registry.';

-- Money spent on a vehicle, by what it was spent for. subject names the record it comes from.
CREATE TABLE vehicle_costs (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('inspection', 'insurance', 'permit', 'battery_test',
                         'repair', 'maintenance', 'care', 'accident', 'other')),
    amount_fen       bigint NOT NULL,
    incurred_on      date NOT NULL,
    subject_kind     text NOT NULL CHECK (subject_kind <> ''),
    subject_key      text NOT NULL CHECK (subject_key <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT vehicle_costs_once UNIQUE (tenant_id, subject_kind, subject_key, kind),
    CONSTRAINT vehicle_costs_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT vehicle_costs_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX vehicle_costs_vehicle_id_idx ON vehicle_costs (vehicle_id, incurred_on);
CREATE INDEX vehicle_costs_organisation_id_idx ON vehicle_costs (organisation_id);
COMMENT ON TABLE vehicle_costs IS 'Written by fleet/costs, for the slices that spend.';

-- A file by its content: the bytes lie in the store of files under tenant and SHA-256.
CREATE TABLE documents (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint,
    subject_kind     text NOT NULL CHECK (subject_kind IN ('vehicle', 'inspection', 'policy', 'permit',
                         'battery_test', 'work_order', 'transfer', 'import')),
    subject_key      text NOT NULL CHECK (subject_key <> ''),
    kind             text NOT NULL CHECK (kind IN ('photo', 'licence', 'certificate', 'policy',
                         'invoice', 'report', 'sheet', 'other')),
    goes_along       boolean NOT NULL,
    name             text NOT NULL CHECK (name <> ''),
    media_type       text NOT NULL CHECK (media_type <> ''),
    size_bytes       bigint NOT NULL CHECK (size_bytes > 0),
    sha256           bytea NOT NULL CHECK (length(sha256) = 32),
    uploaded_by      text NOT NULL,
    uploaded_at      timestamptz NOT NULL,
    withdrawn_at     timestamptz,
    CONSTRAINT documents_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT documents_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX documents_vehicle_id_idx ON documents (vehicle_id);
CREATE INDEX documents_organisation_id_idx ON documents (organisation_id);
CREATE INDEX documents_subject_idx ON documents (subject_kind, subject_key);
COMMENT ON TABLE documents IS 'Written by fleet/documents.';
COMMENT ON COLUMN documents.goes_along IS
    'It goes with the vehicle (a photo, a paper), or is business (an invoice).';

-- Stock that a parent organisation offers to those below it, without saying who else has what: only
-- what it owns, that nobody but the owner operates, and that stands in stock.
CREATE VIEW visible_pool WITH (security_barrier) AS
SELECT v.id AS vehicle_id, v.vin, v.plate, v.model, v.model_id, owner.code AS owner_code,
       lower(s.staged_period) AS available_from_at
FROM vehicles v
JOIN organisations owner ON owner.id = v.owner_id
JOIN vehicle_stages s ON s.vehicle_id = v.id AND upper_inf(s.staged_period) AND s.stage = 'in_stock'
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
WHERE v.pooled
  AND (p.organisation_id IS NULL OR p.organisation_id = v.owner_id)
  AND v.owner_id IN (SELECT ancestor_id FROM organisation_closure
                     WHERE descendant_id = ANY (app_organisations()));
ALTER VIEW visible_pool OWNER TO guanche_system;

GRANT SELECT ON parameters, vehicle_models, vehicle_stages, vehicle_purchases, odometer_readings,
    vehicle_transfers, vehicle_costs, documents TO guanche_system;
GRANT SELECT, INSERT ON parameters, vehicle_models, vehicle_stages, vehicle_purchases,
    odometer_readings, vehicle_transfers, vehicle_costs, documents TO guanche_app;
GRANT SELECT ON visible_pool TO guanche_app;
GRANT UPDATE (name, maker, body_type, gvw_kg, battery_kwh, battery_chemistry, rated_range_km,
    box_volume_m3, care, version) ON vehicle_models TO guanche_app;
GRANT UPDATE (staged_period) ON vehicle_stages TO guanche_app;
GRANT UPDATE (purchased_on, price_fen, supplier, depreciation_method, useful_life_months,
    residual_pct, version) ON vehicle_purchases TO guanche_app;
GRANT UPDATE (amount_fen, incurred_on, recorded_by, recorded_at) ON vehicle_costs TO guanche_app;
GRANT UPDATE (withdrawn_at) ON documents TO guanche_app;

-- The organisation acted for and those above it: what a tenant keeps for all of its members.
CREATE VIEW visible_tenants WITH (security_barrier) AS
SELECT DISTINCT tenant_id AS id FROM organisations WHERE id = ANY (app_organisations());
ALTER VIEW visible_tenants OWNER TO guanche_system;
GRANT SELECT ON visible_tenants TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['parameters', 'vehicle_models', 'vehicle_stages', 'vehicle_purchases',
        'odometer_readings', 'vehicle_transfers', 'vehicle_costs', 'documents'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
    END LOOP;
    -- What goes with the vehicle.
    FOREACH own IN ARRAY ARRAY['vehicle_stages', 'odometer_readings'] LOOP
        EXECUTE format($p$
            CREATE POLICY app_reads ON %1$I FOR SELECT TO guanche_app
            USING (organisation_id IN (SELECT id FROM visible_organisations)
                   OR EXISTS (SELECT FROM visible_vehicle_periods p
                              WHERE p.vehicle_id = %1$I.vehicle_id AND upper_inf(p.visible_period)))
        $p$, own);
    END LOOP;
    -- What is business.
    FOREACH own IN ARRAY ARRAY['vehicle_purchases', 'vehicle_costs'] LOOP
        EXECUTE format($p$
            CREATE POLICY app_reads ON %1$I FOR SELECT TO guanche_app
            USING (organisation_id IN (SELECT id FROM visible_organisations)
                   OR EXISTS (SELECT FROM visible_owned_vehicles p
                              WHERE p.vehicle_id = %1$I.vehicle_id))
        $p$, own);
    END LOOP;
    -- Written only of a vehicle one has, in the name of an organisation of one's own.
    FOREACH own IN ARRAY ARRAY['vehicle_stages', 'odometer_readings', 'vehicle_purchases',
        'vehicle_costs'] LOOP
        EXECUTE format($p$
            CREATE POLICY app_adds ON %1$I FOR INSERT TO guanche_app
            WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                        AND EXISTS (SELECT FROM visible_vehicle_periods p
                                    WHERE p.vehicle_id = %1$I.vehicle_id
                                      AND upper_inf(p.visible_period)))
        $p$, own);
    END LOOP;
END $$;

-- A stage that runs may be ended by who has the vehicle; what has ended stays as it is.
CREATE POLICY app_changes ON vehicle_stages FOR UPDATE TO guanche_app
    USING (upper_inf(staged_period)
           AND EXISTS (SELECT FROM visible_vehicle_periods p
                       WHERE p.vehicle_id = vehicle_stages.vehicle_id
                         AND upper_inf(p.visible_period)))
    WITH CHECK (NOT upper_inf(staged_period));
CREATE POLICY app_changes ON vehicle_purchases FOR UPDATE TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));
CREATE POLICY app_changes ON vehicle_costs FOR UPDATE TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));

CREATE POLICY app_reads ON parameters FOR SELECT TO guanche_app
    USING (tenant_id IN (SELECT id FROM visible_tenants)
           OR tenant_id IS NULL AND EXISTS (SELECT FROM visible_tenants));
-- By the head of the tenant only: what binds all is not written by one of its regions.
CREATE POLICY app_adds ON parameters FOR INSERT TO guanche_app
    WITH CHECK (tenant_id = ANY (app_organisations()));

CREATE POLICY app_reads ON vehicle_models FOR SELECT TO guanche_app
    USING (tenant_id IN (SELECT id FROM visible_tenants));
CREATE POLICY app_adds ON vehicle_models FOR INSERT TO guanche_app
    WITH CHECK (tenant_id = ANY (app_organisations()));
CREATE POLICY app_changes ON vehicle_models FOR UPDATE TO guanche_app
    USING (tenant_id = ANY (app_organisations()));

CREATE POLICY app_reads ON vehicle_transfers FOR SELECT TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations)
           OR from_organisation_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_owned_vehicles p
                      WHERE p.vehicle_id = vehicle_transfers.vehicle_id));
CREATE POLICY app_adds ON vehicle_transfers FOR INSERT TO guanche_app
    WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                AND (from_organisation_id IS NULL
                     OR from_organisation_id IN (SELECT id FROM visible_organisations)
                     OR EXISTS (SELECT FROM visible_owned_vehicles p
                                WHERE p.vehicle_id = vehicle_transfers.vehicle_id)));

CREATE POLICY app_reads ON documents FOR SELECT TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_owned_vehicles p
                      WHERE p.vehicle_id = documents.vehicle_id)
           OR goes_along AND EXISTS (SELECT FROM visible_vehicle_periods p
                                     WHERE p.vehicle_id = documents.vehicle_id
                                       AND upper_inf(p.visible_period)));
CREATE POLICY app_adds ON documents FOR INSERT TO guanche_app
    WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                AND (vehicle_id IS NULL
                     OR EXISTS (SELECT FROM visible_vehicle_periods p
                                WHERE p.vehicle_id = documents.vehicle_id
                                  AND upper_inf(p.visible_period))));
CREATE POLICY app_changes ON documents FOR UPDATE TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));
