-- 告警: what is due and what is wrong, in one inbox. Rules are data, inherited down the tree; what a rule
-- finds is a fire, recorded once; fires of one matter make one alert, which people then deal with.

-- Named sets of vehicles and places that rules speak of.
CREATE TABLE vehicle_groups (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,40}$'),
    name             text NOT NULL CHECK (name <> ''),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT vehicle_groups_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT vehicle_groups_code_key UNIQUE (organisation_id, code),
    CONSTRAINT vehicle_groups_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE vehicle_groups IS '车辆分组. Written by alerts.';

CREATE TABLE vehicle_group_members (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    group_id         bigint NOT NULL,
    vehicle_id       bigint NOT NULL,
    added_at         timestamptz NOT NULL,
    removed_at       timestamptz,
    CONSTRAINT vehicle_group_members_group_in_tenant
        FOREIGN KEY (tenant_id, group_id) REFERENCES vehicle_groups (tenant_id, id),
    CONSTRAINT vehicle_group_members_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT vehicle_group_members_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX vehicle_group_members_once_idx ON vehicle_group_members (group_id, vehicle_id)
    WHERE removed_at IS NULL;
CREATE INDEX vehicle_group_members_group_id_idx ON vehicle_group_members (group_id);
CREATE INDEX vehicle_group_members_vehicle_id_idx ON vehicle_group_members (vehicle_id);
CREATE INDEX vehicle_group_members_organisation_id_idx ON vehicle_group_members (organisation_id);
COMMENT ON TABLE vehicle_group_members IS 'Written by alerts.';

CREATE TABLE geofences (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,40}$'),
    name             text NOT NULL CHECK (name <> ''),
    shape            text NOT NULL CHECK (shape IN ('circle', 'polygon')),
    lat              double precision CHECK (lat BETWEEN -90 AND 90),
    lon              double precision CHECK (lon BETWEEN -180 AND 180),
    radius_m         double precision CHECK (radius_m BETWEEN 10 AND 500000),
    points           jsonb,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT geofences_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT geofences_code_key UNIQUE (organisation_id, code),
    CONSTRAINT geofences_shape_whole CHECK (
        CASE shape WHEN 'circle' THEN num_nonnulls(lat, lon, radius_m) = 3 AND points IS NULL
                   ELSE num_nonnulls(lat, lon, radius_m) = 0 AND jsonb_array_length(points) >= 3 END),
    CONSTRAINT geofences_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE geofences IS '电子围栏, WGS-84. Written by alerts.';
COMMENT ON COLUMN geofences.points IS '[[lat, lon], …], the corners of a simple polygon, not closed.';

-- A rule as an organisation sets it, for itself and all below it that do not set it themselves.
-- A kind without a row stands as shipped (alerts/rules).
CREATE TABLE alert_rules (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,40}$'),
    kind             text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{0,40}$'),
    name             text CHECK (name <> ''),
    enabled          boolean NOT NULL,
    severity         text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    parameters       jsonb NOT NULL,
    scope            jsonb NOT NULL DEFAULT '{}',
    changed_by       text NOT NULL,
    changed_at       timestamptz NOT NULL,
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT alert_rules_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT alert_rules_code_key UNIQUE (organisation_id, code),
    CONSTRAINT alert_rules_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE alert_rules IS 'Written by alerts/rules.';
COMMENT ON COLUMN alert_rules.code IS 'That of the kind, for the shipped rule; another for a further rule of a kind.';
COMMENT ON COLUMN alert_rules.scope IS '{"groups": […], "models": […], "vins": […], "lease_no": …}; {} = all vehicles.';
COMMENT ON COLUMN alert_rules.retired_at IS 'From then on what stands above it holds again.';

CREATE TABLE alert_rule_versions (
    rule_id          bigint NOT NULL,
    no               bigint NOT NULL,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    content          jsonb NOT NULL,
    changed_by       text NOT NULL,
    changed_at       timestamptz NOT NULL,
    PRIMARY KEY (rule_id, no),
    CONSTRAINT alert_rule_versions_rule_in_tenant
        FOREIGN KEY (tenant_id, rule_id) REFERENCES alert_rules (tenant_id, id),
    CONSTRAINT alert_rule_versions_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX alert_rule_versions_organisation_id_idx ON alert_rule_versions (organisation_id);
COMMENT ON TABLE alert_rule_versions IS 'What a rule said, as long as it said so; only grows. Written by alerts/rules.';

-- One matter: a vehicle offline since then, a rent due that day. People see it, take it, settle it.
CREATE TABLE alerts (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    alert_no         text NOT NULL CHECK (alert_no ~ '^A[0-9]{4}-[0-9A-Z]{8}$'),
    rule_code        text NOT NULL,
    kind             text NOT NULL,
    rule_version     bigint,
    subject_kind     text NOT NULL CHECK (subject_kind IN
                         ('vehicle', 'lease', 'bill', 'contract', 'work_order')),
    subject_id       bigint NOT NULL,
    subject_key      text NOT NULL CHECK (subject_key <> ''),
    occurrence       text NOT NULL CHECK (occurrence <> ''),
    severity         text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    state            text NOT NULL DEFAULT 'open'
                         CHECK (state IN ('open', 'acknowledged', 'in_progress', 'resolved')),
    facts            jsonb NOT NULL,
    vehicle_id       bigint,
    lease_id         bigint,
    bill_id          bigint,
    customer_id      bigint,
    contract_id      bigint,
    work_order_id    bigint,
    due_on           date,
    stage            integer NOT NULL DEFAULT 0,
    fires            integer NOT NULL DEFAULT 1 CHECK (fires >= 1),
    raised_at        timestamptz NOT NULL,
    last_raised_at   timestamptz NOT NULL,
    recorded_at      timestamptz NOT NULL,
    historical       boolean NOT NULL DEFAULT false,
    assignee         text CHECK (assignee <> ''),
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    snoozed_until    timestamptz,
    inhibited_by_id  bigint,
    escalation       integer NOT NULL DEFAULT 0,
    escalate_at      timestamptz,
    cleared_at       timestamptz,
    resolved_at      timestamptz,
    resolved_by      text,
    resolution       text CHECK (resolution <> ''),
    reopened         integer NOT NULL DEFAULT 0,
    version          bigint NOT NULL DEFAULT 1,
    changed_in       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT alerts_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT alerts_organisation_key UNIQUE (tenant_id, organisation_id, id),
    CONSTRAINT alerts_alert_no_key UNIQUE (tenant_id, alert_no),
    CONSTRAINT alerts_once UNIQUE (organisation_id, rule_code, subject_kind, subject_id, occurrence),
    CONSTRAINT alerts_acknowledged_whole CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CONSTRAINT alerts_resolved_whole CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)
        AND (resolved_at IS NULL) = (resolved_by IS NULL)),
    CONSTRAINT alerts_not_inhibited_by_itself CHECK (inhibited_by_id <> id),
    CONSTRAINT alerts_vehicle_in_tenant FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT alerts_lease_in_tenant FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT alerts_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT alerts_customer_in_tenant FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT alerts_contract_in_tenant FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    CONSTRAINT alerts_work_order_in_tenant
        FOREIGN KEY (tenant_id, work_order_id) REFERENCES work_orders (tenant_id, id),
    CONSTRAINT alerts_inhibited_by_in_tenant FOREIGN KEY (tenant_id, inhibited_by_id) REFERENCES alerts (tenant_id, id),
    CONSTRAINT alerts_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX alerts_organisation_id_idx ON alerts (organisation_id, last_raised_at DESC, id DESC);
CREATE INDEX alerts_unresolved_idx ON alerts (organisation_id, last_raised_at DESC, id DESC) WHERE state <> 'resolved';
CREATE INDEX alerts_vehicle_id_idx ON alerts (vehicle_id) WHERE vehicle_id IS NOT NULL;
CREATE INDEX alerts_lease_id_idx ON alerts (lease_id) WHERE lease_id IS NOT NULL;
CREATE INDEX alerts_bill_id_idx ON alerts (bill_id) WHERE bill_id IS NOT NULL;
CREATE INDEX alerts_customer_id_idx ON alerts (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX alerts_contract_id_idx ON alerts (contract_id) WHERE contract_id IS NOT NULL;
CREATE INDEX alerts_work_order_id_idx ON alerts (work_order_id) WHERE work_order_id IS NOT NULL;
CREATE INDEX alerts_inhibited_by_id_idx ON alerts (inhibited_by_id) WHERE inhibited_by_id IS NOT NULL;
CREATE INDEX alerts_escalate_at_idx ON alerts (escalate_at) WHERE escalate_at IS NOT NULL;
CREATE INDEX alerts_snoozed_idx ON alerts (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX alerts_changed_in_idx ON alerts (changed_in);
CREATE INDEX alerts_not_cleared_idx ON alerts (kind) WHERE cleared_at IS NULL AND NOT historical;
COMMENT ON TABLE alerts IS 'Written by alerts/inbox.';
COMMENT ON COLUMN alerts.subject_key IS 'What people call the subject: a VIN, a lease number.';
COMMENT ON COLUMN alerts.occurrence IS 'Which time this is: a due day, or since when a vehicle is so.';
COMMENT ON COLUMN alerts.stage IS 'Of the reminders of an obligation, the last that fired; 0 = it has none.';
COMMENT ON COLUMN alerts.raised_at IS 'Since when it is so, by the vehicle or the calendar; recorded_at: since when we know.';
COMMENT ON COLUMN alerts.cleared_at IS 'Since when it is so no longer; it may be resolved by hand before or after.';
COMMENT ON COLUMN alerts.historical IS 'Found in late telemetry: for the record, nobody is told.';
COMMENT ON COLUMN alerts.inhibited_by_id IS 'What explains it: while that is unresolved, nobody is told of this.';
COMMENT ON COLUMN alerts.changed_in IS 'The transaction that changed it last: what the live feed resumes from.';

CREATE FUNCTION alerts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER alerts_changed BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION alerts_changed();

-- What fired, once: whatever the down-time and however many engines there are.
CREATE TABLE alert_fires (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    alert_id         bigint NOT NULL,
    rule_code        text NOT NULL,
    subject_kind     text NOT NULL,
    subject_id       bigint NOT NULL,
    fire_key         text NOT NULL CHECK (fire_key <> ''),
    stage            integer NOT NULL DEFAULT 0,
    severity         text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    fired_at         timestamptz NOT NULL,
    recorded_at      timestamptz NOT NULL,
    caught_up        boolean NOT NULL DEFAULT false,
    missed_keys      text[] NOT NULL DEFAULT '{}',
    CONSTRAINT alert_fires_once UNIQUE (organisation_id, rule_code, subject_kind, subject_id, fire_key),
    CONSTRAINT alert_fires_alert_in_organisation FOREIGN KEY (tenant_id, organisation_id, alert_id)
        REFERENCES alerts (tenant_id, organisation_id, id)
);
CREATE INDEX alert_fires_alert_id_idx ON alert_fires (alert_id);
COMMENT ON TABLE alert_fires IS 'Only grows. Written by alerts/inbox.';
COMMENT ON COLUMN alert_fires.caught_up IS 'It was only noted: nobody is told of what is past.';
COMMENT ON COLUMN alert_fires.missed_keys IS
    'Reminders before it that were due as well when it was recorded, oldest first: noted, none of them told.';

-- What is due by the clock, as it is handed to the inbox in sets: a temporary table of this type, numbered, so that
-- it is taken part after part.
CREATE TYPE alert_finding AS (
    no               integer,
    tenant_id        bigint,
    organisation_id  bigint,
    rule_code        text,
    kind             text,
    rule_version     bigint,
    severity         text,
    subject_kind     text,
    subject_id       bigint,
    subject_key      text,
    occurrence       text,
    facts            jsonb,
    vehicle_id       bigint,
    lease_id         bigint,
    bill_id          bigint,
    customer_id      bigint,
    contract_id      bigint,
    work_order_id    bigint,
    due_on           date,
    stage            integer,
    raised_at        timestamptz,
    fire_keys        text[]
);
COMMENT ON TYPE alert_finding IS 'A finding (alerts/model.py) as rows have it; fire_keys are oldest first, the last is told.';

CREATE TABLE alert_events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    alert_id         bigint NOT NULL,
    at               timestamptz NOT NULL,
    actor            text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('raised', 'reminded', 'acknowledged', 'started', 'assigned',
                         'commented', 'snoozed', 'woken', 'escalated', 'inhibited', 'released', 'cleared',
                         'resolved', 'reopened', 'work_order_made', 'notified')),
    note             text CHECK (note <> ''),
    facts            jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT alert_events_alert_in_organisation FOREIGN KEY (tenant_id, organisation_id, alert_id)
        REFERENCES alerts (tenant_id, organisation_id, id)
);
CREATE INDEX alert_events_alert_id_idx ON alert_events (alert_id, id);
COMMENT ON TABLE alert_events IS 'What happened to an alert, in order; only grows. Written by alerts/inbox.';

-- 静默: for a while nobody is told of what matches. It is raised all the same.
CREATE TABLE alert_silences (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    reason           text NOT NULL CHECK (reason <> ''),
    matching         jsonb NOT NULL,
    silent_period    tstzrange NOT NULL,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    ended_by         text,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT alert_silences_half_open CHECK (NOT lower_inf(silent_period) AND NOT upper_inf(silent_period)
        AND lower_inc(silent_period) AND NOT upper_inc(silent_period)),
    CONSTRAINT alert_silences_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX alert_silences_organisation_id_idx ON alert_silences (organisation_id);
COMMENT ON TABLE alert_silences IS 'Written by alerts/inbox.';
COMMENT ON COLUMN alert_silences.matching IS
    '{"rules": […], "kinds": […], "severities": […], "vins": […]}: all that are given must match; {} matches all.';

-- 升级: who is told next of what nobody has acknowledged. Inherited down the tree.
CREATE TABLE alert_escalations (
    organisation_id  bigint PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    steps            jsonb NOT NULL,
    changed_by       text NOT NULL,
    changed_at       timestamptz NOT NULL,
    retired_at       timestamptz,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT alert_escalations_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE alert_escalations IS 'Written by alerts/inbox.';
COMMENT ON COLUMN alert_escalations.steps IS
    '[{"severity": "critical", "after_min": 15, "role": "manager", "levels_up": 0, "login": null}, …]';
COMMENT ON COLUMN alert_escalations.retired_at IS 'Since when the organisation has again what is set above it.';

-- Rules and escalations as they reach an organisation in sight: its own and those above it, nearest first.
CREATE FUNCTION alert_rules_reaching(p_organisation_id bigint) RETURNS TABLE (
    id bigint, organisation_id bigint, organisation_code text, depth integer, code text, kind text, name text,
    enabled boolean, severity text, parameters jsonb, scope jsonb, changed_by text, changed_at timestamptz,
    version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.id, r.organisation_id, o.code, c.depth, r.code, r.kind, r.name, r.enabled, r.severity,
           r.parameters, r.scope, r.changed_by, r.changed_at, r.version
    FROM organisation_closure c
    JOIN alert_rules r ON r.organisation_id = c.ancestor_id AND r.retired_at IS NULL
    JOIN organisations o ON o.id = r.organisation_id
    WHERE c.descendant_id = p_organisation_id AND p_organisation_id IN (SELECT id FROM visible_organisations)
    ORDER BY r.code, c.depth
$$;
CREATE FUNCTION alert_escalation_reaching(p_organisation_id bigint) RETURNS TABLE (
    organisation_id bigint, organisation_code text, steps jsonb, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT e.organisation_id, o.code, e.steps, e.version
    FROM organisation_closure c
    JOIN alert_escalations e ON e.organisation_id = c.ancestor_id AND e.retired_at IS NULL
    JOIN organisations o ON o.id = e.organisation_id
    WHERE c.descendant_id = p_organisation_id AND p_organisation_id IN (SELECT id FROM visible_organisations)
    ORDER BY c.depth LIMIT 1
$$;

-- Which reminder of an obligation is due: the number of offsets passed, then one more every so many days.
-- Days left may be below zero. Twin of alerts/obligations/stages.py.
CREATE FUNCTION alert_stage(p_days_left integer, p_offsets integer[], p_every_days integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (SELECT count(*)::integer FROM unnest(p_offsets) AS o WHERE p_days_left <= o)
        + CASE WHEN p_every_days > 0 AND p_days_left < least(0, (SELECT min(o) FROM unnest(p_offsets) AS o))
               THEN (least(0, (SELECT min(o) FROM unnest(p_offsets) AS o)) - p_days_left) / p_every_days
               ELSE 0 END
$$;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['alert_rules_reaching(bigint)', 'alert_escalation_reaching(bigint)'] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO guanche_system', own);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO guanche_app', own);
    END LOOP;
    FOREACH own IN ARRAY ARRAY['vehicle_groups', 'vehicle_group_members', 'geofences', 'alert_rules',
        'alert_rule_versions', 'alerts', 'alert_fires', 'alert_events', 'alert_silences',
        'alert_escalations'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO guanche_system', own);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO guanche_app', own);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
GRANT UPDATE (name, retired_at, version) ON vehicle_groups TO guanche_app;
GRANT UPDATE (removed_at) ON vehicle_group_members TO guanche_app;
GRANT UPDATE (name, shape, lat, lon, radius_m, points, retired_at, version) ON geofences TO guanche_app;
GRANT UPDATE (name, enabled, severity, parameters, scope, changed_by, changed_at, retired_at, version)
    ON alert_rules TO guanche_app;
GRANT UPDATE (state, work_order_id, assignee, acknowledged_at, acknowledged_by, snoozed_until, escalation,
    escalate_at, cleared_at, resolved_at, resolved_by, resolution, reopened, version) ON alerts TO guanche_app;
GRANT UPDATE (silent_period, ended_by, version) ON alert_silences TO guanche_app;
GRANT UPDATE (steps, changed_by, changed_at, retired_at, version) ON alert_escalations TO guanche_app;
