-- name: list_blacklistings
-- Proposals of a customer and of all merged into it, the last first.
SELECT b.id, f.customer_no, b.reason, (SELECT actor FROM actor_in_sight(b.proposed_by)) AS proposed_by,
       b.proposed_at, b.decision, (SELECT actor FROM actor_in_sight(b.decided_by)) AS decided_by,
       b.decided_at, b.decision_note, (SELECT actor FROM actor_in_sight(b.lifted_by)) AS lifted_by,
       b.lifted_at, b.lifted_because
FROM customer_blacklistings b
JOIN customers f ON f.id = b.customer_id
WHERE f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s
ORDER BY b.id DESC;

-- name: list_proposals
-- What of a customer, and of all merged into it, is not decided; who proposed it, as it is written:
-- another has to decide.
SELECT b.id, b.proposed_by
FROM customer_blacklistings b
JOIN customers f ON f.id = b.customer_id
WHERE (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s) AND b.decision IS NULL;

-- name: has_id_number
-- Whether a customer, or any that was merged with it, has an ID number.
SELECT EXISTS (
    SELECT FROM customers c
    JOIN customers own ON own.id = coalesce(c.merged_into_id, c.id)
                       OR own.merged_into_id = coalesce(c.merged_into_id, c.id)
    WHERE c.id = %(customer_id)s AND own.id_digest IS NOT NULL
);

-- name: like_blacklisted
-- Whether a customer has phone or tax number of another one of its organisation that is on the
-- blacklist now. What was merged counts as one.
SELECT EXISTS (
    SELECT FROM customers c
    JOIN customers own ON own.id = coalesce(c.merged_into_id, c.id)
                       OR own.merged_into_id = coalesce(c.merged_into_id, c.id)
    JOIN customers o ON o.tenant_id = own.tenant_id AND o.organisation_id = own.organisation_id
                     AND (o.phone = own.phone OR o.tax_no = own.tax_no)
                     AND coalesce(o.merged_into_id, o.id) <> coalesce(c.merged_into_id, c.id)
    JOIN customers f ON f.id = coalesce(o.merged_into_id, o.id)
                     OR f.merged_into_id = coalesce(o.merged_into_id, o.id)
    JOIN customer_blacklistings b ON b.customer_id = f.id
    WHERE c.id = %(customer_id)s AND b.decision = 'approved' AND b.lifted_at IS NULL
);

-- name: insert_blacklisting
-- A proposal.
INSERT INTO customer_blacklistings (tenant_id, organisation_id, customer_id, reason, proposed_by,
    proposed_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(reason)s, %(proposed_by)s,
    %(proposed_at)s);

-- name: mark_decided
-- A proposal is approved or refused.
UPDATE customer_blacklistings
SET decision = %(decision)s, decided_by = %(decided_by)s, decided_at = %(decided_at)s,
    decision_note = %(decision_note)s
WHERE id = %(id)s AND decision IS NULL;

-- name: mark_lifted
-- What is in force of these is in force no more.
UPDATE customer_blacklistings
SET lifted_by = %(lifted_by)s, lifted_at = %(lifted_at)s, lifted_because = %(lifted_because)s
WHERE id = ANY (%(ids)s::bigint[]) AND decision = 'approved' AND lifted_at IS NULL;
