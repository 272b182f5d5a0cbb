-- What is still open of bills, and the money that settles them: payments, credit, deposits, refunds,
-- write-offs. Every movement is a row; what is left is kept beside it, checked, and can be derived anew
-- (`guanche money check`).

-- What is open of an issued bill, by class. Its customer's money is moved under one lock a customer.
CREATE TABLE bill_balances (
    bill_id             bigint PRIMARY KEY,
    tenant_id           bigint NOT NULL,
    organisation_id     bigint NOT NULL,
    customer_id         bigint NOT NULL,
    lease_id            bigint,
    due_on              date NOT NULL,
    open_principal_fen  bigint NOT NULL CHECK (open_principal_fen >= 0),
    open_interest_fen   bigint NOT NULL CHECK (open_interest_fen >= 0),
    open_cost_fen       bigint NOT NULL CHECK (open_cost_fen >= 0),
    open_fen            bigint NOT NULL GENERATED ALWAYS AS
                            (open_principal_fen + open_interest_fen + open_cost_fen) STORED,
    vat_due_on          date NOT NULL,
    settled_on          date,
    CONSTRAINT bill_balances_settled_or_open
        CHECK ((settled_on IS NOT NULL) = (open_principal_fen + open_interest_fen + open_cost_fen = 0)),
    CONSTRAINT bill_balances_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT bill_balances_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT bill_balances_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT bill_balances_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX bill_balances_open_idx ON bill_balances (organisation_id, due_on) WHERE settled_on IS NULL;
CREATE INDEX bill_balances_customer_open_idx ON bill_balances (customer_id, due_on) WHERE settled_on IS NULL;
CREATE INDEX bill_balances_customer_id_idx ON bill_balances (customer_id);
CREATE INDEX bill_balances_lease_id_idx ON bill_balances (lease_id);
CREATE INDEX bill_balances_organisation_id_idx ON bill_balances (organisation_id);
COMMENT ON TABLE bill_balances IS 'Follows from bills, credit notes and allocations. Written by fleet/receivables.';
COMMENT ON COLUMN bill_balances.vat_due_on IS
    'Tax point 纳税义务发生时间: due day, or the day of the first payment or of the invoice if earlier (增值税法 §28).';

CREATE TABLE payments (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    payment_no       text NOT NULL CHECK (payment_no ~ '^R[0-9]{4}-[0-9A-Z]{6}$'),
    channel          text NOT NULL CHECK (channel IN ('bank', 'wechat', 'alipay', 'cash', 'other')),
    bank_reference   text CHECK (bank_reference <> ''),
    received_on      date NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    payer_name       text CHECK (payer_name <> ''),
    payer_account    text CHECK (payer_account <> ''),
    remark           text CHECK (remark <> ''),
    source           text NOT NULL CHECK (source IN ('hand', 'api', 'statement')),
    statement_key    text,
    customer_id      bigint,
    state            text NOT NULL CHECK (state IN ('unclaimed', 'claimed', 'reversed')),
    proposal         jsonb,
    claimed_by       text,
    claimed_at       timestamptz,
    reversed_on      date,
    reversal_reason  text CHECK (reversal_reason <> ''),
    reversed_by      text,
    reversed_at      timestamptz,
    idempotency_key  text,
    request_digest   bytea,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT payments_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT payments_payment_no_key UNIQUE (tenant_id, payment_no),
    CONSTRAINT payments_bank_reference_key UNIQUE (organisation_id, channel, bank_reference),
    CONSTRAINT payments_idempotency_key UNIQUE (organisation_id, recorded_by, idempotency_key),
    CONSTRAINT payments_claimed_whole CHECK ((state = 'unclaimed') = (customer_id IS NULL)
        OR state = 'reversed'),
    CONSTRAINT payments_reversed_whole CHECK ((state = 'reversed') = (reversed_at IS NOT NULL)
        AND (state = 'reversed') = (reversal_reason IS NOT NULL)
        AND (state = 'reversed') = (reversed_on IS NOT NULL)),
    CONSTRAINT payments_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT payments_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX payments_organisation_id_idx ON payments (organisation_id, received_on, id);
CREATE INDEX payments_customer_id_idx ON payments (customer_id, received_on);
CREATE INDEX payments_unclaimed_idx ON payments (organisation_id, received_on) WHERE state = 'unclaimed';
COMMENT ON TABLE payments IS '收款. Written by fleet/payments.';
COMMENT ON COLUMN payments.bank_reference IS 'The bank''s number of the transaction: the same one comes in once.';
COMMENT ON COLUMN payments.payer_account IS 'Masked but for the last four.';
COMMENT ON COLUMN payments.proposal IS 'Whose it may be, and how sure: [{"customer_no", "bill_no", "confidence_pct", "because"}].';
COMMENT ON COLUMN payments.idempotency_key IS 'Kept for good: the same request charges once, also years later.';

CREATE TABLE bank_formats (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$'),
    title            text NOT NULL CHECK (title <> ''),
    columns          jsonb NOT NULL,
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT bank_formats_code_key UNIQUE (organisation_id, code),
    CONSTRAINT bank_formats_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE bank_formats IS 'Which column of a bank''s statement is what. Written by fleet/payments.';

CREATE TABLE bank_statements (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    file_name        text NOT NULL CHECK (file_name <> ''),
    sha256           bytea NOT NULL CHECK (length(sha256) = 32),
    format_code      text NOT NULL,
    counts           jsonb NOT NULL,
    refusals         jsonb NOT NULL DEFAULT '[]',
    imported_by      text NOT NULL,
    imported_at      timestamptz NOT NULL,
    CONSTRAINT bank_statements_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX bank_statements_organisation_id_idx ON bank_statements (organisation_id, imported_at, id);
COMMENT ON TABLE bank_statements IS 'What was brought in, and each row that was not, with why. Written by fleet/payments.';
COMMENT ON COLUMN bank_statements.counts IS '{"rows", "new", "known", "outgoing", "refused", "claimed"}';

-- Money a customer has with us that settles no bill yet. A payment is credit first, then allocated.
CREATE TABLE credits (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    source_kind      text NOT NULL CHECK (source_kind IN ('payment', 'credit_note', 'reclaim', 'opening')),
    source_key       text NOT NULL CHECK (source_key <> ''),
    payment_id       bigint,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    left_fen         bigint NOT NULL CHECK (left_fen >= 0),
    since_on         date NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT credits_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT credits_once UNIQUE (organisation_id, source_kind, source_key),
    CONSTRAINT credits_not_more_than_there_was CHECK (left_fen <= amount_fen),
    CONSTRAINT credits_of_a_payment CHECK ((source_kind = 'payment') = (payment_id IS NOT NULL)),
    CONSTRAINT credits_payment_in_tenant
        FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    CONSTRAINT credits_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT credits_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX credits_customer_id_idx ON credits (customer_id) WHERE left_fen > 0;
CREATE INDEX credits_of_customer_idx ON credits (customer_id, id);
CREATE INDEX credits_organisation_id_idx ON credits (organisation_id);
CREATE INDEX credits_payment_id_idx ON credits (payment_id);
COMMENT ON TABLE credits IS '预收/余额. Written by fleet/receivables.';

CREATE TABLE write_offs (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    bill_id          bigint NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    reason           text NOT NULL CHECK (reason <> ''),
    requested_by     text NOT NULL,
    requested_at     timestamptz NOT NULL,
    decision         text CHECK (decision IN ('approved', 'refused')),
    decided_by       text,
    decided_at       timestamptz,
    decision_note    text CHECK (decision_note <> ''),
    CONSTRAINT write_offs_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT write_offs_decided_whole
        CHECK ((decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL)),
    CONSTRAINT write_offs_four_eyes CHECK (decided_by <> requested_by),
    CONSTRAINT write_offs_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT write_offs_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT write_offs_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX write_offs_one_open_idx ON write_offs (bill_id) WHERE decision IS NULL;
CREATE INDEX write_offs_bill_id_idx ON write_offs (bill_id);
CREATE INDEX write_offs_customer_id_idx ON write_offs (customer_id);
CREATE INDEX write_offs_organisation_id_idx ON write_offs (organisation_id, requested_at, id);
COMMENT ON TABLE write_offs IS '坏账核销. Written by fleet/payments.';

-- 押金: what is held of a lease came in by allocations to its bills of deposit; this is where it goes.
CREATE TABLE deposit_movements (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    lease_id         bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('opening', 'applied', 'unapplied', 'refunded', 'held_back',
                         'released')),
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    moved_on         date NOT NULL,
    until_on         date,
    reason           text NOT NULL CHECK (reason <> ''),
    bank_reference   text CHECK (bank_reference <> ''),
    channel          text CHECK (channel IN ('bank', 'wechat', 'alipay', 'cash', 'other')),
    undoes_id        bigint,
    releases         text CHECK (releases <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT deposit_movements_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT deposit_movements_refunded_by CHECK ((kind = 'refunded') = (channel IS NOT NULL)),
    CONSTRAINT deposit_movements_releases_something
        CHECK ((kind = 'released') = (releases IS NOT NULL)),
    CONSTRAINT deposit_movements_undoes_in_tenant
        FOREIGN KEY (tenant_id, undoes_id) REFERENCES deposit_movements (tenant_id, id),
    CONSTRAINT deposit_movements_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT deposit_movements_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT deposit_movements_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX deposit_movements_lease_id_idx ON deposit_movements (lease_id, id);
CREATE INDEX deposit_movements_customer_id_idx ON deposit_movements (customer_id);
CREATE INDEX deposit_movements_organisation_id_idx ON deposit_movements (organisation_id, recorded_at, id);
CREATE INDEX deposit_movements_undoes_id_idx ON deposit_movements (undoes_id);
COMMENT ON TABLE deposit_movements IS 'Only grows. Written by fleet/deposits.';
COMMENT ON COLUMN deposit_movements.releases IS
    'What stood against a refund and does no more, such as "bill:B2026-3-000012" or "hold:<key>".';

-- What is held, by lease: kept so that it can never fall below zero.
CREATE TABLE deposit_balances (
    lease_id         bigint PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    held_fen         bigint NOT NULL CHECK (held_fen >= 0),
    CONSTRAINT deposit_balances_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT deposit_balances_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT deposit_balances_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX deposit_balances_customer_id_idx ON deposit_balances (customer_id);
CREATE INDEX deposit_balances_organisation_id_idx ON deposit_balances (organisation_id);
COMMENT ON TABLE deposit_balances IS 'Follows from allocations and deposit_movements. Written by fleet/receivables.';

-- What settled which class of which bill; what is undone is a further row, below zero.
CREATE TABLE allocations (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id            bigint NOT NULL,
    organisation_id      bigint NOT NULL,
    customer_id          bigint NOT NULL,
    bill_id              bigint NOT NULL,
    class                text NOT NULL CHECK (class IN ('principal', 'interest', 'cost')),
    amount_fen           bigint NOT NULL CHECK (amount_fen <> 0),
    credit_id            bigint,
    credit_note_id       bigint,
    deposit_movement_id  bigint,
    write_off_id         bigint,
    undoes_id            bigint,
    rule                 text NOT NULL CHECK (rule IN ('named', 'agreed', 'law', 'next_bill', 'credit_note',
                             'deposit', 'write_off', 'undone')),
    allocated_on         date NOT NULL,
    recorded_by          text NOT NULL,
    recorded_at          timestamptz NOT NULL,
    CONSTRAINT allocations_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT allocations_of_one_source
        CHECK (num_nonnulls(credit_id, credit_note_id, deposit_movement_id, write_off_id) = 1),
    CONSTRAINT allocations_undone_below_zero CHECK ((undoes_id IS NOT NULL) = (amount_fen < 0)),
    CONSTRAINT allocations_bill_in_tenant FOREIGN KEY (tenant_id, bill_id) REFERENCES bills (tenant_id, id),
    CONSTRAINT allocations_credit_in_tenant FOREIGN KEY (tenant_id, credit_id) REFERENCES credits (tenant_id, id),
    CONSTRAINT allocations_credit_note_in_tenant
        FOREIGN KEY (tenant_id, credit_note_id) REFERENCES credit_notes (tenant_id, id),
    CONSTRAINT allocations_deposit_in_tenant
        FOREIGN KEY (tenant_id, deposit_movement_id) REFERENCES deposit_movements (tenant_id, id),
    CONSTRAINT allocations_write_off_in_tenant
        FOREIGN KEY (tenant_id, write_off_id) REFERENCES write_offs (tenant_id, id),
    CONSTRAINT allocations_undoes_in_tenant
        FOREIGN KEY (tenant_id, undoes_id) REFERENCES allocations (tenant_id, id),
    CONSTRAINT allocations_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT allocations_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX allocations_undone_once_idx ON allocations (undoes_id) WHERE undoes_id IS NOT NULL;
CREATE INDEX allocations_undoes_id_idx ON allocations (undoes_id);
CREATE INDEX allocations_bill_id_idx ON allocations (bill_id, allocated_on);
CREATE INDEX allocations_credit_id_idx ON allocations (credit_id);
CREATE INDEX allocations_credit_note_id_idx ON allocations (credit_note_id);
CREATE INDEX allocations_deposit_movement_id_idx ON allocations (deposit_movement_id);
CREATE INDEX allocations_write_off_id_idx ON allocations (write_off_id);
CREATE INDEX allocations_customer_id_idx ON allocations (customer_id, allocated_on);
CREATE INDEX allocations_organisation_id_idx ON allocations (organisation_id, allocated_on);
COMMENT ON TABLE allocations IS 'Only grows. Written by fleet/receivables.';
COMMENT ON COLUMN allocations.rule IS 'Why this bill: named by the payer, agreed, by law (Civil Code §560), …';

-- Money given back to a customer, out of one credit.
CREATE TABLE refunds (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key              uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    customer_id      bigint NOT NULL,
    credit_id        bigint NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    channel          text NOT NULL CHECK (channel IN ('bank', 'wechat', 'alipay', 'cash', 'other')),
    bank_reference   text CHECK (bank_reference <> ''),
    paid_on          date NOT NULL,
    reason           text NOT NULL CHECK (reason <> ''),
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT refunds_credit_in_tenant FOREIGN KEY (tenant_id, credit_id) REFERENCES credits (tenant_id, id),
    CONSTRAINT refunds_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT refunds_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX refunds_credit_id_idx ON refunds (credit_id);
CREATE INDEX refunds_customer_id_idx ON refunds (customer_id);
CREATE INDEX refunds_organisation_id_idx ON refunds (organisation_id, recorded_at, id);
COMMENT ON TABLE refunds IS 'Written by fleet/payments.';

CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON allocations
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON deposit_movements
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON refunds
    FOR EACH STATEMENT EXECUTE FUNCTION written_stays();

GRANT SELECT ON bill_balances, payments, bank_formats, bank_statements, credits, write_offs,
    deposit_movements, deposit_balances, allocations, refunds TO guanche_system;
GRANT SELECT, INSERT ON bill_balances, payments, bank_formats, bank_statements, credits, write_offs,
    deposit_movements, deposit_balances, allocations, refunds TO guanche_app;
GRANT UPDATE (open_principal_fen, open_interest_fen, open_cost_fen, vat_due_on, settled_on)
    ON bill_balances TO guanche_app;
GRANT UPDATE (customer_id, state, proposal, claimed_by, claimed_at, reversed_on, reversal_reason,
    reversed_by, reversed_at, version) ON payments TO guanche_app;
GRANT UPDATE (title, columns, recorded_by, recorded_at, version) ON bank_formats TO guanche_app;
GRANT UPDATE (left_fen) ON credits TO guanche_app;
GRANT UPDATE (decision, decided_by, decided_at, decision_note) ON write_offs TO guanche_app;
GRANT UPDATE (held_fen) ON deposit_balances TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['bill_balances', 'payments', 'bank_formats', 'bank_statements', 'credits',
        'write_offs', 'deposit_movements', 'deposit_balances', 'allocations', 'refunds'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
