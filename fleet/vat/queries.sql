-- name: find_profile
-- Which taxpayer an organisation in sight is on a day, by its own word or that of the nearest above.
SELECT taxpayer, simplified FROM tax_profile_of(%(organisation_id)s, %(on)s);

-- name: find_profiles
-- Which taxpayer each of these organisations in sight is on its day.
SELECT w.organisation_id, w.on_day, t.taxpayer, t.simplified
FROM unnest(%(organisation_ids)s::bigint[], %(days)s::date[]) AS w (organisation_id, on_day)
CROSS JOIN LATERAL tax_profile_of(w.organisation_id, w.on_day) t;

-- name: insert_profile
-- Which taxpayer an organisation is, from a day on.
INSERT INTO tax_profiles (tenant_id, organisation_id, taxpayer, simplified, valid_from_on, recorded_by,
    recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(taxpayer)s, %(simplified)s, %(valid_from_on)s,
    %(recorded_by)s, %(recorded_at)s)
RETURNING id;

-- name: list_profiles
-- What was ever said of taxpayers in sight; filters, place and order are added in store.py.
SELECT t.id, o.code AS organisation_code, t.taxpayer, t.simplified, t.valid_from_on,
       (SELECT actor FROM actor_in_sight(t.recorded_by)) AS recorded_by,
       t.recorded_at
FROM tax_profiles t
JOIN organisations o ON o.id = t.organisation_id;
