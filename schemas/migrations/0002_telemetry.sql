-- Telemetry, the latest state of each vehicle, refusals, and the slots of ingest processes.
-- All four are written by ingest only.

-- TimescaleDB where the server has it loaded, else plain PostgreSQL. Asking for an extension that
-- is installed but not preloaded would end the connection, hence the look at its loader's setting.
DO $$
BEGIN
    IF current_setting('timescaledb.disable_load', true) IS NOT NULL THEN
        CREATE EXTENSION IF NOT EXISTS timescaledb;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'timescaledb is loaded but may not be created by %; using plain partitions',
        current_user;
END $$;

-- No foreign keys: they would cost a look-up a row, and ingest writes ids it has just resolved.
-- With TimescaleDB the empty table becomes a hypertable when the storage is first ensured.
DO $$
DECLARE
    columns constant text := $columns$
        vehicle_id          bigint NOT NULL,
        ts                  timestamptz NOT NULL,
        seq                 bigint NOT NULL,
        device_id           bigint NOT NULL,
        operator_id         bigint,
        received_at         timestamptz NOT NULL,
        lat                 double precision,
        lon                 double precision,
        fix                 boolean,
        heading_deg         real,
        altitude_m          real,
        speed_kmh           real,
        odometer_km         double precision,
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
        signal_dbm          smallint,
        extra               jsonb,
        invalid_fields      text[],
        PRIMARY KEY (vehicle_id, ts, seq)
    $columns$;
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
        EXECUTE format('CREATE TABLE telemetry (%s)', columns);
    ELSE
        EXECUTE format('CREATE TABLE telemetry (%s) PARTITION BY RANGE (ts)', columns);
    END IF;
END $$;
COMMENT ON TABLE telemetry IS
    'One row a sample, unique by (vehicle, ts, seq). operator_id: who operated the vehicle at ts.';

-- One row a vehicle, changed at every sample. Nothing indexed but the key, and half of each page
-- left free, so that every update stays on its page (HOT) and leaves no index garbage.
CREATE TABLE vehicle_state (
    vehicle_id          bigint PRIMARY KEY REFERENCES vehicles (id),
    ts                  timestamptz,
    seq                 bigint,
    device_id           bigint,
    operator_id         bigint,
    received_at         timestamptz,
    lat                 double precision,
    lon                 double precision,
    fix                 boolean,
    heading_deg         real,
    altitude_m          real,
    speed_kmh           real,
    odometer_km         double precision,
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
    signal_dbm          smallint,
    online              boolean NOT NULL DEFAULT false,
    online_changed_at   timestamptz,
    last_heard_at       timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE vehicle_state IS
    'Latest known value of every field; moves forward in (ts, seq) only. last_heard_at is receipt.';

CREATE TABLE ingest_rejects (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest            bytea NOT NULL UNIQUE,
    reason            text NOT NULL CHECK (reason IN (
                          'bad_topic', 'too_large', 'bad_encoding', 'bad_json', 'bad_schema',
                          'unknown_device', 'unbound_device', 'vin_mismatch', 'future_time',
                          'too_old')),
    detail            text NOT NULL,
    topic             text NOT NULL,
    device_serial     text,
    raw               bytea NOT NULL,
    times             bigint NOT NULL DEFAULT 1,
    received_at       timestamptz NOT NULL,
    last_received_at  timestamptz NOT NULL,
    replayed_at       timestamptz
);
CREATE INDEX ingest_rejects_last_received_at_idx ON ingest_rejects (last_received_at);
CREATE INDEX ingest_rejects_device_serial_idx ON ingest_rejects (device_serial);
COMMENT ON TABLE ingest_rejects IS
    'What was refused, raw. The same bytes refused again for the same reason count in "times",'
    ' so that a message the broker delivers twice is one refusal.';

-- A slot is one broker session. Whoever holds its lease serves its queue; a lapsed lease is taken
-- by another process, and the fencing number tells the two apart.
CREATE TABLE ingest_slots (
    client_id   text NOT NULL,
    slot        integer NOT NULL CHECK (slot >= 0),
    holder      text NOT NULL,
    fencing     bigint NOT NULL DEFAULT 1,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (client_id, slot)
);
COMMENT ON TABLE ingest_slots IS 'client_id is GUANCHE_MQTT_CLIENT_ID: one group of processes.';
