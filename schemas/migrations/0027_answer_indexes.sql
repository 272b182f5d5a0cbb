-- Figures of the business read a few columns of many bills, lines and allocations. A bill holds all
-- that is printed of it, so that reading the table for a sum reads a gigabyte: these indexes hold what
-- figures ask for, and nothing else is read. Three take the place of one that began alike.

-- Issued bills by their day: collection, revenue; and those issued after a day, for ageing.
CREATE INDEX bills_issued_idx ON bills (organisation_id, issued_on)
    INCLUDE (id, due_on, kind, issued_at, total_fen) WHERE state = 'issued';
CREATE INDEX bills_deposits_idx ON bills (organisation_id) INCLUDE (id)
    WHERE state = 'issued' AND kind = 'deposit';

-- What is open now, and what was settled after a day.
DROP INDEX bill_balances_organisation_id_idx;
CREATE INDEX bill_balances_organisation_id_idx ON bill_balances (organisation_id, settled_on)
    INCLUDE (bill_id, customer_id, due_on, open_fen);

-- What settled anything after a day, or was recorded after an instant.
DROP INDEX allocations_organisation_id_idx;
CREATE INDEX allocations_organisation_id_idx ON allocations (organisation_id, allocated_on)
    INCLUDE (bill_id, amount_fen, recorded_at);

-- Lines that reach into a span.
DROP INDEX bill_lines_organisation_id_idx;
CREATE INDEX bill_lines_organisation_id_idx ON bill_lines (organisation_id, until_on)
    INCLUDE (bill_id, no, kind, vehicle_id, net_fen, from_on);
