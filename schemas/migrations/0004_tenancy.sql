-- Tenants, who sees what, and the two roles that connect.
--
-- guanche_system  sees every row: ingest, jobs, the command line, migrations. Owns the views and
--                 functions through which others see less.
-- guanche_app     sees the rows of the organisations named for its transaction, and owns nothing.
--                 The API's log-in is a member of it.
--
-- app.organisations names them, '{7}' or '{7,12}', by set_config(…, true): it ends with the
-- transaction. Unset, no row is seen.

DO $$
DECLARE
    missing text;
BEGIN
    FOREACH missing IN ARRAY ARRAY['guanche_system', 'guanche_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = missing) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', missing);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN NULL; -- another database's migration
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'role % is missing and % may not create it', missing, current_user
                        USING HINT = 'Run deploy/timescale/access.sh as a superuser first.';
            END;
        END IF;
    END LOOP;
    -- A group that can do more than its grants would void them for all its members.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname IN ('guanche_system', 'guanche_app')
                                      AND (rolsuper OR rolbypassrls OR rolcanlogin)) THEN
        RAISE EXCEPTION 'guanche_system and guanche_app must be NOLOGIN, without SUPERUSER and BYPASSRLS';
    END IF;
    IF NOT pg_has_role(current_user, 'guanche_system', 'MEMBER') THEN
        BEGIN
            EXECUTE format('GRANT guanche_system TO %I', current_user);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION '% is no member of guanche_system', current_user
                USING HINT = 'Run deploy/timescale/access.sh as a superuser first.';
        END;
    END IF;
END $$;
-- Owning a view or a function takes CREATE on its schema; nobody logs in as this role.
GRANT USAGE, CREATE ON SCHEMA public TO guanche_system;
GRANT USAGE ON SCHEMA public TO guanche_app;
GRANT SELECT ON schema_migrations TO guanche_app; -- to tell whether the tables are up to date

-- A tenant is one tree. Nothing points from one into another: every reference carries the tenant.

ALTER TABLE organisations ADD COLUMN tenant_id bigint;
ALTER TABLE organisations ADD COLUMN version bigint NOT NULL DEFAULT 1;
WITH RECURSIVE below (id, tenant_id) AS (
    SELECT id, id FROM organisations WHERE parent_id IS NULL
    UNION ALL
    SELECT o.id, b.tenant_id FROM organisations o JOIN below b ON o.parent_id = b.id
)
UPDATE organisations o SET tenant_id = b.tenant_id FROM below b WHERE b.id = o.id;
ALTER TABLE organisations
    ALTER COLUMN tenant_id SET NOT NULL,
    DROP CONSTRAINT organisations_parent_id_fkey,
    ADD CONSTRAINT organisations_tenant_key UNIQUE (tenant_id, id),
    ADD CONSTRAINT organisations_parent_in_tenant
        FOREIGN KEY (tenant_id, parent_id) REFERENCES organisations (tenant_id, id),
    ADD CONSTRAINT organisations_root_is_tenant CHECK ((parent_id IS NULL) = (tenant_id = id));
COMMENT ON COLUMN organisations.tenant_id IS 'The root of the tree.';

CREATE FUNCTION organisations_take_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.parent_id IS NULL THEN
        NEW.tenant_id := NEW.id;
    ELSE
        SELECT tenant_id INTO NEW.tenant_id FROM organisations WHERE id = NEW.parent_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER organisations_take_tenant BEFORE INSERT ON organisations
    FOR EACH ROW EXECUTE FUNCTION organisations_take_tenant();

