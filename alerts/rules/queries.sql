-- name: find_organisation
-- The organisation with this code, or with this id.
SELECT id, code, tenant_id FROM organisations WHERE code = %(code)s OR id = %(id)s;

-- name: list_rules_reaching
-- Live rules of an organisation and of those above it. Those may be out of sight: the function tells of
-- them to whom the organisation is in sight; whoever sees everything acts for none and reads the table.
SELECT id, organisation_id, organisation_code, code, kind, name, enabled, severity, parameters, scope,
       version, depth
FROM alert_rules_reaching(%(organisation_id)s)
UNION
SELECT r.id, r.organisation_id, o.code, r.code, r.kind, r.name, r.enabled, r.severity, r.parameters, r.scope,
       r.version, c.depth
FROM organisation_closure c
JOIN alert_rules r ON r.organisation_id = c.ancestor_id AND r.retired_at IS NULL
JOIN organisations o ON o.id = r.organisation_id
WHERE c.descendant_id = %(organisation_id)s
ORDER BY code, depth;

-- name: list_codes_in_sight
-- Those of the organisations that are in sight.
SELECT code FROM organisations WHERE code = ANY (%(codes)s::text[]);

-- name: list_own_versions
-- The versions of what the organisation has ever set itself, by code.
SELECT code, version FROM alert_rules WHERE organisation_id = %(organisation_id)s;

-- name: count_further_rules
-- How many live rules the organisation has set beside the shipped ones.
SELECT count(*) FROM alert_rules
WHERE organisation_id = %(organisation_id)s AND retired_at IS NULL AND code <> kind;

-- name: find_own_rule
-- The organisation's own row of a code, live or retired.
SELECT id, kind, name, enabled, severity, parameters, scope, retired_at, version
FROM alert_rules
WHERE organisation_id = %(organisation_id)s AND code = %(code)s;

-- name: insert_rule
-- A rule that the organisation had never set; nothing if somebody was faster.
INSERT INTO alert_rules (tenant_id, organisation_id, code, kind, name, enabled, severity, parameters, scope,
    changed_by, changed_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(code)s, %(kind)s, %(name)s, %(enabled)s, %(severity)s,
    %(parameters)s, %(scope)s, %(changed_by)s, %(now)s)
ON CONFLICT ON CONSTRAINT alert_rules_code_key DO NOTHING
RETURNING id, version;

-- name: update_rule
-- What a rule says now, where nobody has changed it since it was read; a retired one holds again.
UPDATE alert_rules
SET name = %(name)s, enabled = %(enabled)s, severity = %(severity)s, parameters = %(parameters)s,
    scope = %(scope)s, changed_by = %(changed_by)s, changed_at = %(now)s, retired_at = NULL,
    version = version + 1
WHERE id = %(id)s AND version = %(version)s
RETURNING id, version;

-- name: mark_retired
-- What stands above it holds again.
UPDATE alert_rules
SET retired_at = %(now)s, changed_by = %(changed_by)s, changed_at = %(now)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND retired_at IS NULL
RETURNING id, version;

