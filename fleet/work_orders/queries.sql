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

-- name: list_events
-- How an order went on, from its opening.
SELECT e.happened_at, coalesce(u.login, 'key:' || k.key_id) AS by_name, e.from_state, e.to_state,
       e.note
FROM work_order_events e
LEFT JOIN users u ON u.login = e.by_name
LEFT JOIN api_keys k ON 'key:' || k.key_id = e.by_name
WHERE e.work_order_id = %(work_order_id)s
ORDER BY e.id;

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

-- name: list_lines
-- The lines of an order, struck ones too.
SELECT l.id, l.kind, l.title, l.part_no, l.quantity, l.unit, l.unit_price_fen, l.amount_fen,
       coalesce(u.login, 'key:' || k.key_id) AS added_by, l.added_at, l.struck_at
FROM work_order_lines l
LEFT JOIN users u ON u.login = l.added_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = l.added_by
WHERE l.work_order_id = %(work_order_id)s
ORDER BY l.id;

-- name: insert_check
-- A step of the checklist was done.
INSERT INTO work_order_checks (tenant_id, organisation_id, work_order_id, step_no, result, note,
    checked_by, checked_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(work_order_id)s, %(step_no)s, %(result)s, %(note)s,
    %(checked_by)s, %(checked_at)s);

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

-- name: list_known_orders
-- Orders of one's own by their numbers elsewhere, as a sheet tells them.
SELECT w.reference, v.vin, w.kind, w.state, w.title,
       (w.opened_at AT TIME ZONE %(zone)s)::date AS opened_on,
       (w.finished_at AT TIME ZONE %(zone)s)::date AS finished_on,
       w.workshop, w.odometer_km,
       (SELECT sum(l.amount_fen) FROM work_order_lines l
        WHERE l.work_order_id = w.id AND l.struck_at IS NULL)::bigint AS cost_fen,
       w.down_from_at, w.down_until_at
FROM work_orders w
JOIN vehicles v ON v.id = w.vehicle_id
WHERE w.reference = ANY (%(references)s::text[])
  AND ((SELECT app_is_system()) OR w.organisation_id IN (SELECT id FROM visible_organisations));

-- name: list_taken_numbers
-- Those of the numbers that are taken.
SELECT number FROM work_orders WHERE number = ANY (%(numbers)s::text[]);

-- name: insert_sheet_orders
-- Orders of a sheet, of whoever has the vehicle, in sight.
INSERT INTO work_orders (tenant_id, organisation_id, number, vehicle_id, kind, state, priority, title,
    workshop, odometer_km, down_from_at, down_until_at, reference, opened_by, opened_at, finished_at)
SELECT v.tenant_id, coalesce(p.organisation_id, v.owner_id), n.number, v.id, n.kind, n.state,
       'normal', n.title, n.workshop, n.odometer_km, n.down_from_at, n.down_until_at, n.reference,
       %(by)s, n.opened_at, n.finished_at
FROM jsonb_to_recordset(%(rows)s) AS n (number text, reference text, vin text, kind text, state text,
    title text, workshop text, odometer_km numeric, opened_at timestamptz, finished_at timestamptz,
    down_from_at timestamptz, down_until_at timestamptz)
JOIN vehicles v ON v.vin = n.vin
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
WHERE n.number IS NOT NULL;

-- name: insert_sheet_events
-- A sheet says how orders went on: of new ones where they are, of others where that is elsewhere.
INSERT INTO work_order_events (tenant_id, organisation_id, work_order_id, happened_at, by_name,
    from_state, to_state, note)
SELECT w.tenant_id, w.organisation_id, w.id, %(now)s, %(by)s,
       CASE WHEN n.number IS NULL THEN w.state END, n.state, '表格导入'
FROM jsonb_to_recordset(%(rows)s) AS n (number text, reference text, vin text, state text)
JOIN vehicles v ON v.vin = n.vin
JOIN work_orders w ON w.vehicle_id = v.id AND w.reference = n.reference
WHERE (n.number IS NOT NULL OR w.state <> n.state)
  AND ((SELECT app_is_system()) OR w.organisation_id IN (SELECT id FROM visible_organisations));

