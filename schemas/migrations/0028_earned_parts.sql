-- What lines of bills and of credit notes earn is fixed when they are issued: their days, month by
-- month. It is kept part by part then, so that what was earned in a month is a sum over an index, and
-- not a reckoning of every line that reaches into it. Nothing here is more than what follows from the
-- lines: `guanche money check` compares.
-- Whoever issues one meanwhile waits, or it would be neither filled in nor written by the triggers.
LOCK TABLE bills, credit_notes, credit_note_lines IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE earned_parts (
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    bill_id          bigint NOT NULL,
    line_no          integer NOT NULL,
    credit_note_id   bigint,
    credit_line_no   integer,
    vehicle_id       bigint,
    kind             text NOT NULL,
    month_on         date NOT NULL,
    from_on          date NOT NULL,
    until_on         date NOT NULL,
    issued_on        date NOT NULL,
    issued_at        timestamptz NOT NULL,
    net_fen          bigint NOT NULL,
    CONSTRAINT earned_parts_period_half_open CHECK (from_on < until_on),
    CONSTRAINT earned_parts_note_whole CHECK ((credit_note_id IS NULL) = (credit_line_no IS NULL)),
    CONSTRAINT earned_parts_line_in_tenant
        FOREIGN KEY (tenant_id, bill_id, line_no) REFERENCES bill_lines (tenant_id, bill_id, no),
    CONSTRAINT earned_parts_note_in_tenant
        FOREIGN KEY (tenant_id, credit_note_id) REFERENCES credit_notes (tenant_id, id),
    CONSTRAINT earned_parts_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE earned_parts IS
    'Of which month how much of a line is, net of VAT; below zero where a credit note takes it off.'
    ' Written with the issue of bills and credit notes, never changed.';
COMMENT ON COLUMN earned_parts.month_on IS 'In which month it is earned: that of its days, or of the issue if later.';
COMMENT ON COLUMN earned_parts.from_on IS
    'Its days, of one month; each earns on itself, or on the day of issue where that is later.';
COMMENT ON COLUMN earned_parts.vehicle_id IS 'As on the line.';

-- Which kinds of lines earn, and which of these by days: as fleet/earnings/model.py says.
-- A line is shared among its months by largest remainders, then the earlier. Of a line of two months
-- that is the same as the first part rounded half up; only longer ones are sorted for it.
CREATE FUNCTION write_earned_parts(p_bill_ids bigint[], p_note_ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c_by_day CONSTANT text[] := ARRAY['rent', 'late_return', 'cleaning', 'package', 'other'];
    c_earning CONSTANT text[] := c_by_day || ARRAY['mileage', 'damage', 'missing', 'energy',
        'early_end', 'late_fee', 'down_payment', 'buy_out'];
BEGIN
    INSERT INTO earned_parts (tenant_id, organisation_id, bill_id, line_no, credit_note_id,
        credit_line_no, vehicle_id, kind, month_on, from_on, until_on, issued_on, issued_at, net_fen)
    WITH lines AS (
        SELECT b.tenant_id, b.organisation_id, b.id AS bill_id, l.no AS line_no,
               NULL::bigint AS credit_note_id, NULL::integer AS credit_line_no, l.vehicle_id, l.kind,
               b.issued_on, b.issued_at, l.net_fen,
               CASE WHEN l.kind = ANY (c_by_day) THEN l.from_on END AS from_on,
               CASE WHEN l.kind = ANY (c_by_day) THEN l.until_on END AS until_on
        FROM unnest(p_bill_ids) AS w (id)
        JOIN bills b ON b.id = w.id
        JOIN bill_lines l ON l.bill_id = b.id
        WHERE b.state = 'issued' AND l.kind = ANY (c_earning) AND l.net_fen <> 0
        UNION ALL
        SELECT n.tenant_id, n.organisation_id, c.bill_id, c.bill_line_no, n.id, c.no, l.vehicle_id,
               l.kind, n.issued_on, n.issued_at, -c.net_fen,
               CASE WHEN l.kind = ANY (c_by_day) THEN c.from_on END,
               CASE WHEN l.kind = ANY (c_by_day) THEN c.until_on END
        FROM unnest(p_note_ids) AS w (id)
        JOIN credit_notes n ON n.id = w.id
        JOIN credit_note_lines c ON c.credit_note_id = n.id
        JOIN bill_lines l ON l.bill_id = c.bill_id AND l.no = c.bill_line_no
        WHERE l.kind = ANY (c_earning) AND c.net_fen <> 0
    ), dated AS (
        SELECT l.tenant_id, l.organisation_id, l.bill_id, l.line_no, l.credit_note_id,
               l.credit_line_no, l.vehicle_id, l.kind, l.issued_on, l.issued_at, l.net_fen, d.from_on,
               d.until_on, d.until_on - d.from_on AS days,
               (date_trunc('month', d.from_on::timestamp) + interval '1 month')::date AS next_on
        FROM lines l
        CROSS JOIN LATERAL (SELECT coalesce(l.from_on, l.issued_on) AS from_on,
                                   coalesce(l.until_on, l.issued_on + 1) AS until_on OFFSET 0) AS d
    ), cut AS MATERIALIZED (
        SELECT d.*, least(d.next_on, d.until_on) AS cut_on,
               d.until_on > (d.next_on + interval '1 month')::date AS is_long,
               sign(d.net_fen)::bigint * ((2 * abs(d.net_fen) * (least(d.next_on, d.until_on) - d.from_on)
                                           + d.days) / (2 * d.days)) AS first_fen
        FROM dated d
    ), parts AS (
        SELECT c.*, c.from_on AS part_from_on, c.cut_on AS part_until_on, c.first_fen AS part_fen
        FROM cut c
        WHERE NOT c.is_long
        UNION ALL
        SELECT c.*, c.cut_on, c.until_on, c.net_fen - c.first_fen
        FROM cut c
        WHERE NOT c.is_long AND c.cut_on < c.until_on
        UNION ALL
        SELECT c.*, s.part_from_on, s.part_until_on,
               sign(c.net_fen)::bigint * (s.weighed / c.days
                   + (s.place <= abs(c.net_fen) - s.shared_fen)::integer)
        FROM cut c
        CROSS JOIN LATERAL (
            SELECT w.part_from_on, w.part_until_on, w.weighed,
                   row_number() OVER (ORDER BY w.weighed % c.days DESC, w.part_from_on) AS place,
                   sum(w.weighed / c.days) OVER () AS shared_fen
            FROM (
                SELECT p.part_from_on, p.part_until_on,
                       abs(c.net_fen) * (p.part_until_on - p.part_from_on) AS weighed
                FROM (SELECT greatest(m::date, c.from_on) AS part_from_on,
                             least((m + interval '1 month')::date, c.until_on) AS part_until_on
                      FROM generate_series(date_trunc('month', c.from_on::timestamp),
                                           (c.until_on - 1)::timestamp, interval '1 month') AS m) AS p
            ) AS w
        ) AS s
        WHERE c.is_long
    )
    SELECT p.tenant_id, p.organisation_id, p.bill_id, p.line_no, p.credit_note_id, p.credit_line_no,
           p.vehicle_id, p.kind,
           date_trunc('month', greatest(p.part_from_on, p.issued_on)::timestamp)::date,
           p.part_from_on, p.part_until_on, p.issued_on, p.issued_at, p.part_fen
    FROM parts p;
END $$;

-- What was issued before.
SELECT write_earned_parts(ARRAY(SELECT id FROM bills WHERE state = 'issued'),
                          ARRAY(SELECT id FROM credit_notes));

CREATE UNIQUE INDEX earned_parts_once_idx
    ON earned_parts (bill_id, line_no, credit_note_id, credit_line_no, from_on) NULLS NOT DISTINCT;
CREATE INDEX earned_parts_credit_note_id_idx ON earned_parts (credit_note_id)
    WHERE credit_note_id IS NOT NULL;
-- Holds all that figures ask of a month, so that nothing else is read.
CREATE INDEX earned_parts_organisation_id_idx ON earned_parts (organisation_id, month_on)
    INCLUDE (vehicle_id, kind, from_on, until_on, issued_on, issued_at, net_fen);

-- With the bill, and with the note, whoever issues it.
CREATE FUNCTION earned_parts_of_bills() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_earned_parts(
        ARRAY(SELECT c.id FROM changed c JOIN before b ON b.id = c.id
              WHERE c.state = 'issued' AND b.state <> 'issued'), '{}');
    RETURN NULL;
END $$;
CREATE TRIGGER earns AFTER UPDATE ON bills REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION earned_parts_of_bills();

CREATE FUNCTION earned_parts_of_notes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM write_earned_parts('{}', ARRAY(SELECT DISTINCT credit_note_id FROM added));
    RETURN NULL;
END $$;
CREATE TRIGGER earns AFTER INSERT ON credit_note_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION earned_parts_of_notes();

CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON earned_parts
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();

-- What was earned in [from_on, until_on) as it was known then: whole months as they stand; of a month
-- that is cut, the days that lie within. Put into the question that asks it by the planner.
CREATE FUNCTION earned_between(p_scope bigint[], p_from_on date, p_until_on date,
    p_known_at timestamptz)
RETURNS TABLE (month_on date, organisation_id bigint, vehicle_id bigint, kind text, net_fen bigint)
LANGUAGE sql STABLE AS $$
    SELECT e.month_on, e.organisation_id, e.vehicle_id, e.kind, e.net_fen
    FROM earned_parts e
    WHERE e.organisation_id = ANY (p_scope) AND e.issued_at <= p_known_at
      AND e.month_on >= p_from_on
      AND e.month_on < date_trunc('month', p_until_on::timestamp)::date
    UNION ALL
    SELECT e.month_on, e.organisation_id, e.vehicle_id, e.kind,
           e.net_fen * d.until_days / (e.until_on - e.from_on)
               - e.net_fen * d.before_days / (e.until_on - e.from_on)
    FROM earned_parts e
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p_from_on <= e.issued_on THEN 0
                    ELSE greatest(0, least(p_from_on, e.until_on) - e.from_on) END AS before_days,
               CASE WHEN p_until_on <= e.issued_on THEN 0
                    ELSE greatest(0, least(p_until_on, e.until_on) - e.from_on) END AS until_days
        OFFSET 0 -- reckoned once
    ) AS d
    WHERE e.organisation_id = ANY (p_scope) AND e.issued_at <= p_known_at
      AND (e.month_on = date_trunc('month', p_from_on::timestamp)::date AND e.month_on < p_from_on
           OR e.month_on = date_trunc('month', p_until_on::timestamp)::date AND e.month_on < p_until_on)
      AND d.until_days > d.before_days
$$;

GRANT SELECT ON earned_parts TO guanche_system;
GRANT SELECT, INSERT ON earned_parts TO guanche_app;
ALTER TABLE earned_parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON earned_parts TO guanche_system USING (true);
CREATE POLICY app_sees_its_organisations ON earned_parts TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));