-- Who stands below whom, itself included, so that "my subtree" is one look-up and no recursion.
CREATE TABLE organisation_closure (
    tenant_id      bigint NOT NULL,
    ancestor_id    bigint NOT NULL,
    descendant_id  bigint NOT NULL,
    depth          integer NOT NULL CHECK (depth >= 0),
    PRIMARY KEY (ancestor_id, descendant_id),
    CONSTRAINT organisation_closure_ancestor_in_tenant
        FOREIGN KEY (tenant_id, ancestor_id) REFERENCES organisations (tenant_id, id)
        ON DELETE CASCADE,
    CONSTRAINT organisation_closure_descendant_in_tenant
        FOREIGN KEY (tenant_id, descendant_id) REFERENCES organisations (tenant_id, id)
        ON DELETE CASCADE
);
CREATE INDEX organisation_closure_descendant_id_idx ON organisation_closure (descendant_id);
COMMENT ON TABLE organisation_closure IS 'Written by the triggers of organisations only.';
INSERT INTO organisation_closure (tenant_id, ancestor_id, descendant_id, depth)
WITH RECURSIVE above (tenant_id, ancestor_id, descendant_id, depth) AS (
    SELECT tenant_id, id, id, 0 FROM organisations
    UNION ALL
    SELECT a.tenant_id, o.parent_id, a.descendant_id, a.depth + 1
    FROM above a JOIN organisations o ON o.id = a.ancestor_id
    WHERE o.parent_id IS NOT NULL
)
SELECT tenant_id, ancestor_id, descendant_id, depth FROM above;

CREATE FUNCTION organisations_enter_closure() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- A branch that is being moved would go without what is created below it meanwhile.
    PERFORM pg_advisory_xact_lock(hashtext('organisations_tree'));
    INSERT INTO organisation_closure (tenant_id, ancestor_id, descendant_id, depth)
    SELECT NEW.tenant_id, c.ancestor_id, NEW.id, c.depth + 1
    FROM organisation_closure c WHERE c.descendant_id = NEW.parent_id
    UNION ALL SELECT NEW.tenant_id, NEW.id, NEW.id, 0;
    RETURN NULL;
END $$;

-- A subtree is cut from what stood above it and joined to what stands above it now.
CREATE FUNCTION organisations_move_closure() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM organisation_closure c
    USING organisation_closure below
    WHERE below.ancestor_id = NEW.id AND c.descendant_id = below.descendant_id
      AND c.ancestor_id NOT IN
          (SELECT descendant_id FROM organisation_closure WHERE ancestor_id = NEW.id);
    INSERT INTO organisation_closure (tenant_id, ancestor_id, descendant_id, depth)
    SELECT NEW.tenant_id, above.ancestor_id, below.descendant_id, above.depth + below.depth + 1
    FROM organisation_closure above CROSS JOIN organisation_closure below
    WHERE above.descendant_id = NEW.parent_id AND below.ancestor_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER organisations_enter_closure AFTER INSERT ON organisations
    FOR EACH ROW EXECUTE FUNCTION organisations_enter_closure();
CREATE TRIGGER organisations_move_closure AFTER UPDATE OF parent_id ON organisations
    FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id)
    EXECUTE FUNCTION organisations_move_closure();

CREATE FUNCTION app_organisations() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('app.organisations', true), '')::bigint[]
$$;
COMMENT ON FUNCTION app_organisations IS 'The organisations this transaction acts for; null = none.';

-- As before, but moves queue on an advisory lock (the application may not lock the table), a circle
-- is looked for with the rights of the system, and nobody moves the organisation they act for.
CREATE OR REPLACE FUNCTION organisations_refuse_circle() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('organisations_tree'));
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
    IF NEW.id = ANY (app_organisations()) THEN
        RAISE EXCEPTION 'organisation % is not moved by its own members', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'organisations_not_moved_by_itself';
    END IF;
    RETURN NEW;
END $$;

ALTER TABLE vehicles
    ADD COLUMN tenant_id bigint,
    ADD COLUMN model text CHECK (model <> ''),
    ADD COLUMN version bigint NOT NULL DEFAULT 1;
UPDATE vehicles v SET tenant_id = o.tenant_id FROM organisations o WHERE o.id = v.owner_id;
ALTER TABLE vehicles
    ALTER COLUMN tenant_id SET NOT NULL,
    DROP CONSTRAINT vehicles_owner_id_fkey,
    ADD CONSTRAINT vehicles_tenant_key UNIQUE (tenant_id, id),
    ADD CONSTRAINT vehicles_owner_in_tenant
        FOREIGN KEY (tenant_id, owner_id) REFERENCES organisations (tenant_id, id);
