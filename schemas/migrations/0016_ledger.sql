-- The ledger: double entry, one book an organisation, in fen.
--
-- An entry and its postings are written in the transaction of what they tell of, and never changed:
-- a correction is a further entry. What will be recognised later (rent of months to come, VAT not yet
-- due) is posted at once with its later day, so that any day, past or to come, is asked the same way.

-- Up to when an organisation's book is closed. A row comes with its first entry.
CREATE TABLE ledger_books (
    organisation_id  bigint PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    closed_until_on  date,
    CONSTRAINT ledger_books_of_a_month
        CHECK (closed_until_on = date_trunc('month', closed_until_on::timestamp)::date),
    CONSTRAINT ledger_books_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE ledger_books IS 'Written by fleet/ledger.';
COMMENT ON COLUMN ledger_books.closed_until_on IS 'The first open day: the first of a month.';

-- A book begins where one above it is closed already, or it would change what was closed there.
CREATE FUNCTION ledger_books_begin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.closed_until_on := greatest(NEW.closed_until_on, (
        SELECT max(b.closed_until_on) FROM organisation_closure c
        JOIN ledger_books b ON b.organisation_id = c.ancestor_id
        WHERE c.descendant_id = NEW.organisation_id));
    RETURN NEW;
END $$;
ALTER FUNCTION ledger_books_begin() OWNER TO guanche_system;
REVOKE ALL ON FUNCTION ledger_books_begin() FROM PUBLIC;
CREATE TRIGGER begins BEFORE INSERT ON ledger_books
    FOR EACH ROW EXECUTE FUNCTION ledger_books_begin();

-- What is closed stays closed.
CREATE FUNCTION ledger_books_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.organisation_id <> OLD.organisation_id
       OR coalesce(NEW.closed_until_on < OLD.closed_until_on, OLD.closed_until_on IS NOT NULL) THEN
        RAISE EXCEPTION 'the book of % is closed until %', OLD.organisation_id, OLD.closed_until_on
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_books_stay_closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON ledger_books
    FOR EACH ROW EXECUTE FUNCTION ledger_books_stay();

CREATE TABLE ledger_closings (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    month_on         date NOT NULL,
    balances         jsonb NOT NULL,
    closed_by        text NOT NULL,
    closed_at        timestamptz NOT NULL,
    CONSTRAINT ledger_closings_once UNIQUE (organisation_id, month_on),
    CONSTRAINT ledger_closings_of_a_month
        CHECK (month_on = date_trunc('month', month_on::timestamp)::date),
    CONSTRAINT ledger_closings_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE ledger_closings IS 'Months closed, with the trial balance of then. Written by fleet/ledger.';

CREATE TABLE ledger_entries (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    event_kind       text NOT NULL CHECK (event_kind <> ''),
    event_key        text NOT NULL CHECK (event_key <> ''),
    part             integer NOT NULL DEFAULT 0 CHECK (part >= 0),
    happened_on      date NOT NULL,
    booked_on        date NOT NULL,
    title            text NOT NULL CHECK (title <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT ledger_entries_postings_key UNIQUE (tenant_id, id, organisation_id, booked_on),
    CONSTRAINT ledger_entries_once UNIQUE (organisation_id, event_kind, event_key, part),
    CONSTRAINT ledger_entries_not_before_it_happened CHECK (booked_on >= happened_on),
    CONSTRAINT ledger_entries_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX ledger_entries_booked_on_idx ON ledger_entries (organisation_id, booked_on, id);
COMMENT ON TABLE ledger_entries IS '凭证. Only grows. Written by fleet/ledger, for the slices that earn and owe.';
COMMENT ON COLUMN ledger_entries.booked_on IS
    'In which month it counts: when it happened, or the first open day where that month is closed.';

CREATE TABLE ledger_postings (
    entry_id         bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    booked_on        date NOT NULL,
    account          text NOT NULL
                         CHECK (account IN ('cash', 'bank', 'wallet', 'receivable', 'deposit_receivable',
                         'paid_for_others', 'share_receivable', 'share_payable', 'customer_credit',
                         'deferred_revenue', 'vat_payable', 'vat_pending', 'deposit_liability', 'unclaimed',
                         'deposit_due', 'opening', 'rent_revenue', 'mileage_revenue', 'service_revenue',
                         'energy_revenue', 'purchase_revenue', 'share_revenue', 'penalty_revenue',
                         'damage_revenue', 'share_expense', 'bad_debt')),
    amount_fen       bigint NOT NULL CHECK (amount_fen <> 0),
    customer_id      bigint,
    lease_id         bigint,
    vehicle_id       bigint,
    PRIMARY KEY (entry_id, no),
    CONSTRAINT ledger_postings_as_their_entry
        FOREIGN KEY (tenant_id, entry_id, organisation_id, booked_on)
        REFERENCES ledger_entries (tenant_id, id, organisation_id, booked_on)
);
CREATE INDEX ledger_postings_account_idx ON ledger_postings (organisation_id, account, booked_on)
    INCLUDE (amount_fen);
CREATE INDEX ledger_postings_customer_id_idx ON ledger_postings (customer_id, booked_on);
COMMENT ON TABLE ledger_postings IS 'Debits above zero, credits below. Only grows. Written by fleet/ledger.';

-- Every entry sums to zero, and counts in an open month: refused here whoever writes it.
CREATE FUNCTION ledger_postings_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad record;
BEGIN
    SELECT entry_id, sum(amount_fen) AS off_fen INTO bad
    FROM added GROUP BY entry_id HAVING sum(amount_fen) <> 0 OR count(*) < 2 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: % fen', bad.entry_id, bad.off_fen
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_postings_zero_sum';
    END IF;
    -- Nobody closes a month between this look and the commit.
    PERFORM FROM ledger_books WHERE organisation_id IN (SELECT organisation_id FROM added) FOR SHARE;
    SELECT a.entry_id, a.booked_on INTO bad
    FROM added a
    LEFT JOIN ledger_books b ON b.organisation_id = a.organisation_id
    WHERE b.organisation_id IS NULL OR a.booked_on < b.closed_until_on LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % counts on %, which is closed or of no book', bad.entry_id,
            bad.booked_on USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_postings_open_month';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_balance();

-- What is written stays, also for the owner of the tables.
CREATE FUNCTION written_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_postings
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_closings
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();

-- Which kind of VAT payer an organisation is, from a day on: 一般纳税人, 小规模纳税人.
CREATE TABLE tax_profiles (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    taxpayer         text NOT NULL CHECK (taxpayer IN ('general', 'small_scale')),
    simplified       boolean NOT NULL DEFAULT false,
    valid_from_on    date NOT NULL,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT tax_profiles_simplified_is_general CHECK (NOT simplified OR taxpayer = 'general'),
    CONSTRAINT tax_profiles_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX tax_profiles_organisation_id_idx ON tax_profiles (organisation_id, valid_from_on, id);
COMMENT ON TABLE tax_profiles IS 'The last row of a day counts. Written by fleet/vat.';
COMMENT ON COLUMN tax_profiles.simplified IS 'A general taxpayer that chose 简易计税 for leasing.';

-- The nearest profile or none, of an organisation in sight or those above it.
CREATE FUNCTION tax_profile_of(p_organisation_id bigint, p_on date)
RETURNS TABLE (taxpayer text, simplified boolean, valid_from_on date, organisation_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.taxpayer, t.simplified, t.valid_from_on, t.organisation_id
    FROM organisation_closure c
    JOIN tax_profiles t ON t.organisation_id = c.ancestor_id AND t.valid_from_on <= p_on
    WHERE c.descendant_id = p_organisation_id
      AND p_organisation_id IN (SELECT id FROM visible_organisations)
    ORDER BY c.depth, t.valid_from_on DESC, t.id DESC LIMIT 1
$$;
ALTER FUNCTION tax_profile_of(bigint, date) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION tax_profile_of(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tax_profile_of(bigint, date) TO guanche_app;

GRANT SELECT ON ledger_books, ledger_closings, ledger_entries, ledger_postings, tax_profiles
    TO guanche_system;
GRANT SELECT, INSERT ON ledger_books, ledger_closings, ledger_entries, ledger_postings, tax_profiles
    TO guanche_app;
GRANT UPDATE (closed_until_on) ON ledger_books TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['ledger_books', 'ledger_closings', 'ledger_entries', 'ledger_postings',
        'tax_profiles'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
