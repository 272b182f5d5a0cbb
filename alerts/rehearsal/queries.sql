-- name: list_organisations
-- An organisation in sight and those below it.
SELECT o.id AS organisation_id, o.code AS organisation, o.time_zone
FROM organisation_closure c
JOIN organisations o ON o.id = c.descendant_id
WHERE c.ancestor_id = %(organisation_id)s;

-- name: list_vehicles
-- Vehicles in sight that these organisations operated at some time of the span, by VIN.
SELECT v.id AS vehicle_id, v.tenant_id, v.vin, v.plate, v.model,
       v.owner_id AS owner_organisation_id, m.battery_kwh::double precision AS capacity_kwh
FROM vehicles v
LEFT JOIN vehicle_models m ON m.tenant_id = v.tenant_id AND m.id = v.model_id
WHERE EXISTS (
    SELECT FROM vehicle_operators p
    WHERE p.vehicle_id = v.id AND p.organisation_id = ANY (%(organisation_ids)s::bigint[])
      AND p.operated_period && tstzrange(%(from_at)s, %(until_at)s))
ORDER BY v.vin;

-- name: list_turns
-- Who operated each vehicle and to whom it was let, from each instant that either changed at.
WITH changes AS (
    SELECT v.vehicle_id, %(from_at)s::timestamptz AS at
    FROM unnest(%(vehicle_ids)s::bigint[]) AS v (vehicle_id)
    UNION
    SELECT p.vehicle_id, b.at
    FROM vehicle_operators p
    CROSS JOIN LATERAL (VALUES (lower(p.operated_period)), (upper(p.operated_period))) AS b (at)
    WHERE p.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
      AND b.at > %(from_at)s AND b.at < %(until_at)s
    UNION
    SELECT g.vehicle_id, b.at
    FROM lease_segments g
    CROSS JOIN LATERAL (VALUES (lower(g.let_period)), (upper(g.let_period))) AS b (at)
    WHERE g.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
      AND b.at > %(from_at)s AND b.at < %(until_at)s
)
SELECT c.vehicle_id, (extract(epoch FROM c.at) * 1000000)::bigint AS from_us, p.organisation_id,
       l.id AS lease_id, l.lease_no, l.customer_id, l.organisation_id AS lease_organisation_id
FROM changes c
LEFT JOIN vehicle_operators p ON p.vehicle_id = c.vehicle_id AND p.operated_period @> c.at
LEFT JOIN lease_segments g ON g.vehicle_id = c.vehicle_id AND g.let_period @> c.at
LEFT JOIN leases l ON l.tenant_id = g.tenant_id AND l.id = g.lease_id
ORDER BY c.vehicle_id, c.at;

-- name: list_memberships
-- The groups that vehicles are in now, of those who operated them in the span, or above.
SELECT DISTINCT m.vehicle_id, g.code
FROM vehicle_group_members m
JOIN vehicle_groups g ON g.id = m.group_id AND g.retired_at IS NULL
JOIN organisation_closure c ON c.ancestor_id = g.organisation_id
JOIN vehicle_operators p ON p.vehicle_id = m.vehicle_id AND p.organisation_id = c.descendant_id
    AND p.operated_period && tstzrange(%(from_at)s, %(until_at)s)
WHERE m.removed_at IS NULL AND m.vehicle_id = ANY (%(vehicle_ids)s::bigint[]);

-- name: list_members
-- The vehicles of the groups that these codes mean to each organisation: its own, else that of the nearest
-- above in sight; those that it operated in the span.
SELECT n.organisation_id, m.vehicle_id
FROM (
    SELECT DISTINCT ON (c.descendant_id, g.code) c.descendant_id AS organisation_id, g.id
    FROM organisation_closure c
    JOIN vehicle_groups g ON g.organisation_id = c.ancestor_id AND g.retired_at IS NULL
    WHERE c.descendant_id = ANY (%(organisation_ids)s::bigint[]) AND g.code = ANY (%(codes)s::text[])
    ORDER BY c.descendant_id, g.code, c.depth
) AS n
JOIN vehicle_group_members m ON m.group_id = n.id AND m.removed_at IS NULL
WHERE EXISTS (
    SELECT FROM vehicle_operators p
    WHERE p.vehicle_id = m.vehicle_id AND p.organisation_id = n.organisation_id
      AND p.operated_period && tstzrange(%(from_at)s, %(until_at)s));

-- name: list_geofences
-- The place that a code means to each organisation: its own, else that of the nearest above in sight.
SELECT DISTINCT ON (c.descendant_id) c.descendant_id AS organisation_id, g.shape, g.lat, g.lon,
       g.radius_m, g.points
FROM organisation_closure c
JOIN geofences g ON g.organisation_id = c.ancestor_id AND g.retired_at IS NULL
WHERE c.descendant_id = ANY (%(organisation_ids)s::bigint[]) AND g.code = %(code)s
ORDER BY c.descendant_id, c.depth;

-- name: list_samples
-- The samples of some vehicles in a span, those of these operators, in the order they were taken.
SELECT 0 AS batch_id, vehicle_id, (extract(epoch FROM ts) * 1000000)::bigint AS ts_us, seq,
       operator_id AS organisation_id,
       (extract(epoch FROM received_at) * 1000000)::bigint AS received_us,
       lat, lon, speed_kmh, odometer_km, soc_pct, pack_voltage_v, pack_current_a, insulation_kohm,
       cell_voltage_max_v, cell_voltage_min_v, temp_max_c, temp_min_c, fix, vehicle_state,
       charge_state, gear, power_source, alarm_level, alarm_bits
FROM visible_telemetry
WHERE vehicle_id = ANY (%(vehicle_ids)s::bigint[]) AND ts >= %(from_at)s AND ts < %(until_at)s
  AND operator_id = ANY (%(organisation_ids)s::bigint[])
ORDER BY vehicle_id, ts, seq
LIMIT %(limit)s;
