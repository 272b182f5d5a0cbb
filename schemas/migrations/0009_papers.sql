-- What a vehicle must have to be on the road, and until when: its licence as printed, inspections,
-- insurance, permits, battery tests; and from these and its maintenance, what falls due when.

CREATE TABLE vehicle_licences (
    vehicle_id       bigint PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_type     text NOT NULL CHECK (vehicle_type <> ''),
    use_nature       text NOT NULL CHECK (use_nature <> ''),
    registered_on    date NOT NULL,
    issued_on        date,
    motor_no         text CHECK (motor_no <> ''),
    gvw_kg           integer CHECK (gvw_kg BETWEEN 100 AND 60000),
    seats            integer CHECK (seats BETWEEN 1 AND 99),
    stricter         boolean NOT NULL DEFAULT false,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT vehicle_licences_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT vehicle_licences_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX vehicle_licences_organisation_id_idx ON vehicle_licences (organisation_id);
COMMENT ON TABLE vehicle_licences IS '行驶证 as printed. Written by fleet/compliance.';
COMMENT ON COLUMN vehicle_licences.stricter IS
    'A passenger car that lost the easier intervals: injury accident or illegal modification.';

CREATE TABLE inspections (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    form             text NOT NULL CHECK (form IN ('printed', 'line', 'sticker')),
    inspected_on     date NOT NULL,
    passed           boolean NOT NULL,
    valid_to_on      date,
    place            text CHECK (place <> ''),
    report_no        text CHECK (report_no <> ''),
    note             text CHECK (note <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT inspections_once UNIQUE (vehicle_id, inspected_on, form),
    CONSTRAINT inspections_valid_when_passed CHECK (passed = (valid_to_on IS NOT NULL)),
    CONSTRAINT inspections_valid_to_month_end CHECK
        (valid_to_on = (date_trunc('month', valid_to_on) + interval '1 month - 1 day')::date),
    CONSTRAINT inspections_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT inspections_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX inspections_organisation_id_idx ON inspections (organisation_id);
CREATE INDEX inspections_inspected_on_idx ON inspections (inspected_on DESC, id DESC);
COMMENT ON TABLE inspections IS 'Written by fleet/compliance.';
COMMENT ON COLUMN inspections.form IS
    'line: on the inspection line; sticker: mark only; printed: read off the licence, no inspection.';
COMMENT ON COLUMN inspections.valid_to_on IS 'The last day of the printed month.';

CREATE TABLE insurance_policies (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('compulsory', 'commercial')),
    policy_no        text NOT NULL CHECK (policy_no <> ''),
    insurer          text NOT NULL CHECK (insurer <> ''),
    insured          text CHECK (insured <> ''),
    use_nature       text CHECK (use_nature <> ''),
    covered_period   tstzrange NOT NULL,
    covers           jsonb NOT NULL DEFAULT '[]',
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    voided_at        timestamptz,
    voided_because   text CHECK (voided_because <> ''),
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT insurance_policies_policy_no_key UNIQUE (tenant_id, policy_no),
    CONSTRAINT insurance_policies_half_open CHECK (
        NOT isempty(covered_period) AND NOT lower_inf(covered_period) AND NOT upper_inf(covered_period)
        AND lower_inc(covered_period) AND NOT upper_inc(covered_period)),
    CONSTRAINT insurance_policies_voided_because
        CHECK ((voided_at IS NULL) = (voided_because IS NULL)),
    CONSTRAINT insurance_policies_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT insurance_policies_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX insurance_policies_vehicle_id_idx ON insurance_policies (vehicle_id);
CREATE INDEX insurance_policies_organisation_id_idx ON insurance_policies (organisation_id);
CREATE INDEX insurance_policies_ends_idx ON insurance_policies (upper(covered_period), id);
COMMENT ON TABLE insurance_policies IS
    'compulsory 交强险, commercial 商业险. Cover is [from, to). Written by fleet/compliance.';
COMMENT ON COLUMN insurance_policies.covers IS '[{"cover": "third_party", "sum_fen": 200000000}, …]';

CREATE TABLE permits (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    permit_no        text NOT NULL CHECK (permit_no <> ''),
    holder           text NOT NULL CHECK (holder <> ''),
    issued_on        date NOT NULL,
    valid_to_on      date,
    reviewed_to_on   date,
    technical_to_on  date,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    withdrawn_at     timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT permits_permit_no_key UNIQUE (tenant_id, permit_no),
    CONSTRAINT permits_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT permits_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX permits_vehicle_id_idx ON permits (vehicle_id);
CREATE INDEX permits_organisation_id_idx ON permits (organisation_id);
COMMENT ON TABLE permits IS '道路运输证 of vehicles, and who holds it. Written by fleet/compliance.';

CREATE TABLE battery_tests (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    tested_on        date NOT NULL,
    place            text CHECK (place <> ''),
    result           text NOT NULL CHECK (result IN ('normal', 'maintain')),
    soh_pct          numeric(4, 1) CHECK (soh_pct BETWEEN 0 AND 110),
    charge_max_c     numeric(4, 1),
    discharge_max_c  numeric(4, 1),
    motor_max_c      numeric(4, 1),
    controller_max_c numeric(4, 1),
    converter_max_c  numeric(4, 1),
    note             text CHECK (note <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT battery_tests_once UNIQUE (vehicle_id, tested_on),
    CONSTRAINT battery_tests_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT battery_tests_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX battery_tests_organisation_id_idx ON battery_tests (organisation_id);
COMMENT ON TABLE battery_tests IS 'GB/T 44500-2024, optional. Written by fleet/compliance.';

-- What is due when, of every vehicle: dates only, decided from the records above by pure functions
-- and written again whenever one of them changes. Whether it is overdue is asked of the day.
-- due_on null and open: there is no record to decide from, which blocks as much as a lapsed one.
CREATE TABLE obligations (
    tenant_id          bigint NOT NULL,
    vehicle_id         bigint NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('inspection', 'compulsory', 'commercial', 'permit',
                           'permit_review', 'permit_technical', 'service_life', 'scrap_risk',
                           'battery_test', 'maintenance')),
    reference          text NOT NULL DEFAULT '',
    is_open            boolean NOT NULL,
    due_on             date,
    due_at             timestamptz,
    window_from_on     date,
    due_odometer_km    numeric(9, 1),
    due_running_hours  numeric(8, 1),
    facts              jsonb NOT NULL DEFAULT '{}',
    refreshed_at       timestamptz NOT NULL,
    PRIMARY KEY (vehicle_id, kind, reference),
    CONSTRAINT obligations_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id)
);
CREATE INDEX obligations_due_on_idx ON obligations (due_on) WHERE is_open;
COMMENT ON TABLE obligations IS
    'Derived. compulsory … battery_test by fleet/compliance, maintenance by fleet/service.';
COMMENT ON COLUMN obligations.due_on IS 'The last day on which all is well.';
COMMENT ON COLUMN obligations.due_at IS 'The instant all ends at, where a paper names one.';

CREATE TABLE calendar_feeds (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    name             text NOT NULL CHECK (name <> ''),
    token_digest     bytea NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    last_fetched_at  timestamptz,
    CONSTRAINT calendar_feeds_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX calendar_feeds_organisation_id_idx ON calendar_feeds (organisation_id);
COMMENT ON TABLE calendar_feeds IS 'Written by fleet/calendar.';

GRANT SELECT ON vehicle_licences, inspections, insurance_policies, permits, battery_tests, obligations,
    calendar_feeds TO guanche_system;
GRANT SELECT, INSERT ON vehicle_licences, inspections, insurance_policies, permits, battery_tests,
    obligations, calendar_feeds TO guanche_app;
GRANT UPDATE (vehicle_type, use_nature, registered_on, issued_on, motor_no, gvw_kg, seats, stricter,
    version) ON vehicle_licences TO guanche_app;
GRANT UPDATE (passed, valid_to_on, place, report_no, note) ON inspections TO guanche_app;
GRANT UPDATE (insurer, insured, use_nature, covered_period, covers, voided_at, voided_because, version)
    ON insurance_policies TO guanche_app;
GRANT UPDATE (holder, valid_to_on, reviewed_to_on, technical_to_on, withdrawn_at, version)
    ON permits TO guanche_app;
GRANT UPDATE (place, result, soh_pct, charge_max_c, discharge_max_c, motor_max_c, controller_max_c,
    converter_max_c, note) ON battery_tests TO guanche_app;
GRANT UPDATE (is_open, due_on, due_at, window_from_on, due_odometer_km, due_running_hours, facts,
    refreshed_at) ON obligations TO guanche_app;
GRANT UPDATE (revoked_at, last_fetched_at) ON calendar_feeds TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['vehicle_licences', 'inspections', 'insurance_policies', 'permits',
        'battery_tests', 'obligations', 'calendar_feeds'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
    END LOOP;
    -- Papers go with the vehicle; what an organisation wrote down, it keeps in sight.
    FOREACH own IN ARRAY ARRAY['vehicle_licences', 'inspections', 'insurance_policies', 'permits',
        'battery_tests'] LOOP
        EXECUTE format($p$
            CREATE POLICY app_reads ON %1$I FOR SELECT TO guanche_app
            USING (organisation_id IN (SELECT id FROM visible_organisations)
                   OR EXISTS (SELECT FROM visible_vehicle_periods p
                              WHERE p.vehicle_id = %1$I.vehicle_id AND upper_inf(p.visible_period)))
        $p$, own);
        EXECUTE format($p$
            CREATE POLICY app_adds ON %1$I FOR INSERT TO guanche_app
            WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                        AND EXISTS (SELECT FROM visible_vehicle_periods p
                                    WHERE p.vehicle_id = %1$I.vehicle_id
                                      AND upper_inf(p.visible_period)))
        $p$, own);
    END LOOP;
    FOREACH own IN ARRAY ARRAY['vehicle_licences', 'inspections', 'insurance_policies', 'permits',
        'battery_tests'] LOOP
        EXECUTE format($p$
            CREATE POLICY app_changes ON %1$I FOR UPDATE TO guanche_app
            USING (EXISTS (SELECT FROM visible_vehicle_periods p
                           WHERE p.vehicle_id = %1$I.vehicle_id AND upper_inf(p.visible_period)))
        $p$, own);
    END LOOP;
END $$;
-- The two views by themselves: a head office finds nearly all in the first, and is spared the other.
CREATE POLICY app_keeps ON obligations TO guanche_app
    USING (EXISTS (SELECT FROM visible_owned_vehicles p WHERE p.vehicle_id = obligations.vehicle_id)
           OR EXISTS (SELECT FROM visible_operated_vehicles p
                      WHERE p.vehicle_id = obligations.vehicle_id AND upper_inf(p.visible_period)));
CREATE POLICY app_sees_its_organisations ON calendar_feeds TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));

-- Whose calendar it is, is known only once its secret is found.
CREATE FUNCTION calendar_find_feed(p_digest bytea)
RETURNS TABLE (id bigint, name text, organisation_id bigint, organisation_code text,
               organisation_name text, time_zone text, tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT f.id, f.name, o.id, o.code, o.name, o.time_zone, o.tenant_id
    FROM calendar_feeds f JOIN organisations o ON o.id = f.organisation_id
    WHERE f.token_digest = p_digest AND f.revoked_at IS NULL
$$;
ALTER FUNCTION calendar_find_feed(bytea) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION calendar_find_feed(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION calendar_find_feed(bytea) TO guanche_app;

-- The figures, each with where it is written. Another from a later day: POST /parameters/{name}.
INSERT INTO parameters (name, valid_from_on, content, source, recorded_by, recorded_at) VALUES
('inspection.intervals', '2004-05-01', '{
    "goods": [{"until_years": 10, "every_months": 12}, {"every_months": 6}],
    "commercial_passenger": [{"until_years": 5, "every_months": 12}, {"every_months": 6}],
    "passenger": [{"until_years": 6, "every_months": 24}, {"until_years": 15, "every_months": 12},
                  {"every_months": 6}],
    "passenger_strict": [{"until_years": 6, "every_months": 24},
                         {"until_years": 15, "every_months": 12}, {"every_months": 6}]}',
 '道路交通安全法实施条例 §16', 'guanche migrate', now()),
('inspection.intervals', '2022-10-01', '{
    "goods": [{"until_years": 10, "every_months": 12}, {"every_months": 6}],
    "commercial_passenger": [{"until_years": 5, "every_months": 12}, {"every_months": 6}],
    "passenger": [{"until_years": 10, "every_months": 24, "line_at_years": [6, 10]},
                  {"every_months": 12}],
    "passenger_strict": [{"until_years": 6, "every_months": 24},
                         {"until_years": 15, "every_months": 12}, {"every_months": 6}]}',
 '道路交通安全法实施条例 §16; 2022-10-01 起小微型非营运载客汽车检验周期的公告', 'guanche migrate', now()),
('inspection.early_window', '2021-12-17', '{"months": 3}',
 '机动车登记规定 §54: within three months before expiry, the month itself counted',
 'guanche migrate', now()),
('inspection.overdue', '2021-05-01', '{"fine_from_fen": 2000, "fine_to_fen": 20000, "points": 1,
    "points_coach_or_hazmat": 3, "blocks_hand_over": true}',
 '道路交通安全法 §90, §95; 记分办法 §11–12', 'guanche migrate', now()),
('inspection.scrap_risk', '2013-05-01', '{"missed_cycles": 3}',
 '机动车强制报废标准规定: three consecutive cycles after expiry without a pass', 'guanche migrate', now()),
('service_life.years', '2013-05-01', '{"micro_goods": 12, "goods": 15, "hazmat_goods": 10,
    "leased_passenger": 15}',
 '机动车强制报废标准规定 §5', 'guanche migrate', now()),
('insurance.compulsory_limits', '2008-02-01', '{"death_disability_fen": 11000000,
    "medical_fen": 1000000, "property_fen": 200000, "without_fault_death_disability_fen": 1100000,
    "without_fault_medical_fen": 100000, "without_fault_property_fen": 10000}',
 '机动车交通事故责任强制保险条例 §23; 2008 limits', 'guanche migrate', now()),
