-- name: find_kept
-- The digest of the paper of something, where one was made.
SELECT sha256 FROM money_papers
WHERE tenant_id = %(tenant_id)s AND subject_kind = %(kind)s AND subject_key = %(number)s;

-- name: get_tenant_of_settlement
-- Whose tenant a settlement of shares is of.
SELECT tenant_id FROM share_settlements WHERE key = %(key)s;

-- name: list_numbers_of_lease
-- What there are papers of, of a lease: its bills, their credit notes, its notices, in order.
SELECT p.kind, p.number
FROM (SELECT 'bill' AS kind, b.bill_no AS number, 0 AS turn, b.issued_at AS at
      FROM bills b WHERE b.lease_id = %(lease_id)s AND b.state = 'issued'
      UNION ALL
      SELECT 'credit_note', n.credit_no, 1, n.issued_at
      FROM credit_notes n JOIN bills b ON b.id = n.bill_id WHERE b.lease_id = %(lease_id)s
      UNION ALL
      SELECT 'notice', n.notice_no, 2, n.made_at
      FROM dunning_notices n WHERE n.lease_id = %(lease_id)s) p
ORDER BY p.turn, p.at, p.number;

-- name: insert_paper
-- Where the paper of something lies; none where somebody was first.
INSERT INTO money_papers (tenant_id, organisation_id, subject_kind, subject_key, sha256,
    size_bytes, made_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(kind)s, %(number)s, %(sha256)s, %(size_bytes)s,
    %(made_at)s)
ON CONFLICT ON CONSTRAINT money_papers_once DO NOTHING;
