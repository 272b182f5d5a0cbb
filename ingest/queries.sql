-- name: find_storage
-- Server version, and version and licence of TimescaleDB if it is in this database.
SELECT current_setting('server_version') AS server_version,
       (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS extension_version,
       current_setting('timescaledb.license', true) AS license

-- name: ensure_hypertable
-- Make telemetry a hypertable; does nothing when it is one already.
SELECT create_hypertable('telemetry', by_range('ts', %(span)s::interval),
                         create_default_indexes => false, if_not_exists => true)

-- name: set_chunk_interval
-- Time span of chunks made from now on.
SELECT set_chunk_time_interval('telemetry', %(span)s::interval)

-- name: is_columnstore_enabled
-- Community edition: 1 if the layout of compressed chunks is set already.
SELECT count(*) FROM timescaledb_information.hypertables
WHERE hypertable_name = 'telemetry' AND compression_enabled

-- name: enable_columnstore
-- Community edition: how a chunk is laid out once it is compressed.
ALTER TABLE telemetry SET (
    timescaledb.compress,
    timescaledb.compress_segmentby = 'vehicle_id',
    timescaledb.compress_orderby = 'ts DESC, seq DESC')

-- name: find_uncompressed_chunk
-- Community edition: the oldest chunk that ended before the cut-off and still is rows.
SELECT format('%%I.%%I', chunk_schema, chunk_name) AS chunk
FROM timescaledb_information.chunks
WHERE hypertable_name = 'telemetry' AND NOT is_compressed AND range_end <= %(older_than)s
ORDER BY range_end
LIMIT 1

-- name: compress_chunk
-- Community edition: move one chunk into the columnstore.
SELECT compress_chunk(%(chunk)s::regclass, true)

-- name: drop_chunks
-- Drop the chunks that ended before the cut-off; both editions have this function.
SELECT count(*) FROM drop_chunks('telemetry', older_than => %(before)s::timestamptz)

-- name: count_chunks
-- How many chunks the hypertable has.
SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'telemetry'

-- name: create_partitions
-- Cover a time range with native partitions; returns how many were made.
SELECT telemetry_create_partitions(%(from_at)s, %(until_at)s, %(span)s::interval)

-- name: drop_partitions
-- Drop the native partitions that ended before the cut-off; returns how many.
SELECT telemetry_drop_partitions(%(before)s)

-- name: count_partitions
-- How many native partitions there are.
SELECT count(*) FROM telemetry_partitions

-- name: allow_decompression
-- TimescaleDB: a batch of late samples may touch as many compressed rows as it needs. By default a
-- statement that decompresses more than 100,000 fails, and the batch would be tried for ever.
SELECT set_config(name, '0', false) FROM pg_settings
WHERE name = 'timescaledb.max_tuples_decompressed_per_dml_transaction'

-- name: set_lock_timeout
-- Housekeeping gives way rather than holding up ingest.
SET LOCAL lock_timeout = '5s'

-- name: listen_registry
-- Be told when a device, vehicle, binding or operator changes.
LISTEN registry_changed

-- name: list_bindings
-- Every device with each period it sat in a vehicle; times in µs since 1970, null = open.
SELECT serial, device_id, vehicle_id, vin,
       (extract(epoch FROM bound_from) * 1000000)::bigint AS from_us,
       (extract(epoch FROM bound_until) * 1000000)::bigint AS until_us
FROM registry_device_bindings

-- name: list_operators
-- Every period an organisation operated a vehicle; times in µs since 1970, null = open.
SELECT vehicle_id, organisation_id,
       (extract(epoch FROM operated_from) * 1000000)::bigint AS from_us,
       (extract(epoch FROM operated_until) * 1000000)::bigint AS until_us
FROM registry_vehicle_operators

-- name: list_latest
-- Where the latest state of each vehicle stands, in µs since 1970.
SELECT vehicle_id, (extract(epoch FROM ts) * 1000000)::bigint AS ts_us, seq
FROM vehicle_state

-- name: list_latest_of
-- The same of some vehicles.
SELECT vehicle_id, (extract(epoch FROM ts) * 1000000)::bigint AS ts_us, seq
FROM vehicle_state WHERE vehicle_id = ANY (%(vehicle_ids)s)

-- name: create_telemetry_staging
-- Where a batch lands by COPY before it is merged; emptied by COMMIT.
CREATE TEMPORARY TABLE IF NOT EXISTS telemetry_staging (LIKE telemetry) ON COMMIT DELETE ROWS

-- name: create_state_staging
-- Where the latest states of a batch land by COPY; emptied by COMMIT. folded_from is the oldest
-- sample that was looked at; handed_over says that it was another operator's and has no part.
CREATE TEMPORARY TABLE IF NOT EXISTS state_staging (
    LIKE vehicle_state, folded_from_ts timestamptz, folded_from_seq bigint, handed_over boolean
) ON COMMIT DELETE ROWS

-- name: empty_staging
-- For more than one batch in a transaction.
TRUNCATE telemetry_staging, state_staging

-- name: empty_state_staging
-- For states folded a second time.
TRUNCATE state_staging

-- name: copy_telemetry
-- Column order is that of the rows the pipeline makes.
COPY telemetry_staging (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    heading_deg, altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
    pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
    temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, extra,
    invalid_fields) FROM STDIN (FORMAT binary)

-- name: merge_telemetry
-- Store what is new; a sample sent again changes nothing.
INSERT INTO telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    heading_deg, altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
    pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
    temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, extra,
    invalid_fields)
