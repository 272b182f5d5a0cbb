-- name: earned
-- What lines of bills and of credit notes earned in [from_on, until_on), month part by month part.
-- A line is shared among its months as the ledger does it (largest remainders, then the earlier), a
-- month part among its days; each day counts on itself, or on the day of issue where that is later.
-- What is not earned by days counts on the day of issue. What it is not grouped by is null.
--
-- A line of two months is shared by rounding the first part half up, which for two is the same as
-- the largest remainder; only longer ones are sorted for it.
WITH lines AS (
    SELECT b.organisation_id, l.vehicle_id, l.kind, l.net_fen, b.issued_on,
           coalesce(d.from_on, b.issued_on) AS from_on,
           coalesce(d.until_on, b.issued_on + 1) AS until_on
    FROM bills b
    JOIN bill_lines l ON l.bill_id = b.id
    LEFT JOIN LATERAL (SELECT l.from_on, l.until_on WHERE l.kind = ANY (%(earned_by_day)s::text[])) AS d ON true
    WHERE b.state = 'issued' AND b.organisation_id = ANY (%(scope)s::bigint[])
      AND b.issued_on >= %(from_on)s AND b.issued_on < %(until_on)s AND b.issued_at <= %(known_at)s
      AND l.organisation_id = ANY (%(scope)s::bigint[])
      AND l.kind = ANY (%(kinds)s::text[]) AND l.net_fen <> 0
      AND (%(vehicle_ids)s::bigint[] IS NULL OR l.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
      AND coalesce(d.from_on, b.issued_on) < %(until_on)s
    UNION ALL
    SELECT b.organisation_id, l.vehicle_id, l.kind, l.net_fen, b.issued_on, l.from_on, l.until_on
    FROM bill_lines l
    JOIN bills b ON b.id = l.bill_id
    WHERE b.state = 'issued' AND b.organisation_id = ANY (%(scope)s::bigint[])
      AND b.issued_on < %(from_on)s AND b.issued_at <= %(known_at)s
      AND l.organisation_id = ANY (%(scope)s::bigint[])
      AND l.until_on > %(from_on)s AND l.from_on < %(until_on)s
      AND l.kind = ANY (%(earned_by_day)s::text[]) AND l.kind = ANY (%(kinds)s::text[])
      AND l.net_fen <> 0
      AND (%(vehicle_ids)s::bigint[] IS NULL OR l.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
    UNION ALL
    SELECT n.organisation_id, l.vehicle_id, l.kind, -c.net_fen, n.issued_on,
           coalesce(d.from_on, n.issued_on), coalesce(d.until_on, n.issued_on + 1)
    FROM credit_notes n
    JOIN credit_note_lines c ON c.credit_note_id = n.id
    JOIN bill_lines l ON l.bill_id = c.bill_id AND l.no = c.bill_line_no
    LEFT JOIN LATERAL (SELECT c.from_on, c.until_on WHERE l.kind = ANY (%(earned_by_day)s::text[])) AS d ON true
    WHERE n.organisation_id = ANY (%(scope)s::bigint[])
      AND n.issued_on < %(until_on)s AND n.issued_at <= %(known_at)s
      AND l.kind = ANY (%(kinds)s::text[]) AND c.net_fen <> 0
      AND (%(vehicle_ids)s::bigint[] IS NULL OR l.vehicle_id = ANY (%(vehicle_ids)s::bigint[]))
      AND coalesce(d.from_on, n.issued_on) < %(until_on)s
      AND (n.issued_on >= %(from_on)s OR c.until_on > %(from_on)s)
      AND (n.issued_on >= %(from_on)s OR d.until_on > %(from_on)s)
), dated AS (
    SELECT l.*, l.until_on - l.from_on AS days, f.next_on, least(f.next_on, l.until_on) AS cut_on
    FROM lines l
    CROSS JOIN LATERAL (
        SELECT (date_trunc('month', l.from_on::timestamp) + interval '1 month')::date AS next_on
        OFFSET 0 -- reckoned once
    ) AS f
), cut AS MATERIALIZED (
    SELECT d.*, d.until_on > (d.next_on + interval '1 month')::date AS is_long,
           sign(d.net_fen)::bigint
               * ((2 * abs(d.net_fen) * (d.cut_on - d.from_on) + d.days) / (2 * d.days)) AS first_fen
    FROM dated d
), parts AS (
    SELECT c.organisation_id, c.vehicle_id, c.kind, c.issued_on, c.from_on, c.cut_on AS until_on,
           c.first_fen AS part_fen
    FROM cut c
    WHERE NOT c.is_long AND (c.cut_on > %(from_on)s OR c.issued_on >= %(from_on)s)
    UNION ALL
    SELECT c.organisation_id, c.vehicle_id, c.kind, c.issued_on, c.cut_on, c.until_on,
           c.net_fen - c.first_fen
    FROM cut c
    WHERE NOT c.is_long AND c.cut_on < c.until_on AND c.cut_on < %(until_on)s
    UNION ALL
    SELECT s.organisation_id, s.vehicle_id, s.kind, s.issued_on, s.part_from_on, s.part_until_on,
           sign(s.net_fen)::bigint * (s.weighed / s.days
               + (row_number() OVER (PARTITION BY s.line ORDER BY s.weighed %% s.days DESC,
                                     s.part_from_on)
                  <= abs(s.net_fen) - sum(s.weighed / s.days) OVER (PARTITION BY s.line))::integer)
    FROM (
        SELECT n.*, p.part_from_on, p.part_until_on,
               abs(n.net_fen) * (p.part_until_on - p.part_from_on) AS weighed
        FROM (SELECT row_number() OVER () AS line, c.* FROM cut c WHERE c.is_long) AS n
        CROSS JOIN LATERAL (
            SELECT greatest(m::date, n.from_on) AS part_from_on,
                   least((m + interval '1 month')::date, n.until_on) AS part_until_on
            FROM generate_series(date_trunc('month', n.from_on::timestamp),
                                 (n.until_on - 1)::timestamp, interval '1 month') AS m
        ) AS p
    ) AS s
), counted AS (
    SELECT h.organisation_id, h.vehicle_id, h.kind, h.part_fen,
           date_trunc('month', greatest(h.from_on, h.issued_on)::timestamp)::date AS month_on,
           h.until_on - h.from_on AS part_days,
           CASE WHEN %(from_on)s::date <= h.issued_on THEN 0
                ELSE greatest(0, least(%(from_on)s::date, h.until_on) - h.from_on)
           END AS days_before,
           CASE WHEN %(until_on)s::date <= h.issued_on THEN 0
                ELSE greatest(0, least(%(until_on)s::date, h.until_on) - h.from_on)
           END AS days_until
    FROM parts h
)
SELECT CASE WHEN %(by_month)s THEN c.month_on END AS month_on,
       CASE WHEN %(by_organisation)s THEN c.organisation_id END AS organisation_id,
       CASE WHEN %(by_vehicle)s THEN c.vehicle_id END AS vehicle_id,
       coalesce(m.name, v.model) AS model,
       CASE WHEN %(by_kind)s THEN c.kind END AS kind,
       sum(c.part_fen * c.days_until / c.part_days
           - c.part_fen * c.days_before / c.part_days)::bigint
           AS net_fen
FROM counted c
LEFT JOIN vehicles v ON %(by_model)s AND v.id = c.vehicle_id
LEFT JOIN vehicle_models m ON %(by_model)s AND m.id = v.model_id
WHERE c.days_until > c.days_before
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
