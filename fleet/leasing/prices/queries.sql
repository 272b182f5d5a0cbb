-- name: insert_price
-- A model is let for this by the list, from a day on.
INSERT INTO rent_prices (tenant_id, organisation_id, model_id, lease_kind, rent_fen, per, deposit_fen,
    valid_from_on, recorded_by, recorded_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(model_id)s, %(lease_kind)s, %(rent_fen)s, %(per)s,
    %(deposit_fen)s, %(valid_from_on)s, %(recorded_by)s, %(recorded_at)s);

-- name: list_prices
-- The list of an organisation in force on a day: its own prices, else those of the head. Of one
-- model, kind and unit the last row counts.
SELECT DISTINCT ON (m.code, p.lease_kind, p.per) o.code AS organisation_code, p.model_id,
       m.code AS model_code, p.lease_kind, p.rent_fen, p.per, p.deposit_fen, p.valid_from_on,
       coalesce(u.login, 'key:' || k.key_id) AS recorded_by, p.recorded_at
FROM rent_prices p
JOIN vehicle_models m ON m.id = p.model_id
LEFT JOIN organisations o ON o.id = p.organisation_id
LEFT JOIN users u ON u.login = p.recorded_by
LEFT JOIN api_keys k ON 'key:' || k.key_id = p.recorded_by
WHERE p.organisation_id IN (%(organisation_id)s, %(tenant_id)s) AND p.valid_from_on <= %(on)s
  AND (%(model_ids)s::bigint[] IS NULL OR p.model_id = ANY (%(model_ids)s::bigint[]))
  AND (%(lease_kind)s::text IS NULL OR p.lease_kind = %(lease_kind)s::text)
  AND (%(after_code)s::text IS NULL OR (m.code, p.lease_kind, p.per)
       > (%(after_code)s::text, %(after_kind)s::text, %(after_per)s::text))
ORDER BY m.code, p.lease_kind, p.per, p.organisation_id <> %(organisation_id)s,
         p.valid_from_on DESC, p.id DESC
LIMIT %(limit)s;
