-- VAT invoices asked of the tax system, and what owner and operator share.

-- 开票申请: what shall be invoiced; the number comes back from the tax system (数电票: 20 digits).
CREATE TABLE invoice_requests (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    request_no       text NOT NULL CHECK (request_no ~ '^I[0-9]{4}-[0-9A-Z]{6}$'),
    customer_id      bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('special', 'ordinary')),
    red              boolean NOT NULL DEFAULT false,
    reverses_id      bigint,
    title            text NOT NULL CHECK (title <> ''),
    tax_no           text CHECK (tax_no <> ''),
    buyer            jsonb NOT NULL DEFAULT '{}',
    total_fen        bigint NOT NULL,
    vat_fen          bigint NOT NULL,
    state            text NOT NULL CHECK (state IN ('requested', 'issued', 'withdrawn')),
    invoice_no       text CHECK (invoice_no ~ '^[0-9]{20}$'),
    invoiced_on      date,
    state_note       text CHECK (state_note <> ''),
    requested_by     text NOT NULL,
    requested_at     timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT invoice_requests_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT invoice_requests_request_no_key UNIQUE (tenant_id, request_no),
    CONSTRAINT invoice_requests_invoice_no_key UNIQUE (tenant_id, invoice_no),
    CONSTRAINT invoice_requests_issued_whole CHECK ((state = 'issued') = (invoice_no IS NOT NULL)
        AND (state = 'issued') = (invoiced_on IS NOT NULL)),
    CONSTRAINT invoice_requests_special_has_tax_no CHECK (kind = 'ordinary' OR tax_no IS NOT NULL),
    CONSTRAINT invoice_requests_red_reverses CHECK (red = (reverses_id IS NOT NULL) AND red = (total_fen < 0)),
    CONSTRAINT invoice_requests_reverses_in_tenant
        FOREIGN KEY (tenant_id, reverses_id) REFERENCES invoice_requests (tenant_id, id),
    CONSTRAINT invoice_requests_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT invoice_requests_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX invoice_requests_organisation_id_idx ON invoice_requests (organisation_id, requested_at, id);
CREATE INDEX invoice_requests_customer_id_idx ON invoice_requests (customer_id);
CREATE INDEX invoice_requests_reverses_id_idx ON invoice_requests (reverses_id);
COMMENT ON TABLE invoice_requests IS 'Written by fleet/invoices.';

