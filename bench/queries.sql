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

-- name: create_load_fleet
-- The API's bench: who sends the samples that are made in the database, and from where.
CREATE TEMPORARY TABLE IF NOT EXISTS bench_fleet (
    cohort       smallint NOT NULL,
    vehicle_id   bigint NOT NULL,
    device_id    bigint NOT NULL,
    operator_id  bigint NOT NULL,
    former_id    bigint,
    handed_at    timestamptz,
    jitter       interval NOT NULL,
    lat          double precision NOT NULL,
    lon          double precision NOT NULL,
    odometer_km  double precision NOT NULL,
    lead_s       integer NOT NULL
)

-- name: prepare_load_session
-- Short statements over many rows: compiling them takes longer than running them.
SELECT set_config('jit', 'off', false)

-- name: create_load_hour
-- The hour of driving that every vehicle repeats, second by second (bench/moments.py).
CREATE TEMPORARY TABLE IF NOT EXISTS bench_hour (
    second              integer PRIMARY KEY,
    north_deg           double precision NOT NULL,
    east_deg            double precision NOT NULL,
    distance_km         double precision NOT NULL,
    heading_deg         real,
    altitude_m          real,
    speed_kmh           real,
    vehicle_state       text,
    charge_state        text,
    gear                text,
    soc_pct             real,
    pack_voltage_v      real,
    pack_current_a      real,
    insulation_kohm     real,
    cell_voltage_max_v  real,
    cell_voltage_min_v  real,
    temp_max_c          real,
    temp_min_c          real,
    alarm_level         smallint,
    alarm_bits          bigint,
    power_source        text,
    signal_dbm          smallint
)

-- name: copy_load_hour
-- Its 3,600 seconds.
COPY bench_hour FROM STDIN

-- name: fill_load_fleet
-- Every vehicle with its device and operators. Cohorts, leads and depots follow from the VIN.
INSERT INTO bench_fleet
SELECT CASE WHEN n.place <= %(quick)s::bigint THEN 0
            WHEN n.place <= %(quick)s::bigint + %(busy)s::bigint THEN 1 ELSE 2 END,
       n.id, b.device_id, p.organisation_id, f.organisation_id, lower(p.operated_period),
       make_interval(secs => (n.mixed %% 9973) / 1000.0),
       22.45 + (n.mixed %% 4001) * 0.0001, 113.75 + (n.mixed / 4001 %% 6007) * 0.0001,
       500 + n.mixed %% 90000, n.mixed / 7 %% 3600
FROM (
    SELECT id, row_number() OVER (ORDER BY md5(vin)) AS place,
           ('x' || substr(md5(vin), 1, 8))::bit(32)::bigint AS mixed
    FROM vehicles
) AS n
JOIN device_bindings b ON b.vehicle_id = n.id AND upper_inf(b.bound_period)
JOIN vehicle_operators p ON p.vehicle_id = n.id AND upper_inf(p.operated_period)
LEFT JOIN vehicle_operators f ON f.vehicle_id = n.id
    AND upper(f.operated_period) = lower(p.operated_period)

-- name: index_load_fleet
-- A cohort is read at every tick.
CREATE INDEX ON bench_fleet (cohort)

-- name: analyze_load_tables
-- Statistics of the two.
ANALYZE bench_fleet, bench_hour

-- name: insert_samples
-- What a cohort sends in [from_s, until_s), seconds since 1970, a sample every so many seconds, in the order of time.
-- From seven in the morning on a vehicle drives eleven hours, then it stands at its depot.
INSERT INTO telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    heading_deg, altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
    pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
    temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm)
SELECT v.vehicle_id, v.ts, 0, v.device_id, v.operator_id, v.ts + interval '120 ms',
    v.lat + m.north_deg, v.lon + m.east_deg, true, m.heading_deg, m.altitude_m, m.speed_kmh,
    v.odometer_km + v.laps * %(hour_km)s::float8
        + CASE WHEN v.driven_s BETWEEN 0 AND 39599 THEN m.distance_km ELSE 0 END,
    m.vehicle_state, m.charge_state, m.gear, m.soc_pct, m.pack_voltage_v, m.pack_current_a,
    m.insulation_kohm, m.cell_voltage_max_v, m.cell_voltage_min_v, m.temp_max_c, m.temp_min_c,
    m.alarm_level, m.alarm_bits, m.power_source, m.signal_dbm
