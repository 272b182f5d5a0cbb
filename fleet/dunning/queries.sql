-- name: list_organisations
-- Organisations of every tenant whose bills are open, or have notices that were not sent.
SELECT organisation_id FROM dunning_organisations();

-- name: list_organisations_below
-- Organisations in sight, this one or below it, whose bills are open or have notices not sent.
SELECT c.descendant_id
FROM organisation_closure c
WHERE c.ancestor_id = %(organisation_id)s
  AND (EXISTS (SELECT FROM bill_balances b
               WHERE b.organisation_id = c.descendant_id AND b.settled_on IS NULL)
       OR EXISTS (SELECT FROM dunning_notices n
                  WHERE n.organisation_id = c.descendant_id AND n.state = 'made'))
ORDER BY 1;

-- name: find_organisation
-- Whose days and whose letters they are.
SELECT o.tenant_id, o.code, o.time_zone AS zone,
       (SELECT s.seller FROM billing_settings_of(o.id) s) AS seller
FROM organisations o WHERE o.id = %(organisation_id)s;

-- name: list_open_bills
-- Open bills of an organisation that are due by a day, in the order they are due.
SELECT b.id AS bill_id, b.bill_no, b.tenant_id, b.organisation_id, b.customer_id, b.lease_id, b.kind,
       b.due_on, b.issued_on, x.open_fen, x.open_principal_fen, b.late_fee
FROM bill_balances x
JOIN bills b ON b.id = x.bill_id
WHERE x.organisation_id = %(organisation_id)s AND x.settled_on IS NULL
  AND x.due_on <= %(until_on)s
ORDER BY b.due_on, b.id;

-- name: list_made
-- What was made of the open bills of an organisation; of what was withdrawn only by whom it was.
SELECT n.bill_id, n.stage, n.state, n.state_note,
       (n.arrived_at AT TIME ZONE %(zone)s)::date AS arrived_on, n.deadline_on, n.notice_no
FROM dunning_notices n
JOIN bill_balances x ON x.bill_id = n.bill_id
WHERE n.organisation_id = %(organisation_id)s AND x.settled_on IS NULL
  AND (n.state <> 'withdrawn' OR n.state_note IS DISTINCT FROM %(settled)s)
ORDER BY n.bill_id, n.stage, n.state = 'withdrawn' DESC, n.id;

-- name: list_leases
-- Leases, with what decides on their notices.
SELECT l.id AS lease_id, l.lease_no, l.kind,
       l.state IN ('signed', 'active', 'suspended') AS runs,
       (SELECT count(*) FROM lease_segments s
        WHERE s.lease_id = l.id AND upper_inf(s.let_period)) AS vehicles_out,
       coalesce(l.terms -> 'clauses', '{}') AS clauses,
       CASE l.kind WHEN 'lease_to_own' THEN l.terms END AS terms
FROM leases l WHERE l.id = ANY (%(lease_ids)s);

-- name: list_customers
-- Who owes.
SELECT k.id AS customer_id, k.customer_no, k.name FROM customers k WHERE k.id = ANY (%(ids)s);

-- name: list_taken_numbers
-- Which of these numbers a notice has.
SELECT notice_no FROM dunning_notices WHERE notice_no = ANY (%(numbers)s);

-- name: insert_notices
-- Notices that are made; none where the bill has one of the stage. Their numbers and kinds.
INSERT INTO dunning_notices (tenant_id, organisation_id, notice_no, customer_id, lease_id, bill_id,
    stage, kind, stage_on, made_at, made_by, open_fen, late_fee_fen, clause, rule, content, state)
SELECT r.tenant_id, r.organisation_id, r.notice_no, r.customer_id, r.lease_id, r.bill_id, r.stage,
       r.kind, r.stage_on, %(now)s, %(by)s, r.open_fen, r.late_fee_fen, r.clause, r.rule, r.content,
       'made'
FROM jsonb_to_recordset(%(rows)s) AS r (tenant_id bigint, organisation_id bigint, notice_no text,
    customer_id bigint, lease_id bigint, bill_id bigint, stage text, kind text, stage_on date,
    open_fen bigint, late_fee_fen bigint, clause text, rule text, content jsonb)
ON CONFLICT DO NOTHING
RETURNING notice_no, kind;

-- name: withdraw_settled
-- Notices that were not sent, of bills that were settled meanwhile.
UPDATE dunning_notices n SET state = 'withdrawn', state_note = %(settled)s, version = version + 1
FROM bill_balances x
WHERE x.bill_id = n.bill_id AND n.organisation_id = %(organisation_id)s AND n.state = 'made'
  AND x.settled_on IS NOT NULL;

-- name: list_notices
-- Notices in sight, without their text; filters, place and order are added in store.py.
SELECT n.id, n.key, n.tenant_id, n.organisation_id, o.code AS organisation_code,
       o.time_zone AS zone, n.notice_no, k.customer_no, k.name AS customer_name, l.lease_no,
       b.bill_no, b.due_on AS bill_due_on, n.stage, n.kind, n.stage_on,
       n.content ->> 'title' AS title, n.made_at,
       (SELECT actor FROM actor_in_sight(n.made_by)) AS made_by, n.open_fen, n.late_fee_fen,
       x.open_fen AS open_now_fen, n.deadline_on, n.clause, n.rule, n.state, n.state_note,
       n.arrived_at, n.version,
       ARRAY(SELECT (d.arrived_at AT TIME ZONE o.time_zone)::date FROM dunning_notices d
             WHERE d.bill_id = n.bill_id AND d.state = 'arrived'
               AND d.kind IN ('demand', 'lock_notice', 'rescission_notice', 'recovery', 'suit')
             ORDER BY 1) AS demanded_on
FROM dunning_notices n
JOIN organisations o ON o.id = n.organisation_id
JOIN customers k ON k.id = n.customer_id
JOIN bills b ON b.id = n.bill_id
JOIN bill_balances x ON x.bill_id = n.bill_id
LEFT JOIN leases l ON l.id = n.lease_id;

-- name: find_content
-- What a notice says, as it was made.
SELECT content FROM dunning_notices WHERE id = %(id)s;

-- name: lock_notice
-- One at a time writes how a notice goes on.
SELECT id FROM dunning_notices WHERE notice_no = %(notice_no)s FOR UPDATE;

-- name: mark_state
-- How a notice went on.
UPDATE dunning_notices
SET state = %(state)s, state_note = %(state_note)s, arrived_at = %(arrived_at)s,
    deadline_on = %(deadline_on)s, version = version + 1
WHERE id = %(id)s;

-- name: insert_delivery
-- An attempt to have a notice arrive.
INSERT INTO dunning_deliveries (tenant_id, organisation_id, notice_id, channel, sent_at, arrived_at,
    result, proof, document_key, note, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(notice_id)s, %(channel)s, %(sent_at)s, %(arrived_at)s,
    %(result)s, %(proof)s, %(document_key)s, %(note)s, %(recorded_by)s, %(recorded_at)s);

-- name: list_deliveries
-- The attempts to have a notice arrive, as they were written down.
SELECT channel, sent_at, arrived_at, result, proof, document_key, note,
       (SELECT actor FROM actor_in_sight(recorded_by)) AS recorded_by, recorded_at
FROM dunning_deliveries WHERE notice_id = %(notice_id)s ORDER BY id;

-- name: find_bill
-- The issued bill with this number, and its organisation.
SELECT b.id AS bill_id, b.organisation_id FROM bills b WHERE b.bill_no = %(bill_no)s;
