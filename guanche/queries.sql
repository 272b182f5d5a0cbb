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
