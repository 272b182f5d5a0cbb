-- name: list_events
-- The book of a lease, as it was told.
SELECT no, kind, happened_at, content, (SELECT actor FROM actor_in_sight(recorded_by)) AS recorded_by,
       recorded_at
FROM lease_events
WHERE lease_id = %(lease_id)s
ORDER BY no;

-- name: list_versions
-- The terms of a lease, by version.
SELECT no, event_no, effective_on, terms
FROM lease_versions
WHERE lease_id = %(lease_id)s
ORDER BY no;

-- name: list_segments
-- Which vehicle was with the lessee, from when until when.
SELECT s.line_no, s.vehicle_id, v.vin, v.plate, lower(s.let_period) AS from_at,
       upper(s.let_period) AS until_at, s.from_event_no, s.until_event_no
FROM lease_segments s
LEFT JOIN vehicles v ON v.id = s.vehicle_id
WHERE s.lease_id = %(lease_id)s
ORDER BY s.line_no, lower(s.let_period);

-- name: list_suspensions
-- When a lease, or a line of it, rested.
SELECT no, line_no, lower(suspended_period) AS from_on, upper(suspended_period) AS until_on,
       credited, reason, event_no
FROM lease_suspensions
WHERE lease_id = %(lease_id)s
ORDER BY no;

-- name: list_hand_overs
-- Every hand-over of a lease with what was checked and found.
SELECT h.key, h.line_no, h.event_no, v.vin, v.plate, h.direction, h.occasion, h.handed_at,
       d.name AS driver_name, c.code AS checklist_code, c.edition AS checklist_edition,
       h.odometer_km, h.soc_pct, h.lat, h.lon, h.place, h.told, h.differences, h.overridden,
       h.override_reason, h.warnings, h.received_by, h.remarks, h.work_order_no,
       (SELECT actor FROM actor_in_sight(h.recorded_by)) AS recorded_by,
       h.recorded_at,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('step_no', k.step_no, 'result', k.result,
                   'note', k.note) ORDER BY k.step_no), '[]')
        FROM hand_over_checks k WHERE k.hand_over_id = h.id) AS checks,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('no', f.no, 'kind', f.kind, 'part', f.part,
                   'description', f.description, 'was_there', f.was_there,
                   'estimate_fen', f.estimate_fen) ORDER BY f.no), '[]')
        FROM hand_over_findings f WHERE f.hand_over_id = h.id) AS findings
FROM hand_overs h
LEFT JOIN vehicles v ON v.id = h.vehicle_id
LEFT JOIN customer_drivers d ON d.id = h.driver_id
LEFT JOIN checklist_templates c ON c.id = h.checklist_id
WHERE h.lease_id = %(lease_id)s
ORDER BY h.handed_at, h.event_no, h.id;

-- name: list_files_of
-- Files of some things of a kind, also withdrawn ones, in the order they came.
SELECT key, tenant_id, subject_key, kind, name, size_bytes, sha256,
       (SELECT actor FROM actor_in_sight(uploaded_by)) AS uploaded_by, uploaded_at,
       withdrawn_at
FROM documents
WHERE subject_kind = %(subject_kind)s AND subject_key = ANY (%(subject_keys)s::text[])
  AND organisation_id = %(organisation_id)s
ORDER BY subject_key, uploaded_at, id;

-- name: list_charges
-- What was proposed to be charged, and what became of it.
SELECT c.key, c.line_no, v.vin, c.kind, c.title, c.amount_fen, c.basis, c.incurred_on,
       c.source_kind, c.source_key, c.state, c.accepted_fen,
       (SELECT actor FROM actor_in_sight(c.decided_by)) AS decided_by, c.decided_at,
       c.decision_note, (SELECT actor FROM actor_in_sight(c.proposed_by)) AS proposed_by, c.proposed_at
FROM charges c
LEFT JOIN vehicles v ON v.id = c.vehicle_id
WHERE c.lease_id = %(lease_id)s
ORDER BY c.proposed_at, c.id;

-- name: list_violations
-- The violations of whoever held a vehicle under the lease.
SELECT w.violation_no, v.vin, v.plate, w.line_no, w.occurred_at, w.place, w.code, w.description,
       w.fine_fen, w.points, w.noticed_on, w.state, w.state_note, w.told_at, w.handled_at,
       w.handled_by, w.paid_fen, (SELECT actor FROM actor_in_sight(w.recorded_by)) AS recorded_by,
       w.recorded_at
FROM violations w
LEFT JOIN vehicles v ON v.id = w.vehicle_id
WHERE w.lease_id = %(lease_id)s
ORDER BY w.occurred_at, w.id;

-- name: list_contracts
-- The editions of the contract of a lease, with who signed them.
SELECT c.id, c.tenant_id, c.contract_no, c.edition, p.contract_no AS parent_no, c.origin,
       t.code AS template_code, t.edition AS template_edition,
       encode(c.template_sha256, 'hex') AS template_sha256,
       encode(c.terms_sha256, 'hex') AS terms_sha256, c.file_name, c.media_type, c.size_bytes,
       c.sha256, c.state, c.method, c.provider_ref, c.certificate,
       encode(c.timestamp_token, 'hex') AS timestamp_token, c.consent_version, c.retain_until_on,
       (SELECT actor FROM actor_in_sight(c.created_by)) AS created_by, c.created_at, c.signed_at,
       c.verified_at, c.fault,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('no', s.no, 'role', s.role, 'name', s.name,
                   'id_type', s.id_type, 'id_masked', s.id_masked, 'authority', s.authority,
                   'signed_at', s.signed_at, 'signed_clock', s.signed_clock,
                   'signature', encode(s.signature, 'hex')) ORDER BY s.no), '[]')
        FROM contract_signatories s WHERE s.contract_id = c.id) AS signatories
FROM contracts c
LEFT JOIN contracts p ON p.id = c.parent_id
LEFT JOIN contract_templates t ON t.id = c.template_id
WHERE c.lease_id = %(lease_id)s
ORDER BY c.edition;

-- name: list_contract_events
-- How an edition went on: 电子签名法 §6 asks for sender, recipient and times.
SELECT e.kind, e.happened_at, e.clock, e.party, e.channel, e.content,
       (SELECT actor FROM actor_in_sight(e.recorded_by)) AS recorded_by, e.recorded_at
FROM contract_events e
WHERE e.contract_id = %(contract_id)s
ORDER BY e.id;