SELECT vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix, heading_deg,
    altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct, pack_voltage_v,
    pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v, temp_max_c,
    temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, extra, invalid_fields
FROM telemetry_staging
ON CONFLICT DO NOTHING

-- name: lock_states
-- One process merges latest states at a time: batches of two would touch the same vehicles in
-- different orders and deadlock. Held to COMMIT, which is the next step but one; so batches are
-- announced in the order of commits.
SELECT pg_advisory_xact_lock(hashtext('vehicle_state'))

-- name: insert_missing_states
-- An empty state for vehicles heard for the first time.
INSERT INTO vehicle_state (vehicle_id)
SELECT unnest(%(vehicle_ids)s::bigint[]) ON CONFLICT DO NOTHING

-- name: copy_states
-- Column order is that of state_staging.
COPY state_staging (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    heading_deg, altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
    pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
    temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, online,
    last_heard_at, folded_from_ts, folded_from_seq, handed_over) FROM STDIN (FORMAT binary)

-- name: merge_states
-- Move states forward in (ts, seq), field by field where the newer sample knows the field. A state
-- with a part older than what is there stays out: it would bring an older value back. Across
-- operators no field is kept: whoever has the vehicle now would see where it was before.
UPDATE vehicle_state AS s SET
    ts = n.ts, seq = n.seq, device_id = n.device_id, operator_id = n.operator_id,
    received_at = n.received_at,
    lat = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.lat ELSE coalesce(n.lat, s.lat) END,
    lon = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.lon ELSE coalesce(n.lon, s.lon) END,
    fix = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.fix ELSE coalesce(n.fix, s.fix) END,
    heading_deg = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.heading_deg ELSE coalesce(n.heading_deg, s.heading_deg) END,
    altitude_m = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.altitude_m ELSE coalesce(n.altitude_m, s.altitude_m) END,
    speed_kmh = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.speed_kmh ELSE coalesce(n.speed_kmh, s.speed_kmh) END,
    odometer_km = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.odometer_km ELSE coalesce(n.odometer_km, s.odometer_km) END,
    vehicle_state = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.vehicle_state ELSE coalesce(n.vehicle_state, s.vehicle_state) END,
    charge_state = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.charge_state ELSE coalesce(n.charge_state, s.charge_state) END,
    gear = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.gear ELSE coalesce(n.gear, s.gear) END,
    soc_pct = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.soc_pct ELSE coalesce(n.soc_pct, s.soc_pct) END,
    pack_voltage_v = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.pack_voltage_v ELSE coalesce(n.pack_voltage_v, s.pack_voltage_v) END,
    pack_current_a = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.pack_current_a ELSE coalesce(n.pack_current_a, s.pack_current_a) END,
    insulation_kohm = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.insulation_kohm ELSE coalesce(n.insulation_kohm, s.insulation_kohm) END,
    cell_voltage_max_v = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.cell_voltage_max_v ELSE coalesce(n.cell_voltage_max_v, s.cell_voltage_max_v) END,
    cell_voltage_min_v = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.cell_voltage_min_v ELSE coalesce(n.cell_voltage_min_v, s.cell_voltage_min_v) END,
    temp_max_c = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.temp_max_c ELSE coalesce(n.temp_max_c, s.temp_max_c) END,
    temp_min_c = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.temp_min_c ELSE coalesce(n.temp_min_c, s.temp_min_c) END,
    alarm_level = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.alarm_level ELSE coalesce(n.alarm_level, s.alarm_level) END,
    alarm_bits = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.alarm_bits ELSE coalesce(n.alarm_bits, s.alarm_bits) END,
    power_source = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.power_source ELSE coalesce(n.power_source, s.power_source) END,
    signal_dbm = CASE WHEN n.handed_over OR n.operator_id IS DISTINCT FROM s.operator_id
        THEN n.signal_dbm ELSE coalesce(n.signal_dbm, s.signal_dbm) END,
    online = CASE WHEN n.last_heard_at >= coalesce(s.last_heard_at, '-infinity')
                  THEN n.online ELSE s.online END,
    online_changed_at = CASE WHEN n.last_heard_at >= coalesce(s.last_heard_at, '-infinity')
                              AND n.online <> s.online
                             THEN n.last_heard_at ELSE s.online_changed_at END,
    last_heard_at = greatest(s.last_heard_at, n.last_heard_at)
