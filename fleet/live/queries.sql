-- name: find_position
-- The moment this transaction sees, and the cluster and time line it belongs to.
SELECT pg_current_snapshot()::text AS snapshot,
       to_hex(system_identifier) || '-'
           || lower(ltrim(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), '0')) AS lineage
FROM pg_control_system();

-- name: list_changed
-- States within a window of transactions (fleet/live/snapshots.py), and which of these organisations
-- may see each. 4294967295 keeps 32 bits: the distance from the origin, once around.
SELECT s.changed_in, c.seen_by, v.vin, v.plate, s.ts, s.online, s.last_heard_at, s.lat, s.lon, s.fix,
       s.heading_deg, s.speed_kmh, s.odometer_km, s.soc_pct, s.vehicle_state, s.charge_state,
       s.alarm_level
FROM (
    SELECT descendant_id, array_agg(ancestor_id) AS seen_by
    FROM organisation_closure
    WHERE ancestor_id = ANY (%(organisation_ids)s::bigint[])
    GROUP BY descendant_id
) AS c
JOIN visible_vehicle_state s ON s.operator_id = c.descendant_id
JOIN vehicles v ON v.id = s.vehicle_id
WHERE ((s.changed_in - %(origin)s::bigint) & 4294967295) < %(span)s::bigint
  AND (((s.changed_in - %(origin)s::bigint) & 4294967295) >= %(seen_below)s::bigint
       OR ((s.changed_in - %(origin)s::bigint) & 4294967295) = ANY (%(running)s::bigint[]));
