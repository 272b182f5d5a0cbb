-- name: earned
-- What lines of bills and of credit notes earned in [from_on, until_on), of what was kept month by
-- month at their issue (`earned_parts`). What it is not grouped by is null.
SELECT CASE WHEN %(by_month)s THEN e.month_on END AS month_on,
       CASE WHEN %(by_organisation)s THEN e.organisation_id END AS organisation_id,
       CASE WHEN %(by_vehicle)s THEN e.vehicle_id END AS vehicle_id,
       coalesce(m.name, v.model) AS model,
       CASE WHEN %(by_kind)s THEN e.kind END AS kind,
       sum(e.net_fen)::bigint AS net_fen
FROM earned_between(%(scope)s::bigint[], %(from_on)s::date, %(until_on)s::date,
                    %(known_at)s::timestamptz) AS e
LEFT JOIN vehicles v ON %(by_model)s AND v.id = e.vehicle_id
LEFT JOIN vehicle_models m ON %(by_model)s AND m.id = v.model_id
WHERE %(vehicle_ids)s::bigint[] IS NULL OR e.vehicle_id = ANY (%(vehicle_ids)s::bigint[])
GROUP BY 1, 2, 3, 4, 5;

-- name: received
-- What of money that settled bills in [from_on, until_on) was for each vehicle, net of VAT: money
-- is spread over the lines of its bill and class by their amounts, less what credit notes took off.
WITH moved AS (
    SELECT a.bill_id
    FROM allocations a
    WHERE a.organisation_id = ANY (%(scope)s::bigint[]) AND a.recorded_at <= %(known_at)s
      AND a.allocated_on >= %(from_on)s AND a.allocated_on < %(until_on)s
    UNION
    SELECT n.bill_id
    FROM credit_notes n
    WHERE n.organisation_id = ANY (%(scope)s::bigint[]) AND n.issued_at <= %(known_at)s
      AND n.issued_on >= %(from_on)s AND n.issued_on < %(until_on)s
), money AS (
    SELECT a.bill_id, a.class, a.organisation_id,
           coalesce(sum(a.amount_fen) FILTER (WHERE a.allocated_on < %(from_on)s), 0) AS before_fen,
           sum(a.amount_fen) AS until_fen
    FROM allocations a
    WHERE a.bill_id IN (SELECT bill_id FROM moved) AND a.recorded_at <= %(known_at)s
      AND a.allocated_on < %(until_on)s
      AND (a.credit_id IS NOT NULL OR a.deposit_movement_id IS NOT NULL)
    GROUP BY a.bill_id, a.class, a.organisation_id
), lines AS (
    SELECT l.bill_id, l.class, l.vehicle_id, l.kind, l.amount_fen, l.net_fen, true AS stood_before
    FROM bill_lines l
    WHERE l.bill_id IN (SELECT bill_id FROM moved)
    UNION ALL
    SELECT l.bill_id, l.class, l.vehicle_id, l.kind, -c.amount_fen, -c.net_fen,
           n.issued_on < %(from_on)s
    FROM credit_notes n
    JOIN credit_note_lines c ON c.credit_note_id = n.id
    JOIN bill_lines l ON l.bill_id = c.bill_id AND l.no = c.bill_line_no
    WHERE n.bill_id IN (SELECT bill_id FROM moved) AND n.issued_at <= %(known_at)s
      AND n.issued_on < %(until_on)s
), wholes AS (
    SELECT bill_id, class, sum(amount_fen) FILTER (WHERE stood_before) AS before_fen,
           sum(amount_fen) AS until_fen
    FROM lines
    GROUP BY bill_id, class
), vehicles_of AS (
    SELECT bill_id, class, vehicle_id,
           coalesce(sum(net_fen) FILTER (WHERE stood_before), 0) AS before_fen,
           sum(net_fen) AS until_fen
    FROM lines
    WHERE kind = ANY (%(kinds)s::text[]) AND vehicle_id IS NOT NULL
    GROUP BY bill_id, class, vehicle_id
)
SELECT v.vehicle_id,
       sum(coalesce(round(m.until_fen * v.until_fen / nullif(w.until_fen, 0)), 0)
           - coalesce(round(m.before_fen * v.before_fen / nullif(w.before_fen, 0)), 0))::bigint
           AS net_fen
FROM money m
JOIN wholes w ON w.bill_id = m.bill_id AND w.class = m.class
JOIN vehicles_of v ON v.bill_id = m.bill_id AND v.class = m.class
GROUP BY v.vehicle_id;

