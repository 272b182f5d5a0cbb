-- name: prepare_run
-- Many rows by short statements: compiling them takes longer than running them. Until the commit.
SELECT set_config('jit', 'off', true);

-- name: enrol
-- Signed leases that billing has never looked at, of an organisation and below, or of a part of them.
INSERT INTO lease_billing (lease_id, tenant_id, organisation_id, event_no, looked_at)
SELECT l.id, l.tenant_id, l.organisation_id, 0, %(now)s
FROM leases l
WHERE l.organisation_id IN (SELECT descendant_id FROM organisation_closure
                            WHERE ancestor_id = %(organisation_id)s)
  AND l.organisation_id %% %(parts)s = %(part)s
  AND l.last_event_no > 0
  AND (%(lease_id)s::bigint IS NULL OR l.id = %(lease_id)s::bigint)
  AND NOT EXISTS (SELECT FROM lease_billing b WHERE b.lease_id = l.id)
ORDER BY l.id
ON CONFLICT (lease_id) DO NOTHING;

-- name: list_due
-- Leases to look at, of an organisation and below that bill, or of a part of them: their day has come, something happened
-- to them, a charge was accepted, a bill was settled late, or what was is settled otherwise now, a
-- package was sold or ended. What is told of packages is told for two days, and of what settles bills
-- for an hour, so that nothing written at the same time is missed.
WITH billing AS MATERIALIZED (
    SELECT o.id, (%(now)s::timestamptz AT TIME ZONE o.time_zone)::date AS today
    FROM organisations o CROSS JOIN LATERAL billing_settings_of(o.id) s
    WHERE o.id IN (SELECT descendant_id FROM organisation_closure
                   WHERE ancestor_id = %(organisation_id)s)
      AND o.id %% %(parts)s = %(part)s
)
SELECT b.lease_id
FROM billing o
JOIN lease_billing b ON b.organisation_id = o.id
JOIN leases l ON l.id = b.lease_id
WHERE b.next_on <= o.today OR b.event_no <> l.last_event_no
   OR EXISTS (SELECT FROM charges c
              WHERE c.lease_id = b.lease_id AND c.state = 'accepted' AND c.accepted_fen > 0
                AND NOT EXISTS (SELECT FROM bill_lines i JOIN bills d ON d.id = i.bill_id
                                WHERE i.source_kind = 'charge' AND i.source_key = c.key::text
                                  AND d.state = 'draft'))
   OR EXISTS (SELECT FROM bill_balances w JOIN bills d ON d.id = w.bill_id
              WHERE w.lease_id = b.lease_id AND d.late_fee IS NOT NULL
                AND w.settled_on > greatest(d.due_on, d.issued_on) + (d.late_fee ->> 'grace_days')::integer
                AND (NOT EXISTS (SELECT FROM bill_lines i JOIN bills f ON f.id = i.bill_id
                                 WHERE i.source_kind = 'late_fee' AND i.source_key = d.bill_no
                                   AND f.lease_id = w.lease_id AND f.state <> 'discarded')
                     OR EXISTS (SELECT FROM allocations a
                                WHERE a.bill_id = d.id
                                  AND a.recorded_at > b.looked_at - interval '1 hour')
                     OR EXISTS (SELECT FROM credit_notes n
                                WHERE n.bill_id = d.id
                                  AND n.issued_at > b.looked_at - interval '1 hour')))
   OR EXISTS (SELECT FROM package_sales s
              WHERE s.lease_id = b.lease_id
                AND (s.recorded_at > b.looked_at - interval '2 days'
                     OR s.ended_on > (b.looked_at AT TIME ZONE 'UTC')::date - 2))
ORDER BY b.organisation_id, b.lease_id;

-- name: claim
-- Leases that nobody else is billing now, ours until the commit.
SELECT b.lease_id, b.tenant_id, b.organisation_id, o.code AS organisation_code,
       o.time_zone AS zone, l.lease_no, l.customer_id, l.last_event_no
FROM lease_billing b
JOIN leases l ON l.id = b.lease_id
JOIN organisations o ON o.id = b.organisation_id
WHERE b.lease_id = ANY (%(lease_ids)s::bigint[])
ORDER BY b.lease_id
FOR UPDATE OF b SKIP LOCKED;

-- name: claim_waiting
-- One lease, after whoever is billing it now.
SELECT b.lease_id, b.tenant_id, b.organisation_id, o.code AS organisation_code,
       o.time_zone AS zone, l.lease_no, l.customer_id, l.last_event_no
FROM lease_billing b
JOIN leases l ON l.id = b.lease_id
JOIN organisations o ON o.id = b.organisation_id
WHERE b.lease_id = %(lease_id)s
FOR UPDATE OF b;

-- name: find_lease
-- A lease in sight.
SELECT l.id AS lease_id, l.tenant_id, l.organisation_id, o.code AS organisation_code,
       o.time_zone AS zone, l.lease_no, l.customer_id, l.last_event_no
FROM leases l
JOIN organisations o ON o.id = l.organisation_id
WHERE l.lease_no = %(lease_no)s;

-- name: mark_looked
-- Leases that were looked at: up to which event, when next, and what was wrong.
UPDATE lease_billing b
SET event_no = w.event_no, next_on = w.next_on, looked_at = %(now)s, fault = w.fault
FROM jsonb_to_recordset(%(looked)s)
    AS w (lease_id bigint, event_no integer, next_on date, fault text)
WHERE b.lease_id = w.lease_id;

-- name: list_faults
-- Leases in sight that could not be billed; filters, place and order are added in store.py.
SELECT l.lease_no, o.code AS organisation_code, k.customer_no, b.fault, b.looked_at
FROM lease_billing b
JOIN leases l ON l.id = b.lease_id
JOIN organisations o ON o.id = b.organisation_id
JOIN customers k ON k.id = l.customer_id
WHERE b.fault IS NOT NULL;

-- name: list_tenants
-- Tenants some organisation of which bills.
SELECT tenant_id FROM billing_tenants();
