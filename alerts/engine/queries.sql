-- name: find_checkpoint
-- How far a reader has read, and what it remembered then.
SELECT batch_id, memory, format, taken_at FROM alert_checkpoints WHERE reader = %(reader)s

-- name: save_checkpoint
-- The same from now on, in the transaction of what it covers.
INSERT INTO alert_checkpoints (reader, batch_id, memory, format, taken_at)
VALUES (%(reader)s, %(batch_id)s, %(memory)s, %(format)s, %(taken_at)s)
ON CONFLICT (reader) DO UPDATE SET batch_id = excluded.batch_id, memory = excluded.memory,
    format = excluded.format, taken_at = excluded.taken_at

-- name: find_oldest_batch
-- The id of the oldest batch that is kept; without any, that of the next one.
SELECT coalesce((SELECT min(id) FROM telemetry_batches),
                (SELECT last_value + is_called::integer FROM telemetry_batches_id_seq)) AS id

-- name: find_newest_batch
-- The id of the newest batch that is kept.
SELECT max(id) AS id FROM telemetry_batches

-- name: list_batches
-- What was announced after the one read last, in the order of commits.
SELECT id, written_at, from_ts, until_ts, cardinality(vehicle_ids) AS samples
FROM telemetry_batches WHERE id > %(after_id)s ORDER BY id LIMIT %(limit)s

-- name: count_batches
-- How many batches wait, and since when the oldest does.
SELECT count(*) AS batches, min(written_at) AS since FROM telemetry_batches WHERE id > %(after_id)s

-- name: leave_uncompiled
-- For this transaction: compiling a look-up of some thousand keys takes longer than running it.
SELECT set_config('jit', 'off', true)

-- name: list_samples
-- The samples of some batches, each looked up by its key; the span of time is told, so that only its
-- chunks are looked into. LIMIT keeps this from becoming a join: as such it would read whole chunks
-- as soon as their size is misjudged, which of what has just been written it always is.
SELECT b.id AS batch_id, t.vehicle_id, (extract(epoch FROM t.ts) * 1000000)::bigint AS ts_us, t.seq,
       t.operator_id AS organisation_id,
       (extract(epoch FROM t.received_at) * 1000000)::bigint AS received_us,
       t.lat, t.lon, t.speed_kmh, t.odometer_km, t.soc_pct, t.pack_voltage_v, t.pack_current_a,
       t.insulation_kohm, t.cell_voltage_max_v, t.cell_voltage_min_v, t.temp_max_c, t.temp_min_c,
       t.fix, t.vehicle_state, t.charge_state, t.gear, t.power_source, t.alarm_level, t.alarm_bits
FROM telemetry_batches b
CROSS JOIN LATERAL unnest(b.vehicle_ids, b.ts, b.seqs) AS s (vehicle_id, ts, seq)
CROSS JOIN LATERAL (
    SELECT vehicle_id, ts, seq, operator_id, received_at, lat, lon, fix, speed_kmh, odometer_km,
           vehicle_state, charge_state, gear, soc_pct, pack_voltage_v, pack_current_a,
           insulation_kohm, cell_voltage_max_v, cell_voltage_min_v, temp_max_c, temp_min_c,
           alarm_level, alarm_bits, power_source
    FROM telemetry AS x
    WHERE x.vehicle_id = s.vehicle_id AND x.ts = s.ts AND x.seq = s.seq
      AND x.ts >= %(from_ts)s AND x.ts <= %(until_ts)s
    LIMIT 1
) AS t
WHERE b.id > %(after_id)s AND b.id <= %(upto_id)s

-- name: list_vehicles
-- What rules have to know of every vehicle: whose it is now, what it is, who leases it.
SELECT v.id AS vehicle_id, v.tenant_id, p.organisation_id, v.vin, v.plate,
       v.model, v.owner_id AS owner_organisation_id, l.id AS lease_id, l.lease_no, l.customer_id,
       l.organisation_id AS lease_organisation_id, m.battery_kwh AS capacity_kwh,
       (extract(epoch FROM s.last_heard_at) * 1000000)::bigint AS last_heard_us, s.online
FROM vehicles v
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND p.operated_period @> %(now)s::timestamptz
LEFT JOIN vehicle_models m ON m.tenant_id = v.tenant_id AND m.id = v.model_id
LEFT JOIN lease_segments g ON g.vehicle_id = v.id AND g.let_period @> %(now)s::timestamptz
LEFT JOIN leases l ON l.tenant_id = g.tenant_id AND l.id = g.lease_id
LEFT JOIN vehicle_state s ON s.vehicle_id = v.id

-- name: list_lettings
-- To whom vehicles were let, from each instant at which that changed, and before the first of them.
WITH changes AS (
    SELECT g.vehicle_id, b.at
    FROM lease_segments g
    CROSS JOIN LATERAL (VALUES (lower(g.let_period)), (upper(g.let_period))) AS b (at)
    WHERE g.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
      AND b.at > %(from_at)s::timestamptz AND b.at <= %(now)s::timestamptz
    UNION
    SELECT g.vehicle_id, %(from_at)s::timestamptz
    FROM lease_segments g
    WHERE g.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
      AND (lower(g.let_period) > %(from_at)s::timestamptz
               AND lower(g.let_period) <= %(now)s::timestamptz
           OR upper(g.let_period) > %(from_at)s::timestamptz
               AND upper(g.let_period) <= %(now)s::timestamptz)
)
SELECT c.vehicle_id, (extract(epoch FROM c.at) * 1000000)::bigint AS let_from_us,
       l.id AS lease_id, l.lease_no, l.customer_id, l.organisation_id AS lease_organisation_id
FROM changes c
LEFT JOIN lease_segments g ON g.vehicle_id = c.vehicle_id AND g.let_period @> c.at
LEFT JOIN leases l ON l.tenant_id = g.tenant_id AND l.id = g.lease_id

-- name: list_memberships
-- The groups of every vehicle that its operator, or one above it, has made.
SELECT g.vehicle_id, v.code
FROM vehicle_group_members g
JOIN vehicle_groups v ON v.id = g.group_id AND v.retired_at IS NULL
JOIN vehicle_operators p ON p.vehicle_id = g.vehicle_id AND p.operated_period @> %(now)s::timestamptz
JOIN organisation_closure c
    ON c.ancestor_id = v.organisation_id AND c.descendant_id = p.organisation_id
WHERE g.removed_at IS NULL

-- name: list_standing
-- Alerts of these kinds that are neither cleared nor settled: what an engine has to remember.
SELECT organisation_id, rule_code, kind, subject_id AS vehicle_id, occurrence,
       CASE WHEN kind = 'no_charge' THEN (facts ->> 'charged_us')::bigint END AS charged_us
FROM alerts
WHERE cleared_at IS NULL AND NOT historical AND state <> 'resolved' AND subject_kind = 'vehicle'
  AND kind = ANY (%(kinds)s)