-- name: insert_version
-- What the rule says from now on.
INSERT INTO alert_rule_versions (rule_id, no, tenant_id, organisation_id, content, changed_by, changed_at)
VALUES (%(rule_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(content)s, %(changed_by)s, %(now)s);

-- name: list_versions
-- What a rule of the organisation said, the last first, before a version.
SELECT v.no, v.content, (SELECT actor FROM actor_in_sight(v.changed_by)) AS changed_by, v.changed_at
FROM alert_rule_versions v
JOIN alert_rules r ON r.id = v.rule_id
WHERE r.organisation_id = %(organisation_id)s AND r.code = %(code)s
  AND (%(before)s::bigint IS NULL OR v.no < %(before)s)
ORDER BY v.no DESC
LIMIT %(limit)s;

-- name: list_known_groups
-- Those of the codes that are live groups of the organisation or of one above it in sight.
SELECT DISTINCT g.code
FROM organisation_closure c
JOIN vehicle_groups g ON g.organisation_id = c.ancestor_id AND g.retired_at IS NULL
WHERE c.descendant_id = %(organisation_id)s AND g.code = ANY (%(codes)s::text[]);

-- name: list_known_geofences
-- Those of the codes that are live places of the organisation or of one above it in sight.
SELECT DISTINCT g.code
FROM organisation_closure c
JOIN geofences g ON g.organisation_id = c.ancestor_id AND g.retired_at IS NULL
WHERE c.descendant_id = %(organisation_id)s AND g.code = ANY (%(codes)s::text[]);

-- name: list_known_models
-- Those of the names that are models of the catalogue, or of a vehicle in sight.
SELECT n.name
FROM unnest(%(names)s::text[]) AS n (name)
WHERE EXISTS (SELECT FROM vehicle_models m WHERE m.tenant_id = %(tenant_id)s AND m.name = n.name)
   OR EXISTS (SELECT FROM vehicles v WHERE v.tenant_id = %(tenant_id)s AND v.model = n.name);

-- name: list_known_vins
-- Those of the VINs that are vehicles in sight.
SELECT vin FROM vehicles WHERE tenant_id = %(tenant_id)s AND vin = ANY (%(vins)s::text[]);

-- name: find_lease
-- Whether there is such a lease in sight.
SELECT 1 FROM leases WHERE tenant_id = %(tenant_id)s AND lease_no = %(lease_no)s;

-- name: list_rules_naming_group
-- Live rules of the organisation and of all below it whose scope names the group.
SELECT o.code AS organisation, r.code
FROM organisation_closure c
JOIN alert_rules r ON r.organisation_id = c.descendant_id AND r.retired_at IS NULL
JOIN organisations o ON o.id = r.organisation_id
WHERE c.ancestor_id = %(organisation_id)s AND r.scope -> 'groups' ? %(code)s
ORDER BY c.depth, o.code, r.code
LIMIT 10;

-- name: list_rules_naming_geofence
-- Live rules of the organisation and of all below it that are about the place.
SELECT o.code AS organisation, r.code
FROM organisation_closure c
JOIN alert_rules r ON r.organisation_id = c.descendant_id AND r.retired_at IS NULL
JOIN organisations o ON o.id = r.organisation_id
WHERE c.ancestor_id = %(organisation_id)s AND r.kind = 'geofence' AND r.parameters ->> 'geofence' = %(code)s
ORDER BY c.depth, o.code, r.code
LIMIT 10;

-- name: read_revision
-- Grows with every change: rows are never deleted, and each change of one counts its version up.
SELECT concat_ws('.',
    (SELECT sum(version) FROM alert_rules), (SELECT sum(version) FROM vehicle_groups),
    (SELECT sum(version) FROM geofences), (SELECT sum(version) FROM organisations)) AS revision;

-- name: list_organisations
-- Every organisation with its zone and those above it, itself first.
SELECT o.id, o.tenant_id, o.code, o.time_zone,
       array_agg(c.ancestor_id ORDER BY c.depth) AS above
FROM organisations o
JOIN organisation_closure c ON c.descendant_id = o.id
GROUP BY o.id;

-- name: list_live_rules
-- Every rule that an organisation has set and not taken back.
SELECT r.id, r.organisation_id, o.code AS organisation_code, r.code, r.kind, r.name, r.enabled, r.severity,
       r.parameters, r.scope, r.version
FROM alert_rules r
JOIN organisations o ON o.id = r.organisation_id
WHERE r.retired_at IS NULL;

-- name: list_live_geofences
-- Every place.
SELECT organisation_id, code, shape, lat, lon, radius_m, points FROM geofences WHERE retired_at IS NULL;

-- name: list_live_groups
-- Every group with its vehicles.
SELECT g.organisation_id, g.code,
       array_remove(array_agg(m.vehicle_id), NULL) AS vehicle_ids
FROM vehicle_groups g
LEFT JOIN vehicle_group_members m ON m.group_id = g.id AND m.removed_at IS NULL
WHERE g.retired_at IS NULL
GROUP BY g.id;