FROM (
    SELECT to_timestamp(tick_s) AS tick, (tick_s + 28800) %% 86400 AS day_s,
           (tick_s + 28800) / 86400 - %(first_day)s::bigint AS days
    FROM generate_series(%(from_s)s::bigint, %(until_s)s::bigint - 1, %(period_s)s::bigint) AS tick_s
    OFFSET 0
) AS t
CROSS JOIN LATERAL (
    SELECT f.vehicle_id, t.tick + f.jitter AS ts, f.device_id, f.lat, f.lon, f.odometer_km,
           CASE WHEN t.tick + f.jitter < f.handed_at THEN f.former_id ELSE f.operator_id END
               AS operator_id,
           t.day_s - 25200 - f.lead_s AS driven_s,
           t.days * 11 + least(greatest((t.day_s - 25200 - f.lead_s) / 3600, 0), 11) AS laps
    FROM bench_fleet f WHERE f.cohort = %(cohort)s
    OFFSET 0  -- one tick after the other, as they would arrive
) AS v
JOIN bench_hour m ON m.second
    = CASE WHEN v.driven_s BETWEEN 0 AND 39599 THEN v.driven_s %% 3600 ELSE 3599 END

-- name: end_handed_over
-- Some vehicles leave their depot at an instant …
UPDATE vehicle_operators SET operated_period = tstzrange(lower(operated_period), %(at)s::timestamptz)
WHERE vehicle_id %% %(every)s::bigint = 0 AND upper_inf(operated_period)
  AND lower(operated_period) < %(at)s::timestamptz

-- name: begin_handed_over
-- … and are another depot's from then on.
INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
SELECT p.tenant_id, p.vehicle_id, coalesce(d.next_id, d.first_id), tstzrange(%(at)s::timestamptz, NULL)
FROM vehicle_operators p
JOIN (SELECT id, lead(id) OVER (ORDER BY id) AS next_id, min(id) OVER () AS first_id
      FROM organisations WHERE code LIKE 'depot-%%') AS d ON d.id = p.organisation_id
WHERE upper(p.operated_period) = %(at)s::timestamptz

-- name: fill_states
-- The latest state of every vehicle: as its last sample before an instant.
INSERT INTO vehicle_state (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    heading_deg, altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
    pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
    temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, online,
    online_changed_at, last_heard_at)
SELECT v.id, t.ts, t.seq, t.device_id, t.operator_id, t.received_at, t.lat, t.lon, t.fix,
    t.heading_deg, t.altitude_m, t.speed_kmh, t.odometer_km, t.vehicle_state, t.charge_state,
    t.gear, t.soc_pct, t.pack_voltage_v, t.pack_current_a, t.insulation_kohm,
    t.cell_voltage_max_v, t.cell_voltage_min_v, t.temp_max_c, t.temp_min_c, t.alarm_level,
    t.alarm_bits, t.power_source, t.signal_dbm, v.id %% 12 <> 0, t.received_at, t.received_at
FROM vehicles v
CROSS JOIN LATERAL (
    SELECT * FROM telemetry t WHERE t.vehicle_id = v.id AND t.ts < %(before_at)s::timestamptz
        AND t.ts >= %(before_at)s::timestamptz - interval '1 day'
    ORDER BY t.ts DESC LIMIT 1
) AS t

-- name: refresh_states
-- Vehicles that are online were all heard within the last half minute.
UPDATE vehicle_state SET
    ts = %(now)s::timestamptz - make_interval(secs => (vehicle_id %% 30)::integer),
    received_at = %(now)s::timestamptz - make_interval(secs => (vehicle_id %% 30)::integer),
    last_heard_at = %(now)s::timestamptz - make_interval(secs => (vehicle_id %% 30)::integer)
