-- name: list_charges
-- Charges in sight; filters, place and order are added in store.py.
SELECT c.id, c.key, c.tenant_id, c.organisation_id, o.code AS organisation_code, c.lease_id,
       l.lease_no, k.customer_no, c.line_no, v.vin, c.kind, c.title, c.amount_fen, c.basis,
       c.incurred_on, c.source_kind, c.source_key, c.state, c.accepted_fen,
       (SELECT actor FROM actor_in_sight(c.decided_by)) AS decided_by,
       c.decided_at, c.decision_note, (SELECT actor FROM actor_in_sight(c.proposed_by)) AS proposed_by,
       c.proposed_at, c.version
FROM charges c
JOIN leases l ON l.id = c.lease_id
JOIN customers k ON k.id = l.customer_id
JOIN organisations o ON o.id = c.organisation_id
LEFT JOIN vehicles v ON v.id = c.vehicle_id;

-- name: insert_charge
-- A charge that is proposed; none where the same was proposed before.
INSERT INTO charges (tenant_id, organisation_id, lease_id, line_no, vehicle_id, kind, title,
    amount_fen, basis, incurred_on, source_kind, source_key, state, proposed_by, proposed_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(lease_id)s, %(line_no)s, %(vehicle_id)s, %(kind)s,
    %(title)s, %(amount_fen)s, %(basis)s, %(incurred_on)s, %(source_kind)s, %(source_key)s,
    'proposed', %(proposed_by)s, %(proposed_at)s)
ON CONFLICT ON CONSTRAINT charges_once DO NOTHING;

-- name: lock_charge
-- One at a time decides on a charge.
SELECT id FROM charges WHERE key = %(key)s FOR UPDATE;

-- name: mark_decided
-- Somebody decided on a charge.
UPDATE charges
SET state = %(state)s, accepted_fen = %(accepted_fen)s, decided_by = %(decided_by)s,
    decided_at = %(decided_at)s, decision_note = %(decision_note)s, version = version + 1
WHERE id = %(id)s;

-- name: list_accepted
-- Charges on these leases that were accepted and stand on no bill yet.
SELECT lease_id, key::text AS key, kind, title, accepted_fen AS amount_fen, incurred_on, line_no,
       vehicle_id, basis
FROM charges
WHERE lease_id = ANY (%(lease_ids)s::bigint[]) AND state = 'accepted' AND accepted_fen > 0
ORDER BY lease_id, incurred_on, id;

-- name: mark_billed
-- Accepted charges that stand on a bill now.
UPDATE charges SET state = 'billed', version = version + 1
WHERE key = ANY (%(keys)s::uuid[]) AND state = 'accepted';
