-- name: pick_stock
-- Vehicles held now that stand in stock or for sale; filters, place and order are added in store.py.
-- What can be let is found in one walk over all obligations, and only where it is asked for; the
-- state of charge is looked up one by one: a barrier view is a poor side of a join.
WITH fit AS MATERIALIZED (
    SELECT o.vehicle_id, min(o.due_on) AS papers_until_on
    FROM obligations o
    WHERE o.is_open AND o.kind = ANY (%(blocking)s::text[])
      AND (o.kind <> 'permit' OR coalesce(o.facts ->> 'need', 'required') = 'required')
    GROUP BY o.vehicle_id
    HAVING bool_and(o.due_on IS NOT NULL AND o.due_on >= %(on)s
                    AND (o.due_at IS NULL OR o.due_at > %(now)s))
       AND array_agg(o.kind) @> %(needed)s::text[]
), off_the_road AS MATERIALIZED (
    SELECT k.vehicle_id
    FROM work_orders k
    WHERE k.state IN ('open', 'in_progress', 'waiting')
      AND k.down_from_at IS NOT NULL AND k.down_until_at IS NULL
), promised AS MATERIALIZED (
    SELECT b.vehicle_id FROM lease_bookings b WHERE b.booked_period @> %(now)s::timestamptz
)
SELECT v.id AS vehicle_id, v.vin, g.stage, lower(g.staged_period) AS since_at
FROM vehicle_stages g
JOIN vehicles v ON v.id = g.vehicle_id
LEFT JOIN LATERAL (
    SELECT x.soc_pct FROM visible_vehicle_state x WHERE x.vehicle_id = v.id OFFSET 0
) AS s ON true
WHERE upper_inf(g.staged_period) AND g.stage = ANY (%(stages)s::text[])
  AND ((SELECT app_is_system()) OR v.owner_id IN (SELECT id FROM visible_organisations)
       OR EXISTS (SELECT FROM visible_operated_vehicles h
                  WHERE h.vehicle_id = v.id AND upper_inf(h.visible_period)));

-- name: describe_stock
-- The picked vehicles in the order given, and what their papers say.
SELECT m.code AS model_code, d.code AS depot_code, v.tags, p.papers_until_on, p.lapsed,
       p.unrecorded, p.on_record, n.promised_from_at,
       EXISTS (SELECT FROM work_orders k
               WHERE k.vehicle_id = v.id AND k.state IN ('open', 'in_progress', 'waiting')
                 AND k.down_from_at IS NOT NULL AND k.down_until_at IS NULL) AS off_the_road
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS page (id, place)
JOIN vehicles v ON v.id = page.id
LEFT JOIN vehicle_models m ON m.id = v.model_id
LEFT JOIN organisations d ON d.id = v.depot_id
CROSS JOIN LATERAL (
    SELECT min(o.due_on) AS papers_until_on,
           coalesce(array_agg(o.kind ORDER BY o.kind)
                    FILTER (WHERE o.due_on < %(on)s OR o.due_at <= %(now)s), '{}') AS lapsed,
           coalesce(array_agg(o.kind ORDER BY o.kind) FILTER (WHERE o.due_on IS NULL), '{}')
               AS unrecorded,
           coalesce(array_agg(o.kind), '{}') AS on_record
    FROM obligations o
    WHERE o.vehicle_id = v.id AND o.is_open AND o.kind = ANY (%(blocking)s::text[])
      AND (o.kind <> 'permit' OR coalesce(o.facts ->> 'need', 'required') = 'required')
) AS p
CROSS JOIN LATERAL (
    SELECT min(lower(b.booked_period)) AS promised_from_at
    FROM lease_bookings b
    WHERE b.vehicle_id = v.id AND (upper_inf(b.booked_period) OR upper(b.booked_period) > %(now)s)
) AS n
ORDER BY page.place;