WHERE online

-- name: list_tables
-- Every table of ours and every chunk of telemetry, largest first.
SELECT c.oid::regclass::text FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('public', '_timescaledb_internal')
  AND c.relname <> 'telemetry' AND c.relname NOT LIKE 'bgw%'
ORDER BY pg_table_size(c.oid) DESC

-- name: analyze_everything
-- Statistics of all tables.
ANALYZE

-- name: find_role
-- Whether there is such a role.
SELECT 1 FROM pg_roles WHERE rolname = %(name)s

-- name: set_vehicle_models
-- Five models, so that there is something to look for.
UPDATE vehicles SET model = (ARRAY['瑞驰 EC35', '开瑞 K60EV', '五菱 EV50', '福田 智蓝 HL', '东风 EV18'])
    [1 + mod(id, 5)]

-- name: insert_sessions
-- Log-in is no part of what is measured: sessions as if these people had logged in just now.
INSERT INTO sessions (organisation_id, user_id, token_digest, kind, created_at, last_seen_at,
    expires_at)
SELECT u.organisation_id, u.id, n.digest, 'bearer', %(now)s::timestamptz, %(now)s::timestamptz,
    %(now)s::timestamptz + interval '1 day'
FROM unnest(%(logins)s::text[], %(digests)s::bytea[]) AS n (login, digest)
JOIN users u ON u.login = n.login

-- name: list_subtrees
-- Every organisation with those it sees: itself and all below.
SELECT a.code, a.id, array_agg(c.descendant_id)
FROM organisations a JOIN organisation_closure c ON c.ancestor_id = a.id
GROUP BY a.id

-- name: list_fleet
-- Every vehicle with its present operator and whoever had it before; those that send most first.
SELECT v.id, v.vin, v.plate, v.model, v.version, p.organisation_id, o.code, f.organisation_id
FROM vehicles v
JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
JOIN organisations o ON o.id = p.organisation_id
LEFT JOIN vehicle_operators f ON f.vehicle_id = v.id
    AND upper(f.operated_period) = lower(p.operated_period)
ORDER BY md5(v.vin)

-- name: list_states
-- What the latest states say, as the owner sees them.
SELECT v.vin, s.operator_id, s.ts, s.lat, s.lon, s.speed_kmh, s.soc_pct, s.charge_state, s.online,
       s.last_heard_at
FROM vehicle_state s JOIN vehicles v ON v.id = s.vehicle_id

-- name: list_samples
-- What is stored of a vehicle, as the owner sees it.
SELECT ts, operator_id, lat, lon, speed_kmh, soc_pct
FROM telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
ORDER BY ts, seq

-- name: list_visible_track
-- The same question as list_track, through the barrier.
SELECT ts, lat, lon, speed_kmh, soc_pct
FROM visible_telemetry
WHERE vehicle_id = %(vehicle_id)s AND ts >= %(from_at)s AND ts < %(until_at)s
ORDER BY ts, seq

-- name: list_operated_states
-- The latest states of some operators, as one would ask without a barrier.
SELECT vehicle_id, ts, lat, lon, speed_kmh, soc_pct, vehicle_state, charge_state, alarm_level, online
FROM vehicle_state
WHERE operator_id = ANY (%(operator_ids)s::bigint[])

-- name: list_visible_states
-- Those in sight, through the barrier.
SELECT vehicle_id, ts, lat, lon, speed_kmh, soc_pct, vehicle_state, charge_state, alarm_level, online
FROM visible_vehicle_state

-- name: count_chunks
-- Chunks or partitions of telemetry.
SELECT count(*) FROM pg_inherits WHERE inhparent = 'telemetry'::regclass

-- name: list_versions
-- At which version these vehicles stand.
SELECT vin, version FROM vehicles WHERE vin = ANY (%(vins)s::text[])

-- name: count_devices
-- How many of these serials there are.
SELECT count(*) FROM devices WHERE serial = ANY (%(serials)s::text[])

