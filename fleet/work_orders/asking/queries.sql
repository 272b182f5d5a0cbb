-- name: list_work_orders
-- Orders in sight; filters, place and order are added in store.py. People and plates are told as
-- far as they are in sight now: who had the vehicle before learns nothing of after.
SELECT w.id, w.tenant_id, w.number, w.vehicle_id, v.vin, CASE WHEN h.is_held THEN v.plate END AS plate,
       w.organisation_id, o.code AS organisation_code, w.kind, w.state, w.priority, w.title,
       w.description, a.login AS assignee, w.assignee IS NOT NULL AS assigned, w.workshop, w.due_on,
       w.checklist_id, c.code AS checklist_code, c.edition AS checklist_edition,
       w.maintenance_codes, w.odometer_km, w.down_from_at, w.down_until_at, w.reference,
       coalesce(u.login, 'key:' || k.key_id) AS opened_by, w.opened_at, w.finished_at,
       coalesce((SELECT sum(l.amount_fen) FROM work_order_lines l
                 WHERE l.work_order_id = w.id AND l.struck_at IS NULL), 0)::bigint AS total_fen,
       (SELECT app_is_system()) OR w.organisation_id IN (SELECT id FROM visible_organisations)
           AS own,
       w.version
FROM work_orders w
JOIN vehicles v ON v.id = w.vehicle_id
LEFT JOIN organisations o ON o.id = w.organisation_id
LEFT JOIN checklist_templates c ON c.id = w.checklist_id
LEFT JOIN users a ON a.login = w.assignee
LEFT JOIN users u ON u.login = w.opened_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = w.opened_by
CROSS JOIN LATERAL (
    SELECT (SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
        OR EXISTS (SELECT FROM visible_operated_vehicles p
                   WHERE p.vehicle_id = v.id AND upper_inf(p.visible_period)) AS is_held
) AS h;

-- name: list_events
-- How an order went on, from its opening.
SELECT e.happened_at, coalesce(u.login, 'key:' || k.key_id) AS by_name, e.from_state, e.to_state,
       e.note
FROM work_order_events e
LEFT JOIN users u ON u.login = e.by_name
LEFT JOIN api_keys k ON 'key:' || k.key_id = e.by_name
WHERE e.work_order_id = %(work_order_id)s
ORDER BY e.id;

-- name: list_lines
-- The lines of an order, struck ones too.
SELECT l.id, l.kind, l.title, l.part_no, l.quantity, l.unit, l.unit_price_fen, l.amount_fen,
       coalesce(u.login, 'key:' || k.key_id) AS added_by, l.added_at, l.struck_at
FROM work_order_lines l
LEFT JOIN users u ON u.login = l.added_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = l.added_by
WHERE l.work_order_id = %(work_order_id)s
ORDER BY l.id;

-- name: list_checks
-- Each step of an order as it was done last.
SELECT DISTINCT ON (c.step_no) c.step_no, c.result, c.note,
       coalesce(u.login, 'key:' || k.key_id) AS checked_by, c.checked_at
FROM work_order_checks c
LEFT JOIN users u ON u.login = c.checked_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = c.checked_by
WHERE c.work_order_id = %(work_order_id)s
ORDER BY c.step_no, c.id DESC;

-- name: list_down_spans
-- When the vehicle was off the road within [from_at, until_at), by orders in sight.
SELECT greatest(w.down_from_at, %(from_at)s) AS from_at,
       least(coalesce(w.down_until_at, %(now)s), %(until_at)s) AS until_at
FROM work_orders w
WHERE w.vehicle_id = %(vehicle_id)s AND w.down_from_at < %(until_at)s
  AND coalesce(w.down_until_at, %(now)s) > %(from_at)s;
