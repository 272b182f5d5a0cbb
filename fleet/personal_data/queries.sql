-- name: find_standing
-- What binds these customers still: leases that are signed, run, or have a vehicle out; charges.
SELECT coalesce((SELECT array_agg(l.lease_no ORDER BY l.lease_no) FROM leases l
                 WHERE l.customer_id = ANY (%(ids)s::bigint[])
                   AND (l.state IN ('signed', 'active', 'suspended')
                        OR EXISTS (SELECT FROM lease_segments s
                                   WHERE s.lease_id = l.id AND upper_inf(s.let_period)))),
                '{}') AS lease_nos,
       (SELECT count(*) FROM charges g JOIN leases l ON l.id = g.lease_id
        WHERE l.customer_id = ANY (%(ids)s::bigint[]) AND g.state = 'proposed')::int
           AS undecided_charges,
       (SELECT max(greatest(l.ended_at, (SELECT max(upper(s.let_period)) FROM lease_segments s
                                         WHERE s.lease_id = l.id)))
        FROM leases l WHERE l.customer_id = ANY (%(ids)s::bigint[])) AS last_ended_at;

-- name: list_leases
-- Leases of these customers, in short.
SELECT l.lease_no, c.customer_no, l.kind, l.state, l.starts_on, l.ends_on, l.signed_at,
       l.started_at, l.ended_at, l.reference,
       coalesce((SELECT array_agg(DISTINCT v.vin) FROM lease_segments s
                 JOIN vehicles v ON v.id = s.vehicle_id WHERE s.lease_id = l.id), '{}') AS vins
FROM leases l
JOIN customers c ON c.id = l.customer_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY l.created_at, l.id;

-- name: list_hand_overs
-- When vehicles changed hands with these customers, and who drove away.
SELECT l.lease_no, h.line_no, v.vin, h.direction, h.occasion, h.handed_at, d.name AS driver,
       h.odometer_km, h.soc_pct, h.place, h.received_by, h.remarks
FROM hand_overs h
JOIN leases l ON l.id = h.lease_id
JOIN vehicles v ON v.id = h.vehicle_id
LEFT JOIN customer_drivers d ON d.id = h.driver_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY h.handed_at, h.id;

-- name: list_charges
-- What was proposed to charge these customers for.
SELECT l.lease_no, g.line_no, g.kind, g.title, g.amount_fen, g.accepted_fen, g.state, g.incurred_on
FROM charges g
JOIN leases l ON l.id = g.lease_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY g.proposed_at, g.id;

-- name: list_violations
-- Traffic violations that fell into leases of these customers.
SELECT l.lease_no, x.line_no, v.vin, x.violation_no, x.occurred_at, x.place, x.description,
       x.fine_fen, x.points, x.state
FROM violations x
JOIN leases l ON l.id = x.lease_id
JOIN vehicles v ON v.id = x.vehicle_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY x.occurred_at, x.id;

-- name: list_contracts
-- Contracts of these customers' leases, and until when they are kept.
SELECT k.contract_no, l.lease_no, k.origin, k.state, k.file_name, k.created_at, k.signed_at,
       k.retain_until_on,
       coalesce((SELECT array_agg(g.name ORDER BY g.no) FROM contract_signatories g
                 WHERE g.contract_id = k.id AND g.role <> 'lessor'), '{}') AS signatories
FROM contracts k
JOIN leases l ON l.id = k.lease_id
WHERE l.customer_id = ANY (%(ids)s::bigint[])
ORDER BY k.created_at, k.id;

-- name: list_quotes
-- What these customers were offered.
SELECT q.quote_no, c.customer_no, q.prospect, q.prospect_phone, q.state, q.valid_until_on,
       q.created_at
FROM quotes q
JOIN customers c ON c.id = q.customer_id
WHERE q.customer_id = ANY (%(ids)s::bigint[])
ORDER BY q.created_at, q.id;

-- name: list_files
-- Files of these customers that are not withdrawn.
SELECT d.subject_key AS customer_no, d.key, d.kind, d.name, d.media_type, d.size_bytes,
       d.uploaded_at
FROM documents d
WHERE d.subject_kind = 'customer' AND d.subject_key = ANY (%(nos)s::text[])
  AND d.organisation_id = %(organisation_id)s AND d.withdrawn_at IS NULL
ORDER BY d.id;
