-- name: list_unsent
-- Notices of these kinds that are fresh, were not sent, and whose customer can be reached.
SELECT n.id, n.tenant_id, n.organisation_id, o.time_zone AS zone
FROM dunning_notices n
JOIN organisations o ON o.id = n.organisation_id
JOIN customers k ON k.id = n.customer_id AND k.erased_at IS NULL
JOIN bill_balances b ON b.bill_id = n.bill_id AND b.settled_on IS NULL
WHERE n.state = 'made' AND n.kind = ANY (%(kinds)s) AND n.made_at > %(since)s
  AND (%(email)s AND k.email IS NOT NULL OR %(sms)s AND k.phone IS NOT NULL)
  AND NOT EXISTS (SELECT FROM notification_items i WHERE i.dedup_key = 'notice:' || n.id)
ORDER BY n.id
LIMIT %(most)s;

-- name: insert_items
-- Notices that are to be sent; each once.
INSERT INTO notification_items (tenant_id, organisation_id, notice_id, purpose, dedup_key, created_at, not_before)
SELECT r.tenant_id, r.organisation_id, r.id, 'reminder', 'notice:' || r.id, %(now)s, r.not_before
FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, tenant_id bigint, organisation_id bigint,
    not_before timestamptz)
ON CONFLICT (dedup_key) DO NOTHING;
