-- name: list_deposits
-- Leases that have a deposit, or had; filters, place and order are added in store.py.
SELECT d.* FROM (
    SELECT l.id AS lease_id, l.tenant_id, l.organisation_id, o.code AS organisation_code,
           o.time_zone AS zone, l.lease_no, l.state AS lease_state, c.id AS customer_id,
           c.customer_no, c.name AS customer_name, l.created_at,
           (SELECT coalesce(sum((x ->> 'deposit_fen')::bigint), 0)::bigint
            FROM jsonb_array_elements(l.terms -> 'lines') AS x) AS agreed_fen,
           b.asked_fen, b.open_fen, b.received_fen, m.opening_fen, m.applied_fen, m.refunded_fen,
           m.held_back_fen, coalesce(h.held_fen, 0) AS held_fen, b.bills, m.movements,
           c.merged_into_id
    FROM leases l
    JOIN organisations o ON o.id = l.organisation_id
    JOIN customers c ON c.id = l.customer_id
    LEFT JOIN deposit_balances h ON h.lease_id = l.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS bills,
               coalesce(sum(i.total_fen - coalesce(n.fen, 0)), 0)::bigint AS asked_fen,
               coalesce(sum(s.open_fen), 0)::bigint AS open_fen,
               coalesce(sum(a.fen), 0)::bigint AS received_fen
        FROM bills i
        LEFT JOIN bill_balances s ON s.bill_id = i.id
        LEFT JOIN LATERAL (SELECT sum(total_fen) AS fen FROM credit_notes WHERE bill_id = i.id) n
            ON true
        LEFT JOIN LATERAL (SELECT sum(amount_fen) AS fen FROM allocations
                           WHERE bill_id = i.id AND credit_id IS NOT NULL) a ON true
        WHERE i.lease_id = l.id AND i.kind = 'deposit' AND i.state = 'issued'
    ) AS b
    CROSS JOIN LATERAL (
        SELECT count(*) AS movements,
               coalesce(sum(amount_fen) FILTER (WHERE kind = 'opening'), 0)::bigint AS opening_fen,
               coalesce(sum(CASE kind WHEN 'applied' THEN amount_fen WHEN 'unapplied' THEN -amount_fen
                            END), 0)::bigint AS applied_fen,
               coalesce(sum(amount_fen) FILTER (WHERE kind = 'refunded'), 0)::bigint AS refunded_fen,
               coalesce(sum(CASE WHEN kind = 'held_back' THEN amount_fen
                                 WHEN kind = 'released' AND undoes_id IS NOT NULL THEN -amount_fen
                            END), 0)::bigint AS held_back_fen
        FROM deposit_movements WHERE lease_id = l.id
    ) AS m
    WHERE l.signed_at IS NOT NULL
) AS d;

-- name: total_deposits
-- What is held in sight, of an organisation and those below it or of all, and what is still asked.
SELECT count(*) FILTER (WHERE h.held_fen > 0) AS leases, coalesce(sum(h.held_fen), 0)::bigint AS held_fen,
       coalesce((SELECT sum(CASE WHEN m.kind = 'held_back' THEN m.amount_fen ELSE -m.amount_fen END)
                 FROM deposit_movements m
                 WHERE (m.kind = 'held_back' OR m.kind = 'released' AND m.undoes_id IS NOT NULL)
                   AND (%(organisation)s::text IS NULL OR m.organisation_id IN (
                        SELECT b.descendant_id FROM organisation_closure b
                        JOIN organisations x ON x.id = b.ancestor_id
                        WHERE x.code = %(organisation)s))), 0)::bigint AS held_back_fen,
       coalesce((SELECT sum(s.open_fen) FROM bill_balances s JOIN bills i ON i.id = s.bill_id
                 WHERE i.kind = 'deposit' AND s.settled_on IS NULL
                   AND (%(organisation)s::text IS NULL OR s.organisation_id IN (
                        SELECT b.descendant_id FROM organisation_closure b
                        JOIN organisations x ON x.id = b.ancestor_id
                        WHERE x.code = %(organisation)s))), 0)::bigint AS open_fen
