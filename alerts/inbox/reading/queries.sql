-- name: list_alerts
-- Alerts in sight; which are on the page, and their order, are added in store.py.
SELECT a.id, a.tenant_id, a.organisation_id, o.code AS organisation_code, a.alert_no, a.rule_code,
       a.rule_version, a.kind, a.severity, a.state, a.subject_kind, a.subject_key, a.occurrence,
       a.facts, v.vin, v.plate, l.lease_no, b.bill_no, k.customer_no, t.contract_no,
       w.number AS work_order_no, a.due_on, a.stage, a.fires, a.raised_at, a.last_raised_at,
       a.recorded_at, a.historical, (SELECT actor FROM actor_in_sight(a.assignee)) AS assignee,
       a.acknowledged_at, (SELECT actor FROM actor_in_sight(a.acknowledged_by)) AS acknowledged_by,
       a.snoozed_until, i.alert_no AS inhibited_by, a.escalation, a.escalate_at, a.cleared_at,
       a.resolved_at, (SELECT actor FROM actor_in_sight(a.resolved_by)) AS resolved_by, a.resolution,
       a.reopened, a.version
FROM alerts a
JOIN organisations o ON o.id = a.organisation_id
LEFT JOIN vehicles v ON v.id = a.vehicle_id
LEFT JOIN leases l ON l.id = a.lease_id
LEFT JOIN bills b ON b.id = a.bill_id
LEFT JOIN customers k ON k.id = a.customer_id
LEFT JOIN contracts t ON t.id = a.contract_id
LEFT JOIN work_orders w ON w.id = a.work_order_id
LEFT JOIN alerts i ON i.id = a.inhibited_by_id;

-- name: list_vehicle_ids
-- The vehicle in sight with this VIN; of several tenants, to who sees them.
SELECT v.id FROM vehicles v WHERE v.vin = %(vin)s;

-- name: list_fires
-- What fired of an alert, in order; those that were only noted before the one that was told.
SELECT k.fire_key, greatest(0, f.stage - cardinality(f.missed_keys) - 1 + k.place::integer) AS stage,
       f.severity, f.fired_at, f.recorded_at,
       f.caught_up OR k.place <= cardinality(f.missed_keys) AS caught_up
FROM alert_fires f
CROSS JOIN LATERAL unnest(f.missed_keys || f.fire_key) WITH ORDINALITY AS k (fire_key, place)
WHERE f.alert_id = %(alert_id)s
ORDER BY f.id, k.place LIMIT 1000;

-- name: list_events
-- What happened to an alert, in order; of very many the last. People as far as they are in sight: who
-- did it, to whom it was given, and who above was told. That it was raised is said by its first fire;
-- of older ones by a row of its own.
SELECT e.id, e.at, (SELECT actor FROM actor_in_sight(e.actor)) AS actor, e.kind, e.note,
       e.facts
       || CASE WHEN e.kind = 'assigned' THEN jsonb_build_object('assignee',
              (SELECT actor FROM actor_in_sight(e.facts ->> 'assignee'))) ELSE '{}' END
       || CASE WHEN e.kind = 'escalated' THEN jsonb_build_object('to', ARRAY(
              SELECT s.actor
              FROM jsonb_array_elements_text(e.facts -> 'to') WITH ORDINALITY AS t (login, place)
              CROSS JOIN LATERAL actor_in_sight(t.login) AS s
              ORDER BY t.place)) ELSE '{}' END AS facts
FROM (SELECT x.id, x.at, x.actor, x.kind, x.note, x.facts
      FROM alert_events x WHERE x.alert_id = %(alert_id)s
      UNION ALL
      SELECT 0, a.recorded_at, %(by_itself)s, 'raised', NULL,
             jsonb_strip_nulls(jsonb_build_object('fire_key', f.fire_key,
                 'historical', CASE WHEN f.caught_up THEN true END))
      FROM alerts a
      LEFT JOIN LATERAL (
          SELECT y.fire_key, y.caught_up FROM alert_fires y
          WHERE y.alert_id = a.id
          ORDER BY y.id LIMIT 1
      ) AS f ON true
      WHERE a.id = %(alert_id)s
        AND NOT EXISTS (SELECT FROM alert_events z WHERE z.alert_id = a.id AND z.kind = 'raised')
      ORDER BY id DESC LIMIT 1000) AS e
