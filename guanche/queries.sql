-- name: get_server_facts
-- What doctor and status say about the database server, our role on it, and its clock.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::integer AS version_num,
       current_user::text AS role_name,
       current_database()::text AS database_name,
       pg_database_size(current_database()) AS size_bytes,
       current_setting('fsync') = 'on' AS fsync,
       current_setting('synchronous_commit') <> 'off' AS synchronous_commit,
       has_schema_privilege(current_schema(), 'CREATE') AS may_create_tables,
       has_database_privilege(current_database(), 'TEMP') AS may_create_temporary,
       current_setting('timescaledb.disable_load', true) IS NOT NULL AS timescaledb_loaded,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
           AS timescaledb_available,
       CASE WHEN pg_has_role('pg_read_all_settings', 'MEMBER')
            THEN current_setting('data_directory') END AS data_directory,
       clock_timestamp() AS server_now

-- name: get_ingest_traces
-- What ingest left behind: the newest receipt, and how many slots are held.
SELECT (SELECT max(last_heard_at) FROM vehicle_state) AS newest_receipt_at,
       (SELECT count(*) FROM ingest_slots WHERE expires_at > now()) AS slots_held

-- name: list_live_state
-- The latest sample of each of some vehicles: what a reader of the live map would see.
SELECT d.serial AS device_id, floor(extract(epoch FROM s.ts) * 1000)::bigint AS ts_ms, s.seq
FROM vehicle_state s
JOIN devices d ON d.id = s.device_id
WHERE s.vehicle_id = ANY (%(vehicle_ids)s)

-- name: list_vehicle_ids
-- The vehicles with these VINs, for the demo's probe and its accounting.
SELECT id FROM vehicles WHERE vin = ANY (%(vins)s) ORDER BY vin

-- name: list_stored_keys
-- Identity and receipt of the samples of some vehicles in a range, for the demo's accounting.
SELECT d.serial AS device_id, floor(extract(epoch FROM t.ts) * 1000)::bigint AS ts_ms, t.seq,
       t.received_at
FROM telemetry t
JOIN devices d ON d.id = t.device_id
WHERE t.vehicle_id = ANY (%(vehicle_ids)s) AND t.ts >= %(from_at)s AND t.ts <= %(until_at)s

-- name: list_refused_payloads
-- Refusals received since an instant, raw, for the demo's accounting.
SELECT reason, device_serial, raw, times
FROM ingest_rejects
WHERE last_received_at >= %(since)s

-- name: set_patience
-- For looking at a server that may hang.
SET statement_timeout = '10s'

-- name: make_demo_login
-- The log-in of a demo's API: a member of guanche_app and of nothing else.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guanche_demo_api') THEN
        CREATE ROLE guanche_demo_api LOGIN;
    END IF;
    GRANT guanche_app TO guanche_demo_api;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO guanche_demo_api', current_database());
END $$

-- name: compose_demo_password
-- The statement that gives it a password, which is no parameter of that statement.
SELECT format('ALTER ROLE guanche_demo_api PASSWORD %%L', %(password)s::text)

-- name: is_demo_login_used
-- Whether another demo's API is connected as it.
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'guanche_demo_api')

-- name: drop_demo_login
-- Nothing of a demo stays behind.
DO $$
BEGIN
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM guanche_demo_api', current_database());
    DROP ROLE guanche_demo_api;
END $$

-- name: get_api_role
-- What the API's role is, asked as that role: what it owns, whose rights it has besides its own and
-- those of guanche_app, and how many organisations it sees without acting for any.
SELECT current_user::text AS role_name,
       r.rolsuper OR r.rolbypassrls AS above_row_security,
       ARRAY(SELECT g.rolname::text FROM pg_roles g
             WHERE NOT r.rolsuper AND pg_has_role(r.oid, g.oid, 'MEMBER')
               AND g.rolname NOT IN (current_user, 'guanche_app') ORDER BY 1) AS other_roles,
       pg_has_role(r.oid, 'guanche_app', 'USAGE') AS is_app,
       (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS owned,
       (SELECT count(*) FROM organisations) AS organisations_unasked
FROM pg_roles r WHERE r.rolname = current_user

-- name: count_people
-- How many people there are, and how many of them could log in.
SELECT count(*) AS people,
       count(*) FILTER (WHERE password_hash IS NOT NULL AND disabled_at IS NULL) AS able
FROM users

-- name: list_vins_not_let
-- Those of some vehicles that are out on no lease, in the order they are given.
SELECT v.vin
FROM unnest(%(vins)s::text[]) WITH ORDINALITY AS given (vin, place)
JOIN vehicles v ON v.vin = given.vin
WHERE NOT EXISTS (SELECT FROM lease_segments s
                  WHERE s.vehicle_id = v.id AND upper_inf(s.let_period))
ORDER BY given.place

-- name: has_vehicle_group
-- Whether any organisation has a group of vehicles of this code.
SELECT EXISTS (SELECT FROM vehicle_groups WHERE code = %(code)s) AS has_group
