-- name: empty_tables
-- As before the first message; the registry stays.
TRUNCATE telemetry, vehicle_state, ingest_rejects

-- name: checkpoint
-- Write what is dirty now, so that no run pays for the one before.
CHECKPOINT

-- name: analyze_tables
-- Statistics for the planner.
ANALYZE telemetry, vehicle_state

-- name: list_vehicle_numbers
-- Vehicle ids by the device they hold.
SELECT vehicle_id, serial FROM registry_device_bindings WHERE vehicle_id IS NOT NULL ORDER BY serial

-- name: list_keys
-- What is stored, each with its whole number of ms since 1970.
SELECT vehicle_id, (extract(epoch FROM ts) * 1000)::bigint, seq FROM telemetry

-- name: list_refused
-- What was refused.
SELECT reason, raw FROM ingest_rejects

-- name: find_first_receipt
-- When the first message of a run was read from the socket, µs since 1970.
SELECT (extract(epoch FROM min(received_at)) * 1000000)::bigint FROM telemetry

-- name: find_arrived
-- Which of these samples can be queried now.
SELECT t.vehicle_id, (extract(epoch FROM t.ts) * 1000)::bigint
FROM unnest(%(vehicle_ids)s::bigint[], %(ts)s::timestamptz[]) AS probe (vehicle_id, ts)
JOIN telemetry t ON t.vehicle_id = probe.vehicle_id AND t.ts = probe.ts AND t.seq = 0

-- name: list_server_settings
-- What of the server's configuration the figures hang on.
SELECT name, current_setting(name) FROM pg_settings
WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size',
               'checkpoint_timeout', 'wal_compression', 'timescaledb.license', 'server_version')
ORDER BY name

-- name: create_copy_table
-- A table of telemetry's columns without key or index.
CREATE TABLE bench_copy (LIKE telemetry)

-- name: copy_unindexed
-- Rows by binary COPY; nothing to check or index.
COPY bench_copy FROM STDIN (FORMAT binary)

-- name: drop_copy_table
-- Leave nothing behind.
DROP TABLE bench_copy

-- name: copy_telemetry
-- Rows by binary COPY, straight into the table.
COPY telemetry FROM STDIN (FORMAT binary)

-- name: list_latest_states
-- The console's map: where every vehicle is and how it does.
SELECT vehicle_id, ts, lat, lon, speed_kmh, soc_pct, vehicle_state, charge_state, alarm_level, online
FROM vehicle_state

-- name: list_track
-- One vehicle's way in a period.
SELECT ts, lat, lon, speed_kmh, soc_pct
FROM telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
ORDER BY ts, seq

-- name: find_database_size
-- Bytes on disk, indexes included.
SELECT pg_database_size(current_database())
