-- The vault: texts of contracts by edition, what was made of them, who signed it when, where its
-- bytes lie, and whether they are still the same.

-- Editions of a text, clause by clause. The head's are everybody's in the tenant.
CREATE TABLE contract_templates (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    code             text NOT NULL CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    edition          integer NOT NULL CHECK (edition >= 1),
    lease_kind       text NOT NULL CHECK (lease_kind IN ('short', 'long', 'lease_to_own')),
    title            text NOT NULL CHECK (title <> ''),
    clauses          jsonb NOT NULL,
    sha256           bytea NOT NULL CHECK (length(sha256) = 32),
    published_by     text NOT NULL,
    published_at     timestamptz NOT NULL,
    CONSTRAINT contract_templates_of_a_whole_tenant CHECK (organisation_id = tenant_id),
    CONSTRAINT contract_templates_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT contract_templates_edition_key UNIQUE (tenant_id, code, edition),
    CONSTRAINT contract_templates_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
COMMENT ON TABLE contract_templates IS 'Written by fleet/contracts.';
COMMENT ON COLUMN contract_templates.clauses IS
    '[{"no": "8", "heading": "…", "paragraphs": ["…"], "highlighted": true, "concerns": "late_fee"}, …]';

-- One edition of the paper of a lease: made from a template, or brought signed from elsewhere.
CREATE TABLE contracts (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    contract_no      text NOT NULL CHECK (contract_no ~ '^L[0-9]{4}-[0-9A-Z]{6}/[0-9]+$'),
    lease_id         bigint NOT NULL,
    edition          integer NOT NULL CHECK (edition >= 1),
    parent_id        bigint,
    origin           text NOT NULL CHECK (origin IN ('made', 'uploaded', 'signed')),
    template_id      bigint,
    template_sha256  bytea CHECK (length(template_sha256) = 32),
    terms_sha256     bytea CHECK (length(terms_sha256) = 32),
    file_name        text NOT NULL CHECK (file_name <> ''),
    media_type       text NOT NULL CHECK (media_type <> ''),
    size_bytes       bigint NOT NULL CHECK (size_bytes > 0),
    sha256           bytea NOT NULL CHECK (length(sha256) = 32),
    state            text NOT NULL CHECK (state IN ('made', 'sent', 'signed', 'void')),
    method           text CHECK (method IN ('paper', 'local_stand_in', 'provider')),
    provider_ref     text,
    certificate      jsonb,
    timestamp_token  bytea,
    consent_version  text,
    retain_until_on  date,
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    signed_at        timestamptz,
    verified_at      timestamptz,
    verify_next_at   timestamptz NOT NULL,
    fault            text,
    version          bigint NOT NULL DEFAULT 1,
    CONSTRAINT contracts_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT contracts_contract_no_key UNIQUE (tenant_id, contract_no),
    CONSTRAINT contracts_edition_key UNIQUE (lease_id, edition),
    CONSTRAINT contracts_template_when_made CHECK ((origin <> 'made') OR template_id IS NOT NULL),
    CONSTRAINT contracts_lease_in_tenant
        FOREIGN KEY (tenant_id, lease_id) REFERENCES leases (tenant_id, id),
    CONSTRAINT contracts_parent_in_tenant
        FOREIGN KEY (tenant_id, parent_id) REFERENCES contracts (tenant_id, id),
    CONSTRAINT contracts_template_in_tenant
        FOREIGN KEY (tenant_id, template_id) REFERENCES contract_templates (tenant_id, id),
    CONSTRAINT contracts_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX contracts_organisation_id_idx ON contracts (organisation_id, created_at, id);
CREATE INDEX contracts_parent_id_idx ON contracts (parent_id);
CREATE INDEX contracts_template_id_idx ON contracts (template_id);
CREATE INDEX contracts_verify_next_at_idx ON contracts (verify_next_at);
COMMENT ON TABLE contracts IS 'Its bytes never change; another edition follows. Written by fleet/contracts.';
COMMENT ON COLUMN contracts.parent_id IS 'The edition it was made after: the chain of versions.';
COMMENT ON COLUMN contracts.verified_at IS 'When its bytes were last read and found whole, all copies.';
COMMENT ON COLUMN contracts.fault IS 'What the last verification found wrong; null = nothing.';

CREATE TABLE contract_signatories (
    contract_id      bigint NOT NULL,
    no               integer NOT NULL CHECK (no >= 1),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    role             text NOT NULL CHECK (role IN ('lessor', 'lessee', 'guarantor')),
    name             text NOT NULL CHECK (name <> ''),
    id_type          text,
    id_masked        text,
    authority        text CHECK (authority <> ''),
    signed_at        timestamptz,
    signed_clock     text,
    signature        bytea,
    PRIMARY KEY (contract_id, no),
    CONSTRAINT contract_signatories_signed_by_a_clock
        CHECK ((signed_at IS NULL) = (signed_clock IS NULL)),
    CONSTRAINT contract_signatories_contract_in_tenant
        FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    CONSTRAINT contract_signatories_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX contract_signatories_organisation_id_idx ON contract_signatories (organisation_id);
COMMENT ON TABLE contract_signatories IS 'Written by fleet/contracts.';
COMMENT ON COLUMN contract_signatories.signed_clock IS 'Whose clock: this installation, a provider, the paper.';

-- How it went on: made, sent, received, prompted (the highlighted clauses shown and acknowledged),
-- signed, copied, verified, found changed, void. 电子签名法 §6: sender, recipient, times.
CREATE TABLE contract_events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    contract_id      bigint NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('made', 'uploaded', 'sent', 'received', 'prompted',
                         'acknowledged', 'signed', 'copied', 'verified', 'changed', 'void')),
    happened_at      timestamptz NOT NULL,
    clock            text NOT NULL CHECK (clock <> ''),
    party            text CHECK (party <> ''),
    channel          text CHECK (channel <> ''),
    content          jsonb NOT NULL DEFAULT '{}',
    recorded_by      text NOT NULL,
    recorded_at      timestamptz NOT NULL,
    CONSTRAINT contract_events_contract_in_tenant
        FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    CONSTRAINT contract_events_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX contract_events_contract_id_idx ON contract_events (contract_id, id);
CREATE INDEX contract_events_organisation_id_idx ON contract_events (organisation_id);
COMMENT ON TABLE contract_events IS 'Only grows. Written by fleet/contracts.';

CREATE TABLE contract_copies (
    contract_id      bigint NOT NULL,
    store            text NOT NULL CHECK (store IN ('files', 'vault_copy')),
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    stored_at        timestamptz NOT NULL,
    verified_at      timestamptz,
    fault            text,
    PRIMARY KEY (contract_id, store),
    CONSTRAINT contract_copies_contract_in_tenant
        FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    CONSTRAINT contract_copies_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX contract_copies_organisation_id_idx ON contract_copies (organisation_id);
COMMENT ON TABLE contract_copies IS 'Where the bytes lie. Written by fleet/contracts.';

GRANT SELECT ON contract_templates, contracts, contract_signatories, contract_events,
    contract_copies TO guanche_system;
GRANT SELECT, INSERT ON contract_templates, contracts, contract_signatories, contract_events,
    contract_copies TO guanche_app;
-- Who signed, with what and by which certificate is written once, with the edition that was signed.
GRANT UPDATE (state, method, provider_ref, consent_version, retain_until_on, signed_at, verified_at,
    verify_next_at, fault, version) ON contracts TO guanche_app;
GRANT UPDATE (verified_at, fault) ON contract_copies TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['contract_templates', 'contracts', 'contract_signatories',
        'contract_events', 'contract_copies'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
    END LOOP;
    FOREACH own IN ARRAY ARRAY['contracts', 'contract_signatories', 'contract_events',
        'contract_copies'] LOOP
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
CREATE POLICY app_reads ON contract_templates FOR SELECT TO guanche_app
    USING (tenant_id IN (SELECT id FROM visible_tenants));
CREATE POLICY app_adds ON contract_templates FOR INSERT TO guanche_app
    WITH CHECK (organisation_id IN (SELECT id FROM visible_organisations));

-- Which contracts are to be read again, of any tenant: who does it then acts for the organisation.
CREATE FUNCTION contracts_to_verify(p_at timestamptz, p_limit integer)
RETURNS TABLE (contract_no text, organisation_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.contract_no, c.organisation_id FROM contracts c
    WHERE c.verify_next_at <= p_at ORDER BY c.verify_next_at LIMIT p_limit
$$;
ALTER FUNCTION contracts_to_verify(timestamptz, integer) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION contracts_to_verify(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contracts_to_verify(timestamptz, integer) TO guanche_app;

-- The figures, each with where it is written. Another from a later day: POST /parameters/{name}.
INSERT INTO parameters (name, valid_from_on, content, source, recorded_by, recorded_at) VALUES
('lease.approval', '2020-01-01', '{"discount_above_pct": 10, "term_above_months": 36,
    "deposit_below_pct": 50}',
 'practice: what sales may promise alone', 'guanche migrate', now()),
('lease.ending', '2020-01-01', '{"notice_days": 30}',
 'practice; 民法典 §734: use after expiry without objection makes the lease open-ended',
 'guanche migrate', now()),
('lease.early_end', '2023-12-05', '{"reletting_days": 30, "court_cut_above_pct": 130}',
 '民法典 §585; 合同编通则解释 §65: more than 30% above the loss is usually too high; days to let again: practice',
 'guanche migrate', now()),
('lease.rescission', '2021-01-01', '{"unpaid_periods": 2, "unpaid_share_pct": 15}',
 '融资租赁解释 §5', 'guanche migrate', now()),
('money.lpr', '2026-01-20', '{"one_year_pct": "3.0"}',
 '全国银行间同业拆借中心 2026-01-20', 'guanche migrate', now()),
('late_fee.measure', '2020-01-01', '{"warn_above_lpr_times": 4}',
 'practice: four times the LPR, above which private loans are not protected (民间借贷解释 §25)',
 'guanche migrate', now()),
('customer.retention', '2019-01-01', '{"years_after_last_lease": 3}',
 '民法典 §188; 电子商务法 §31', 'guanche migrate', now()),
('hand_over.tolerance', '2020-01-01', '{"odometer_km": 5, "soc_pct": 5, "distance_m": 500,
    "within_minutes": 15}',
 'practice', 'guanche migrate', now()),
('hand_over.prices', '2020-01-01', '{"energy_fen_per_kwh": 120, "cleaning_fen": 10000}',
 'practice', 'guanche migrate', now()),
('violation.handling', '2020-05-01', '{"handle_within_days": 30, "transfer_after_end_days": 30}',
 '道路交通安全违法行为处理程序规定 §20, §53–54; 12123 租赁平台: practice', 'guanche migrate', now()),
('contract.keeping', '2019-04-23', '{"years_after_end": 5, "verify_every_days": 30,
    "upload_within_hours": 24}',
 '电子签名法 §24 (5 years, for certificates); 12123 租赁平台: practice', 'guanche migrate', now());
