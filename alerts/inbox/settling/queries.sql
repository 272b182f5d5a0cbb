-- name: find_work_order
-- The work order in sight with this number.
SELECT w.id FROM work_orders w WHERE w.number = %(number)s;
