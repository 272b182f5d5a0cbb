-- name: list_leases
-- Leases in sight; filters, place and order are added in store.py.
SELECT l.id, l.tenant_id, l.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       l.lease_no, l.customer_id, c.customer_no, c.name AS customer_name, l.kind, l.state,
       l.starts_on, l.ends_on, l.signed_at, l.started_at, l.ended_at, l.last_event_no, l.renews_id,
       r.lease_no AS renews_no, l.reference,
       (SELECT actor FROM actor_in_sight(l.created_by)) AS created_by, l.created_at, l.version,
       (SELECT count(*) FROM lease_segments s
        WHERE s.lease_id = l.id AND upper_inf(s.let_period)) AS vehicles_out,
       l.terms
FROM leases l
JOIN organisations o ON o.id = l.organisation_id
JOIN customers c ON c.id = l.customer_id
LEFT JOIN leases r ON r.id = l.renews_id;

-- name: lock_lease
-- One at a time changes a lease.
SELECT id FROM leases WHERE lease_no = %(lease_no)s FOR UPDATE;

-- name: count_leases
-- How many leases in sight there are in each state; filters are added in store.py.
SELECT DISTINCT l.state, count(*) OVER (PARTITION BY l.state) AS leases
FROM leases l
JOIN organisations o ON o.id = l.organisation_id
JOIN customers c ON c.id = l.customer_id
WHERE true;

-- name: list_renewed_by
-- Leases that renew this one, the first first; not those that were called off.
SELECT lease_no FROM leases WHERE renews_id = %(lease_id)s AND state <> 'cancelled' ORDER BY id;

-- name: has_contract
-- Whether a contract text is kept with a lease that is not void.
SELECT EXISTS (SELECT FROM contracts WHERE lease_id = %(lease_id)s AND state <> 'void');

-- name: describe_vehicles
-- VIN and plate of vehicles in sight; the plate of those that are held now.
SELECT v.id, v.vin,
       CASE WHEN (SELECT app_is_system())
                 OR EXISTS (SELECT FROM visible_vehicle_periods p
                            WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period))
            THEN v.plate END AS plate
FROM vehicles v
WHERE v.id = ANY (%(vehicle_ids)s::bigint[]);

-- name: find_holding
-- Who held a vehicle at an instant.
SELECT s.lease_id, l.lease_no, s.line_no, s.tenant_id, s.organisation_id, l.customer_id,
       s.vehicle_id, lower(s.let_period) AS from_at, upper(s.let_period) AS until_at
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
WHERE s.vehicle_id = %(vehicle_id)s AND s.let_period @> %(at)s::timestamptz;

-- name: find_current_holding
-- Who holds a vehicle now.
SELECT s.lease_id, l.lease_no, s.line_no, s.tenant_id, s.organisation_id, l.customer_id,
       s.vehicle_id, lower(s.let_period) AS from_at, upper(s.let_period) AS until_at
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
WHERE s.vehicle_id = %(vehicle_id)s AND upper_inf(s.let_period);

-- name: list_vehicle_leases
-- The leases in sight a vehicle was in, the latest first.
SELECT l.lease_no, o.code AS organisation_code, c.customer_no, c.name AS customer_name, l.kind,
       l.state, s.line_no, lower(s.let_period) AS from_at, upper(s.let_period) AS until_at,
       l.ends_on,
       CASE WHEN upper_inf(s.let_period)
            THEN greatest(0, (%(now)s AT TIME ZONE o.time_zone)::date - l.ends_on) ELSE 0 END
           AS days_over
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
JOIN organisations o ON o.id = l.organisation_id
JOIN customers c ON c.id = l.customer_id
WHERE s.vehicle_id = %(vehicle_id)s
  AND (%(before_at)s::timestamptz IS NULL OR lower(s.let_period) < %(before_at)s::timestamptz)
ORDER BY lower(s.let_period) DESC
LIMIT %(limit)s;

-- name: is_held_or_promised
-- Whether anybody has a vehicle, or is promised it, out of sight too.
SELECT leases_hold_vehicle(%(vehicle_id)s, %(now)s);

-- name: find_organisation
-- The tenant of an organisation in sight, its code and the zone of its days.
SELECT id, tenant_id, code, time_zone AS zone FROM organisations WHERE id = %(organisation_id)s;

-- name: list_line_vehicles
-- Vehicles in sight by their VINs: their models and who has them.
SELECT v.id, v.vin, v.model_id, m.code AS model_code,
       coalesce(h.id, v.owner_id) AS holder_id,
       (SELECT app_is_system())
       OR EXISTS (SELECT FROM visible_vehicle_periods s
                  WHERE s.vehicle_id = v.id AND upper_inf(s.visible_period)) AS held
FROM vehicles v
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
WHERE v.vin = ANY (%(vins)s::text[]);

-- name: list_line_models
-- Models of a tenant by their codes.
SELECT id, code FROM vehicle_models
WHERE tenant_id = %(tenant_id)s AND code = ANY (%(codes)s::text[]);
