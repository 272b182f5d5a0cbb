-- name: list_silences
-- Silences in sight; filters, place and order are added in store.py.
SELECT s.id, s.key, s.tenant_id, o.code AS organisation_code, s.reason, s.matching,
       lower(s.silent_period) AS from_at, upper(s.silent_period) AS until_at,
       (SELECT actor FROM actor_in_sight(s.created_by)) AS created_by,
       s.created_at, (SELECT actor FROM actor_in_sight(s.ended_by)) AS ended_by, s.version
FROM alert_silences s
JOIN organisations o ON o.id = s.organisation_id;

-- name: list_codes_below
-- Of these codes those of live rules that the organisation, or one below it, has set.
SELECT DISTINCT r.code
FROM organisation_closure c
JOIN alert_rules r ON r.organisation_id = c.descendant_id AND r.retired_at IS NULL
WHERE c.ancestor_id = %(organisation_id)s AND r.code = ANY (%(codes)s::text[]);

-- name: list_known_vins
-- Of these VINs those of vehicles in sight.
SELECT v.vin FROM vehicles v WHERE v.vin = ANY (%(vins)s::text[]);

-- name: insert_silence
-- A window in which nobody is told of what matches.
INSERT INTO alert_silences (tenant_id, organisation_id, reason, matching, silent_period, created_by,
    created_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(reason)s, %(matching)s,
    tstzrange(%(from_at)s, %(until_at)s), %(by)s, %(now)s)
RETURNING key;

-- name: lock_silence
-- One at a time ends a silence.
SELECT id FROM alert_silences WHERE key = %(key)s FOR UPDATE;

-- name: mark_ended
-- It is over from now on; one that had not begun never was.
UPDATE alert_silences
SET silent_period = tstzrange(
        least(lower(silent_period), %(now)s::timestamptz - interval '1 microsecond'), %(now)s),
    ended_by = %(by)s, version = version + 1
WHERE id = %(id)s;