FROM state_staging AS n
WHERE s.vehicle_id = n.vehicle_id
  AND n.ts IS NOT NULL
  AND (s.ts IS NULL OR (n.folded_from_ts, n.folded_from_seq) > (s.ts, s.seq))

-- name: list_moved_states
-- After merge_states: vehicles that it left alone, because another writer has moved them or
-- somebody has deleted them.
SELECT n.vehicle_id
FROM state_staging AS n LEFT JOIN vehicle_state AS s USING (vehicle_id)
WHERE n.ts IS NOT NULL AND (s.ts, s.seq) IS DISTINCT FROM (n.ts, n.seq)

-- name: merge_presence
-- Vehicles heard without a newer sample: a status, or history sent late.
UPDATE vehicle_state AS s SET
    online = n.online,
    online_changed_at = CASE WHEN n.online <> s.online
                             THEN n.last_heard_at ELSE s.online_changed_at END,
    last_heard_at = n.last_heard_at
FROM state_staging AS n
WHERE s.vehicle_id = n.vehicle_id
  AND n.ts IS NULL
  AND n.last_heard_at >= coalesce(s.last_heard_at, '-infinity')

-- name: merge_retained_status
-- What the broker kept of vehicles never heard yet; of the others we know more already.
UPDATE vehicle_state AS s SET
    online = n.online, online_changed_at = n.received_at, last_heard_at = n.received_at
FROM unnest(%(vehicle_ids)s::bigint[], %(onlines)s::boolean[], %(received_ats)s::timestamptz[])
     AS n (vehicle_id, online, received_at)
WHERE s.vehicle_id = n.vehicle_id AND s.last_heard_at IS NULL

-- name: announce_batch
-- Which samples came together, for those who look at new telemetry. Repeats among them do no harm.
INSERT INTO telemetry_batches (from_ts, until_ts, vehicle_ids, ts, seqs)
SELECT min(ts), max(ts), array_agg(vehicle_id), array_agg(ts), array_agg(seq)
FROM telemetry_staging HAVING count(*) > 0

-- name: delete_read_batches
-- Announced batches that every reader has read, and those that have waited too long.
DELETE FROM telemetry_batches
WHERE id <= (SELECT min(batch_id) FROM alert_checkpoints) OR written_at < %(cutoff)s

-- name: mark_silent_offline
-- Vehicles not heard since the cut-off fall offline.
UPDATE vehicle_state SET online = false, online_changed_at = %(now)s
WHERE online AND last_heard_at < %(cutoff)s