-- name: update_sheet_orders
-- Orders as a sheet tells them, where they differ; the hour of a day that stays, stays.
UPDATE work_orders w
SET state = n.state, title = n.title, workshop = n.workshop, odometer_km = n.odometer_km,
    down_from_at = n.down_from_at, down_until_at = n.down_until_at,
    finished_at = CASE WHEN (w.finished_at AT TIME ZONE %(zone)s)::date = n.finished_on
                       THEN w.finished_at ELSE n.finished_at END,
    version = w.version + 1
FROM jsonb_to_recordset(%(rows)s) AS n (number text, reference text, vin text, state text, title text,
    workshop text, odometer_km numeric, finished_on date, finished_at timestamptz,
    down_from_at timestamptz, down_until_at timestamptz)
JOIN vehicles v ON v.vin = n.vin
WHERE n.number IS NULL AND w.vehicle_id = v.id AND w.reference = n.reference
  AND (w.state, w.title, w.workshop, w.odometer_km, w.down_from_at, w.down_until_at,
       (w.finished_at AT TIME ZONE %(zone)s)::date)
      IS DISTINCT FROM (n.state, n.title, n.workshop, n.odometer_km, n.down_from_at,
                        n.down_until_at, n.finished_on);

-- name: strike_sheet_lines
-- Where a sheet brings another sum, what made up the former one counts no more.
UPDATE work_order_lines l
SET struck_at = %(now)s
FROM jsonb_to_recordset(%(rows)s) AS n (reference text, vin text, cost_fen bigint)
JOIN vehicles v ON v.vin = n.vin
JOIN work_orders w ON w.vehicle_id = v.id AND w.reference = n.reference
WHERE l.work_order_id = w.id AND l.struck_at IS NULL AND n.cost_fen IS NOT NULL
  AND n.cost_fen <> (SELECT sum(x.amount_fen) FROM work_order_lines x
                     WHERE x.work_order_id = w.id AND x.struck_at IS NULL);

-- name: insert_sheet_lines
-- The sum a sheet brings, as one line, where there is none that stands.
INSERT INTO work_order_lines (tenant_id, organisation_id, work_order_id, kind, title, quantity, unit,
    unit_price_fen, amount_fen, added_by, added_at)
SELECT w.tenant_id, w.organisation_id, w.id, 'other', '表格导入合计', 1, '项', n.cost_fen, n.cost_fen,
       %(by)s, %(now)s
FROM jsonb_to_recordset(%(rows)s) AS n (reference text, vin text, cost_fen bigint)
JOIN vehicles v ON v.vin = n.vin
JOIN work_orders w ON w.vehicle_id = v.id AND w.reference = n.reference
WHERE n.cost_fen IS NOT NULL
  AND ((SELECT app_is_system()) OR w.organisation_id IN (SELECT id FROM visible_organisations))
  AND NOT EXISTS (SELECT FROM work_order_lines x
                  WHERE x.work_order_id = w.id AND x.struck_at IS NULL);

-- name: list_closed_costs
-- What the closed orders of a sheet cost, of whoever has the vehicle still.
SELECT w.number, v.vin, w.kind,
       (coalesce(w.finished_at, w.opened_at) AT TIME ZONE %(zone)s)::date AS incurred_on,
       sum(l.amount_fen)::bigint AS total_fen
FROM work_orders w
JOIN vehicles v ON v.id = w.vehicle_id
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
JOIN work_order_lines l ON l.work_order_id = w.id AND l.struck_at IS NULL
WHERE w.reference = ANY (%(references)s::text[]) AND w.state = 'closed'
  AND w.organisation_id = coalesce(p.organisation_id, v.owner_id)
  AND ((SELECT app_is_system()) OR w.organisation_id IN (SELECT id FROM visible_organisations))
GROUP BY w.id, v.id;
