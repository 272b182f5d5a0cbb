-- name: list_templates
-- The latest edition of every text of the tenant; filters, place and order are added in store.py.
SELECT t.id, t.tenant_id, t.code, t.edition, t.lease_kind, t.title, t.clauses, t.sha256,
       (SELECT actor FROM actor_in_sight(t.published_by)) AS published_by, t.published_at
FROM contract_templates t
WHERE NOT EXISTS (SELECT FROM contract_templates later
                  WHERE later.tenant_id = t.tenant_id AND later.code = t.code
                    AND later.edition > t.edition);

-- name: list_template_editions
-- Every edition of a text, the latest first.
SELECT t.id, t.tenant_id, t.code, t.edition, t.lease_kind, t.title, t.clauses, t.sha256,
       (SELECT actor FROM actor_in_sight(t.published_by)) AS published_by, t.published_at
FROM contract_templates t
WHERE t.code = %(code)s
ORDER BY t.tenant_id, t.edition DESC;

-- name: insert_template
-- Adds an edition of a text; it takes the next number.
INSERT INTO contract_templates (tenant_id, organisation_id, code, edition, lease_kind, title, clauses,
    sha256, published_by, published_at)
SELECT %(tenant_id)s, %(tenant_id)s, %(code)s,
       1 + coalesce((SELECT max(t.edition) FROM contract_templates t
                     WHERE t.tenant_id = %(tenant_id)s AND t.code = %(code)s), 0),
       %(lease_kind)s, %(title)s, %(clauses)s, %(sha256)s, %(published_by)s, %(published_at)s
RETURNING id, tenant_id, code, edition, lease_kind, title, clauses, sha256, published_by,
    published_at;

-- name: find_lease
-- A lease as its contract needs it.
SELECT l.id, l.tenant_id, l.organisation_id, o.name AS organisation_name, o.time_zone AS zone,
       l.lease_no, l.state, l.kind, l.customer_id, l.starts_on, l.ends_on, l.ended_at, l.terms
FROM leases l
JOIN organisations o ON o.id = l.organisation_id
WHERE l.lease_no = %(lease_no)s;

-- name: list_lease_vehicles
-- The vehicle of each line: that which fills it or filled it last, else the one promised. Of a
-- vehicle that is held by others now, no plate is told.
SELECT DISTINCT ON (p.line_no) p.line_no, v.vin, CASE WHEN h.is_held THEN v.plate END AS plate,
       coalesce(m.name, v.model) AS model
FROM (
    SELECT s.line_no, s.vehicle_id, lower(s.let_period) AS from_at
    FROM lease_segments s WHERE s.lease_id = %(lease_id)s
    UNION ALL
    SELECT b.line_no, b.vehicle_id, NULL
    FROM lease_bookings b WHERE b.lease_id = %(lease_id)s AND NOT isempty(b.booked_period)
) AS p
JOIN vehicles v ON v.id = p.vehicle_id
LEFT JOIN vehicle_models m ON m.id = v.model_id
CROSS JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles o
                   WHERE o.vehicle_id = v.id AND upper_inf(o.visible_period)) AS is_held
) AS h
ORDER BY p.line_no, p.from_at DESC NULLS LAST;

-- name: list_vehicles_by_vin
-- Vehicles in sight that a draft names, before anything is promised.
SELECT v.vin, v.plate, coalesce(m.name, v.model) AS model
FROM vehicles v
LEFT JOIN vehicle_models m ON m.id = v.model_id
WHERE v.vin = ANY (%(vins)s);

-- name: lock_lease_contracts
-- Has whoever makes another edition for the same lease wait; until the commit.
SELECT pg_advisory_xact_lock(hashtextextended(%(subject)s, 0));

-- name: next_edition
-- The number the next edition of a lease's contract has, and the edition it follows.
SELECT 1 + coalesce(max(c.edition), 0) AS edition,
       (array_agg(c.id ORDER BY c.edition DESC) FILTER (WHERE c.state <> 'void'))[1] AS parent_id
FROM contracts c
WHERE c.lease_id = %(lease_id)s;

-- name: insert_contract
-- A further edition of a lease's contract; its bytes are stored before.
INSERT INTO contracts (tenant_id, organisation_id, contract_no, lease_id, edition, parent_id, origin,
    template_id, template_sha256, terms_sha256, file_name, media_type, size_bytes, sha256, state,
    method, provider_ref, certificate, timestamp_token, consent_version, retain_until_on,
    created_by, created_at, signed_at, verified_at, verify_next_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(contract_no)s, %(lease_id)s, %(edition)s,
    %(parent_id)s, %(origin)s, %(template_id)s, %(template_sha256)s, %(terms_sha256)s,
    %(file_name)s, %(media_type)s, %(size_bytes)s, %(sha256)s, %(state)s, %(method)s,
    %(provider_ref)s, %(certificate)s, %(timestamp_token)s, %(consent_version)s,
    %(retain_until_on)s, %(created_by)s, %(created_at)s, %(signed_at)s, NULL, %(verify_next_at)s)
