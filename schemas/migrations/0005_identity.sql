-- People and machines, their sessions and keys. Written by fleet/identity.
-- Secrets are kept as digests: whoever reads these tables cannot log in with what they read.

CREATE TABLE users (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id            bigint NOT NULL,
    organisation_id      bigint NOT NULL,
    login                text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{1,62}$'),
    name                 text NOT NULL CHECK (name <> ''),
    roles                text[] NOT NULL CHECK (roles <@ ARRAY[
                             'owner', 'manager', 'ops', 'sales', 'finance', 'viewer', 'auditor']),
    phone                text CHECK (phone <> ''),
    id_card_sealed       bytea,
    password_hash        text,
    password_changed_at  timestamptz,
    failed_logins        integer NOT NULL DEFAULT 0,
    locked_until         timestamptz,
    last_login_at        timestamptz,
    disabled_at          timestamptz,
    version              bigint NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    CONSTRAINT users_organisation_key UNIQUE (organisation_id, id),
    CONSTRAINT users_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX users_organisation_login_idx ON users (organisation_id, login);
COMMENT ON TABLE users IS 'People. password_hash null: waits for its one-time link.';
COMMENT ON COLUMN users.id_card_sealed IS 'Encrypted with GUANCHE_SECRET_KEY, kit/sealed.py.';

CREATE TABLE sessions (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id  bigint NOT NULL,
    user_id          bigint NOT NULL,
    token_digest     bytea NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    kind             text NOT NULL CHECK (kind IN ('cookie', 'bearer')),
    created_at       timestamptz NOT NULL,
    last_seen_at     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    stepped_up_at    timestamptz,
    ended_at         timestamptz,
    ip               text,
    user_agent       text,
    CONSTRAINT sessions_user_in_organisation
        FOREIGN KEY (organisation_id, user_id) REFERENCES users (organisation_id, id)
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE password_resets (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id  bigint NOT NULL,
    user_id          bigint NOT NULL,
    token_digest     bytea NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    used_at          timestamptz,
    CONSTRAINT password_resets_user_in_organisation
        FOREIGN KEY (organisation_id, user_id) REFERENCES users (organisation_id, id)
);
CREATE INDEX password_resets_user_id_idx ON password_resets (user_id);
COMMENT ON TABLE password_resets IS 'One-time links by which a person sets their password.';

CREATE TABLE api_keys (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id        bigint NOT NULL,
    organisation_id  bigint NOT NULL,
    key_id           text NOT NULL UNIQUE CHECK (key_id ~ '^[a-z0-9]{12}$'),
    name             text NOT NULL CHECK (name <> ''),
    secret_digest    bytea NOT NULL CHECK (length(secret_digest) = 32),
    scopes           text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    last_used_at     timestamptz,
    CONSTRAINT api_keys_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX api_keys_organisation_id_idx ON api_keys (organisation_id, key_id);

-- Of no tenant: it counts before anybody is known. Subjects are digests of log-ins and addresses.
CREATE TABLE login_attempts (
    subject     bytea NOT NULL,
    window_at   timestamptz NOT NULL,
    attempts    integer NOT NULL DEFAULT 1,
    PRIMARY KEY (subject, window_at)
);
CREATE INDEX login_attempts_window_at_idx ON login_attempts (window_at);

GRANT SELECT ON users, sessions, password_resets, api_keys TO guanche_system;
GRANT SELECT, INSERT ON users, sessions, password_resets, api_keys TO guanche_app;
GRANT UPDATE (name, roles, phone, id_card_sealed, password_hash, password_changed_at, failed_logins,
    locked_until, last_login_at, disabled_at, version) ON users TO guanche_app;
GRANT UPDATE (last_seen_at, stepped_up_at, ended_at) ON sessions TO guanche_app;
GRANT UPDATE (used_at) ON password_resets TO guanche_app;
GRANT UPDATE (revoked_at, last_used_at) ON api_keys TO guanche_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON login_attempts TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['users', 'sessions', 'password_resets', 'api_keys'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app USING'
            ' (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;

-- Who is asking is known only once their secret is found, so these four look past the policies: each
-- answers for one secret or one log-in, and lists nothing.

CREATE FUNCTION identity_find_user(p_login text)
RETURNS TABLE (id bigint, organisation_id bigint, login text, password_hash text,
               failed_logins integer, locked_until timestamptz, disabled_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id, organisation_id, login, password_hash, failed_logins, locked_until, disabled_at
    FROM users WHERE login = p_login
$$;

CREATE FUNCTION identity_find_session(p_digest bytea)
RETURNS TABLE (id bigint, kind text, last_seen_at timestamptz, expires_at timestamptz,
               stepped_up_at timestamptz, user_id bigint, login text, name text, roles text[],
               organisation_id bigint, organisation_code text, tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.id, s.kind, s.last_seen_at, s.expires_at, s.stepped_up_at, u.id, u.login, u.name,
           u.roles, o.id, o.code, o.tenant_id
    FROM sessions s
    JOIN users u ON u.id = s.user_id
    JOIN organisations o ON o.id = u.organisation_id
    WHERE s.token_digest = p_digest AND s.ended_at IS NULL AND u.disabled_at IS NULL
$$;

CREATE FUNCTION identity_find_api_key(p_key_id text)
RETURNS TABLE (id bigint, key_id text, name text, secret_digest bytea, scopes text[],
               expires_at timestamptz, last_used_at timestamptz,
               organisation_id bigint, organisation_code text, tenant_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k.id, k.key_id, k.name, k.secret_digest, k.scopes, k.expires_at, k.last_used_at,
           o.id, o.code, o.tenant_id
    FROM api_keys k JOIN organisations o ON o.id = k.organisation_id
    WHERE k.key_id = p_key_id AND k.revoked_at IS NULL
$$;

CREATE FUNCTION identity_find_password_reset(p_digest bytea)
RETURNS TABLE (id bigint, user_id bigint, organisation_id bigint, login text,
               expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT r.id, u.id, u.organisation_id, u.login, r.expires_at
    FROM password_resets r JOIN users u ON u.id = r.user_id
    WHERE r.token_digest = p_digest AND r.used_at IS NULL AND u.disabled_at IS NULL
$$;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY[
        'identity_find_user(text)', 'identity_find_session(bytea)',
        'identity_find_api_key(text)', 'identity_find_password_reset(bytea)'
    ] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO guanche_system', own);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', own);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO guanche_app', own);
    END LOOP;
END $$;
