-- name: find_plan_version
-- The version of a model's plan: every change of an item counts. 0: there never was one.
SELECT coalesce(sum(version), 0)::bigint FROM maintenance_items WHERE model_id = %(model_id)s;

-- name: lock_plan
-- One at a time changes the plan of a model; none is locked by who may not change it.
SELECT id FROM vehicle_models WHERE id = %(model_id)s FOR UPDATE;

-- name: list_plan_items
-- The plan of a model by code.
SELECT code, title, every_months, every_km, every_hours
FROM maintenance_items
WHERE model_id = %(model_id)s AND retired_at IS NULL
ORDER BY code;

-- name: write_plan_items
-- Items of a plan as they are to be; those that are so already stay as they are.
INSERT INTO maintenance_items (tenant_id, organisation_id, model_id, code, title, every_months,
    every_km, every_hours)
SELECT %(tenant_id)s, %(tenant_id)s, %(model_id)s, n.code, n.title, n.every_months, n.every_km,
       n.every_hours
FROM unnest(%(codes)s::text[], %(titles)s::text[], %(every_months)s::integer[],
            %(every_km)s::integer[], %(every_hours)s::integer[])
    AS n (code, title, every_months, every_km, every_hours)
ON CONFLICT ON CONSTRAINT maintenance_items_code_key DO UPDATE
SET title = excluded.title, every_months = excluded.every_months, every_km = excluded.every_km,
    every_hours = excluded.every_hours, retired_at = NULL, version = maintenance_items.version + 1
WHERE (maintenance_items.title, maintenance_items.every_months, maintenance_items.every_km,
       maintenance_items.every_hours, maintenance_items.retired_at)
    IS DISTINCT FROM
      (excluded.title, excluded.every_months, excluded.every_km, excluded.every_hours, NULL);

-- name: retire_plan_items
-- What a plan does not hold any more.
UPDATE maintenance_items
SET retired_at = %(now)s, version = version + 1
WHERE model_id = %(model_id)s AND retired_at IS NULL AND code <> ALL (%(codes)s::text[]);

-- name: list_vehicles_of_model
-- Vehicles of a model that are held now.
SELECT v.id
FROM vehicles v
WHERE v.model_id = %(model_id)s
  AND ((SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
       OR EXISTS (SELECT FROM visible_operated_vehicles p
                  WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)));

-- name: list_known_codes
-- Codes of the plan of a vehicle's model.
SELECT i.code
FROM maintenance_items i
JOIN vehicles v ON v.model_id = i.model_id
WHERE v.id = %(vehicle_id)s AND i.retired_at IS NULL;

-- name: list_needs
-- Every vehicle held now with every item of its model's plan, and what its due date follows from.
-- Which vehicles is added in store.py. What is ordered or disposed of needs nothing.
SELECT v.id AS vehicle_id, v.tenant_id, i.code, i.title, i.every_months, i.every_km, i.every_hours,
       coalesce(l.registered_on, (f.begun_at AT TIME ZONE %(zone)s)::date) AS begun_on,
       d.done_on, d.odometer_km AS done_odometer_km, d.running_hours AS done_running_hours
FROM vehicles v
JOIN maintenance_items i ON i.model_id = v.model_id AND i.retired_at IS NULL
JOIN vehicle_stages s ON s.vehicle_id = v.id AND upper_inf(s.staged_period)
                     AND s.stage NOT IN ('ordered', 'disposed')
LEFT JOIN vehicle_licences l ON l.vehicle_id = v.id
CROSS JOIN LATERAL (
    SELECT min(lower(b.staged_period)) AS begun_at
    FROM vehicle_stages b
    WHERE b.vehicle_id = v.id AND b.stage <> 'ordered'
) AS f
LEFT JOIN LATERAL (
    SELECT x.done_on, x.odometer_km, x.running_hours
    FROM maintenance_done x
    WHERE x.vehicle_id = v.id AND x.code = i.code
    ORDER BY x.done_on DESC
    LIMIT 1
) AS d ON true
WHERE ((SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
       OR EXISTS (SELECT FROM visible_operated_vehicles p
                  WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)));

-- name: write_obligations
-- What falls due, where it differs from what is written; the rest is not so much as locked.
INSERT INTO obligations (tenant_id, vehicle_id, kind, reference, is_open, due_on, due_odometer_km,
    due_running_hours, facts, refreshed_at)
SELECT n.tenant_id, n.vehicle_id, 'maintenance', n.code, true, n.due_on, n.due_odometer_km,
       n.due_running_hours, n.facts, %(now)s
FROM unnest(%(tenant_ids)s::bigint[], %(vehicle_ids)s::bigint[], %(codes)s::text[],
            %(due_on)s::date[], %(due_odometer_km)s::numeric[], %(due_running_hours)s::numeric[],
            %(facts)s::jsonb[])
    AS n (tenant_id, vehicle_id, code, due_on, due_odometer_km, due_running_hours, facts)
LEFT JOIN obligations o
    ON o.vehicle_id = n.vehicle_id AND o.kind = 'maintenance' AND o.reference = n.code
WHERE (o.is_open, o.due_on, o.due_odometer_km, o.due_running_hours, o.facts)
    IS DISTINCT FROM (true, n.due_on, n.due_odometer_km, n.due_running_hours, n.facts)
ON CONFLICT (vehicle_id, kind, reference) DO UPDATE
SET is_open = true, due_on = excluded.due_on, due_odometer_km = excluded.due_odometer_km,
    due_running_hours = excluded.due_running_hours, facts = excluded.facts,
    refreshed_at = excluded.refreshed_at;