-- name: find_earned_off
-- Lines of issued bills and of credit notes that earn, and whose parts do not come to what they are.
WITH lines AS (
    SELECT b.bill_no AS number, b.id AS bill_id, l.no AS line_no, NULL::bigint AS credit_note_id,
           NULL::integer AS credit_line_no, l.kind, l.net_fen
    FROM bills b
    JOIN bill_lines l ON l.bill_id = b.id
    WHERE b.state = 'issued'
    UNION ALL
    SELECT n.credit_no, c.bill_id, c.bill_line_no, n.id, c.no, l.kind, -c.net_fen
    FROM credit_notes n
    JOIN credit_note_lines c ON c.credit_note_id = n.id
    JOIN bill_lines l ON l.bill_id = c.bill_id AND l.no = c.bill_line_no
), follows AS (
    SELECT l.number, l.bill_id, l.line_no, coalesce(l.credit_note_id, 0) AS credit_note_id,
           coalesce(l.credit_line_no, 0) AS credit_line_no, l.net_fen
    FROM lines l
    WHERE l.kind = ANY (%(earning)s::text[]) AND l.net_fen <> 0
), kept AS (
    SELECT e.bill_id, e.line_no, coalesce(e.credit_note_id, 0) AS credit_note_id,
           coalesce(e.credit_line_no, 0) AS credit_line_no, sum(e.net_fen)::bigint AS net_fen
    FROM earned_parts e
    GROUP BY 1, 2, 3, 4
)
SELECT concat_ws(' ', coalesce(f.number, b.bill_no), coalesce(f.line_no, k.line_no)),
       coalesce(k.net_fen, 0)::bigint, coalesce(f.net_fen, 0)::bigint
FROM follows f
FULL JOIN kept k USING (bill_id, line_no, credit_note_id, credit_line_no)
LEFT JOIN bills b ON b.id = k.bill_id
WHERE k.net_fen IS DISTINCT FROM f.net_fen
ORDER BY 1 LIMIT %(limit)s;

-- name: find_earned_parts_off
-- Parts that are not of the days of their line or in the wrong month, or hold a fen too much or too
-- little: how many, of how many parts the bill has.
WITH parts AS (
    SELECT e.bill_id, e.month_on, e.from_on, e.until_on, e.net_fen, e.kind, e.vehicle_id,
           e.issued_on, e.issued_at, l.kind AS line_kind, l.vehicle_id AS line_vehicle_id,
           coalesce(n.issued_on, b.issued_on) AS was_issued_on,
           coalesce(n.issued_at, b.issued_at) AS was_issued_at,
           CASE WHEN e.credit_note_id IS NULL THEN l.net_fen ELSE -c.net_fen END AS line_fen,
           d.from_on AS line_from_on, d.until_on AS line_until_on,
           sum(e.until_on - e.from_on) OVER (PARTITION BY e.bill_id, e.line_no, e.credit_note_id,
               e.credit_line_no) AS days
    FROM earned_parts e
    JOIN bills b ON b.id = e.bill_id
    JOIN bill_lines l ON l.bill_id = e.bill_id AND l.no = e.line_no
    LEFT JOIN credit_notes n ON n.id = e.credit_note_id
    LEFT JOIN credit_note_lines c ON c.credit_note_id = e.credit_note_id AND c.no = e.credit_line_no
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN y.by_day AND y.of_note THEN c.from_on WHEN y.by_day THEN l.from_on END,
                        y.issued_on) AS from_on,
               coalesce(CASE WHEN y.by_day AND y.of_note THEN c.until_on WHEN y.by_day THEN l.until_on
                        END, y.issued_on + 1) AS until_on
        FROM (SELECT l.kind = ANY (%(by_day)s::text[]) AS by_day, e.credit_note_id IS NOT NULL AS of_note,
                     coalesce(n.issued_on, b.issued_on) AS issued_on) AS y
    ) AS d
)
SELECT b.bill_no, count(*) FILTER (WHERE NOT p.holds)::bigint, count(*)::bigint
FROM (
    SELECT p.bill_id,
           p.kind = p.line_kind AND p.vehicle_id IS NOT DISTINCT FROM p.line_vehicle_id
           AND p.issued_on = p.was_issued_on AND p.issued_at = p.was_issued_at
           AND p.days = p.line_until_on - p.line_from_on
           AND p.from_on >= p.line_from_on AND p.until_on <= p.line_until_on
           AND date_trunc('month', p.from_on::timestamp)
               = date_trunc('month', (p.until_on - 1)::timestamp)
           AND p.month_on = date_trunc('month', greatest(p.from_on, p.issued_on)::timestamp)::date
           AND abs(p.net_fen * p.days - p.line_fen * (p.until_on - p.from_on)) < p.days AS holds
    FROM parts p
) AS p
JOIN bills b ON b.id = p.bill_id
GROUP BY b.id, b.bill_no
HAVING NOT bool_and(p.holds)
ORDER BY b.bill_no LIMIT %(limit)s;
