-- name: list_agreements
-- Agreements in sight; filters, place and order are added in store.py.
SELECT a.id, a.key, a.tenant_id, a.organisation_id, a.operator_id, o.code AS owner_code,
       o.name AS owner_name, p.code AS operator_code, p.name AS operator_name,
       p.time_zone AS operator_zone, a.basis, a.share_pct, a.floor_fen, a.valid_from_on,
       a.valid_until_on, (SELECT actor FROM actor_in_sight(a.recorded_by)) AS recorded_by,
       a.recorded_at, (SELECT actor FROM actor_in_sight(a.ended_by)) AS ended_by
FROM share_agreements a
LEFT JOIN organisations o ON o.id = a.organisation_id
LEFT JOIN organisations p ON p.id = a.operator_id;

-- name: insert_agreement
-- An agreement of whole months.
INSERT INTO share_agreements (tenant_id, organisation_id, operator_id, basis, share_pct, floor_fen,
    valid_from_on, valid_until_on, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(operator_id)s, %(basis)s, %(share_pct)s,
    %(floor_fen)s, %(valid_from_on)s, %(valid_until_on)s, %(recorded_by)s, %(recorded_at)s)
RETURNING key;

-- name: has_agreement_beside
-- Whether the owner has an agreement for some of these months with somebody above or below.
SELECT EXISTS (
    SELECT FROM share_agreements a
    JOIN organisation_closure c ON (c.ancestor_id = a.operator_id AND c.descendant_id = %(operator_id)s)
        OR (c.ancestor_id = %(operator_id)s AND c.descendant_id = a.operator_id)
    WHERE a.organisation_id = %(organisation_id)s AND a.operator_id <> %(operator_id)s
      AND daterange(a.valid_from_on, a.valid_until_on)
          && daterange(%(valid_from_on)s, %(valid_until_on)s));

-- name: lock_agreement
-- One at a time ends an agreement or settles a month of it.
SELECT id FROM share_agreements WHERE key = %(key)s FOR UPDATE;

-- name: is_ended
-- Whether somebody, in sight or not, has said its end.
SELECT ended_by IS NOT NULL FROM share_agreements WHERE id = %(id)s;

-- name: mark_ended
-- An agreement ends before this month.
UPDATE share_agreements SET valid_until_on = %(valid_until_on)s, ended_by = %(ended_by)s
WHERE id = %(id)s AND ended_by IS NULL;

-- name: list_below
-- An organisation and those below it.
SELECT descendant_id FROM organisation_closure WHERE ancestor_id = %(organisation_id)s;

-- name: list_held
-- Vehicles of an owner with their days, at whose end the operator had them, in [from_on, until_on);
-- and those that are asked for though it never had them then.
SELECT v.id AS vehicle_id, v.vin, v.plate, coalesce(h.days, 0)::integer AS days
FROM vehicles v
LEFT JOIN (
    SELECT p.vehicle_id,
           sum(upper(d.days) - lower(d.days)) AS days
    FROM vehicle_operators p
    CROSS JOIN LATERAL (
        SELECT daterange(
            ((lower(p.operated_period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date,
            ((upper(p.operated_period) - interval '1 microsecond') AT TIME ZONE %(zone)s)::date)
            * daterange(%(from_on)s, %(until_on)s) AS days
    ) AS d
    WHERE p.organisation_id = ANY (%(scope)s::bigint[]) AND NOT isempty(d.days)
    GROUP BY p.vehicle_id
) AS h ON h.vehicle_id = v.id
WHERE v.owner_id = %(owner_id)s AND (h.days > 0 OR v.id = ANY (%(vehicle_ids)s::bigint[]))
ORDER BY v.vin;

-- name: list_settlements
-- Settlements in sight; filters, place and order are added in store.py.
SELECT s.id, s.key, a.key AS agreement_key, s.organisation_id, s.operator_id, o.code AS owner_code,
       p.code AS operator_code, s.month_on, s.amount_fen, s.content, s.content_sha256,
       (SELECT actor FROM actor_in_sight(s.settled_by)) AS settled_by,
       s.settled_at
FROM share_settlements s
JOIN share_agreements a ON a.id = s.agreement_id
LEFT JOIN organisations o ON o.id = s.organisation_id
LEFT JOIN organisations p ON p.id = s.operator_id;

-- name: insert_settlement
-- A month that is settled, with what is printed of it.
INSERT INTO share_settlements (key, tenant_id, organisation_id, operator_id, agreement_id, month_on,
    amount_fen, content, content_sha256, settled_by, settled_at)
VALUES (%(key)s, %(tenant_id)s, %(organisation_id)s, %(operator_id)s, %(agreement_id)s, %(month_on)s,
    %(amount_fen)s, %(content)s, %(content_sha256)s, %(settled_by)s, %(settled_at)s);

-- name: list_settled
-- What settlements of months that end in [from_on, until_on) say of each vehicle, corrections added,
-- where owner or operator is one of these.
SELECT s.month_on, s.organisation_id, s.operator_id, l.vin, sum(l.amount_fen)::bigint AS amount_fen
FROM share_settlements s
CROSS JOIN LATERAL (
    SELECT v.vin, v.amount_fen
    FROM jsonb_to_recordset(s.content -> 'vehicles') AS v (vin text, amount_fen bigint)
    UNION ALL
    SELECT c.vin, c.amount_fen
    FROM jsonb_to_recordset(s.content -> 'corrections') AS c (vin text, amount_fen bigint)
) AS l
WHERE s.settled_at <= %(known_at)s
  AND (s.month_on + interval '1 month - 1 day')::date >= %(from_on)s
  AND (s.month_on + interval '1 month - 1 day')::date < %(until_on)s
  AND (s.organisation_id = ANY (%(scope)s::bigint[])) <> (s.operator_id = ANY (%(scope)s::bigint[]))
GROUP BY s.month_on, s.organisation_id, s.operator_id, l.vin;

-- name: list_unsettled
-- Months of agreements that end in [from_on, until_on) and are not settled.
SELECT m.month_on::date AS month_on, a.organisation_id AS owner_id,
       (SELECT array_agg(DISTINCT h.id)
        FROM (SELECT a.operator_id AS id
              UNION ALL
              SELECT c.descendant_id FROM organisation_closure c
              WHERE c.ancestor_id = a.operator_id) AS h) AS holder_ids
FROM share_agreements a
CROSS JOIN LATERAL generate_series(
    greatest(date_trunc('month', %(from_on)s::date::timestamp), a.valid_from_on::timestamp),
    least(%(until_on)s::date, a.valid_until_on)::timestamp, interval '1 month') AS m (month_on)
WHERE (a.organisation_id = ANY (%(scope)s::bigint[])) <> (a.operator_id = ANY (%(scope)s::bigint[]))
  AND (m.month_on + interval '1 month - 1 day')::date >= %(from_on)s
  AND (m.month_on + interval '1 month - 1 day')::date < %(until_on)s
  AND (a.valid_until_on IS NULL OR m.month_on < a.valid_until_on)
  AND NOT EXISTS (SELECT FROM share_settlements s
                  WHERE s.agreement_id = a.id AND s.month_on = m.month_on::date
                    AND s.settled_at <= %(known_at)s);