CREATE TABLE invoice_request_lines (
    request_id       bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    bill_id          bigint NOT NULL,
    bill_line_no     integer NOT NULL,
    item             text NOT NULL CHECK (item <> ''),
    amount_fen       bigint NOT NULL CHECK (amount_fen <> 0),
    net_fen          bigint NOT NULL,
    vat_fen          bigint NOT NULL,
    vat_pct          numeric(5, 2) NOT NULL CHECK (vat_pct >= 0),
    PRIMARY KEY (request_id, no),
    CONSTRAINT invoice_request_lines_split_whole CHECK (amount_fen = net_fen + vat_fen),
    CONSTRAINT invoice_request_lines_request_in_tenant
        FOREIGN KEY (tenant_id, request_id) REFERENCES invoice_requests (tenant_id, id),
    CONSTRAINT invoice_request_lines_line_in_tenant
        FOREIGN KEY (tenant_id, bill_id, bill_line_no) REFERENCES bill_lines (tenant_id, bill_id, no),
    CONSTRAINT invoice_request_lines_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX invoice_request_lines_line_idx ON invoice_request_lines (bill_id, bill_line_no);
CREATE INDEX invoice_request_lines_organisation_id_idx ON invoice_request_lines (organisation_id);
COMMENT ON TABLE invoice_request_lines IS 'Written by fleet/invoices.';

-- 分成协议: what the operator of vehicles owes their owner, of what was earned or received, with a floor
-- a vehicle and month. Seen by both; written by the owner.
CREATE TABLE share_agreements (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    operator_id      bigint NOT NULL,
    basis            text NOT NULL CHECK (basis IN ('earned', 'received')),
    share_pct        numeric(5, 2) NOT NULL CHECK (share_pct BETWEEN 0 AND 100),
    floor_fen        bigint NOT NULL CHECK (floor_fen >= 0),
    valid_from_on    date NOT NULL,
    valid_until_on   date,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    ended_by         text,
    CONSTRAINT share_agreements_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT share_agreements_of_two CHECK (organisation_id <> operator_id),
    CONSTRAINT share_agreements_of_months CHECK (valid_from_on = date_trunc('month', valid_from_on::timestamp)::date
        AND valid_until_on = date_trunc('month', valid_until_on::timestamp)::date AND valid_from_on < valid_until_on),
    CONSTRAINT share_agreements_one_at_a_time EXCLUDE USING gist (
        int8range(organisation_id, organisation_id, '[]') WITH &&,
        int8range(operator_id, operator_id, '[]') WITH &&, daterange(valid_from_on, valid_until_on) WITH &&),
    CONSTRAINT share_agreements_operator_in_tenant
        FOREIGN KEY (tenant_id, operator_id) REFERENCES organisations (tenant_id, id),
    CONSTRAINT share_agreements_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX share_agreements_organisation_id_idx ON share_agreements (organisation_id);
CREATE INDEX share_agreements_operator_id_idx ON share_agreements (operator_id);
COMMENT ON TABLE share_agreements IS 'organisation_id: the owner. Written by fleet/shares.';
COMMENT ON COLUMN share_agreements.floor_fen IS '保底: at least so much a vehicle and month, by its days.';

CREATE TABLE share_settlements (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    operator_id      bigint NOT NULL,
    agreement_id     bigint NOT NULL,
    month_on         date NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen >= 0),
    content          jsonb NOT NULL,
    content_sha256   bytea NOT NULL CHECK (length(content_sha256) = 32),
    settled_by       text NOT NULL,
    settled_at       timestamptz NOT NULL,
    CONSTRAINT share_settlements_once UNIQUE (agreement_id, month_on),
    CONSTRAINT share_settlements_agreement_in_tenant
        FOREIGN KEY (tenant_id, agreement_id) REFERENCES share_agreements (tenant_id, id),
    CONSTRAINT share_settlements_operator_in_tenant
        FOREIGN KEY (tenant_id, operator_id) REFERENCES organisations (tenant_id, id),
    CONSTRAINT share_settlements_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX share_settlements_organisation_id_idx ON share_settlements (organisation_id, month_on, id);
CREATE INDEX share_settlements_operator_id_idx ON share_settlements (operator_id);
COMMENT ON TABLE share_settlements IS '分成结算单, vehicle by vehicle. Only grows. Written by fleet/shares.';
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON share_settlements
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();

GRANT SELECT ON invoice_requests, invoice_request_lines, share_agreements, share_settlements
    TO guanche_system;
GRANT SELECT, INSERT ON invoice_requests, invoice_request_lines, share_agreements, share_settlements
    TO guanche_app;
GRANT UPDATE (state, invoice_no, invoiced_on, state_note, version) ON invoice_requests TO guanche_app;
GRANT UPDATE (valid_until_on, ended_by) ON share_agreements TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['invoice_requests', 'invoice_request_lines', 'share_agreements',
        'share_settlements'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
-- The operator reads what it owes.
CREATE POLICY app_reads_its_own ON share_agreements FOR SELECT TO guanche_app
    USING (operator_id IN (SELECT id FROM visible_organisations));
CREATE POLICY app_reads_its_own ON share_settlements FOR SELECT TO guanche_app
    USING (operator_id IN (SELECT id FROM visible_organisations));
-- Both sides of a settlement read one paper, whoever is first to.
CREATE POLICY app_keeps_what_it_sees ON money_papers TO guanche_app
    USING (subject_kind = 'settlement' AND subject_key IN (SELECT key::text FROM share_settlements));

ALTER TABLE documents DROP CONSTRAINT documents_subject_kind_check,
    ADD CONSTRAINT documents_subject_kind_check CHECK (subject_kind IN ('vehicle', 'inspection',
        'policy', 'permit', 'battery_test', 'work_order', 'transfer', 'import', 'customer', 'lease',
        'hand_over', 'violation', 'contract', 'notice', 'payment'));

-- The figures, each with where it is written.
INSERT INTO parameters (name, valid_from_on, content, source, recorded_by, recorded_at) VALUES
('vat.rates', '2019-04-01', '{"leasing_pct": "13", "goods_pct": "13", "services_pct": "6",
    "simplified_pct": "3", "small_scale_pct": "3"}',
 '财税〔2019〕39号; 增值税法 (2026-01-01) §10–11', 'guanche migrate', now()),
('vat.rates', '2023-01-01', '{"leasing_pct": "13", "goods_pct": "13", "services_pct": "6",
    "simplified_pct": "3", "small_scale_pct": "1"}',
 '财政部 税务总局公告2023年1号, 19号: 小规模 3% → 1% until 2027-12-31 (2026年10号: second hand)',
 'guanche migrate', now()),
('vat.rates', '2028-01-01', '{"leasing_pct": "13", "goods_pct": "13", "services_pct": "6",
    "simplified_pct": "3", "small_scale_pct": "3"}',
 '2023年19号: the reduction ends 2027-12-31', 'guanche migrate', now()),
