-- name: count_documents
-- Files of a vehicle in sight by kind, without those withdrawn.
SELECT kind, count(*) AS files
FROM documents
WHERE vehicle_id = %(vehicle_id)s AND withdrawn_at IS NULL
GROUP BY kind
ORDER BY kind;

-- name: list_promises
-- What leases have to do with vehicles in sight: whether one in sight has it, whether one in sight is
-- promised it for some time to come, and whether one does either, in sight or not.
SELECT v.vin,
       EXISTS (SELECT FROM lease_segments s
               WHERE s.vehicle_id = v.id AND upper_inf(s.let_period)) AS held,
       EXISTS (SELECT FROM lease_bookings b
               WHERE b.vehicle_id = v.id
                 AND (upper_inf(b.booked_period) OR upper(b.booked_period) > %(now)s)) AS promised,
       leases_hold_vehicle(v.id, %(now)s) AS any_lease
FROM vehicles v
WHERE v.vin = ANY (%(vins)s);