('insurance.compulsory_limits', '2020-09-19', '{"death_disability_fen": 18000000,
    "medical_fen": 1800000, "property_fen": 200000, "without_fault_death_disability_fen": 1800000,
    "without_fault_medical_fen": 180000, "without_fault_property_fen": 10000}',
 '机动车交通事故责任强制保险条例 §23; limits since 2020-09-19', 'guanche migrate', now()),
('insurance.renewal', '2004-05-01', '{"compulsory_days": 30, "commercial_days": 90}',
 'Practice; local rules differ', 'guanche migrate', now()),
('insurance.use_nature', '2021-12-27', '{"leased_goods": "营业"}',
 'Design default: a leased goods vehicle is insured for commercial use; 保险法 §52',
 'guanche migrate', now()),
('permit.required', '2019-03-02', '{"above_gvw_kg": 4500, "review_months": 12,
    "technical_months": 12, "technical_months_old": 6, "old_from_months": 120}',
 '道路运输条例 §22, §24; 道路运输车辆技术管理规定', 'guanche migrate', now()),
('battery_test.limits', '2025-03-01', '{"required": false, "every_months": null, "lfp_max_c": 65,
    "nmc_max_c": 60, "motor_max_c": 175, "controller_max_c": 95, "converter_max_c": 95}',
 'GB/T 44500-2024, recommended; limits as the press gave them', 'guanche migrate', now()),
('care.idle', '2020-01-01', '{"target_from_pct": 40, "target_to_pct": 60, "warn_below_pct": 40,
    "critical_below_pct": 20, "check_every_days": 30, "also": ["12 V 蓄电池", "轮胎"]}',
 'Design default after makers'' manuals', 'guanche migrate', now());
