-- name: list_billing
-- How organisations bill, those that do.
SELECT o.id, s.bills_from_on, s.draft_days, s.issue_days, s.issues_itself, s.seller
FROM organisations o CROSS JOIN LATERAL billing_settings_of(o.id) s
WHERE o.id = ANY (%(organisation_ids)s::bigint[]);

-- name: list_billed
-- What stands on issued bills of leases, by source, less what runs took off. What people took off is
-- theirs to say: it is not billed again.
SELECT b.lease_id, l.source_kind, l.source_key,
       (sum(l.amount_fen) - coalesce(sum(c.amount_fen), 0))::bigint AS amount_fen,
       min((l.basis ->> 'from_on')::date) FILTER (WHERE l.source_kind = 'mileage') AS since_on
FROM bills b
JOIN bill_lines l ON l.bill_id = b.id
LEFT JOIN LATERAL (SELECT sum(n.amount_fen) AS amount_fen FROM credit_note_lines n
                   WHERE n.bill_id = l.bill_id AND n.bill_line_no = l.no
                     AND NOT n.basis ? 'by_hand') c ON true
WHERE b.lease_id = ANY (%(lease_ids)s::bigint[]) AND b.state = 'issued'
GROUP BY b.lease_id, l.source_kind, l.source_key;

-- name: list_purposes
-- The bills of leases that are drafts or issued.
SELECT b.lease_id, b.id, b.purpose, b.state, b.issue_on, b.lines_sha256
FROM bills b
WHERE b.lease_id = ANY (%(lease_ids)s::bigint[]) AND b.state <> 'discarded';

-- name: list_settled_late
-- Issued bills of leases with a late fee that were settled after their grace.
SELECT w.lease_id, w.bill_id, b.bill_no, w.settled_on, b.late_fee ->> 'rate_per_day' AS rate_per_day
FROM bill_balances w
JOIN bills b ON b.id = w.bill_id
WHERE w.lease_id = ANY (%(lease_ids)s::bigint[]) AND b.late_fee IS NOT NULL
  AND w.settled_on > greatest(b.due_on, b.issued_on) + (b.late_fee ->> 'grace_days')::integer
ORDER BY w.bill_id;

-- name: list_readings
-- The odometer of each vehicle at an instant: what was read last at or before it, by hand or by its
-- terminal, and not longer than a day before.
SELECT p.vehicle_id, p.at, r.odometer_km, r.read_at, r.source
FROM unnest(%(vehicle_ids)s::bigint[], %(ats)s::timestamptz[]) AS p (vehicle_id, at)
CROSS JOIN LATERAL (
    SELECT e.odometer_km, e.read_at, e.source
    FROM (SELECT o.odometer_km, o.read_at,
                 CASE WHEN o.source = 'telemetry' THEN 'telemetry' ELSE 'hand' END AS source
          FROM odometer_readings o
          WHERE o.vehicle_id = p.vehicle_id AND o.read_at <= p.at
            AND o.read_at > p.at - interval '1 day'
          UNION ALL
          (SELECT round(t.odometer_km::numeric, 1), t.ts, 'telemetry'
           FROM visible_telemetry t
           WHERE t.vehicle_id = p.vehicle_id AND t.ts <= p.at AND t.ts > p.at - interval '1 day'
             AND t.odometer_km IS NOT NULL
           ORDER BY t.ts DESC LIMIT 1)) AS e
    ORDER BY e.read_at DESC LIMIT 1
) AS r;