FROM deposit_balances h
WHERE %(organisation)s::text IS NULL OR h.organisation_id IN (
    SELECT b.descendant_id FROM organisation_closure b
    JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s);

-- name: list_movements
-- What became of the deposit of a lease, the first first; what is left of each is not undone.
SELECT m.id, m.key, m.kind, m.amount_fen,
       m.amount_fen - coalesce((SELECT sum(u.amount_fen) FROM deposit_movements u
                                WHERE u.undoes_id = m.id), 0)::bigint AS left_fen,
       m.moved_on, m.until_on, m.reason, m.bank_reference, m.channel,
       (SELECT min(b.bill_no) FROM allocations a JOIN bills b ON b.id = a.bill_id
        WHERE a.deposit_movement_id = coalesce(m.undoes_id, m.id)) AS bill_no,
       w.key AS undoes_key, m.releases,
       (SELECT actor FROM actor_in_sight(m.recorded_by)) AS recorded_by, m.recorded_at
FROM deposit_movements m
LEFT JOIN deposit_movements w ON w.id = m.undoes_id
WHERE m.lease_id = %(lease_id)s
ORDER BY m.id;

-- name: insert_movement
-- One move of a deposit.
INSERT INTO deposit_movements (tenant_id, organisation_id, customer_id, lease_id, kind, amount_fen,
    moved_on, until_on, reason, bank_reference, channel, undoes_id, releases, recorded_by,
    recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(lease_id)s, %(kind)s, %(amount_fen)s,
    %(moved_on)s, %(until_on)s, %(reason)s, %(bank_reference)s, %(channel)s, %(undoes_id)s,
    %(releases)s, %(by)s, %(now)s)
RETURNING id, key;

-- name: list_open_violations
-- Violations of a lease that are not settled, with the day each is known of.
SELECT violation_no, fine_fen, occurred_at
FROM violations
WHERE lease_id = %(lease_id)s AND state IN ('open', 'told')
ORDER BY occurred_at, violation_no;

-- name: find_least_held
-- The least that was held of the deposit of a lease at the end of a day, or of any day since, as the
-- ledger has it.
WITH held AS (
    SELECT e.happened_on, -sum(sum(p.amount_fen)) OVER (ORDER BY e.happened_on) AS held_fen
    FROM ledger_postings p
    JOIN ledger_entries e ON e.id = p.entry_id
    WHERE p.customer_id = %(customer_id)s AND p.lease_id = %(lease_id)s
      AND p.account = 'deposit_liability'
    GROUP BY e.happened_on
)
SELECT least(coalesce((SELECT h.held_fen FROM held h WHERE h.happened_on <= %(on)s
                       ORDER BY h.happened_on DESC LIMIT 1), 0),
             (SELECT min(h.held_fen) FROM held h WHERE h.happened_on > %(on)s))::bigint;

-- name: list_settled_late
-- Issued bills of a lease that were settled after their grace, with a late fee agreed.
SELECT w.bill_id, b.bill_no
FROM bill_balances w
JOIN bills b ON b.id = w.bill_id
WHERE w.lease_id = %(lease_id)s AND b.late_fee IS NOT NULL
  AND w.settled_on > greatest(b.due_on, b.issued_on) + (b.late_fee ->> 'grace_days')::integer
ORDER BY w.bill_id;

-- name: list_late_fees_billed
-- What stands of late fees on issued bills of a lease, by the number of the bill that was late. What
-- people took off was let off: it stands as billed.
SELECT l.source_key,
       (sum(l.amount_fen) - coalesce(sum(c.amount_fen), 0))::bigint AS amount_fen
FROM bills b
JOIN bill_lines l ON l.bill_id = b.id
LEFT JOIN LATERAL (SELECT sum(n.amount_fen) AS amount_fen FROM credit_note_lines n
                   WHERE n.bill_id = l.bill_id AND n.bill_line_no = l.no
                     AND NOT n.basis ? 'by_hand') c ON true
WHERE b.lease_id = %(lease_id)s AND b.state = 'issued' AND l.source_kind = 'late_fee'
GROUP BY l.source_key;