ORDER BY e.id;

-- name: list_messages
-- Keys of the messages in sight that told of an alert.
SELECT m.key
FROM notification_messages m
WHERE m.id IN (SELECT n.message_id FROM notification_items n WHERE n.alert_id = %(alert_id)s)
ORDER BY m.id;

-- name: count_alerts
-- Unresolved alerts of an organisation and below, or of all in sight, by what they are.
SELECT o.code AS organisation_code, a.kind, a.severity, a.state, count(*) AS alerts,
       count(*) FILTER (WHERE a.assignee = %(login)s) AS mine,
       count(*) FILTER (WHERE a.snoozed_until > %(now)s) AS snoozed,
       count(*) FILTER (WHERE a.inhibited_by_id IS NOT NULL) AS inhibited
FROM alerts a
JOIN organisations o ON o.id = a.organisation_id
WHERE a.state <> 'resolved' AND a.kind = ANY (%(kinds)s::text[])
  AND (%(organisation)s::text IS NULL
       OR a.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c
                                JOIN organisations r ON r.id = c.ancestor_id
                                WHERE r.code = %(organisation)s))
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4;

-- name: list_storms
-- Rules of which many alerts of one organisation are unresolved, the most first.
SELECT o.code AS organisation_code, a.rule_code, max(a.kind) AS kind,
       (ARRAY['info', 'warning', 'critical'])[max(
           array_position(ARRAY['info', 'warning', 'critical'], a.severity))] AS severity,
       count(*) AS alerts, min(a.raised_at) AS first_raised_at,
       max(a.last_raised_at) AS last_raised_at
FROM alerts a
JOIN organisations o ON o.id = a.organisation_id
WHERE a.state <> 'resolved' AND a.kind = ANY (%(kinds)s::text[])
  AND (%(organisation)s::text IS NULL
       OR a.organisation_id IN (SELECT c.descendant_id FROM organisation_closure c
                                JOIN organisations r ON r.id = c.ancestor_id
                                WHERE r.code = %(organisation)s))
GROUP BY 1, 2
HAVING count(*) >= %(at_least)s
ORDER BY count(*) DESC, 1, 2
LIMIT %(limit)s;

-- name: find_far_change
-- The transaction that changed the first alert, counted back from the last, that is one too many.
SELECT a.changed_in::text::bigint AS changed_in
FROM alerts a
WHERE a.changed_in >= %(xmin)s::text::xid8 AND NOT a.historical
ORDER BY a.changed_in DESC OFFSET %(most)s LIMIT 1;

-- name: list_changed
-- Alerts that changed since a moment of the database, and which of these organisations see each, and
-- see whom it is given to.
SELECT a.changed_in::text::bigint AS changed_in, c.seen_by,
       ARRAY(SELECT s.ancestor_id FROM users u
             JOIN organisation_closure s ON s.descendant_id = u.organisation_id
             WHERE u.login = a.assignee AND s.ancestor_id = ANY (%(organisation_ids)s::bigint[])
       ) AS assignee_seen_by, a.alert_no, o.code AS organisation,
       a.rule_code, a.kind, a.severity, a.state, a.subject_kind, a.subject_key, a.due_on, a.fires,
       a.raised_at, a.last_raised_at, a.assignee, a.snoozed_until, i.alert_no AS inhibited_by,
       a.cleared_at, a.resolved_at, a.reopened, a.version
FROM (
    SELECT descendant_id, array_agg(ancestor_id) AS seen_by
    FROM organisation_closure
    WHERE ancestor_id = ANY (%(organisation_ids)s::bigint[])
    GROUP BY descendant_id
) AS c
JOIN alerts a ON a.organisation_id = c.descendant_id
JOIN organisations o ON o.id = a.organisation_id
LEFT JOIN alerts i ON i.id = a.inhibited_by_id
WHERE a.changed_in >= %(xmin)s::text::xid8 AND NOT a.historical
  AND (a.changed_in >= %(xmax)s::text::xid8 OR a.changed_in = ANY (%(running)s::text[]::xid8[]))
ORDER BY a.id;
