-- name: insert_line
-- A line of an order.
INSERT INTO work_order_lines (tenant_id, organisation_id, work_order_id, kind, title, part_no,
    quantity, unit, unit_price_fen, amount_fen, added_by, added_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(work_order_id)s, %(kind)s, %(title)s, %(part_no)s,
    %(quantity)s, %(unit)s, %(unit_price_fen)s, %(amount_fen)s, %(added_by)s, %(added_at)s);

-- name: strike_line
-- A line counts no more.
UPDATE work_order_lines
SET struck_at = %(now)s
WHERE id = %(line_id)s AND work_order_id = %(work_order_id)s AND struck_at IS NULL;

-- name: insert_check
-- A step of the checklist was done.
INSERT INTO work_order_checks (tenant_id, organisation_id, work_order_id, step_no, result, note,
    checked_by, checked_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(work_order_id)s, %(step_no)s, %(result)s, %(note)s,
    %(checked_by)s, %(checked_at)s);
