-- name: list_drivers
-- Drivers of a customer and of all merged into it, each licence once, by name.
SELECT u.* FROM (
    SELECT DISTINCT ON (d.licence_digest)
           d.id, d.key, d.customer_id, d.name, d.phone, d.licence_sealed, d.classes,
           d.first_issued_on, d.valid_to_on, d.version, o.time_zone AS zone
    FROM customer_drivers d
    JOIN customers f ON f.id = d.customer_id
    JOIN organisations o ON o.id = d.organisation_id
    WHERE (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s) AND d.removed_at IS NULL
    ORDER BY d.licence_digest, (f.id = %(customer_id)s) DESC, d.id
) AS u
ORDER BY u.name, u.id;

-- name: find_driver
-- A driver of a customer or of one merged into it; one that was removed only if asked.
SELECT d.id, d.key, d.customer_id, d.name, d.phone, d.licence_sealed, d.classes, d.first_issued_on,
       d.valid_to_on, d.version, o.time_zone AS zone
FROM customer_drivers d
JOIN customers f ON f.id = d.customer_id
JOIN organisations o ON o.id = d.organisation_id
WHERE (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s) AND d.key = %(key)s
  AND (d.removed_at IS NULL OR %(removed)s);

-- name: find_licence
-- The driver of a customer, or of one merged into it, who has this licence.
SELECT d.key
FROM customer_drivers d
JOIN customers f ON f.id = d.customer_id
WHERE (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s)
  AND d.licence_digest = %(licence_digest)s AND d.removed_at IS NULL AND d.key <> %(except_key)s
ORDER BY d.id
LIMIT 1;

-- name: insert_driver
-- A driver of a customer.
INSERT INTO customer_drivers (key, tenant_id, organisation_id, customer_id, name, phone,
    licence_sealed, licence_digest, classes, first_issued_on, valid_to_on, added_by, added_at)
VALUES (%(key)s, %(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(name)s, %(phone)s,
    %(licence_sealed)s, %(licence_digest)s, %(classes)s, %(first_issued_on)s, %(valid_to_on)s,
    %(added_by)s, %(added_at)s);

-- name: update_driver
-- A driver whom nobody has changed since they were read.
UPDATE customer_drivers
SET name = %(name)s, phone = %(phone)s, licence_sealed = %(licence_sealed)s,
    licence_digest = %(licence_digest)s, classes = %(classes)s,
    first_issued_on = %(first_issued_on)s, valid_to_on = %(valid_to_on)s, version = version + 1
WHERE key = %(key)s AND version = %(version)s AND removed_at IS NULL;

-- name: mark_removed
-- A driver drives for the customer no more: the rows of this licence, of all that were merged.
UPDATE customer_drivers d
SET removed_at = %(now)s, version = d.version + 1
FROM customers f
WHERE f.id = d.customer_id AND (f.id = %(customer_id)s OR f.merged_into_id = %(customer_id)s)
  AND d.removed_at IS NULL
  AND d.licence_digest = (SELECT x.licence_digest FROM customer_drivers x WHERE x.key = %(key)s);
