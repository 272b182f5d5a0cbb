-- name: set_cost
-- What a record cost, or what it is found to have cost after all.
INSERT INTO vehicle_costs (tenant_id, organisation_id, vehicle_id, kind, amount_fen, incurred_on,
    subject_kind, subject_key, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(vehicle_id)s, %(kind)s, %(amount_fen)s,
    %(incurred_on)s, %(subject_kind)s, %(subject_key)s, %(recorded_by)s, %(recorded_at)s)
ON CONFLICT ON CONSTRAINT vehicle_costs_once DO UPDATE
SET amount_fen = excluded.amount_fen, incurred_on = excluded.incurred_on,
    recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at;

-- name: set_costs
-- What many records cost, or what they are found to have cost after all.
INSERT INTO vehicle_costs (tenant_id, organisation_id, vehicle_id, kind, amount_fen, incurred_on,
    subject_kind, subject_key, recorded_by, recorded_at)
SELECT v.tenant_id, coalesce(h.id, v.owner_id), v.id, n.kind, n.amount_fen, n.incurred_on,
       n.subject_kind, n.subject_key, %(recorded_by)s, %(recorded_at)s
FROM jsonb_to_recordset(%(rows)s) AS n (vin text, kind text, amount_fen bigint, incurred_on date,
    subject_kind text, subject_key text)
JOIN vehicles v ON v.vin = n.vin
LEFT JOIN vehicle_operators p ON p.vehicle_id = v.id AND upper_inf(p.operated_period)
LEFT JOIN organisations h ON h.id = p.organisation_id
ON CONFLICT ON CONSTRAINT vehicle_costs_once DO UPDATE
SET amount_fen = excluded.amount_fen, incurred_on = excluded.incurred_on,
    recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
WHERE (vehicle_costs.amount_fen, vehicle_costs.incurred_on)
    IS DISTINCT FROM (excluded.amount_fen, excluded.incurred_on);

-- name: list_known_costs
-- What records cost, as far as in sight, by their keys.
SELECT subject_key, sum(amount_fen)::bigint AS amount_fen
FROM vehicle_costs
WHERE subject_kind = %(subject_kind)s AND subject_key = ANY(%(subject_keys)s::text[])
GROUP BY subject_key;

-- name: list_costs
-- What was spent on a vehicle in [from_on, until_on), as far as in sight, the latest first; after a
-- place, where one is given.
SELECT c.id, c.kind, c.amount_fen, c.incurred_on, c.subject_kind, c.subject_key,
       o.code AS organisation_code
FROM vehicle_costs c
LEFT JOIN organisations o ON o.id = c.organisation_id
WHERE c.vehicle_id = %(vehicle_id)s
  AND c.incurred_on >= %(from_on)s AND c.incurred_on < %(until_on)s
  AND (%(after_on)s::date IS NULL OR (c.incurred_on, c.id) < (%(after_on)s, %(after_id)s::bigint))
ORDER BY c.incurred_on DESC, c.id DESC
LIMIT %(limit)s;

-- name: sum_costs
-- What was spent on a vehicle in [from_on, until_on) by kind, as far as in sight.
SELECT kind, sum(amount_fen)::bigint AS amount_fen
FROM vehicle_costs
WHERE vehicle_id = %(vehicle_id)s AND incurred_on >= %(from_on)s AND incurred_on < %(until_on)s
GROUP BY kind
ORDER BY kind;
