-- name: list_events
-- What happened to a lease, in its order; of what was known at an instant only, where one is said:
-- who waited for a lock may have looked at the clock before who did not, and what follows an event
-- was not known before it.
SELECT no, content, (SELECT actor FROM actor_in_sight(recorded_by)) AS recorded_by, recorded_at
FROM lease_events
WHERE lease_id = %(lease_id)s
  AND (%(known_at)s::timestamptz IS NULL OR NOT EXISTS (
       SELECT FROM lease_events b
       WHERE b.lease_id = %(lease_id)s AND b.no <= lease_events.no
         AND b.recorded_at > %(known_at)s::timestamptz))
  AND no > %(after)s
ORDER BY no
LIMIT %(limit)s;

-- name: list_events_of
-- What happened to each of these leases, in its order, and the zone of its days.
SELECT e.lease_id, o.time_zone AS zone, e.content
FROM lease_events e
JOIN organisations o ON o.id = e.organisation_id
WHERE e.lease_id = ANY (%(lease_ids)s::bigint[])
ORDER BY e.lease_id, e.no;

-- name: insert_event
-- Something happened to a lease.
INSERT INTO lease_events (lease_id, no, tenant_id, organisation_id, kind, happened_at, content,
    recorded_by, recorded_at)
VALUES (%(lease_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(kind)s, %(happened_at)s,
    %(content)s, %(recorded_by)s, %(recorded_at)s);

-- name: insert_version
-- Terms in force from a day on.
INSERT INTO lease_versions (lease_id, no, tenant_id, organisation_id, event_no, effective_on, terms)
VALUES (%(lease_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(event_no)s, %(effective_on)s,
    %(terms)s);

-- name: close_segment
-- A vehicle is not in its line any more.
UPDATE lease_segments
SET let_period = tstzrange(lower(let_period), %(until_at)s), until_event_no = %(until_event_no)s
WHERE lease_id = %(lease_id)s AND line_no = %(line_no)s AND upper_inf(let_period);

-- name: insert_segment
-- A vehicle is in a line.
INSERT INTO lease_segments (tenant_id, organisation_id, lease_id, line_no, vehicle_id, let_period,
    from_event_no, until_event_no)
VALUES (%(tenant_id)s, %(organisation_id)s, %(lease_id)s, %(line_no)s, %(vehicle_id)s,
    tstzrange(%(from_at)s, %(until_at)s), %(from_event_no)s, %(until_event_no)s);

-- name: upsert_suspension
-- The lease, or a line of it, rests; or goes on.
INSERT INTO lease_suspensions (lease_id, no, tenant_id, organisation_id, line_no, suspended_period,
    credited, reason, event_no)
VALUES (%(lease_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(line_no)s,
    daterange(%(from_on)s, %(until_on)s), %(credited)s, %(reason)s, %(event_no)s)
ON CONFLICT (lease_id, no) DO UPDATE SET suspended_period = excluded.suspended_period;

-- name: upsert_bookings
-- Vehicles promised to lines; where nothing is promised any more, the period is empty.
INSERT INTO lease_bookings (lease_id, line_no, tenant_id, organisation_id, vehicle_id, booked_period)
SELECT %(lease_id)s, b.line_no, %(tenant_id)s, %(organisation_id)s, b.vehicle_id,
       CASE WHEN b.from_at IS NULL THEN 'empty'::tstzrange
            ELSE tstzrange(b.from_at, b.until_at) END
FROM jsonb_to_recordset(%(bookings)s)
    AS b (line_no integer, vehicle_id bigint, from_at timestamptz, until_at timestamptz)
ON CONFLICT (lease_id, line_no) DO UPDATE
SET vehicle_id = excluded.vehicle_id, booked_period = excluded.booked_period;

-- name: update_lease
-- A lease as its book says it is.
UPDATE leases
SET kind = %(kind)s, state = %(state)s, terms = %(terms)s, starts_on = %(starts_on)s,
    ends_on = %(ends_on)s, signed_at = %(signed_at)s, started_at = %(started_at)s,
    ended_at = %(ended_at)s, last_event_no = %(last_event_no)s, version = version + 1
WHERE id = %(id)s;

-- name: lock_vehicles
-- One at a time promises or hands out a vehicle; always in the same order, so that none waits in a
-- circle.
SELECT pg_advisory_xact_lock(hashtextextended('vehicle in a lease ' || v.id, 0))
FROM (SELECT unnest(%(vehicle_ids)s::bigint[]) AS id ORDER BY id) AS v;

-- name: find_promise
-- A promise in sight, of another lease or line, that one of these would cross.
SELECT v.vin, l.lease_no, lower(b.booked_period) AS from_at, upper(b.booked_period) AS until_at
FROM jsonb_to_recordset(%(bookings)s)
    AS n (line_no integer, vehicle_id bigint, from_at timestamptz, until_at timestamptz)
JOIN lease_bookings b ON b.vehicle_id = n.vehicle_id
    AND b.booked_period && tstzrange(n.from_at, n.until_at)
JOIN leases l ON l.id = b.lease_id
JOIN vehicles v ON v.id = b.vehicle_id
WHERE n.from_at IS NOT NULL
  AND (b.lease_id <> %(lease_id)s OR b.line_no NOT IN
       (SELECT o.line_no FROM jsonb_to_recordset(%(bookings)s) AS o (line_no integer)))
ORDER BY v.vin
LIMIT 1;

-- name: find_holder
-- A lease in sight that has the vehicle at some time from an instant on.
SELECT v.vin, l.lease_no, lower(s.let_period) AS from_at, upper(s.let_period) AS until_at
FROM lease_segments s
JOIN leases l ON l.id = s.lease_id
JOIN vehicles v ON v.id = s.vehicle_id
WHERE s.vehicle_id = %(vehicle_id)s AND s.let_period && tstzrange(%(from_at)s, NULL)
ORDER BY lower(s.let_period)
LIMIT 1;

-- name: list_vins
-- VINs of vehicles in sight.
SELECT id, vin FROM vehicles WHERE id = ANY (%(vehicle_ids)s::bigint[]);

-- name: list_versions
-- The versions of a lease as they are kept.
SELECT no, event_no, effective_on, terms FROM lease_versions WHERE lease_id = %(lease_id)s ORDER BY no;

-- name: list_segments
-- The segments of a lease as they are kept.
SELECT line_no, vehicle_id, lower(let_period) AS from_at, upper(let_period) AS until_at,
       from_event_no, until_event_no
FROM lease_segments
WHERE lease_id = %(lease_id)s
ORDER BY line_no, lower(let_period);

-- name: list_suspensions
-- The suspensions of a lease as they are kept.
SELECT no, line_no, lower(suspended_period) AS from_on, upper(suspended_period) AS until_on, credited,
       reason, event_no
FROM lease_suspensions
WHERE lease_id = %(lease_id)s
ORDER BY no;

-- name: list_bookings
-- The promises of a lease as they are kept.
SELECT line_no, vehicle_id, lower(booked_period) AS from_at, upper(booked_period) AS until_at
FROM lease_bookings
WHERE lease_id = %(lease_id)s
ORDER BY line_no;

-- name: list_kept
-- Leases that are signed, or have events, with what their rows say; the next after an id.
SELECT l.id, l.lease_no, o.time_zone AS zone, l.kind, l.state, l.terms, l.starts_on, l.ends_on,
       l.signed_at, l.started_at, l.ended_at, l.last_event_no
FROM leases l
JOIN organisations o ON o.id = l.organisation_id
WHERE l.id > %(after_id)s
  AND (l.state <> 'draft' OR EXISTS (SELECT FROM lease_events e WHERE e.lease_id = l.id))
ORDER BY l.id
LIMIT %(limit)s;
