-- name: find_frozen_bill
-- What was frozen of an issued bill.
SELECT bill_no AS key, tenant_id, organisation_id, snapshot AS content, snapshot_sha256 AS sha256,
       issued_at
FROM bills
WHERE bill_no = %(bill_no)s;

-- name: find_frozen_note
-- What was frozen of a credit note.
SELECT credit_no AS key, tenant_id, organisation_id, snapshot AS content, snapshot_sha256 AS sha256,
       issued_at
FROM credit_notes
WHERE credit_no = %(credit_no)s;

-- name: list_credit_nos
-- The credit notes of a bill.
SELECT credit_no FROM credit_notes WHERE bill_id = %(bill_id)s ORDER BY id;

-- name: list_vins
-- VINs of vehicles in sight.
SELECT id, vin FROM vehicles WHERE id = ANY (%(vehicle_ids)s::bigint[]);
