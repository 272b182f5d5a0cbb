-- Rows say who wrote them. Somebody of a superior or a sibling organisation may have: whoever does not
-- see that person is not told the log-in. One place decides it, for every query.

CREATE FUNCTION actor_in_sight(written text) RETURNS TABLE (actor text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT written
    WHERE (SELECT app_is_system())
       OR EXISTS (SELECT FROM users u WHERE u.login = written)
       OR EXISTS (SELECT FROM api_keys k
                  WHERE k.key_id = CASE WHEN written LIKE 'key:%' THEN substr(written, 5) END)
       OR written IN ('guanche', 'system')
       OR written ~ '^guanche [a-z -]+$'
$$;
COMMENT ON FUNCTION actor_in_sight IS
    'A log-in or key as it is written, if the reader sees that person or key; programs; else no row.'
    ' Always `(SELECT actor FROM actor_in_sight(t.written_by))`: only after FROM is it a part of the'
    ' query that asks, and not called row by row. For what is shown: what is decided on reads the row.';

-- Late work orders were told with whom they were given to, in sight or not. The next reminder says it
-- again, to those who see them.
UPDATE alerts SET facts = facts - 'assignee' WHERE kind = 'work_order_late' AND facts ? 'assignee';
