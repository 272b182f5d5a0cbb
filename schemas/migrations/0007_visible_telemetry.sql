-- What ingest writes, as a tenant sees it. These tables carry no row security (the columnstore
-- excludes it) and guanche_app has no grant on them: it reads these views, which filter by the
-- organisation that operated the vehicle at the sample's time, written on the row.
--
-- The system itself sees every row through them, so that there is one query for both.
--
-- "(… IN (…)) IS TRUE" keeps the look-up a hashed filter: as a join it would lose the order of the
-- index that a track is read in.

CREATE FUNCTION app_is_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT pg_has_role(current_user, 'guanche_system', 'MEMBER')
$$;

CREATE VIEW visible_telemetry WITH (security_barrier) AS
SELECT vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix, heading_deg,
       altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
       pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
       temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, extra,
       invalid_fields
FROM telemetry
WHERE (SELECT app_is_system())
   OR (operator_id IN (SELECT id FROM visible_organisations)) IS TRUE;

CREATE VIEW visible_vehicle_state WITH (security_barrier) AS
SELECT vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix, heading_deg,
       altitude_m, speed_kmh, odometer_km, vehicle_state, charge_state, gear, soc_pct,
       pack_voltage_v, pack_current_a, insulation_kohm, cell_voltage_max_v, cell_voltage_min_v,
       temp_max_c, temp_min_c, alarm_level, alarm_bits, power_source, signal_dbm, online,
       online_changed_at, last_heard_at, xmin::text::bigint AS changed_in
FROM vehicle_state
WHERE (SELECT app_is_system())
   OR (operator_id IN (SELECT id FROM visible_organisations)) IS TRUE;
COMMENT ON COLUMN visible_vehicle_state.changed_in IS
    'The transaction that last changed the row, 32 bits: what the live feed resumes from.';

-- A refusal belongs to whoever operated the vehicle when it came first, else to the device's owner.
-- What no known device sent belongs to no tenant, whoever registers its serial afterwards.
CREATE VIEW visible_refusals WITH (security_barrier) AS
SELECT r.id, r.reason, r.detail, r.topic, r.device_serial, r.raw, r.times, r.received_at,
       r.last_received_at, r.replayed_at, b.vehicle_id
FROM ingest_rejects r
JOIN devices d ON d.serial = r.device_serial
LEFT JOIN device_bindings b ON b.device_id = d.id AND b.bound_period @> r.received_at
LEFT JOIN vehicle_operators p ON p.vehicle_id = b.vehicle_id AND p.operated_period @> r.received_at
WHERE r.reason <> 'unknown_device'
  AND (coalesce(p.organisation_id, d.owner_id) IN (SELECT id FROM visible_organisations)) IS TRUE;

ALTER VIEW visible_telemetry OWNER TO guanche_system;
ALTER VIEW visible_vehicle_state OWNER TO guanche_system;
ALTER VIEW visible_refusals OWNER TO guanche_system;
GRANT SELECT ON telemetry, vehicle_state, ingest_rejects TO guanche_system;
GRANT SELECT ON visible_telemetry, visible_vehicle_state, visible_refusals TO guanche_app;

-- What a vehicle does, in one word; fleet/usage/selection.py says what the words mean.
CREATE FUNCTION usage_state_of(
    last_heard_at timestamptz, online boolean, speed_kmh real, charge_state text,
    heard_since timestamptz, moving_above_kmh double precision, charging_states text[]
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN last_heard_at IS NULL THEN 'never_heard'
                WHEN NOT online OR last_heard_at < heard_since THEN 'offline'
                WHEN speed_kmh > moving_above_kmh THEN 'moving'
                WHEN charge_state = ANY (charging_states) THEN 'charging'
                ELSE 'parked' END
$$;