-- name: insert_refusals
-- Refusals raw; the same bytes refused again for the same reason are counted, not repeated.
INSERT INTO ingest_rejects AS r
    (digest, reason, detail, topic, device_serial, raw, times, received_at, last_received_at)
SELECT digest, reason, detail, topic, device_serial, raw, times, received_at, received_at
FROM unnest(%(digests)s::bytea[], %(reasons)s::text[], %(details)s::text[], %(topics)s::text[],
            %(serials)s::text[], %(raws)s::bytea[], %(times)s::bigint[],
            %(received_ats)s::timestamptz[])
     AS n (digest, reason, detail, topic, device_serial, raw, times, received_at)
ON CONFLICT (digest) DO UPDATE SET
    times = r.times + excluded.times,
    last_received_at = greatest(r.last_received_at, excluded.last_received_at),
    replayed_at = NULL

-- name: list_refusals
-- Refusals, newest first, with filters that may be null.
SELECT id, reason, detail, topic, device_serial, length(raw) AS raw_bytes, times, received_at,
       last_received_at, replayed_at
FROM ingest_rejects
WHERE (%(reason)s::text IS NULL OR reason = %(reason)s)
  AND (%(device_serial)s::text IS NULL OR device_serial = %(device_serial)s)
ORDER BY last_received_at DESC, id DESC
LIMIT %(limit)s

-- name: get_refusal
-- One refusal with its raw bytes.
SELECT id, reason, detail, topic, device_serial, raw, times, received_at, last_received_at,
       replayed_at
FROM ingest_rejects WHERE id = %(refusal_id)s

-- name: list_refusals_to_replay
-- A page of refusals not yet replayed, oldest first, locked against a second replay.
SELECT id, reason, detail, topic, device_serial, raw, times, received_at, last_received_at,
       replayed_at
FROM ingest_rejects
WHERE replayed_at IS NULL AND id > %(after_id)s
  AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s))
  AND (%(reason)s::text IS NULL OR reason = %(reason)s)
  AND (%(device_serial)s::text IS NULL OR device_serial = %(device_serial)s)
ORDER BY id LIMIT %(limit)s
FOR UPDATE SKIP LOCKED

-- name: mark_replayed
-- These refusals have become rows.
UPDATE ingest_rejects SET replayed_at = %(now)s WHERE id = ANY (%(ids)s)

-- name: delete_old_refusals
-- Refusals not seen again since the cut-off.
DELETE FROM ingest_rejects WHERE last_received_at < %(cutoff)s

-- name: try_job_lock
-- One process at a time does a job.
SELECT pg_try_advisory_xact_lock(hashtext('guanche job ' || %(job)s::text))

-- name: renew_slots
-- Keep the leases this process holds.
UPDATE ingest_slots SET expires_at = clock_timestamp() + %(lease)s::interval
WHERE client_id = %(client_id)s AND holder = %(holder)s
RETURNING slot

-- name: claim_slot
-- Take a slot that is free, lapsed, or held by the one named; no row if another was faster.
INSERT INTO ingest_slots AS s (client_id, slot, holder, expires_at)
VALUES (%(client_id)s, %(slot)s, %(holder)s, clock_timestamp() + %(lease)s::interval)
ON CONFLICT (client_id, slot) DO UPDATE SET
    holder = excluded.holder, fencing = s.fencing + 1, expires_at = excluded.expires_at
WHERE s.expires_at < clock_timestamp() OR s.holder = %(from_holder)s
RETURNING fencing

-- name: list_slots
-- Who holds which slot, and whether the lease has lapsed.
SELECT slot, holder, fencing, expires_at, expires_at < clock_timestamp() AS lapsed
FROM ingest_slots WHERE client_id = %(client_id)s ORDER BY slot

-- name: release_slots
-- Give the leases back on a clean exit; the rows stay, so that others know there is a queue.
-- Not -infinity: Python has no such time and could not read the row.
UPDATE ingest_slots SET expires_at = 'epoch'
WHERE client_id = %(client_id)s AND holder = %(holder)s

-- name: delete_slot
-- A retired slot has no session any more.
DELETE FROM ingest_slots
WHERE client_id = %(client_id)s AND slot = %(slot)s AND holder = %(holder)s