COMMENT ON COLUMN vehicles.model IS 'As the maker calls it, for instance 瑞驰 EC35.';

-- A device belongs to whoever owned the vehicle it last sat in; one that never sat anywhere, to the
-- first tenant.
ALTER TABLE devices ADD COLUMN tenant_id bigint, ADD COLUMN owner_id bigint;
UPDATE devices d SET owner_id = coalesce(
    (SELECT v.owner_id FROM device_bindings b JOIN vehicles v ON v.id = b.vehicle_id
     WHERE b.device_id = d.id ORDER BY lower(b.bound_period) DESC LIMIT 1),
    (SELECT min(id) FROM organisations WHERE parent_id IS NULL));
UPDATE devices d SET tenant_id = o.tenant_id FROM organisations o WHERE o.id = d.owner_id;
ALTER TABLE devices
    ALTER COLUMN tenant_id SET NOT NULL,
    ALTER COLUMN owner_id SET NOT NULL,
    ADD CONSTRAINT devices_tenant_key UNIQUE (tenant_id, id),
    ADD CONSTRAINT devices_owner_in_tenant
        FOREIGN KEY (tenant_id, owner_id) REFERENCES organisations (tenant_id, id);
CREATE INDEX devices_owner_id_idx ON devices (owner_id);

ALTER TABLE device_bindings ADD COLUMN tenant_id bigint;
UPDATE device_bindings b SET tenant_id = v.tenant_id FROM vehicles v WHERE v.id = b.vehicle_id;
ALTER TABLE device_bindings
    ALTER COLUMN tenant_id SET NOT NULL,
    DROP CONSTRAINT device_bindings_device_id_fkey,
    DROP CONSTRAINT device_bindings_vehicle_id_fkey,
    ADD CONSTRAINT device_bindings_device_in_tenant
        FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id),
    ADD CONSTRAINT device_bindings_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id);

ALTER TABLE vehicle_operators ADD COLUMN tenant_id bigint;
UPDATE vehicle_operators p SET tenant_id = v.tenant_id FROM vehicles v WHERE v.id = p.vehicle_id;
ALTER TABLE vehicle_operators
    ALTER COLUMN tenant_id SET NOT NULL,
    DROP CONSTRAINT vehicle_operators_vehicle_id_fkey,
    DROP CONSTRAINT vehicle_operators_organisation_id_fkey,
    ADD CONSTRAINT vehicle_operators_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    ADD CONSTRAINT vehicle_operators_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id);

-- What a transaction may see. The views run with the rights of guanche_system, so that the policies
-- below can use them without asking themselves; security_barrier keeps a caller's function from
-- being tried on rows that are then filtered out.

CREATE VIEW visible_organisations WITH (security_barrier) AS
SELECT descendant_id AS id
FROM organisation_closure
WHERE ancestor_id = ANY (app_organisations());
COMMENT ON VIEW visible_organisations IS 'The organisations acted for and all below them.';

-- PostgreSQL forgets the barrier of a view that is a UNION ALL: it plans the parts by themselves. So
-- each part is a barrier view of its own, and the union only puts them together.

-- An owner sees a vehicle at all times, an operator during its own periods.
CREATE VIEW visible_owned_vehicles WITH (security_barrier) AS
SELECT v.id AS vehicle_id, tstzrange(NULL, NULL) AS visible_period
FROM vehicles v
WHERE v.owner_id IN (SELECT id FROM visible_organisations);

CREATE VIEW visible_operated_vehicles WITH (security_barrier) AS
SELECT p.vehicle_id, p.operated_period AS visible_period
FROM vehicle_operators p
WHERE p.organisation_id = ANY (ARRAY(SELECT id FROM visible_organisations)); -- by the index

CREATE VIEW visible_vehicle_periods WITH (security_barrier) AS
SELECT vehicle_id, visible_period FROM visible_owned_vehicles
UNION ALL
SELECT vehicle_id, visible_period FROM visible_operated_vehicles;

