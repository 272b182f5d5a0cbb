-- Bills: drafted from leases, issued under a number without gaps, never changed, corrected by credit
-- notes. A draft that does not hold any more is discarded and made anew.

-- From which day on an organisation, and those below it, are billed; who the seller is.
CREATE TABLE billing_settings (
    organisation_id  bigint PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    bills_from_on    date NOT NULL,
    draft_days       integer NOT NULL DEFAULT 10 CHECK (draft_days BETWEEN 0 AND 60),
    issue_days       integer NOT NULL DEFAULT 7 CHECK (issue_days BETWEEN 0 AND 60),
    issues_itself    boolean NOT NULL DEFAULT true,
    seller           jsonb NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    changed_by       text NOT NULL,
    changed_at       timestamptz NOT NULL,
    CONSTRAINT billing_settings_drafted_before_issued CHECK (draft_days >= issue_days),
    CONSTRAINT billing_settings_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE billing_settings IS 'Written by fleet/billing.';
COMMENT ON COLUMN billing_settings.bills_from_on IS 'No period of rent that begins earlier is billed.';
COMMENT ON COLUMN billing_settings.seller IS
    '{"name", "tax_no", "address", "phone", "bank", "account", "contact", "wechat", "note"}: as printed.';

-- The nearest settings or none, of an organisation in sight.
CREATE FUNCTION billing_settings_of(p_organisation_id bigint)
RETURNS TABLE (organisation_id bigint, tenant_id bigint, bills_from_on date, draft_days integer,
    issue_days integer, issues_itself boolean, seller jsonb, version bigint, changed_by text,
    changed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.organisation_id, s.tenant_id, s.bills_from_on, s.draft_days, s.issue_days,
           s.issues_itself, s.seller, s.version, s.changed_by, s.changed_at
    FROM organisation_closure c
    JOIN billing_settings s ON s.organisation_id = c.ancestor_id
    WHERE c.descendant_id = p_organisation_id
      AND p_organisation_id IN (SELECT id FROM visible_organisations)
    ORDER BY c.depth LIMIT 1
$$;
ALTER FUNCTION billing_settings_of(bigint) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION billing_settings_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_settings_of(bigint) TO guanche_app;

-- The heads of tenants some organisation of which bills: for the job that bills them all.
CREATE FUNCTION billing_tenants() RETURNS TABLE (tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT s.tenant_id FROM billing_settings s ORDER BY s.tenant_id
$$;
ALTER FUNCTION billing_tenants() OWNER TO guanche_system;
REVOKE ALL ON FUNCTION billing_tenants() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing_tenants() TO guanche_app;

CREATE TABLE bill_counters (
    organisation_id  bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('bill', 'credit_note')),
    year             integer NOT NULL CHECK (year BETWEEN 2000 AND 9999),
    tenant_id        bigint NOT NULL,
    last_no          integer NOT NULL CHECK (last_no >= 0),
    PRIMARY KEY (organisation_id, kind, year),
    CONSTRAINT bill_counters_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE bill_counters IS 'Locked while a number is given, so that none is missing. Written by fleet/billing.';

-- How far a lease has been looked at; the lock of its billing.
CREATE TABLE lease_billing (
    lease_id         bigint PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    event_no         integer NOT NULL,
    next_on          date,
    looked_at        timestamptz NOT NULL,
    fault            text CHECK (fault <> ''),
    CONSTRAINT lease_billing_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT lease_billing_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX lease_billing_next_on_idx ON lease_billing (organisation_id, next_on);
COMMENT ON TABLE lease_billing IS 'Written by fleet/billing.';
COMMENT ON COLUMN lease_billing.next_on IS 'When there will be something to draft or issue; null: nothing known of.';
COMMENT ON COLUMN lease_billing.fault IS 'Why it could not be billed; the others were.';

CREATE TABLE bills (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    lease_id         bigint,
    kind             text NOT NULL CHECK (kind IN ('rent', 'deposit', 'charges', 'late_fee',
                         'purchase', 'package', 'reclaim', 'opening')),
    purpose          text NOT NULL CHECK (purpose <> ''),
    state            text NOT NULL CHECK (state IN ('draft', 'issued', 'discarded')),
    bill_no          text CHECK (bill_no ~ '^B[0-9]{4}-[0-9]+-[0-9]{6,}$'),
    from_on          date,
    until_on         date,
    due_on           date NOT NULL,
    issue_on         date NOT NULL,
    issued_on        date,
    issued_at        timestamptz,
    issued_by        text,
    total_fen        bigint NOT NULL,
    vat_fen          bigint NOT NULL,
    principal_fen    bigint NOT NULL CHECK (principal_fen >= 0),
    interest_fen     bigint NOT NULL CHECK (interest_fen >= 0),
    cost_fen         bigint NOT NULL CHECK (cost_fen >= 0),
    late_fee         jsonb,
    snapshot         jsonb,
    snapshot_sha256  bytea CHECK (length(snapshot_sha256) = 32),
    lines_sha256     bytea NOT NULL CHECK (length(lines_sha256) = 32),
    drafted_by       text NOT NULL,
    drafted_at       timestamptz NOT NULL,
    discarded_at     timestamptz,
    CONSTRAINT bills_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT bills_bill_no_key UNIQUE (tenant_id, bill_no),
    CONSTRAINT bills_adds_up CHECK (total_fen = principal_fen + interest_fen + cost_fen AND total_fen >= 0),
    CONSTRAINT bills_issued_whole CHECK ((state = 'issued') = (bill_no IS NOT NULL)
        AND (state = 'issued') = (issued_at IS NOT NULL) AND (state = 'issued') = (issued_on IS NOT NULL)
        AND (state = 'issued') = (issued_by IS NOT NULL) AND (state = 'issued') = (snapshot IS NOT NULL)
        AND (state = 'issued') = (snapshot_sha256 IS NOT NULL)),
    CONSTRAINT bills_discarded_whole CHECK ((state = 'discarded') = (discarded_at IS NOT NULL)),
    CONSTRAINT bills_period_half_open CHECK (from_on < until_on),
    CONSTRAINT bills_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT bills_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT bills_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
-- What is billed once stands on one bill that was not discarded.
CREATE UNIQUE INDEX bills_once_idx ON bills (lease_id, purpose) WHERE state <> 'discarded' AND lease_id IS NOT NULL;
CREATE INDEX bills_organisation_id_idx ON bills (organisation_id, due_on, id) WHERE state <> 'discarded';
CREATE INDEX bills_drafts_idx ON bills (organisation_id, issue_on) WHERE state = 'draft';
CREATE INDEX bills_customer_id_idx ON bills (customer_id, due_on);
COMMENT ON TABLE bills IS '账单. Written by fleet/billing. What is still open of one: bill_balances.';
COMMENT ON COLUMN bills.purpose IS 'What of the lease it bills: "rent:3" is its third period.';
COMMENT ON COLUMN bills.due_on IS 'By the contract, whenever it was issued.';
COMMENT ON COLUMN bills.issue_on IS 'From which day on the draft may be issued.';
COMMENT ON COLUMN bills.late_fee IS 'As agreed when it was issued: {"rate_per_day", "grace_days", "cap_pct", "clause"}.';
COMMENT ON COLUMN bills.snapshot IS 'All that is printed, as it was then. snapshot_sha256 is of its canonical text.';

CREATE TABLE bill_lines (
    bill_id          bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('rent', 'deposit', 'mileage', 'damage', 'missing',
                         'cleaning', 'energy', 'violation', 'early_end', 'late_return', 'late_fee',
                         'down_payment', 'buy_out', 'package', 'collection_cost', 'reclaim', 'opening',
                         'other')),
    class            text NOT NULL CHECK (class IN ('principal', 'interest', 'cost')),
    title            text NOT NULL CHECK (title <> ''),
    amount_fen       bigint NOT NULL,
    net_fen          bigint NOT NULL,
    vat_fen          bigint NOT NULL,
    vat_pct          numeric(5, 2) CHECK (vat_pct >= 0),
    line_no          integer,
    vehicle_id       bigint,
    from_on          date,
    until_on         date,
    source_kind      text NOT NULL CHECK (source_kind IN ('rent', 'deposit', 'mileage', 'charge',
                         'late_fee', 'purchase', 'package', 'hand', 'reclaim', 'opening')),
    source_key       text NOT NULL CHECK (source_key <> ''),
    basis            jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (bill_id, no),
    CONSTRAINT bill_lines_tenant_key UNIQUE (tenant_id, bill_id, no),
    CONSTRAINT bill_lines_split_whole CHECK (amount_fen = net_fen + vat_fen),
    CONSTRAINT bill_lines_outside_vat CHECK (vat_pct IS NOT NULL OR vat_fen = 0),
    CONSTRAINT bill_lines_period_half_open CHECK (from_on < until_on AND (from_on IS NULL) = (until_on IS NULL)),
    CONSTRAINT bill_lines_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT bill_lines_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT bill_lines_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX bill_lines_organisation_id_idx ON bill_lines (organisation_id);
CREATE INDEX bill_lines_vehicle_id_idx ON bill_lines (vehicle_id, from_on);
CREATE INDEX bill_lines_source_idx ON bill_lines (source_kind, source_key);
COMMENT ON TABLE bill_lines IS 'Amounts include VAT; a line of less than zero takes off another. Written by fleet/billing.';
COMMENT ON COLUMN bill_lines.vat_pct IS 'Null: not subject to VAT (deposits, fines passed on).';
COMMENT ON COLUMN bill_lines.class IS 'Civil Code §561: costs of collection, interest (late fees), principal.';

-- 红字/冲减账单: takes off an issued bill what should not stand on it.
CREATE TABLE credit_notes (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    bill_id          bigint NOT NULL,
    credit_no        text NOT NULL CHECK (credit_no ~ '^N[0-9]{4}-[0-9]+-[0-9]{6,}$'),
    reason           text NOT NULL CHECK (reason <> ''),
    total_fen        bigint NOT NULL CHECK (total_fen > 0),
    vat_fen          bigint NOT NULL CHECK (vat_fen >= 0),
    issued_on        date NOT NULL,
    issued_at        timestamptz NOT NULL,
    issued_by        text NOT NULL,
    snapshot         jsonb NOT NULL,
    snapshot_sha256  bytea NOT NULL CHECK (length(snapshot_sha256) = 32),
    CONSTRAINT credit_notes_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT credit_notes_credit_no_key UNIQUE (tenant_id, credit_no),
    CONSTRAINT credit_notes_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT credit_notes_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT credit_notes_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX credit_notes_organisation_id_idx ON credit_notes (organisation_id, issued_at, id);
CREATE INDEX credit_notes_customer_id_idx ON credit_notes (customer_id);
CREATE INDEX credit_notes_bill_id_idx ON credit_notes (bill_id);
COMMENT ON TABLE credit_notes IS 'Amounts above zero, taken off. Only grows. Written by fleet/billing.';

CREATE TABLE credit_note_lines (
    credit_note_id   bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    bill_id          bigint NOT NULL,
    bill_line_no     integer NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    net_fen          bigint NOT NULL,
    vat_fen          bigint NOT NULL,
    from_on          date,
    until_on         date,
    basis            jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (credit_note_id, no),
    CONSTRAINT credit_note_lines_split_whole CHECK (amount_fen = net_fen + vat_fen),
    CONSTRAINT credit_note_lines_note_in_tenant
        FOREIGN KEY (tenant_id, credit_note_id) REFERENCES credit_notes (tenant_id, id),
    CONSTRAINT credit_note_lines_line_in_tenant
        FOREIGN KEY (tenant_id, bill_id, bill_line_no) REFERENCES bill_lines (tenant_id, bill_id, no),
    CONSTRAINT credit_note_lines_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX credit_note_lines_line_idx ON credit_note_lines (bill_id, bill_line_no);
CREATE INDEX credit_note_lines_organisation_id_idx ON credit_note_lines (organisation_id);
COMMENT ON TABLE credit_note_lines IS 'Of which line how much; never more than it came to. Written by fleet/billing.';

-- What has been issued stays as it is, whoever asks; a draft changes by being issued or discarded.
CREATE FUNCTION bills_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'bill % is %: it is corrected by a credit note', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bills_issued_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON bills FOR EACH ROW EXECUTE FUNCTION bills_stay();
CREATE TRIGGER not_truncated BEFORE TRUNCATE ON bills FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON bill_lines
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_notes
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_note_lines
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();

-- Lines join their bill while it is a draft: all at once, numbered from 1, and they add up to it. What
-- is looked at is what was added, so that it costs the same however many bills there are.
CREATE FUNCTION bill_lines_of_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off record;
BEGIN
    SELECT b.state, s.numbered INTO off
    FROM (SELECT a.bill_id, sum(a.amount_fen) AS total_fen, sum(a.vat_fen) AS vat_fen,
                 min(a.no) = 1 AND max(a.no) = count(*) AS numbered
          FROM added a GROUP BY a.bill_id) s
    JOIN bills b ON b.id = s.bill_id
    WHERE b.state <> 'draft' OR NOT s.numbered OR s.total_fen <> b.total_fen OR s.vat_fen <> b.vat_fen
    LIMIT 1;
    IF FOUND AND off.state <> 'draft' THEN
        RAISE EXCEPTION 'a line is added to a bill that is no draft'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bill_lines_of_a_draft';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'the lines of a bill do not add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bills_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER adds_up AFTER INSERT ON bill_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION bill_lines_of_a_draft();

-- A credit note adds up, and never takes off more than there was.
CREATE FUNCTION credit_note_lines_within() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM credit_notes n
               WHERE n.id IN (SELECT credit_note_id FROM added)
                 AND (n.total_fen, n.vat_fen) <> (SELECT sum(l.amount_fen), sum(l.vat_fen)
                      FROM credit_note_lines l WHERE l.credit_note_id = n.id)) THEN
        RAISE EXCEPTION 'the lines of a credit note do not add up to it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_notes_sum_of_lines';
    END IF;
    IF EXISTS (SELECT FROM bill_lines b
               WHERE (b.bill_id, b.no) IN (SELECT bill_id, bill_line_no FROM added)
                 AND b.amount_fen < (SELECT sum(l.amount_fen) FROM credit_note_lines l
                                     WHERE l.bill_id = b.bill_id AND l.bill_line_no = b.no)) THEN
        RAISE EXCEPTION 'more is taken off a line than it came to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_note_lines_within';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER within AFTER INSERT ON credit_note_lines REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION credit_note_lines_within();

-- How a bill reached the customer, and the proof.
CREATE TABLE bill_deliveries (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    bill_id          bigint NOT NULL,
    channel          text NOT NULL CHECK (channel IN ('wechat', 'sms', 'email', 'post', 'by_hand', 'portal')),
    delivered_at     timestamptz NOT NULL,
    proof            text CHECK (proof <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT bill_deliveries_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT bill_deliveries_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX bill_deliveries_bill_id_idx ON bill_deliveries (bill_id);
CREATE INDEX bill_deliveries_organisation_id_idx ON bill_deliveries (organisation_id);
COMMENT ON TABLE bill_deliveries IS 'Written by fleet/billing.';

-- The PDF of a bill, a credit note, a statement, a notice: as it was first made, by its content.
CREATE TABLE money_papers (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    subject_kind     text NOT NULL CHECK (subject_kind IN ('bill', 'credit_note', 'notice', 'settlement')),
    subject_key      text NOT NULL CHECK (subject_key <> ''),
    sha256           bytea NOT NULL CHECK (length(sha256) = 32),
    size_bytes       bigint NOT NULL CHECK (size_bytes > 0),
    made_at          timestamptz NOT NULL,
    CONSTRAINT money_papers_once UNIQUE (tenant_id, subject_kind, subject_key),
    CONSTRAINT money_papers_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX money_papers_organisation_id_idx ON money_papers (organisation_id);
COMMENT ON TABLE money_papers IS 'Written by fleet/money_papers.';

-- 服务包: what is sold with or beside a lease for a term, such as four battery checks a year.
CREATE TABLE service_packages (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$'),
    title            text NOT NULL CHECK (title <> ''),
    months           integer NOT NULL CHECK (months BETWEEN 1 AND 120),
    price_fen        bigint NOT NULL CHECK (price_fen >= 0),
    visit_kind       text CHECK (visit_kind IN ('battery_check', 'maintenance', 'idle_care')),
    visits           integer NOT NULL DEFAULT 0 CHECK (visits BETWEEN 0 AND 1000),
    retired_at       timestamptz,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT service_packages_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT service_packages_code_key UNIQUE (organisation_id, code),
    CONSTRAINT service_packages_visits_of_a_kind CHECK ((visits = 0) = (visit_kind IS NULL)),
    CONSTRAINT service_packages_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE service_packages IS 'Written by fleet/packages.';

CREATE TABLE package_sales (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    package_id       bigint NOT NULL,
    lease_id         bigint NOT NULL,
    line_no          integer,
    vehicle_id       bigint,
    from_on          date NOT NULL,
    price_fen        bigint NOT NULL CHECK (price_fen >= 0),
    renews           boolean NOT NULL DEFAULT false,
    ended_on         date,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT package_sales_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT package_sales_package_in_tenant
        FOREIGN KEY (tenant_id, package_id) REFERENCES service_packages (tenant_id, id),
    CONSTRAINT package_sales_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT package_sales_vehicle_in_tenant
        FOREIGN KEY (tenant_id, vehicle_id) REFERENCES vehicles (tenant_id, id),
    CONSTRAINT package_sales_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX package_sales_lease_id_idx ON package_sales (lease_id);
CREATE INDEX package_sales_package_id_idx ON package_sales (package_id);
CREATE INDEX package_sales_vehicle_id_idx ON package_sales (vehicle_id);
CREATE INDEX package_sales_organisation_id_idx ON package_sales (organisation_id, recorded_at, id);
COMMENT ON TABLE package_sales IS 'Billed for each term in advance. Written by fleet/packages.';

CREATE TABLE package_visits (
    sale_id          bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    visited_on       date NOT NULL,
    work_order_no    text,
    note             text CHECK (note <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    PRIMARY KEY (sale_id, no),
    CONSTRAINT package_visits_sale_in_tenant
        FOREIGN KEY (tenant_id, sale_id) REFERENCES package_sales (tenant_id, id),
    CONSTRAINT package_visits_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX package_visits_organisation_id_idx ON package_visits (organisation_id);
COMMENT ON TABLE package_visits IS 'Written by fleet/packages.';

GRANT SELECT ON billing_settings, bill_counters, lease_billing, bills, bill_lines, credit_notes,
    credit_note_lines, bill_deliveries, money_papers, service_packages, package_sales, package_visits
    TO guanche_system;
GRANT SELECT, INSERT ON billing_settings, bill_counters, lease_billing, bills, bill_lines,
    credit_notes, credit_note_lines, bill_deliveries, money_papers, service_packages, package_sales,
    package_visits TO guanche_app;
GRANT UPDATE (bills_from_on, draft_days, issue_days, issues_itself, seller, version, changed_by,
    changed_at) ON billing_settings TO guanche_app;
GRANT UPDATE (last_no) ON bill_counters TO guanche_app;
GRANT UPDATE (event_no, next_on, looked_at, fault) ON lease_billing TO guanche_app;
GRANT UPDATE (state, bill_no, issued_on, issued_at, issued_by, late_fee, snapshot, snapshot_sha256,
    discarded_at) ON bills TO guanche_app;
GRANT UPDATE (retired_at) ON service_packages TO guanche_app;
GRANT UPDATE (ended_on, renews, version) ON package_sales TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['billing_settings', 'bill_counters', 'lease_billing', 'bills',
        'bill_lines', 'credit_notes', 'credit_note_lines', 'bill_deliveries', 'money_papers',
        'service_packages', 'package_sales', 'package_visits'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
-- The head's list of packages is everybody's.
CREATE POLICY app_reads_the_heads ON service_packages FOR SELECT TO guanche_app
    USING (organisation_id = tenant_id AND tenant_id IN (SELECT id FROM visible_tenants));