-- name: close_obligations
-- What falls due no more; which vehicles is added in store.py.
UPDATE obligations o
SET is_open = false, refreshed_at = %(now)s
WHERE o.kind = 'maintenance' AND o.is_open
  AND NOT EXISTS (SELECT FROM unnest(%(vehicle_ids)s::bigint[], %(codes)s::text[])
                      AS n (vehicle_id, code)
                  WHERE n.vehicle_id = o.vehicle_id AND n.code = o.reference);

-- name: list_standing
-- What falls due of the maintenance of a vehicle.
SELECT o.reference AS code, o.facts ->> 'title' AS title, o.due_on, o.window_from_on,
       o.due_odometer_km, o.due_running_hours, (o.facts ->> 'last_done_on')::date AS last_done_on
FROM obligations o
WHERE o.vehicle_id = %(vehicle_id)s AND o.kind = 'maintenance' AND o.is_open
ORDER BY o.due_on NULLS LAST, o.reference;

-- name: list_done
-- What was done to a vehicle, the latest first: what and when, not by whom and for how much.
SELECT code, done_on, odometer_km, running_hours
FROM maintenance_done
WHERE vehicle_id = %(vehicle_id)s
ORDER BY done_on DESC, code
LIMIT %(limit)s;

-- name: find_use
-- How far and how long a vehicle had run, by what was read in [from_at, until_at), the newest.
SELECT (SELECT u.odometer_km
        FROM (SELECT r.odometer_km, r.read_at
              FROM odometer_readings r
              WHERE r.vehicle_id = %(vehicle_id)s
                AND r.read_at >= %(from_at)s AND r.read_at < %(until_at)s
              UNION ALL
              SELECT round(t.odometer_km::numeric, 1), t.ts
              FROM visible_vehicle_state t
              WHERE t.vehicle_id = %(vehicle_id)s AND t.odometer_km IS NOT NULL
                AND t.ts >= %(from_at)s AND t.ts < %(until_at)s) AS u
        ORDER BY u.read_at DESC
        LIMIT 1) AS odometer_km,
       (SELECT r.running_hours
        FROM odometer_readings r
        WHERE r.vehicle_id = %(vehicle_id)s AND r.running_hours IS NOT NULL
          AND r.read_at >= %(from_at)s AND r.read_at < %(until_at)s
        ORDER BY r.read_at DESC
        LIMIT 1) AS running_hours;

-- name: write_done
-- Items were done to a vehicle that day; said again, what is known of its use is completed.
INSERT INTO maintenance_done (tenant_id, organisation_id, vehicle_id, code, done_on, odometer_km,
    running_hours, work_order_id, recorded_by, recorded_at)
SELECT %(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, n.code, %(done_on)s, %(odometer_km)s,
       %(running_hours)s, %(work_order_id)s, %(recorded_by)s, %(recorded_at)s
FROM unnest(%(codes)s::text[]) AS n (code)
ON CONFLICT ON CONSTRAINT maintenance_done_once DO UPDATE
SET odometer_km = coalesce(excluded.odometer_km, maintenance_done.odometer_km),
    running_hours = coalesce(excluded.running_hours, maintenance_done.running_hours);

-- name: find_tenant_and_zone
-- The tenant of an organisation, and the zone of its days.
SELECT tenant_id, time_zone FROM organisations WHERE id = %(organisation_id)s;

-- name: list_idle_vehicles
-- Vehicles held now that wait in stock or for sale, with what their care follows from. How urgent
-- each is, is said in idle_care.py; filters, place and order are added in store.py.
SELECT v.vin, v.plate, v.model, o.code AS organisation_code, s.stage,
       lower(s.staged_period) AS idle_since, d.idle_since_on, t.soc_pct, t.ts AS soc_at,
       k.last_checked_on, coalesce(m.care, '{}') AS care
FROM vehicle_stages s
JOIN vehicles v ON v.id = s.vehicle_id
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations o ON o.id = coalesce(p.organisation_id, v.owner_id)
LEFT JOIN visible_vehicle_state t ON t.vehicle_id = v.id
LEFT JOIN LATERAL (
    SELECT x.done_on AS last_checked_on
    FROM maintenance_done x
    WHERE x.vehicle_id = v.id AND x.code = %(idle_care)s
    ORDER BY x.done_on DESC
    LIMIT 1
) AS k ON true
CROSS JOIN LATERAL (
    SELECT (lower(s.staged_period) AT TIME ZONE %(zone)s)::date AS idle_since_on
) AS d
CROSS JOIN LATERAL (
    SELECT CASE WHEN t.soc_pct IS NULL OR t.ts IS NULL OR t.ts < %(known_since)s THEN 'unknown'
                WHEN t.soc_pct < coalesce((m.care ->> 'critical_below_pct')::integer,
                                          %(critical_below_pct)s::integer) THEN 'critical'
                WHEN t.soc_pct < coalesce((m.care ->> 'warn_below_pct')::integer,
                                          %(warn_below_pct)s::integer) THEN 'warn'
                ELSE 'ok' END AS condition,
           greatest(d.idle_since_on, k.last_checked_on)
               + coalesce((m.care ->> 'check_every_days')::integer, %(check_every_days)s::integer)
               AS next_check_on
) AS c
CROSS JOIN LATERAL (
    SELECT array_position(%(conditions)s::text[], c.condition) AS urgency
) AS u
WHERE upper_inf(s.staged_period) AND s.stage IN ('in_stock', 'for_sale')
  AND ((SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
       OR EXISTS (SELECT FROM visible_operated_vehicles x
                  WHERE x.vehicle_id = v.id AND upper_inf(x.visible_period)));