RETURNING id;

-- name: list_contracts
-- Editions in sight; filters, place and order are added in store.py.
SELECT c.id, c.tenant_id, c.organisation_id, o.code AS organisation_code, o.time_zone AS zone,
       c.contract_no, c.lease_id, l.lease_no, c.edition, c.parent_id, p.contract_no AS parent_no,
       c.origin, c.template_id, t.code AS template_code, t.edition AS template_edition,
       c.template_sha256, c.terms_sha256, c.file_name, c.media_type, c.size_bytes, c.sha256,
       c.state, c.method, c.provider_ref, c.certificate, c.timestamp_token, c.consent_version,
       c.retain_until_on, (SELECT actor FROM actor_in_sight(c.created_by)) AS created_by, c.created_at,
       c.signed_at, c.verified_at, c.verify_next_at,
       c.fault, c.version
FROM contracts c
JOIN leases l ON l.id = c.lease_id
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN contracts p ON p.id = c.parent_id
LEFT JOIN contract_templates t ON t.id = c.template_id;

-- name: lock_contract
-- One at a time takes a contract on.
SELECT c.id FROM contracts c WHERE c.contract_no = %(contract_no)s FOR UPDATE;

-- name: lock_due_contract
-- A contract to be read again, unless somebody is at it or has just done it.
SELECT c.id FROM contracts c
WHERE c.contract_no = %(contract_no)s AND c.organisation_id = %(organisation_id)s
  AND c.verify_next_at <= %(at)s
FOR UPDATE SKIP LOCKED;

-- name: mark_contract
-- How a contract stands now; its bytes, and what they were made of, stay.
UPDATE contracts
SET state = %(state)s, method = %(method)s, provider_ref = %(provider_ref)s,
    consent_version = %(consent_version)s, signed_at = %(signed_at)s, version = version + 1
WHERE id = %(id)s;

-- name: mark_verified
-- What reading the bytes again found, and when they are read next.
UPDATE contracts
SET verified_at = coalesce(%(verified_at)s, verified_at), verify_next_at = %(verify_next_at)s,
    fault = %(fault)s, retain_until_on = %(retain_until_on)s, version = version + 1
WHERE id = %(id)s;

-- name: insert_signatory
-- Who signs, or signed.
INSERT INTO contract_signatories (contract_id, no, tenant_id, organisation_id, role, name, id_type,
    id_masked, authority, signed_at, signed_clock, signature)
VALUES (%(contract_id)s, %(no)s, %(tenant_id)s, %(organisation_id)s, %(role)s, %(name)s, %(id_type)s,
    %(id_masked)s, %(authority)s, %(signed_at)s, %(signed_clock)s, %(signature)s);

-- name: list_signatories
-- Who signs, or signed.
SELECT s.no, s.role, s.name, s.id_type, s.id_masked, s.authority, s.signed_at, s.signed_clock,
       s.signature
FROM contract_signatories s
WHERE s.contract_id = %(contract_id)s
ORDER BY s.no;

-- name: insert_event
-- How a contract went on.
INSERT INTO contract_events (tenant_id, organisation_id, contract_id, kind, happened_at, clock, party,
    channel, content, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(contract_id)s, %(kind)s, %(happened_at)s, %(clock)s,
    %(party)s, %(channel)s, %(content)s, %(recorded_by)s, %(recorded_at)s);

-- name: list_events
-- How a contract went on, from its making.
SELECT e.id, e.kind, e.happened_at, e.clock, e.party, e.channel, e.content,
       (SELECT actor FROM actor_in_sight(e.recorded_by)) AS recorded_by,
       e.recorded_at
FROM contract_events e
WHERE e.contract_id = %(contract_id)s
ORDER BY e.id;

-- name: insert_copy
-- A further place where the bytes lie.
INSERT INTO contract_copies (contract_id, store, tenant_id, organisation_id, stored_at)
VALUES (%(contract_id)s, %(store)s, %(tenant_id)s, %(organisation_id)s, %(stored_at)s);

-- name: mark_copy
-- What reading a copy again found; whole, it has no fault any more.
UPDATE contract_copies
SET verified_at = coalesce(%(verified_at)s, verified_at), fault = %(fault)s
WHERE contract_id = %(contract_id)s AND store = %(store)s;

-- name: list_copies
-- Where the bytes lie.
SELECT c.store, c.stored_at, c.verified_at, c.fault
FROM contract_copies c
WHERE c.contract_id = %(contract_id)s
ORDER BY c.store;

-- name: list_to_verify
-- Contracts of any tenant that are to be read again, the longest due first.
SELECT contract_no, organisation_id FROM contracts_to_verify(%(at)s, %(limit)s);