-- name: set_stock_since
-- The assets' bench: vehicles that are in stock stand there since an instant of their own …
UPDATE vehicle_stages s SET staged_period = tstzrange(n.staged_at, NULL)
FROM unnest(%(vins)s::text[], %(staged_at)s::timestamptz[]) AS n (vin, staged_at)
JOIN vehicles v ON v.vin = n.vin
WHERE s.vehicle_id = v.id

-- name: end_stock
-- … the others stood there before …
UPDATE vehicle_stages s SET staged_period = tstzrange(lower(s.staged_period), n.staged_at)
FROM unnest(%(vins)s::text[], %(staged_at)s::timestamptz[]) AS n (vin, staged_at)
JOIN vehicles v ON v.vin = n.vin
WHERE s.vehicle_id = v.id

-- name: begin_stages
-- … and are at another stage now.
INSERT INTO vehicle_stages (tenant_id, organisation_id, vehicle_id, stage, staged_period, reason,
    changed_by)
SELECT v.tenant_id, p.organisation_id, v.id, n.stage, tstzrange(n.staged_at, NULL), '期初导入', 'bench'
FROM unnest(%(vins)s::text[], %(staged_at)s::timestamptz[], %(stages)s::text[])
    AS n (vin, staged_at, stage)
JOIN vehicles v ON v.vin = n.vin
JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)

-- name: insert_permits
-- Transport permits, which no sheet brings in yet.
INSERT INTO permits (tenant_id, organisation_id, vehicle_id, permit_no, holder, issued_on,
    reviewed_to_on, recorded_by, recorded_at)
SELECT v.tenant_id, v.owner_id, v.id, n.permit_no, '青帆新能源物流车平台', n.issued_on,
       n.reviewed_to_on, 'bench', %(now)s::timestamptz
FROM unnest(%(vins)s::text[], %(permit_nos)s::text[], %(issued_on)s::date[],
            %(reviewed_to_on)s::date[]) AS n (vin, permit_no, issued_on, reviewed_to_on)
JOIN vehicles v ON v.vin = n.vin

-- name: insert_maintenance_done
-- What was maintained when, and at which odometer.
INSERT INTO maintenance_done (tenant_id, organisation_id, vehicle_id, code, done_on, odometer_km,
    recorded_by, recorded_at)
SELECT v.tenant_id, v.owner_id, v.id, n.code, n.done_on, n.odometer_km, 'bench',
       %(now)s::timestamptz
FROM unnest(%(vins)s::text[], %(codes)s::text[], %(done_on)s::date[], %(odometer_km)s::numeric[])
    AS n (vin, code, done_on, odometer_km)
JOIN vehicles v ON v.vin = n.vin

-- name: set_work_due
-- By when what is worked on shall be done; a sheet does not say.
UPDATE work_orders w SET due_on = n.due_on
FROM unnest(%(references)s::text[], %(due_on)s::date[]) AS n (reference, due_on)
WHERE w.reference = n.reference

-- name: insert_told_states
-- Latest states with charge and odometer, told a moment ago by devices that stand in Shenzhen.
INSERT INTO vehicle_state (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    speed_kmh, odometer_km, vehicle_state, charge_state, soc_pct, online, online_changed_at,
    last_heard_at)
SELECT v.id, %(at)s::timestamptz, 0, b.device_id, p.organisation_id, %(at)s::timestamptz,
       22.5 + (v.id %% 400) * 0.001, 113.8 + (v.id %% 700) * 0.001, true, 0, n.odometer_km,
       'stopped', 'not_charging', n.soc_pct, true, %(at)s::timestamptz, %(at)s::timestamptz
FROM unnest(%(vins)s::text[], %(odometer_km)s::float8[], %(soc_pct)s::real[])
    AS n (vin, odometer_km, soc_pct)
JOIN vehicles v ON v.vin = n.vin
JOIN device_bindings b ON b.vehicle_id = v.id AND upper_inf(b.bound_period)
JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)

-- name: list_operators_now
-- Every vehicle's VIN and who operates it now.
SELECT v.vin, p.organisation_id
FROM vehicles v JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)

