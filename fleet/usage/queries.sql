-- name: list_track
-- The samples of a vehicle in [from_at, until_at), in the order they were taken.
SELECT ts, seq, lat, lon, fix, heading_deg, speed_kmh, odometer_km, soc_pct,
       vehicle_state, charge_state, alarm_level, received_at
FROM telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
ORDER BY ts, seq
LIMIT %(max_points)s;

-- name: find_latest_state
-- The latest known state of a vehicle, with the names of its device and operator.
SELECT v.vin, v.plate, d.serial AS device_serial, o.code AS operator_code,
       s.ts, s.received_at, s.lat, s.lon, s.fix, s.heading_deg, s.altitude_m, s.speed_kmh,
       s.odometer_km, s.vehicle_state, s.charge_state, s.gear, s.soc_pct, s.pack_voltage_v,
       s.pack_current_a, s.insulation_kohm, s.cell_voltage_max_v, s.cell_voltage_min_v,
       s.temp_max_c, s.temp_min_c, s.alarm_level, s.alarm_bits, s.power_source, s.signal_dbm,
       s.online, s.online_changed_at, s.last_heard_at
FROM vehicle_state s
JOIN vehicles v ON v.id = s.vehicle_id
LEFT JOIN devices d ON d.id = s.device_id
LEFT JOIN organisations o ON o.id = s.operator_id
WHERE s.vehicle_id = %(vehicle_id)s;

-- name: count_vehicles
-- Vehicles by what they do. Whoever was last heard before heard_since is not online, even if ingest
-- has not come round to say so.
SELECT (SELECT count(*) FROM vehicles) AS vehicles,
       count(*) FILTER (WHERE heard) AS online,
       count(*) FILTER (WHERE heard AND speed_kmh > %(moving_above_kmh)s) AS moving,
       count(*) FILTER (WHERE heard AND charge_state = ANY(%(charging_states)s::text[])) AS charging,
       count(*) FILTER (WHERE alarm_level = 1) AS alarm_1,
       count(*) FILTER (WHERE alarm_level = 2) AS alarm_2,
       count(*) FILTER (WHERE alarm_level = 3) AS alarm_3,
       count(*) FILTER (WHERE alarm_level = 4) AS alarm_4,
       max(ts) AS newest_sample_at,
       max(received_at) AS newest_received_at,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM received_at - ts)::float8)
           FILTER (WHERE heard AND ts IS NOT NULL) AS median_delay_s
FROM (
    SELECT ts, received_at, speed_kmh, charge_state, alarm_level,
           (online AND last_heard_at >= %(heard_since)s) IS TRUE AS heard
    FROM vehicle_state
) AS latest;

-- name: count_refusals
-- Refusals by reason since an instant.
SELECT reason, count(*) AS refusals
FROM ingest_rejects
WHERE last_received_at >= %(since)s
GROUP BY reason
ORDER BY reason;

-- name: find_storage_kind
-- Whether telemetry is stored by TimescaleDB.
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb;

-- name: summarise_hypertable
-- Rows and first instant of a hypertable. n_live_tup knows what was just inserted, the approximate
-- row count knows what was compressed.
SELECT greatest(coalesce(sum(c.live_rows), 0)::bigint, approximate_row_count('telemetry'))
           AS rows_estimate,
       min(c.range_start) AS oldest_chunk_at
FROM (
    SELECT k.range_start, s.n_live_tup AS live_rows
    FROM timescaledb_information.chunks k
    JOIN pg_stat_user_tables s ON s.schemaname = k.chunk_schema AND s.relname = k.chunk_name
    WHERE k.hypertable_name = 'telemetry'
) AS c;

-- name: summarise_partitions
-- Rows and first instant of native partitions; those created ahead hold nothing and are left out.
SELECT coalesce(sum(p.live_rows), 0)::bigint AS rows_estimate,
       min(p.from_at) FILTER (WHERE p.live_rows > 0) AS oldest_chunk_at
FROM (
    SELECT t.from_at, greatest(s.n_live_tup, c.reltuples::bigint) AS live_rows
    FROM telemetry_partitions t
    JOIN pg_class c ON c.oid = to_regclass(t.name)
    JOIN pg_stat_user_tables s ON s.relid = c.oid
) AS p;
