-- name: list_accounts
-- Accounts of a customer and of all merged into it, each once, the oldest first.
SELECT u.* FROM (
    SELECT DISTINCT ON (a.account_digest)
           a.id, a.customer_id, f.customer_no, a.bank, a.holder, a.account_sealed,
           (SELECT actor FROM actor_in_sight(a.added_by)) AS added_by,
           a.added_at
    FROM customer_accounts a
    JOIN customers f ON f.id = a.customer_id
    WHERE (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s) AND a.removed_at IS NULL
    ORDER BY a.account_digest, (f.id = %(customer_id)s) DESC, a.id
) AS u
ORDER BY u.id;

-- name: has_account
-- Whether a customer, or one merged into it, has an account.
SELECT EXISTS (
    SELECT FROM customer_accounts a
    JOIN customers f ON f.id = a.customer_id
    WHERE (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s)
      AND a.account_digest = %(account_digest)s AND a.removed_at IS NULL
);

-- name: insert_account
-- An account of a customer.
INSERT INTO customer_accounts (tenant_id, organisation_id, customer_id, bank, holder,
    account_sealed, account_digest, added_by, added_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(bank)s, %(holder)s,
    %(account_sealed)s, %(account_digest)s, %(added_by)s, %(added_at)s)
RETURNING id;

-- name: mark_removed
-- An account is the customer's no more: its rows, of all that were merged.
UPDATE customer_accounts a
SET removed_at = %(now)s
FROM customers f
WHERE f.id = a.customer_id AND (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s)
  AND a.removed_at IS NULL
  AND a.account_digest = (SELECT x.account_digest FROM customer_accounts x
                          WHERE x.id = %(account_id)s);

-- name: list_holders
-- Which customers have these accounts; of merged ones that they went into.
SELECT DISTINCT a.account_digest, coalesce(c.merged_into_id, c.id) AS customer_id
FROM customer_accounts a
JOIN customers c ON c.id = a.customer_id
WHERE a.account_digest = ANY (%(account_digests)s) AND a.removed_at IS NULL;
