-- Organisations, vehicles, devices, and who held what when.
-- Only what ingest needs; the registry's business comes with later migrations.

CREATE TABLE organisations (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text NOT NULL CHECK (name <> ''),
    parent_id   bigint REFERENCES organisations (id),
    time_zone   text NOT NULL DEFAULT 'Asia/Shanghai',
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT organisations_not_own_parent CHECK (parent_id <> id)
);
CREATE INDEX organisations_parent_id_idx ON organisations (parent_id);
COMMENT ON TABLE organisations IS
    'A tree of any depth: head office, regional centre, operator, depot. Written by fleet/orgs.';

-- A tree has no circles. Two moves at once could still make one, so moves queue on the table.
CREATE FUNCTION organisations_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE organisations IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (
        WITH RECURSIVE above (id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT o.parent_id FROM organisations o JOIN above a ON o.id = a.id
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'organisation % cannot stand below itself', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organisations_no_circle';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER organisations_no_circle
    BEFORE UPDATE OF parent_id ON organisations
    FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id)
    EXECUTE FUNCTION organisations_refuse_circle();

CREATE TABLE vehicles (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vin         text NOT NULL UNIQUE CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
    plate       text UNIQUE CHECK (plate <> ''),
    owner_id    bigint NOT NULL REFERENCES organisations (id),
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX vehicles_owner_id_idx ON vehicles (owner_id);
COMMENT ON TABLE vehicles IS 'Written by fleet/registry.';

CREATE TABLE devices (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    serial      text NOT NULL UNIQUE CHECK (serial ~ '^[A-Za-z0-9_-]{1,64}$'),
    created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE devices IS
    'Vehicle terminals; the serial is the MQTT user name. Written by fleet/registry.';

-- An exclusion constraint over "bigint =" and a range, without the btree_gist extension.
CREATE TABLE device_bindings (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id     bigint NOT NULL REFERENCES devices (id),
    vehicle_id    bigint NOT NULL REFERENCES vehicles (id),
    bound_period  tstzrange NOT NULL,
    CONSTRAINT device_bindings_half_open CHECK (
        NOT isempty(bound_period) AND NOT lower_inf(bound_period)
        AND lower_inc(bound_period) AND NOT upper_inc(bound_period)),
    CONSTRAINT device_bindings_one_vehicle_at_a_time
        EXCLUDE USING gist (int8range(device_id, device_id, '[]') WITH &&, bound_period WITH &&),
    CONSTRAINT device_bindings_one_device_at_a_time
        EXCLUDE USING gist (int8range(vehicle_id, vehicle_id, '[]') WITH &&, bound_period WITH &&)
);
CREATE INDEX device_bindings_device_id_idx ON device_bindings (device_id);
CREATE INDEX device_bindings_vehicle_id_idx ON device_bindings (vehicle_id);
COMMENT ON TABLE device_bindings IS
    'Which device sat in which vehicle, [from, to). Written by fleet/registry.';

CREATE TABLE vehicle_operators (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vehicle_id       bigint NOT NULL REFERENCES vehicles (id),
    organisation_id  bigint NOT NULL REFERENCES organisations (id),
    operated_period  tstzrange NOT NULL,
    CONSTRAINT vehicle_operators_half_open CHECK (
        NOT isempty(operated_period) AND NOT lower_inf(operated_period)
        AND lower_inc(operated_period) AND NOT upper_inc(operated_period)),
    CONSTRAINT vehicle_operators_one_at_a_time
        EXCLUDE USING gist
            (int8range(vehicle_id, vehicle_id, '[]') WITH &&, operated_period WITH &&)
);
CREATE INDEX vehicle_operators_vehicle_id_idx ON vehicle_operators (vehicle_id);
CREATE INDEX vehicle_operators_organisation_id_idx ON vehicle_operators (organisation_id);
COMMENT ON TABLE vehicle_operators IS
    'Which organisation operated the vehicle, [from, to). Written by fleet/registry.';

-- Ingest keeps bindings in memory. A notification comes with the commit that changed them, so the
-- next batch resolves against what is true; no lock is shared between the registry and ingest.
CREATE FUNCTION registry_notify_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('registry_changed', '');
    RETURN NULL;
END $$;
CREATE TRIGGER vehicles_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vehicles
    FOR EACH STATEMENT EXECUTE FUNCTION registry_notify_change();
CREATE TRIGGER devices_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON devices
    FOR EACH STATEMENT EXECUTE FUNCTION registry_notify_change();
CREATE TRIGGER device_bindings_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON device_bindings
    FOR EACH STATEMENT EXECUTE FUNCTION registry_notify_change();
CREATE TRIGGER vehicle_operators_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vehicle_operators
    FOR EACH STATEMENT EXECUTE FUNCTION registry_notify_change();

-- The promise fleet/registry makes to ingest: every device, and each period it sat in a vehicle.
CREATE VIEW registry_device_bindings AS
SELECT d.id AS device_id, d.serial, v.id AS vehicle_id, v.vin,
       lower(b.bound_period) AS bound_from, upper(b.bound_period) AS bound_until
FROM devices d
LEFT JOIN device_bindings b ON b.device_id = d.id
LEFT JOIN vehicles v ON v.id = b.vehicle_id;

CREATE VIEW registry_vehicle_operators AS
SELECT vehicle_id, organisation_id,
       lower(operated_period) AS operated_from, upper(operated_period) AS operated_until
FROM vehicle_operators;