-- name: count_asset_rows
-- How many rows of each there are.
SELECT (SELECT count(*) FROM vehicles), (SELECT count(*) FROM obligations WHERE is_open),
       (SELECT count(*) FROM inspections), (SELECT count(*) FROM insurance_policies),
       (SELECT count(*) FROM maintenance_done), (SELECT count(*) FROM work_orders)

-- name: forget_papers_due
-- As if nothing had ever been derived from the papers.
DELETE FROM obligations WHERE kind <> 'maintenance'

-- name: list_open_due
-- Everything that is due, to compare.
SELECT vehicle_id, kind, reference, due_on FROM obligations WHERE is_open ORDER BY 1, 2, 3

-- name: vacuum_everything
-- As autovacuum would in time, so that it does not come while something is measured.
VACUUM (ANALYZE)

-- name: copy_money_customers
-- Customers of the bench of money.
COPY customers (tenant_id, organisation_id, customer_no, kind, name, created_by, created_at) FROM STDIN

-- name: copy_money_leases
-- Leases of the bench of money.
COPY leases (tenant_id, organisation_id, lease_no, customer_id, kind, state, terms, starts_on, ends_on,
    signed_at, started_at, last_event_no, created_by, created_at) FROM STDIN

-- name: copy_money_events
-- What happened to the leases of the bench of money.
COPY lease_events (lease_id, no, tenant_id, organisation_id, kind, happened_at, content, recorded_by,
    recorded_at) FROM STDIN

-- name: list_organisation_ids
-- Organisations by code, with their tenant.
SELECT code, id, tenant_id FROM organisations;

-- name: list_customer_ids
-- Customers by number.
SELECT customer_no, id FROM customers;

-- name: list_lease_ids
-- Leases by number.
SELECT lease_no, id FROM leases;

-- name: list_vehicle_ids_by_vin
-- Vehicles by VIN.
SELECT vin, id FROM vehicles;

-- name: list_billed_leases
-- What was issued for each lease: how many bills, what they come to, what is open of them.
SELECT l.lease_no, count(b.id), coalesce(sum(b.total_fen), 0)::bigint,
       coalesce(sum(w.open_fen), 0)::bigint
FROM leases l
LEFT JOIN bills b ON b.lease_id = l.id AND b.state = 'issued'
LEFT JOIN bill_balances w ON w.bill_id = b.id
GROUP BY l.lease_no;

-- name: list_billed_lines
-- How often a line of a kind came to an amount, with its net and VAT.
SELECT kind, amount_fen, net_fen, vat_fen, count(*) FROM bill_lines GROUP BY 1, 2, 3, 4;

-- name: list_number_gaps
-- Organisations whose bills are not numbered from 1 on without a gap.
SELECT c.organisation_id FROM bill_counters c
WHERE c.kind = 'bill' AND c.last_no <> (
    SELECT count(DISTINCT b.bill_no) FROM bills b
    WHERE b.organisation_id = c.organisation_id AND b.state = 'issued'
      AND split_part(b.bill_no, '-', 3)::integer BETWEEN 1 AND c.last_no);

-- name: count_money_rows
-- Bills, their lines, entries and postings; what all postings and those of receivables come to.
SELECT (SELECT count(*) FROM bills), (SELECT count(*) FROM bill_lines),
       (SELECT count(*) FROM ledger_entries), (SELECT count(*) FROM ledger_postings),
       (SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_postings),
       (SELECT coalesce(sum(amount_fen), 0)::bigint FROM ledger_postings
        WHERE account IN ('receivable', 'deposit_receivable'));

-- name: let_money_leases
-- The vehicles of these leases are out on them since they were handed out, or swapped.
INSERT INTO lease_segments (tenant_id, organisation_id, lease_id, line_no, vehicle_id, let_period,
    from_event_no)
SELECT DISTINCT ON (e.lease_id) e.tenant_id, e.organisation_id, e.lease_id, 1,
       (e.content ->> 'vehicle_id')::bigint, tstzrange(e.happened_at, NULL), e.no
FROM lease_events e WHERE e.kind IN ('handed_out', 'swapped')
ORDER BY e.lease_id, e.no DESC;

