-- Who leases: people and companies, how they are reached, what they may drive, what they agreed to;
-- and who shall lease nothing any more.
--
-- Numbers of ID cards, licences and bank accounts are sealed by the application (kit/sealed.py) and
-- found again by a keyed digest: the database alone tells neither. A customer belongs to the
-- organisation that deals with it; only that organisation and those above see it.

CREATE TABLE customers (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    customer_no       text NOT NULL CHECK (customer_no ~ '^C[0-9]{4}-[0-9A-Z]{6}$'),
    kind              text NOT NULL CHECK (kind IN ('person', 'company')),
    name              text NOT NULL CHECK (name <> ''),
    id_type           text CHECK (id_type IN ('id_card', 'passport', 'residence_permit',
                          'travel_permit', 'business_licence', 'other')),
    id_sealed         bytea,
    id_digest         bytea CHECK (length(id_digest) = 32),
    phone             text CHECK (phone <> ''),
    email             text CHECK (email <> ''),
    contacts          jsonb NOT NULL DEFAULT '[]',
    addresses         jsonb NOT NULL DEFAULT '[]',
    invoice_title     text CHECK (invoice_title <> ''),
    tax_no            text CHECK (tax_no <> ''),
    invoice_address   text CHECK (invoice_address <> ''),
    invoice_phone     text CHECK (invoice_phone <> ''),
    legal_person      text CHECK (legal_person <> ''),
    tier              text NOT NULL DEFAULT 'standard'
                          CHECK (tier IN ('key', 'preferred', 'standard', 'watched')),
    notes             text CHECK (notes <> ''),
    reference         text CHECK (reference <> ''),
    merged_into_id    bigint,
    merged_at         timestamptz,
    erased_at         timestamptz,
    created_by        text NOT NULL,
    created_at        timestamptz NOT NULL,
    version           bigint NOT NULL DEFAULT 1,
    CONSTRAINT customers_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT customers_customer_no_key UNIQUE (tenant_id, customer_no),
    CONSTRAINT customers_id_whole CHECK ((id_sealed IS NULL) = (id_digest IS NULL)
        AND (id_sealed IS NULL OR id_type IS NOT NULL)),
    CONSTRAINT customers_merged_whole CHECK ((merged_into_id IS NULL) = (merged_at IS NULL)),
    CONSTRAINT customers_not_into_itself CHECK (merged_into_id <> id),
    CONSTRAINT customers_merged_in_tenant
        FOREIGN KEY (tenant_id, merged_into_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT customers_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX customers_organisation_id_idx ON customers (organisation_id, name, id);
CREATE INDEX customers_phone_idx ON customers (tenant_id, phone);
CREATE INDEX customers_tax_no_idx ON customers (tenant_id, tax_no);
CREATE INDEX customers_merged_into_id_idx ON customers (merged_into_id);
-- One customer a number and organisation; two that turn out to be one are merged.
CREATE UNIQUE INDEX customers_id_digest_idx ON customers (organisation_id, id_digest)
    WHERE id_digest IS NOT NULL AND merged_into_id IS NULL;
CREATE UNIQUE INDEX customers_reference_idx ON customers (organisation_id, reference)
    WHERE reference IS NOT NULL AND merged_into_id IS NULL;
COMMENT ON TABLE customers IS 'Written by fleet/customers.';
COMMENT ON COLUMN customers.id_digest IS 'HMAC of the normalised number, whatever its type.';
COMMENT ON COLUMN customers.contacts IS '[{"name": "…", "phone": "…", "position": "…"}, …]';
COMMENT ON COLUMN customers.addresses IS '[{"kind": "registered|delivery|notice", "text": "…"}, …]';
COMMENT ON COLUMN customers.reference IS 'The number it has elsewhere, such as in a sheet.';
COMMENT ON COLUMN customers.erased_at IS 'Its personal data are gone; what the law keeps stays.';

CREATE TABLE customer_accounts (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    customer_id       bigint NOT NULL,
    bank              text NOT NULL CHECK (bank <> ''),
    holder            text NOT NULL CHECK (holder <> ''),
    account_sealed    bytea NOT NULL,
    account_digest    bytea NOT NULL CHECK (length(account_digest) = 32),
    added_by          text NOT NULL,
    added_at          timestamptz NOT NULL,
    removed_at        timestamptz,
    CONSTRAINT customer_accounts_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT customer_accounts_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX customer_accounts_once_idx ON customer_accounts (customer_id, account_digest)
    WHERE removed_at IS NULL;
CREATE INDEX customer_accounts_organisation_id_idx ON customer_accounts (organisation_id);
CREATE INDEX customer_accounts_digest_idx ON customer_accounts (tenant_id, account_digest);
COMMENT ON TABLE customer_accounts IS 'Bank accounts. Written by fleet/customers.';

-- Whoever drives for a customer: the person, or people of the company, with their licence 驾驶证.
CREATE TABLE customer_drivers (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key               uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    customer_id       bigint NOT NULL,
    name              text NOT NULL CHECK (name <> ''),
    phone             text CHECK (phone <> ''),
    licence_sealed    bytea NOT NULL,
    licence_digest    bytea NOT NULL CHECK (length(licence_digest) = 32),
    classes           text[] NOT NULL CHECK (cardinality(classes) BETWEEN 1 AND 8),
    first_issued_on   date,
    valid_to_on       date NOT NULL,
    added_by          text NOT NULL,
    added_at          timestamptz NOT NULL,
    removed_at        timestamptz,
    version           bigint NOT NULL DEFAULT 1,
    CONSTRAINT customer_drivers_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT customer_drivers_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT customer_drivers_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE UNIQUE INDEX customer_drivers_once_idx ON customer_drivers (customer_id, licence_digest)
    WHERE removed_at IS NULL;
CREATE INDEX customer_drivers_organisation_id_idx ON customer_drivers (organisation_id);
COMMENT ON TABLE customer_drivers IS 'Written by fleet/customers.';
COMMENT ON COLUMN customer_drivers.valid_to_on IS 'The last day; 9999-12-31 = 长期.';

-- Proposed by one, approved by another; in force from then until it is lifted.
CREATE TABLE customer_blacklistings (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    customer_id       bigint NOT NULL,
    reason            text NOT NULL CHECK (reason <> ''),
    proposed_by       text NOT NULL,
    proposed_at       timestamptz NOT NULL,
    decision          text CHECK (decision IN ('approved', 'refused')),
    decided_by        text,
    decided_at        timestamptz,
    decision_note     text CHECK (decision_note <> ''),
    lifted_by         text,
    lifted_at         timestamptz,
    lifted_because    text CHECK (lifted_because <> ''),
    CONSTRAINT customer_blacklistings_decided_whole
        CHECK ((decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (decided_by IS NULL)),
    CONSTRAINT customer_blacklistings_four_eyes CHECK (decided_by <> proposed_by),
    CONSTRAINT customer_blacklistings_lifted_whole CHECK ((lifted_at IS NULL) = (lifted_because IS NULL)
        AND (lifted_at IS NULL OR decision = 'approved')),
    CONSTRAINT customer_blacklistings_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT customer_blacklistings_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
-- One at a time: proposed, or in force.
CREATE UNIQUE INDEX customer_blacklistings_one_idx ON customer_blacklistings (customer_id)
    WHERE lifted_at IS NULL AND decision IS DISTINCT FROM 'refused';
CREATE INDEX customer_blacklistings_organisation_id_idx ON customer_blacklistings (organisation_id);
CREATE INDEX customer_blacklistings_customer_id_idx ON customer_blacklistings (customer_id);
COMMENT ON TABLE customer_blacklistings IS 'Written by fleet/customers.';

-- What somebody agreed to, in which words, and how we know. Withdrawn, the row stays.
CREATE TABLE customer_consents (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key               uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    customer_id       bigint NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('location', 'contract_text', 'personal_data',
                          'electronic_notice', 'sharing')),
    text_version      text NOT NULL CHECK (text_version <> ''),
    text_sha256       bytea NOT NULL CHECK (length(text_sha256) = 32),
    given_by          text NOT NULL CHECK (given_by <> ''),
    given_at          timestamptz NOT NULL,
    method            text NOT NULL CHECK (method IN ('signed_paper', 'signed_contract', 'online',
                          'message', 'in_person')),
    evidence          text CHECK (evidence <> ''),
    recorded_by       text NOT NULL,
    recorded_at       timestamptz NOT NULL,
    withdrawn_at      timestamptz,
    withdrawn_note    text CHECK (withdrawn_note <> ''),
    CONSTRAINT customer_consents_withdrawn_later CHECK (withdrawn_at >= given_at),
    CONSTRAINT customer_consents_customer_in_tenant
        FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
    CONSTRAINT customer_consents_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX customer_consents_customer_id_idx ON customer_consents (customer_id, kind, given_at);
CREATE INDEX customer_consents_organisation_id_idx ON customer_consents (organisation_id);
COMMENT ON TABLE customer_consents IS 'PIPL §13–14, §29. Written by fleet/customers.';
COMMENT ON COLUMN customer_consents.text_sha256 IS 'Of the very words agreed to.';

-- Withdrawing hides a file; what a person has erased has to go from the store, too (PIPL §47). Bytes
-- lie under their digest and may be those of another file, so a sweep takes them, later.
ALTER TABLE documents
    ADD COLUMN erase_after_at timestamptz,
    ADD COLUMN erased_at timestamptz,
    ADD CONSTRAINT documents_erased_when_withdrawn
        CHECK (erase_after_at IS NULL OR withdrawn_at IS NOT NULL),
    ADD CONSTRAINT documents_erased_when_marked
        CHECK (erased_at IS NULL OR erase_after_at IS NOT NULL);
CREATE INDEX documents_sha256_idx ON documents (tenant_id, sha256);
CREATE INDEX documents_erase_after_at_idx ON documents (erase_after_at)
    WHERE erase_after_at IS NOT NULL AND erased_at IS NULL;
COMMENT ON COLUMN documents.erase_after_at IS
    'Its bytes go once this is past, unless another file or a contract has the same; null = they stay.';
COMMENT ON COLUMN documents.erased_at IS 'Its bytes are gone.';
GRANT UPDATE (erase_after_at, erased_at) ON documents TO guanche_app;

-- Which bytes are to go, of any tenant: who does it then acts for the tenant.
CREATE FUNCTION documents_to_erase(p_at timestamptz, p_limit integer)
RETURNS TABLE (tenant_id bigint, sha256 bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT d.tenant_id, d.sha256 FROM documents d
    WHERE d.erase_after_at <= p_at AND d.erased_at IS NULL
    GROUP BY d.tenant_id, d.sha256
    ORDER BY min(d.erase_after_at), d.tenant_id, d.sha256 LIMIT p_limit
$$;
ALTER FUNCTION documents_to_erase(timestamptz, integer) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION documents_to_erase(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION documents_to_erase(timestamptz, integer) TO guanche_app;

GRANT SELECT ON customers, customer_accounts, customer_drivers, customer_blacklistings,
    customer_consents TO guanche_system;
GRANT SELECT, INSERT ON customers, customer_accounts, customer_drivers, customer_blacklistings,
    customer_consents TO guanche_app;
GRANT UPDATE (kind, name, id_type, id_sealed, id_digest, phone, email, contacts, addresses,
    invoice_title, tax_no, invoice_address, invoice_phone, legal_person, tier, notes, reference,
    merged_into_id, merged_at, erased_at, version) ON customers TO guanche_app;
GRANT UPDATE (bank, holder, account_sealed, account_digest, removed_at) ON customer_accounts
    TO guanche_app;
GRANT UPDATE (name, phone, licence_sealed, licence_digest, classes, first_issued_on, valid_to_on,
    removed_at, version) ON customer_drivers TO guanche_app;
GRANT UPDATE (reason, decision, decided_by, decided_at, decision_note, lifted_by, lifted_at,
    lifted_because) ON customer_blacklistings TO guanche_app;
GRANT UPDATE (given_by, evidence, withdrawn_at, withdrawn_note) ON customer_consents TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['customers', 'customer_accounts', 'customer_drivers',
        'customer_blacklistings', 'customer_consents'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app'
                       ' USING (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
