-- name: insert_delivery
-- How a bill reached the customer.
INSERT INTO bill_deliveries (tenant_id, organisation_id, bill_id, channel, delivered_at, proof,
    recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(bill_id)s, %(channel)s, %(delivered_at)s, %(proof)s,
    %(recorded_by)s, %(recorded_at)s);

-- name: list_deliveries
-- How a bill reached the customer, in the order of time.
SELECT channel, delivered_at, proof, (SELECT actor FROM actor_in_sight(recorded_by)) AS recorded_by,
       recorded_at
FROM bill_deliveries
WHERE bill_id = %(bill_id)s
ORDER BY delivered_at, id;

-- name: look_again
-- A lease is looked at when billing runs next.
UPDATE lease_billing SET next_on = least(next_on, %(on)s::date) WHERE lease_id = %(lease_id)s;

-- name: find_organisation
-- Whose an organisation is, its code and zone.
SELECT tenant_id, code, time_zone FROM organisations WHERE id = %(organisation_id)s;

-- name: find_customer
-- The customer with this number, or the one it was merged into.
WITH RECURSIVE on_as AS (
    SELECT id, merged_into_id FROM customers WHERE customer_no = %(customer_no)s
    UNION
    SELECT c.id, c.merged_into_id FROM on_as a JOIN customers c ON c.id = a.merged_into_id
)
SELECT c.id, c.organisation_id FROM on_as a JOIN customers c ON c.id = a.id
WHERE a.merged_into_id IS NULL;
