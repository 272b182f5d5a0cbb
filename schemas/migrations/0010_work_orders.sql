-- Work on vehicles: orders with their steps, lines and events; what is to be done after how long or
-- how far; checklists by version.

CREATE TABLE checklist_templates (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    edition          integer NOT NULL CHECK (edition >= 1),
    kind             text NOT NULL CHECK (kind IN
                         ('repair', 'maintenance', 'battery_check', 'idle_care', 'accident', 'transfer')),
    title            text NOT NULL CHECK (title <> ''),
    steps            jsonb NOT NULL,
    published_by     text NOT NULL,
    published_at     timestamptz NOT NULL,
    CONSTRAINT checklist_templates_of_a_whole_tenant CHECK (organisation_id = tenant_id),
    CONSTRAINT checklist_templates_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT checklist_templates_edition_key UNIQUE (tenant_id, code, edition),
    CONSTRAINT checklist_templates_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE checklist_templates IS
    'A new edition each time; an order keeps the one it began with. Written by fleet/service.';
COMMENT ON COLUMN checklist_templates.steps IS '[{"no": 1, "text": "…", "photo": false}, …]';

CREATE TABLE work_orders (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    number           text NOT NULL CHECK (number ~ '^W[0-9]{4}-[0-9A-Z]{6}$'),
    vehicle_id       bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN
                         ('repair', 'maintenance', 'battery_check', 'idle_care', 'accident')),
    state            text NOT NULL CHECK (state IN
                         ('open', 'in_progress', 'waiting', 'done', 'closed', 'cancelled')),
    priority         text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    title            text NOT NULL CHECK (title <> ''),
    description      text CHECK (description <> ''),
    assignee         text CHECK (assignee <> ''),
    workshop         text CHECK (workshop <> ''),
    due_on           date,
    checklist_id     bigint,
    maintenance_codes text[] NOT NULL DEFAULT '{}',
    odometer_km      numeric(9, 1) CHECK (odometer_km >= 0),
    down_from_at     timestamptz,
    down_until_at    timestamptz,
    reference        text CHECK (reference <> ''),
    opened_by        text NOT NULL,
    opened_at        timestamptz NOT NULL,
    finished_at      timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT work_orders_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT work_orders_number_key UNIQUE (tenant_id, number),
    CONSTRAINT work_orders_reference_key UNIQUE (organisation_id, reference),
    CONSTRAINT work_orders_down_in_order CHECK (down_until_at IS NULL
        OR (down_from_at IS NOT NULL AND down_from_at <= down_until_at)),
    CONSTRAINT work_orders_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT work_orders_checklist_in_tenant
        FOREIGN KEY (tenant_id, checklist_id) REFERENCES checklist_templates (tenant_id, id),
    CONSTRAINT work_orders_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX work_orders_vehicle_id_idx ON work_orders (vehicle_id);
CREATE INDEX work_orders_organisation_id_idx ON work_orders (organisation_id, opened_at);
CREATE INDEX work_orders_checklist_id_idx ON work_orders (checklist_id);
CREATE INDEX work_orders_unfinished_idx ON work_orders (due_on)
    WHERE state IN ('open', 'in_progress', 'waiting');
COMMENT ON TABLE work_orders IS 'Written by fleet/service.';
COMMENT ON COLUMN work_orders.reference IS 'The number it has elsewhere, such as in a sheet.';
COMMENT ON COLUMN work_orders.assignee IS 'Log-in of whoever does it or sees to it.';

-- What is bought or done, and what it costs. A line is never deleted but struck out.
CREATE TABLE work_order_lines (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    work_order_id    bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('part', 'labour', 'other')),
    title            text NOT NULL CHECK (title <> ''),
    part_no          text CHECK (part_no <> ''),
    quantity         numeric(10, 3) NOT NULL CHECK (quantity > 0),
    unit             text NOT NULL CHECK (unit <> ''),
    unit_price_fen   bigint NOT NULL,
    amount_fen       bigint NOT NULL,
    added_by         text NOT NULL,
    added_at         timestamptz NOT NULL,
    struck_at        timestamptz,
    CONSTRAINT work_order_lines_order_in_tenant
        FOREIGN KEY (tenant_id, work_order_id) REFERENCES work_orders (tenant_id, id),
    CONSTRAINT work_order_lines_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX work_order_lines_work_order_id_idx ON work_order_lines (work_order_id);
CREATE INDEX work_order_lines_organisation_id_idx ON work_order_lines (organisation_id);
COMMENT ON TABLE work_order_lines IS 'Written by fleet/service.';

-- A step done; done again, a further row: the last counts.
CREATE TABLE work_order_checks (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    work_order_id    bigint NOT NULL,
    step_no          integer NOT NULL CHECK (step_no >= 1),
    result           text NOT NULL CHECK (result IN ('ok', 'fault', 'not_applicable')),
    note             text CHECK (note <> ''),
    checked_by       text NOT NULL,
    checked_at       timestamptz NOT NULL,
    CONSTRAINT work_order_checks_order_in_tenant
        FOREIGN KEY (tenant_id, work_order_id) REFERENCES work_orders (tenant_id, id),
    CONSTRAINT work_order_checks_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX work_order_checks_work_order_id_idx ON work_order_checks (work_order_id);
CREATE INDEX work_order_checks_organisation_id_idx ON work_order_checks (organisation_id);
COMMENT ON TABLE work_order_checks IS 'Written by fleet/service.';

CREATE TABLE work_order_events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    work_order_id    bigint NOT NULL,
    happened_at      timestamptz NOT NULL,
    by_name          text NOT NULL,
    from_state       text,
    to_state         text NOT NULL,
    note             text CHECK (note <> ''),
    CONSTRAINT work_order_events_order_in_tenant
        FOREIGN KEY (tenant_id, work_order_id) REFERENCES work_orders (tenant_id, id),
    CONSTRAINT work_order_events_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX work_order_events_work_order_id_idx ON work_order_events (work_order_id);
CREATE INDEX work_order_events_organisation_id_idx ON work_order_events (organisation_id);
COMMENT ON TABLE work_order_events IS 'How an order went on. Written by fleet/service.';

CREATE TABLE maintenance_items (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    model_id         bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    title            text NOT NULL CHECK (title <> ''),
    every_months     integer CHECK (every_months BETWEEN 1 AND 240),
    every_km         integer CHECK (every_km BETWEEN 100 AND 1000000),
    every_hours      integer CHECK (every_hours BETWEEN 10 AND 100000),
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT maintenance_items_of_a_whole_tenant CHECK (organisation_id = tenant_id),
    CONSTRAINT maintenance_items_after_something
        CHECK (num_nonnulls(every_months, every_km, every_hours) >= 1),
    CONSTRAINT maintenance_items_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT maintenance_items_code_key UNIQUE (model_id, code),
    CONSTRAINT maintenance_items_model_in_tenant
        FOREIGN KEY (tenant_id, model_id) REFERENCES vehicle_models (tenant_id, id),
    CONSTRAINT maintenance_items_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE maintenance_items IS 'The maintenance plan of a model. Written by fleet/service.';

CREATE TABLE maintenance_done (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    code             text NOT NULL CHECK (code <> ''),
    done_on          date NOT NULL,
    odometer_km      numeric(9, 1) CHECK (odometer_km >= 0),
    running_hours    numeric(8, 1) CHECK (running_hours >= 0),
    work_order_id    bigint,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT maintenance_done_once UNIQUE (vehicle_id, code, done_on),
    CONSTRAINT maintenance_done_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT maintenance_done_order_in_tenant
        FOREIGN KEY (tenant_id, work_order_id) REFERENCES work_orders (tenant_id, id),
    CONSTRAINT maintenance_done_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX maintenance_done_work_order_id_idx ON maintenance_done (work_order_id);
CREATE INDEX maintenance_done_organisation_id_idx ON maintenance_done (organisation_id);
COMMENT ON TABLE maintenance_done IS
    'When each item of the plan was last done, and idle care (code idle-care). By fleet/service.';

GRANT SELECT ON checklist_templates, work_orders, work_order_lines, work_order_checks,
    work_order_events, maintenance_items, maintenance_done TO guanche_system;
GRANT SELECT, INSERT ON checklist_templates, work_orders, work_order_lines, work_order_checks,
    work_order_events, maintenance_items, maintenance_done TO guanche_app;
GRANT UPDATE (state, priority, title, description, assignee, workshop, due_on, checklist_id,
    maintenance_codes, odometer_km, down_from_at, down_until_at, finished_at, version)
    ON work_orders TO guanche_app;
GRANT UPDATE (struck_at) ON work_order_lines TO guanche_app;
GRANT UPDATE (title, every_months, every_km, every_hours, retired_at, version)
    ON maintenance_items TO guanche_app;
GRANT UPDATE (odometer_km, running_hours) ON maintenance_done TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['checklist_templates', 'work_orders', 'work_order_lines',
        'work_order_checks', 'work_order_events', 'maintenance_items', 'maintenance_done'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
    END LOOP;
    -- Orders are business: of the organisation that opened them, and in sight of the vehicle's owner.
    FOREACH own IN ARRAY ARRAY['work_order_lines', 'work_order_checks', 'work_order_events'] LOOP
        EXECUTE format($p$
            CREATE POLICY app_reads ON %1$I FOR SELECT TO guanche_app
            USING (EXISTS (SELECT FROM work_orders w WHERE w.id = %1$I.work_order_id))
        $p$, own);
        EXECUTE format($p$
            CREATE POLICY app_adds ON %1$I FOR INSERT TO guanche_app
            WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                        AND EXISTS (SELECT FROM work_orders w
                                    WHERE w.id = %1$I.work_order_id
                                      AND w.organisation_id = %1$I.organisation_id))
        $p$, own);
    END LOOP;
    FOREACH own IN ARRAY ARRAY['checklist_templates', 'maintenance_items'] LOOP
        EXECUTE format('CREATE POLICY app_reads ON %I FOR SELECT TO guanche_app'
            ' USING (tenant_id IN (SELECT id FROM visible_tenants))', own);
        EXECUTE format('CREATE POLICY app_adds ON %I FOR INSERT TO guanche_app'
            ' WITH CHECK (tenant_id = ANY (app_organisations()))', own);
    END LOOP;
END $$;
CREATE POLICY app_reads ON work_orders FOR SELECT TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_owned_vehicles p WHERE p.vehicle_id = work_orders.vehicle_id));
CREATE POLICY app_adds ON work_orders FOR INSERT TO guanche_app
    WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                AND EXISTS (SELECT FROM visible_vehicle_periods p
                            WHERE p.vehicle_id = work_orders.vehicle_id
                              AND upper_inf(p.visible_period)));
CREATE POLICY app_changes ON work_orders FOR UPDATE TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));
CREATE POLICY app_changes ON work_order_lines FOR UPDATE TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));
CREATE POLICY app_changes ON maintenance_items FOR UPDATE TO guanche_app
    USING (tenant_id = ANY (app_organisations()));

-- What was done to a vehicle goes with it; by whom and for how much does not.
CREATE POLICY app_reads ON maintenance_done FOR SELECT TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_vehicle_periods p
                      WHERE p.vehicle_id = maintenance_done.vehicle_id
                        AND upper_inf(p.visible_period)));
CREATE POLICY app_adds ON maintenance_done FOR INSERT TO guanche_app
    WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                AND EXISTS (SELECT FROM visible_vehicle_periods p
                            WHERE p.vehicle_id = maintenance_done.vehicle_id
                              AND upper_inf(p.visible_period)));
CREATE POLICY app_changes ON maintenance_done FOR UPDATE TO guanche_app
    USING (EXISTS (SELECT FROM visible_vehicle_periods p
                   WHERE p.vehicle_id = maintenance_done.vehicle_id
                     AND upper_inf(p.visible_period)));
