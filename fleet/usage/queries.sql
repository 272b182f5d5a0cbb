-- name: list_track
-- The samples of a vehicle in [from_at, until_at), in the order they were taken.
SELECT ts, seq, lat, lon, fix, heading_deg, speed_kmh, odometer_km, soc_pct,
       vehicle_state, charge_state, alarm_level, received_at
FROM visible_telemetry
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
FROM visible_vehicle_state s
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
    FROM visible_vehicle_state
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

-- name: pick_vehicles
-- Vehicles in sight with what a list is sorted by; filters, order and place are added in store.py.
SELECT v.id, v.vin, v.plate
FROM vehicles v;

-- name: pick_vehicles_by_state
-- The same where the latest states matter.
SELECT v.id, v.vin, v.plate, s.last_heard_at, s.soc_pct, s.odometer_km
FROM vehicles v
LEFT JOIN visible_vehicle_state s ON s.vehicle_id = v.id
CROSS JOIN LATERAL (
    SELECT usage_state_of(s.last_heard_at, s.online, s.speed_kmh, s.charge_state, %(heard_since)s,
                          %(moving_above_kmh)s, %(charging_states)s::text[]) AS state
) AS c;

-- name: describe_vehicles
-- The picked vehicles in the order given. A barrier view is no side of a nested loop, hence the
-- LATERAL … OFFSET 0: one look-up a vehicle, and not the states of all. Device, plate and model are
-- told only to whoever has the vehicle now.
SELECT v.vin, CASE WHEN c.is_had THEN v.plate END AS plate,
       CASE WHEN c.is_had THEN v.model END AS model,
       owner.code AS owner_code, o.code AS operator_code,
       d.serial AS device_serial, c.state, s.last_heard_at, s.ts,
       CASE WHEN s.ts > %(now)s THEN 0 ELSE floor(extract(epoch FROM %(now)s - s.ts)) END::integer
           AS age_s,
       s.soc_pct, s.speed_kmh, s.vehicle_state, s.charge_state, s.alarm_level, s.odometer_km,
       s.lat, s.lon, s.heading_deg
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS page (id, place)
JOIN vehicles v ON v.id = page.id
LEFT JOIN organisations owner ON owner.id = v.owner_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations o ON o.id = p.organisation_id
LEFT JOIN device_bindings b ON b.vehicle_id = v.id AND upper_inf(b.bound_period)
                           AND (owner.id IS NOT NULL OR p.id IS NOT NULL)
LEFT JOIN devices d ON d.id = b.device_id
LEFT JOIN LATERAL (
    SELECT x.online, x.last_heard_at, x.ts, x.soc_pct, x.speed_kmh, x.vehicle_state,
           x.charge_state, x.alarm_level, x.odometer_km, x.lat, x.lon, x.heading_deg
    FROM visible_vehicle_state x
    WHERE x.vehicle_id = page.id
    OFFSET 0
) AS s ON true
CROSS JOIN LATERAL (
    SELECT usage_state_of(s.last_heard_at, s.online, s.speed_kmh, s.charge_state, %(heard_since)s,
                          %(moving_above_kmh)s, %(charging_states)s::text[]) AS state,
           app_is_system() OR owner.id IS NOT NULL OR p.id IS NOT NULL AS is_had
) AS c
ORDER BY page.place;

-- name: count_selected
-- How many vehicles in sight do what; the filters are added in store.py.
SELECT count(*) AS vehicles,
       count(*) FILTER (WHERE c.state IN ('moving', 'charging', 'parked')) AS online,
       count(*) FILTER (WHERE c.state = 'moving') AS moving,
       count(*) FILTER (WHERE c.state = 'parked') AS parked,
       count(*) FILTER (WHERE c.state = 'charging') AS charging,
       count(*) FILTER (WHERE c.state = 'offline') AS offline,
       count(*) FILTER (WHERE c.state = 'never_heard') AS never_heard,
       count(*) FILTER (WHERE s.alarm_level = 1) AS alarm_1,
       count(*) FILTER (WHERE s.alarm_level = 2) AS alarm_2,
       count(*) FILTER (WHERE s.alarm_level = 3) AS alarm_3,
       count(*) FILTER (WHERE s.alarm_level = 4) AS alarm_4,
       count(*) FILTER (WHERE s.soc_pct < 20) AS soc_0_20,
       count(*) FILTER (WHERE s.soc_pct >= 20 AND s.soc_pct < 50) AS soc_20_50,
       count(*) FILTER (WHERE s.soc_pct >= 50 AND s.soc_pct < 80) AS soc_50_80,
       count(*) FILTER (WHERE s.soc_pct >= 80) AS soc_80_100,
       count(*) FILTER (WHERE s.soc_pct IS NULL) AS soc_unknown
FROM vehicles v
LEFT JOIN visible_vehicle_state s ON s.vehicle_id = v.id
CROSS JOIN LATERAL (
    SELECT usage_state_of(s.last_heard_at, s.online, s.speed_kmh, s.charge_state, %(heard_since)s,
                          %(moving_above_kmh)s, %(charging_states)s::text[]) AS state
) AS c;