('vat.treatment', '2019-04-01', '{"rent": "leasing", "mileage": "leasing", "late_return": "leasing",
    "late_fee": "leasing", "early_end": "leasing", "down_payment": "leasing", "buy_out": "goods",
    "package": "services", "cleaning": "services", "energy": "goods", "damage": "none",
    "missing": "none", "violation": "none", "deposit": "none", "collection_cost": "none",
    "reclaim": "none", "opening": "none", "other": "services"}',
 '增值税暂行条例实施细则 §12 (价外费用), from 2026 增值税法 §16: what is paid beside the price counts with it; damages without a supply do not: our reading, ask the tax adviser',
 'guanche migrate', now()),
('payment.order', '2020-01-01', '{"rule": "law"}',
 '民法典 §560–561; another order only where agreed', 'guanche migrate', now()),
('payment.matching', '2020-01-01', '{"claim_from_pct": 95}',
 'practice: from which confidence a receipt is claimed without asking', 'guanche migrate', now()),
('dunning.ladder', '2020-01-01', '{"stages": [
    {"code": "remind_7", "day": -7, "kind": "reminder"},
    {"code": "remind_3", "day": -3, "kind": "reminder"},
    {"code": "due", "day": 0, "kind": "reminder"},
    {"code": "overdue_1", "day": 1, "kind": "reminder"},
    {"code": "call_3", "day": 3, "kind": "call"},
    {"code": "demand_7", "day": 7, "kind": "demand", "deadline_days": 7},
    {"code": "lock_15", "day": 15, "kind": "lock_notice", "clause": "lock", "deadline_days": 3,
     "after": "demand_7"},
    {"code": "rescission_30", "day": 30, "kind": "rescission_notice", "clause": "termination",
     "deadline_days": 7, "after": "demand_7"},
    {"code": "recovery_37", "day": 37, "kind": "recovery", "clause": "repossession",
     "after": "rescission_30"},
    {"code": "suit_60", "day": 60, "kind": "suit", "after": "demand_7"}]}',
 'practice; 民法典 §722: demand and a reasonable time before rescission; §565: notice works on arrival; §195: a demand restarts limitation',
 'guanche migrate', now()),
('receivable.ageing', '2020-01-01', '{"up_to_days": [30, 60, 90, 180, 365]}',
 'practice: days since due', 'guanche migrate', now());