-- One's own, and those that sat in a vehicle while it was in sight. Not through the view above: a
-- barrier view is no inner side of a look-up, and one device would cost a scan of all bindings.
CREATE VIEW visible_owned_devices WITH (security_barrier) AS
SELECT d.id
FROM devices d
WHERE d.owner_id IN (SELECT id FROM visible_organisations);

CREATE VIEW visible_devices_of_owned_vehicles WITH (security_barrier) AS
SELECT b.device_id AS id
FROM device_bindings b
JOIN vehicles v ON v.id = b.vehicle_id
WHERE v.owner_id IN (SELECT id FROM visible_organisations);

CREATE VIEW visible_devices_of_operated_vehicles WITH (security_barrier) AS
SELECT b.device_id AS id
FROM device_bindings b
JOIN vehicle_operators p ON p.vehicle_id = b.vehicle_id AND p.operated_period && b.bound_period
WHERE p.organisation_id IN (SELECT id FROM visible_organisations);

CREATE VIEW visible_devices WITH (security_barrier) AS
SELECT id FROM visible_owned_devices
UNION ALL
SELECT id FROM visible_devices_of_owned_vehicles
UNION ALL
SELECT id FROM visible_devices_of_operated_vehicles;

ALTER VIEW visible_organisations OWNER TO guanche_system;
ALTER VIEW visible_owned_vehicles OWNER TO guanche_system;
ALTER VIEW visible_operated_vehicles OWNER TO guanche_system;
ALTER VIEW visible_vehicle_periods OWNER TO guanche_system;
ALTER VIEW visible_owned_devices OWNER TO guanche_system;
ALTER VIEW visible_devices_of_owned_vehicles OWNER TO guanche_system;
ALTER VIEW visible_devices_of_operated_vehicles OWNER TO guanche_system;
ALTER VIEW visible_devices OWNER TO guanche_system;
ALTER FUNCTION organisations_enter_closure() OWNER TO guanche_system;
ALTER FUNCTION organisations_move_closure() OWNER TO guanche_system;
ALTER FUNCTION organisations_refuse_circle() OWNER TO guanche_system;
-- A function whose rights are its owner's is nobody's to hang on a table of their own.
REVOKE ALL ON FUNCTION organisations_enter_closure(), organisations_move_closure(),
    organisations_refuse_circle() FROM PUBLIC;
GRANT SELECT ON organisations, vehicles, devices, device_bindings, vehicle_operators TO guanche_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON organisation_closure TO guanche_system;

GRANT SELECT ON visible_organisations, visible_operated_vehicles, visible_vehicle_periods,
    visible_devices TO guanche_app;
GRANT SELECT ON organisations, organisation_closure, vehicles, devices, device_bindings,
    vehicle_operators TO guanche_app;
-- Columns are named where others must stay: the tenant, an owner, who sat where.
GRANT INSERT, UPDATE (name, time_zone, parent_id, version) ON organisations TO guanche_app;
GRANT INSERT, UPDATE (plate, model, version) ON vehicles TO guanche_app;
GRANT INSERT ON devices TO guanche_app;
GRANT INSERT, UPDATE (bound_period) ON device_bindings TO guanche_app;
GRANT INSERT, UPDATE (operated_period) ON vehicle_operators TO guanche_app;

ALTER TABLE organisations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON organisations TO guanche_system USING (true);
-- By its parent as well: a row just inserted stands in the closure only after the statement.
CREATE POLICY app_reads ON organisations FOR SELECT TO guanche_app
    USING (id IN (SELECT id FROM visible_organisations)
           OR parent_id IN (SELECT id FROM visible_organisations));
CREATE POLICY app_adds ON organisations FOR INSERT TO guanche_app
    WITH CHECK (parent_id IN (SELECT id FROM visible_organisations));
CREATE POLICY app_changes ON organisations FOR UPDATE TO guanche_app
    USING (id IN (SELECT id FROM visible_organisations))
    WITH CHECK (parent_id IN (SELECT id FROM visible_organisations)
                OR id = ANY (app_organisations()));

