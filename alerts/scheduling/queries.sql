-- name: claim_turn
-- Take or keep the turn; no row while another holds it. The database's clock decides.
INSERT INTO alert_leaders AS l (role, holder, fencing, expires_at)
VALUES (%(role)s, %(holder)s, 1, clock_timestamp() + %(lease)s::interval)
ON CONFLICT (role) DO UPDATE
SET holder = excluded.holder,
    fencing = l.fencing + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END,
    expires_at = excluded.expires_at
WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
RETURNING fencing;

-- name: confirm_turn
-- That it is still this turn; nobody takes over until the transaction ends.
SELECT 1 FROM alert_leaders
WHERE role = %(role)s AND holder = %(holder)s AND fencing = %(fencing)s
FOR SHARE;

-- name: release_turn
-- Give the turn back, so that another takes over at once.
UPDATE alert_leaders SET expires_at = clock_timestamp() - interval '1 second'
WHERE role = %(role)s AND holder = %(holder)s AND fencing = %(fencing)s;

-- name: find_leader
-- Who acts, and whether it was heard of lately.
SELECT role, holder, fencing, expires_at, expires_at < clock_timestamp() AS lapsed
FROM alert_leaders WHERE role = %(role)s;

-- name: enter_job
-- A job that is not in the table yet is due at once; how often it comes may change.
INSERT INTO alert_jobs AS j (name, every_s, next_due_at)
VALUES (%(name)s, %(every_s)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET every_s = excluded.every_s,
    next_due_at = least(j.next_due_at, %(now)s + excluded.every_s * interval '1 second')
WHERE j.every_s <> excluded.every_s;

-- name: take_due_job
-- The job that has waited longest of those that are due; whoever takes it is given until its next
-- try. One that is due later than it ever could be was left by a clock that went ahead.
UPDATE alert_jobs AS j
SET last_started_at = %(now)s,
    next_due_at = %(now)s + least(j.every_s, %(retry_s)s) * interval '1 second'
FROM (
    SELECT d.name, d.next_due_at FROM alert_jobs d
    WHERE d.name = ANY (%(names)s)
      AND (d.next_due_at <= %(now)s
           OR d.next_due_at > %(now)s + (d.every_s + %(retry_s)s) * interval '1 second')
    ORDER BY d.next_due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
) AS due
WHERE j.name = due.name
RETURNING j.name, j.every_s, due.next_due_at, j.last_started_at, j.last_finished_at, j.last_took_s,
          j.last_error;

-- name: finish_job
-- A job has run, or failed: when it is due next.
UPDATE alert_jobs
SET last_finished_at = %(now)s, last_took_s = %(took_s)s,
    last_error = %(error)s, next_due_at = %(next_due_at)s
WHERE name = %(name)s;

-- name: list_jobs
-- All jobs by name.
SELECT name, every_s, next_due_at, last_started_at, last_finished_at, last_took_s, last_error
FROM alert_jobs ORDER BY name;

-- name: set_patience
-- A process that stops in the middle of a transaction holds up its successor no longer than this.
SELECT set_config('idle_in_transaction_session_timeout', %(ms)s, false),
       set_config('lock_timeout', %(lock_ms)s, false);
