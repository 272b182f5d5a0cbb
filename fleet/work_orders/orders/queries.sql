-- name: lock_work_order
-- One at a time changes an order; none is locked by who may not change it.
SELECT id FROM work_orders WHERE number = %(number)s FOR UPDATE;

-- name: insert_work_order
-- A new order; none where the number is taken.
INSERT INTO work_orders (tenant_id, organisation_id, number, vehicle_id, kind, state, priority, title,
    description, assignee, workshop, due_on, checklist_id, maintenance_codes, odometer_km,
    down_from_at, reference, opened_by, opened_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(number)s, %(vehicle_id)s, %(kind)s, 'open',
    %(priority)s, %(title)s, %(description)s, %(assignee)s, %(workshop)s, %(due_on)s,
    %(checklist_id)s, %(maintenance_codes)s, %(odometer_km)s, %(down_from_at)s, %(reference)s,
    %(opened_by)s, %(opened_at)s)
ON CONFLICT ON CONSTRAINT work_orders_number_key DO NOTHING
RETURNING id;

-- name: update_work_order
-- An order as it is to be.
UPDATE work_orders
SET priority = %(priority)s, title = %(title)s, description = %(description)s,
    assignee = CASE WHEN %(keeps_assignee)s THEN assignee ELSE %(assignee)s END,
    workshop = %(workshop)s, due_on = %(due_on)s, odometer_km = %(odometer_km)s,
    maintenance_codes = %(maintenance_codes)s, version = version + 1
WHERE id = %(id)s;

-- name: mark_state
-- An order went on, and with it whether the vehicle is off the road.
UPDATE work_orders
SET state = %(state)s, down_from_at = %(down_from_at)s, down_until_at = %(down_until_at)s,
    finished_at = %(finished_at)s, version = version + 1
WHERE id = %(id)s;

-- name: insert_event
-- How an order went on.
INSERT INTO work_order_events (tenant_id, organisation_id, work_order_id, happened_at, by_name,
    from_state, to_state, note)
VALUES (%(tenant_id)s, %(organisation_id)s, %(work_order_id)s, %(happened_at)s, %(by_name)s,
    %(from_state)s, %(to_state)s, %(note)s);