-- name: create_alert_fleet
-- The bench of alerts: who sends samples, by number.
CREATE TEMPORARY TABLE IF NOT EXISTS bench_alert_fleet AS
SELECT row_number() OVER (ORDER BY v.id) - 1 AS no, v.id AS vehicle_id, b.device_id,
       p.organisation_id AS operator_id, 22.5 + (v.id % 400) * 0.001 AS lat,
       113.8 + (v.id % 700) * 0.001 AS lon, 9000 + v.id * 7919 % 81000 AS odometer_km
FROM vehicles v
JOIN device_bindings b ON b.vehicle_id = v.id AND upper_inf(b.bound_period)
JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period);

-- name: count_alert_fleet
-- How many there are.
SELECT count(*) FROM bench_alert_fleet

-- name: create_alert_staging
-- Where a batch of them is put together; named as ingest's, whose statements take it from there.
CREATE TEMPORARY TABLE IF NOT EXISTS telemetry_staging (LIKE telemetry) ON COMMIT DELETE ROWS

-- name: stage_alert_samples
-- One sample of each whose turn it is. Six in ten drive, two are parked, two charge; now and then one
-- is too fast, too hot, low on charge, or sets an alarm, for long enough to be told and then no more.
-- t: seconds since the first batch.
INSERT INTO telemetry_staging (vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix,
    heading_deg, altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
    pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
    temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm)
SELECT f.vehicle_id, %(at)s::timestamptz, 0, f.device_id, f.operator_id, %(received_at)s::timestamptz,
       f.lat + CASE WHEN m.mode < 6 THEN 0.02 * sin(m.s / 600) ELSE 0 END,
       f.lon + CASE WHEN m.mode < 6 THEN 0.02 * cos(m.s / 600) ELSE 0 END,
       true, 90, 12,
       CASE WHEN m.mode < 6 THEN 45 + 35 * sin(m.s / 60) + CASE WHEN f.no %% 400 = 0 THEN 15 ELSE 0 END
            ELSE 0 END,
       f.odometer_km + CASE WHEN m.mode < 6 THEN (m.t - floor(m.t / 86400) * 86400) * 0.0125 ELSE 0 END,
       CASE WHEN m.mode < 6 THEN 'on' ELSE 'off' END,
       CASE WHEN m.mode > 7 THEN 'parked_charging' ELSE 'not_charging' END,
       CASE WHEN m.mode < 6 THEN 'D' ELSE 'P' END,
       CASE WHEN m.mode < 6 THEN 90 - (m.c - 76 * floor(m.c / 76)) ELSE 60 END,
       350, CASE WHEN m.mode < 6 THEN 34 WHEN m.mode > 7 THEN -60 ELSE 0.5 END,
       5000, 3.31, 3.28, CASE WHEN f.no %% 100 = 8 THEN 57 + 5 * sin(m.s / 20) ELSE 31 END, 27,
       CASE WHEN f.no %% 2000 = 5 AND sin(m.s / 40) > 0.8 THEN 3 ELSE 0 END,
       CASE WHEN f.no %% 1000 = 4 AND sin(m.s / 40) > 0.8 THEN 4 ELSE 0 END, 'main', -70
FROM bench_alert_fleet f
CROSS JOIN LATERAL (
    SELECT %(t)s::double precision AS t, %(t)s::double precision + f.no * 37 AS s,
           %(t)s::double precision / 120 + f.no * 7.013 AS c, f.no %% 10 AS mode
) AS m
WHERE f.no %% %(parts)s = %(part)s
ORDER BY f.vehicle_id

-- name: empty_alerts
-- Telemetry, what was announced of it, and what the engine made of it.
TRUNCATE telemetry, telemetry_batches, alert_checkpoints, notification_items, alert_events,
    alert_fires, alerts CASCADE

-- name: count_alerts
-- What was found: alerts by kind of rule, and how often it fired.
SELECT kind, count(*) AS alerts, sum(fires) AS fires FROM alerts GROUP BY kind ORDER BY kind