-- name: list_positions
-- The latest position of every vehicle: one row, an array a column, as a map takes it. Whose, is
-- added in store.py.
SELECT array_agg(v.vin) AS vin, array_agg(v.plate) AS plate, array_agg(s.lon) AS lon,
       array_agg(s.lat) AS lat, array_agg(s.heading_deg) AS heading_deg,
       array_agg(s.speed_kmh) AS speed_kmh, array_agg(s.soc_pct) AS soc_pct,
       array_agg((s.online AND s.last_heard_at >= %(heard_since)s) IS TRUE) AS online,
       array_agg(s.alarm_level) AS alarm_level,
       array_agg(CASE WHEN s.ts > %(now)s THEN 0
                      ELSE floor(extract(epoch FROM %(now)s - s.ts)) END::integer) AS age_s
FROM vehicles v
JOIN visible_vehicle_state s ON s.vehicle_id = v.id AND s.lat IS NOT NULL AND s.lon IS NOT NULL;

-- name: list_places
-- Where a vehicle was in [from_at, until_at), in the order of time. A position without a fix is a
-- repeated one.
SELECT ts, lon, lat, heading_deg, speed_kmh, odometer_km, soc_pct, alarm_level
FROM visible_telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
  AND fix AND lat IS NOT NULL AND lon IS NOT NULL
ORDER BY ts, seq
LIMIT %(max_samples)s;

-- name: list_samples
-- All samples of a vehicle in [from_at, until_at), for a cursor that reads them a few at a time.
SELECT ts, seq, lat, lon, fix, heading_deg, speed_kmh, odometer_km, soc_pct,
       vehicle_state, charge_state, alarm_level, received_at
FROM visible_telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
ORDER BY ts, seq;

-- name: list_first_samples
-- Of these samples the first of each bucket, as it was taken; nothing is averaged. Read in the order
-- of the index, so that nothing is sorted.
SELECT ts, seq, lat, lon, fix, heading_deg, speed_kmh, odometer_km, soc_pct,
       vehicle_state, charge_state, alarm_level, received_at
FROM (
    SELECT t.ts, t.seq, t.lat, t.lon, t.fix, t.heading_deg, t.speed_kmh, t.odometer_km, t.soc_pct,
           t.vehicle_state, t.charge_state, t.alarm_level, t.received_at,
           date_bin(%(every)s, t.ts, '2000-01-01 00:00:00Z') AS bucket_at,
           lag(t.ts) OVER (ORDER BY t.ts, t.seq) AS before_at
    FROM visible_telemetry t
    WHERE t.vehicle_id = %(vehicle_id)s AND t.ts >= %(from_at)s AND t.ts < %(until_at)s
) AS s
WHERE before_at IS NULL OR before_at < bucket_at
ORDER BY ts, seq;

-- name: find_reading_near
-- The sample of a vehicle nearest to an instant, within a time: one look-up on each side. What knows
-- nothing is passed over; a position without a fix is a repeated one.
SELECT n.ts, CASE WHEN n.fix THEN n.lat END AS lat, CASE WHEN n.fix THEN n.lon END AS lon,
       n.odometer_km, n.soc_pct
FROM (
    (SELECT ts, fix, lat, lon, odometer_km, soc_pct
     FROM visible_telemetry
     WHERE vehicle_id = %(vehicle_id)s AND ts <= %(at)s AND ts >= %(at)s - %(within)s::interval
       AND (odometer_km IS NOT NULL OR soc_pct IS NOT NULL OR fix AND lat IS NOT NULL)
     ORDER BY ts DESC, seq DESC
     LIMIT 1)
    UNION ALL
    (SELECT ts, fix, lat, lon, odometer_km, soc_pct
     FROM visible_telemetry
     WHERE vehicle_id = %(vehicle_id)s AND ts > %(at)s AND ts <= %(at)s + %(within)s::interval
       AND (odometer_km IS NOT NULL OR soc_pct IS NOT NULL OR fix AND lat IS NOT NULL)
     ORDER BY ts, seq
     LIMIT 1)
) AS n
ORDER BY abs(extract(epoch FROM n.ts - %(at)s)), n.ts
LIMIT 1;

-- name: list_signals
-- The buckets of a vehicle's samples in [from_at, until_at) that have any. store.py puts lowest,
-- mean, highest and number of each signal asked for where the mark stands.
SELECT date_bin(%(bucket)s, ts, %(from_at)s) AS bucket_at /* signals */
FROM visible_telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
GROUP BY bucket_at
ORDER BY bucket_at;

-- name: list_visible_refusals
-- Refusals in sight without their bytes; filters, order and place are added in store.py.
SELECT r.id, r.reason, r.detail, r.topic, r.device_serial, v.vin, length(r.raw) AS raw_bytes,
       r.times, r.received_at, r.last_received_at, r.replayed_at
FROM visible_refusals r
LEFT JOIN vehicles v ON v.id = r.vehicle_id;

-- name: find_refusal
-- A refusal in sight with its bytes.
SELECT r.id, r.reason, r.detail, r.topic, r.device_serial, v.vin, length(r.raw) AS raw_bytes,
       r.times, r.received_at, r.last_received_at, r.replayed_at, r.raw
FROM visible_refusals r
LEFT JOIN vehicles v ON v.id = r.vehicle_id
WHERE r.id = %(id)s;
