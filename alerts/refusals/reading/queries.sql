-- name: list_refusals
-- Refusals in sight; which are asked for, and their order, are added in store.py. What a finding is
-- about is told where that thing is in sight, under the name it was found by, and its kind is seen.
SELECT r.id, r.what, r.source, o.code AS organisation_code, r.rule_code, r.reason, r.message,
       s.kind AS subject_kind, s.key AS subject_key,
       CASE WHEN s.key IS NOT NULL THEN r.occurrence END AS occurrence,
       CASE WHEN s.key IS NOT NULL THEN r.matter -> 'facts' END AS facts,
       r.times, r.refused_at, r.last_refused_at, r.settled_at
FROM alert_refusals r
JOIN organisations o ON o.id = r.organisation_id
CROSS JOIN LATERAL (
    SELECT coalesce(r.matter #>> '{subject,kind}', r.matter ->> 'subject_kind') AS kind,
           coalesce(r.matter #>> '{subject,id}', r.matter ->> 'subject_id') AS id,
           coalesce(r.matter ->> 'kind', r.rule_code) = ANY (%(kinds)s::text[]) AS seen
) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n.seen AND n.id ~ '^[0-9]{1,18}$' THEN n.id::bigint END AS id
) AS i
LEFT JOIN LATERAL (
    SELECT 'vehicle' AS kind, v.vin AS key FROM vehicles v WHERE n.kind = 'vehicle' AND v.id = i.id
    UNION ALL
    SELECT 'lease', l.lease_no FROM leases l WHERE n.kind = 'lease' AND l.id = i.id
    UNION ALL
    SELECT 'bill', b.bill_no FROM bills b WHERE n.kind = 'bill' AND b.id = i.id
    UNION ALL
    SELECT 'contract', c.contract_no FROM contracts c WHERE n.kind = 'contract' AND c.id = i.id
    UNION ALL
    SELECT 'work_order', w.number FROM work_orders w WHERE n.kind = 'work_order' AND w.id = i.id
) AS s ON s.key = coalesce(r.subject_key, s.key);
