-- name: due_items
-- All that falls due of vehicles held now, and how it stands: papers and maintenance as they are
-- written, unfinished work orders with a day, the next look at an idle vehicle. store.py puts what
-- else is asked for where the first mark stands, and which papers need not be looked at where the
-- second does, and adds filters, place and order.
--
-- A distance is compared with the newest odometer that is known; the readings by hand are looked up
-- only where the terminal is silent. The CASE in the join keeps the planner from reading all
-- obligations by vehicle, for the sake of the few that are due by distance.
WITH held AS MATERIALIZED (
    SELECT v.id, v.model_id
    FROM vehicles v
    WHERE (%(vehicle_id)s::bigint IS NULL OR v.id = %(vehicle_id)s)
      AND ((SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
           OR EXISTS (SELECT FROM visible_operated_vehicles p
                      WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)))
)
SELECT d.kind, c.status /* columns */
FROM (
    SELECT o.vehicle_id, o.kind, o.reference, o.due_on, o.due_at, o.window_from_on,
           o.due_odometer_km, u.odometer_km, o.due_running_hours, h.running_hours, o.facts
    FROM obligations o
    LEFT JOIN visible_vehicle_state s
        ON s.vehicle_id = CASE WHEN o.due_odometer_km IS NOT NULL THEN o.vehicle_id END
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN o.due_odometer_km IS NULL THEN NULL
            WHEN s.odometer_km IS NOT NULL AND s.ts >= %(heard_since)s
                THEN round(s.odometer_km::numeric, 1)
            ELSE coalesce((SELECT r.odometer_km
                           FROM odometer_readings r
                           WHERE r.vehicle_id = o.vehicle_id
                             AND r.read_at > coalesce(s.ts, '-infinity')
                           ORDER BY r.read_at DESC
                           LIMIT 1), round(s.odometer_km::numeric, 1))
        END AS odometer_km
    ) AS u
    CROSS JOIN LATERAL (
        SELECT CASE WHEN o.due_running_hours IS NOT NULL THEN (
            SELECT r.running_hours
            FROM odometer_readings r
            WHERE r.vehicle_id = o.vehicle_id AND r.running_hours IS NOT NULL
            ORDER BY r.read_at DESC
            LIMIT 1
        ) END AS running_hours
    ) AS h
    WHERE o.is_open AND %(with_papers)s /* papers */
    UNION ALL
    SELECT w.vehicle_id, 'work_order', w.number, w.due_on, NULL, NULL, NULL, NULL, NULL, NULL,
           jsonb_build_object('title', w.title, 'work_kind', w.kind, 'state', w.state,
                              'priority', w.priority,
                              'assignee', (SELECT actor FROM actor_in_sight(w.assignee)),
                              'off_the_road', w.down_from_at IS NOT NULL
                                              AND w.down_until_at IS NULL)
    FROM work_orders w
    JOIN held ON held.id = w.vehicle_id
    WHERE w.state IN ('open', 'in_progress', 'waiting') AND w.due_on IS NOT NULL AND %(with_work)s
    UNION ALL
    SELECT g.vehicle_id, 'idle_care', '', i.check_on, NULL, i.check_on, NULL, NULL, NULL, NULL,
           jsonb_build_object('stage', g.stage, 'idle_since_on', f.idle_since_on,
                              'last_checked_on', k.last_checked_on)
    FROM vehicle_stages g
    JOIN held ON held.id = g.vehicle_id
    LEFT JOIN vehicle_models m ON m.id = held.model_id
    LEFT JOIN (
        SELECT vehicle_id, max(done_on) AS last_checked_on
        FROM maintenance_done
        WHERE code = 'idle-care'
        GROUP BY vehicle_id
    ) AS k ON k.vehicle_id = g.vehicle_id
    CROSS JOIN LATERAL (
        SELECT (lower(g.staged_period) AT TIME ZONE %(zone)s)::date AS idle_since_on
    ) AS f
    CROSS JOIN LATERAL (
        SELECT greatest(f.idle_since_on, k.last_checked_on)
                   + coalesce((m.care ->> 'check_every_days')::integer,
                              %(check_every_days)s::integer) AS check_on
    ) AS i
    WHERE upper_inf(g.staged_period) AND g.stage IN ('in_stock', 'for_sale') AND %(with_care)s
) AS d
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN d.due_on < %(on)s OR d.due_at <= %(now)s OR d.odometer_km >= d.due_odometer_km
            OR d.running_hours >= d.due_running_hours THEN 'overdue'
        WHEN d.due_on IS NULL AND (d.odometer_km - d.due_odometer_km) IS NULL
            AND (d.running_hours - d.due_running_hours) IS NULL THEN 'missing'
        WHEN coalesce(d.window_from_on, d.due_on - %(within_days)s::integer) <= %(on)s
            OR d.due_odometer_km - d.odometer_km <= %(within_km)s
            OR d.due_running_hours - d.running_hours <= %(within_hours)s THEN 'due'
        ELSE 'ahead' END AS status
) AS c;

-- name: describe_vehicles
-- The vehicles of a page.
SELECT v.id AS vehicle_id, v.vin, v.plate, v.model, o.code AS operator_code
FROM vehicles v
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations o ON o.id = p.organisation_id
WHERE v.id = ANY (%(ids)s::bigint[]);

-- name: find_acting
-- The tenant and the zone of the organisation that is acted for.
SELECT id, code, tenant_id, time_zone FROM organisations WHERE id = %(organisation_id)s;

-- name: insert_feed
-- A calendar's address, of which only the digest is kept.
INSERT INTO calendar_feeds (tenant_id, organisation_id, name, token_digest, created_by, created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(name)s, %(token_digest)s, %(created_by)s,
        %(created_at)s)
RETURNING key;

-- name: list_feeds
-- Calendars of the organisations in sight, the newest first, and who made them, if in sight.
SELECT f.id, f.key, f.name, o.code AS organisation_code,
       coalesce(u.login, 'key:' || k.key_id) AS created_by, f.created_at, f.revoked_at,
       f.last_fetched_at
FROM calendar_feeds f
JOIN organisations o ON o.id = f.organisation_id
LEFT JOIN users u ON u.login = f.created_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = f.created_by
WHERE %(before_id)s::bigint IS NULL OR f.id < %(before_id)s
ORDER BY f.id DESC
LIMIT %(limit)s;

-- name: find_feed
-- The calendar with this key.
SELECT f.id, f.key, f.name, o.code AS organisation_code,
       coalesce(u.login, 'key:' || k.key_id) AS created_by, f.created_at, f.revoked_at,
       f.last_fetched_at
FROM calendar_feeds f
JOIN organisations o ON o.id = f.organisation_id
LEFT JOIN users u ON u.login = f.created_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = f.created_by
WHERE f.key = %(key)s;

-- name: mark_feed_revoked
-- From here on its address leads nowhere.
UPDATE calendar_feeds SET revoked_at = %(now)s WHERE id = %(id)s;

-- name: mark_feed_fetched
-- It was read, noted once in a while.
UPDATE calendar_feeds
SET last_fetched_at = %(now)s
WHERE id = %(id)s AND (last_fetched_at IS NULL OR last_fetched_at < %(unless_since)s);

-- name: find_feed_by_secret
-- Whose calendar a secret opens; the organisation is in nobody's sight yet.
SELECT id, name, organisation_id, organisation_code, organisation_name, time_zone, tenant_id
FROM calendar_find_feed(%(digest)s);
