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