ALTER TABLE organisation_closure ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON organisation_closure TO guanche_system USING (true);
CREATE POLICY app_reads ON organisation_closure FOR SELECT TO guanche_app
    USING (ancestor_id IN (SELECT id FROM visible_organisations));

ALTER TABLE vehicles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON vehicles TO guanche_system USING (true);
CREATE POLICY app_reads ON vehicles FOR SELECT TO guanche_app
    USING (owner_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_operated_vehicles p WHERE p.vehicle_id = vehicles.id));
CREATE POLICY app_adds ON vehicles FOR INSERT TO guanche_app
    WITH CHECK (owner_id IN (SELECT id FROM visible_organisations));
-- Its owner, and whoever operates it now.
CREATE POLICY app_changes ON vehicles FOR UPDATE TO guanche_app
    USING (EXISTS (SELECT FROM visible_vehicle_periods p
                   WHERE p.vehicle_id = vehicles.id AND upper_inf(p.visible_period)));

ALTER TABLE devices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON devices TO guanche_system USING (true);
CREATE POLICY app_reads ON devices FOR SELECT TO guanche_app
    USING (owner_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_devices d WHERE d.id = devices.id));
CREATE POLICY app_adds ON devices FOR INSERT TO guanche_app
    WITH CHECK (owner_id IN (SELECT id FROM visible_organisations));

-- A binding is seen where a part of it is; one is made only within the time one has the vehicle.
ALTER TABLE device_bindings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON device_bindings TO guanche_system USING (true);
CREATE POLICY app_reads ON device_bindings FOR SELECT TO guanche_app
    USING (EXISTS (SELECT FROM visible_vehicle_periods p
                   WHERE p.vehicle_id = device_bindings.vehicle_id
                     AND p.visible_period && device_bindings.bound_period));
CREATE POLICY app_adds ON device_bindings FOR INSERT TO guanche_app
    WITH CHECK (EXISTS (SELECT FROM visible_vehicle_periods p
                        WHERE p.vehicle_id = device_bindings.vehicle_id
                          AND p.visible_period @> device_bindings.bound_period)
                AND EXISTS (SELECT FROM visible_devices d WHERE d.id = device_bindings.device_id));
-- What runs may be ended, at an instant at which one had the vehicle; what has ended stays as it is.
CREATE POLICY app_changes ON device_bindings FOR UPDATE TO guanche_app
    USING (upper_inf(bound_period)
           AND EXISTS (SELECT FROM visible_vehicle_periods p
                       WHERE p.vehicle_id = device_bindings.vehicle_id
                         AND upper_inf(p.visible_period)))
    WITH CHECK (EXISTS (SELECT FROM visible_vehicle_periods p
                        WHERE p.vehicle_id = device_bindings.vehicle_id
                          AND p.visible_period @> upper(device_bindings.bound_period)));

-- Each side sees its own period of a vehicle, its owner all of them.
ALTER TABLE vehicle_operators ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON vehicle_operators TO guanche_system USING (true);
CREATE POLICY app_reads ON vehicle_operators FOR SELECT TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_vehicle_periods p
                      WHERE p.vehicle_id = vehicle_operators.vehicle_id
                        AND lower_inf(p.visible_period)));
CREATE POLICY app_adds ON vehicle_operators FOR INSERT TO guanche_app
    WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations)
                AND EXISTS (SELECT FROM visible_vehicle_periods p
                            WHERE p.vehicle_id = vehicle_operators.vehicle_id
                              AND (upper_inf(p.visible_period)
                                   OR p.visible_period -|- vehicle_operators.operated_period)));
CREATE POLICY app_changes ON vehicle_operators FOR UPDATE TO guanche_app
    USING (upper_inf(operated_period)
           AND (organisation_id IN (SELECT id FROM visible_organisations)
                OR EXISTS (SELECT FROM visible_vehicle_periods p
                           WHERE p.vehicle_id = vehicle_operators.vehicle_id
                             AND lower_inf(p.visible_period))))
    WITH CHECK (NOT upper_inf(operated_period));
