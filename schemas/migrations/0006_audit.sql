-- Who did what, when, from where; and the answers kept for requests that are sent twice.

-- One chain an organisation: each entry's digest covers the one before it, so that nothing can be
-- changed, taken out or put in between without every later digest being wrong.
CREATE TABLE audit_entries (
    organisation_id  bigint NOT NULL REFERENCES organisations (id),
    no               bigint NOT NULL,
    at               timestamptz NOT NULL,
    actor_kind       text NOT NULL CHECK (actor_kind IN ('person', 'machine', 'system')),
    actor_name       text NOT NULL,
    action           text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    object_kind      text NOT NULL,
    object_key       text NOT NULL,
    before           jsonb,
    after            jsonb,
    ip               text,
    request_id       text,
    previous_digest  bytea NOT NULL,
    digest           bytea NOT NULL,
    PRIMARY KEY (organisation_id, no)
);
CREATE INDEX audit_entries_at_idx ON audit_entries (at);
CREATE INDEX audit_entries_organisation_at_idx ON audit_entries (organisation_id, at);
CREATE INDEX audit_entries_object_idx ON audit_entries (object_kind, object_key);
CREATE INDEX audit_entries_actor_idx ON audit_entries (actor_name, action, at);
COMMENT ON TABLE audit_entries IS
    'Append-only, one chain an organisation (the actor''s). Written by fleet/audit; numbers and'
    ' digests by the trigger.';

CREATE TABLE audit_heads (
    organisation_id  bigint PRIMARY KEY REFERENCES organisations (id),
    no               bigint NOT NULL,
    digest           bytea NOT NULL
);
COMMENT ON TABLE audit_heads IS 'The end of each chain, so that a cut-off end is noticed.';

-- Every field as its length in bytes and its text, null as a hyphen: no two entries read alike.
CREATE FUNCTION audit_digest(p_previous bytea, p_fields text[]) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(p_previous || convert_to(
        string_agg(coalesce(octet_length(field) || ':' || field, '-'), '' ORDER BY place), 'UTF8'))
    FROM unnest(p_fields) WITH ORDINALITY AS f (field, place)
$$;

CREATE FUNCTION audit_fields(e audit_entries) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY[
        e.organisation_id::text, e.no::text,
        to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        e.actor_kind, e.actor_name, e.action, e.object_kind, e.object_key,
        e.before::text, e.after::text, e.ip, e.request_id]
$$;

CREATE FUNCTION audit_append() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head audit_heads;
BEGIN
    INSERT INTO audit_heads (organisation_id, no, digest)
    VALUES (NEW.organisation_id, 0, sha256('')) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_heads WHERE organisation_id = NEW.organisation_id FOR UPDATE;
    NEW.no := head.no + 1;
    NEW.previous_digest := head.digest;
    NEW.digest := audit_digest(head.digest, audit_fields(NEW));
    UPDATE audit_heads SET no = NEW.no, digest = NEW.digest
    WHERE organisation_id = NEW.organisation_id;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_append BEFORE INSERT ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_append();

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

-- Not even the owner keeps the right to change it.
DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM %I', current_user);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_heads FROM %I', current_user);
END $$;
ALTER FUNCTION audit_append() OWNER TO guanche_system;
REVOKE ALL ON FUNCTION audit_append() FROM PUBLIC;
GRANT SELECT ON audit_entries TO guanche_system;
GRANT SELECT, INSERT, UPDATE ON audit_heads TO guanche_system;
GRANT SELECT, INSERT ON audit_entries TO guanche_app;
GRANT SELECT ON audit_heads TO guanche_app;

-- The answer to a POST that creates or pays, kept in its own transaction. Sealed, since an answer may
-- carry a secret that is shown once.
CREATE TABLE idempotent_answers (
    organisation_id  bigint NOT NULL REFERENCES organisations (id),
    actor            text NOT NULL,
    idempotency_key  text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    request_digest   bytea NOT NULL,
    created_at       timestamptz NOT NULL,
    answer_sealed    bytea,
    PRIMARY KEY (organisation_id, actor, idempotency_key)
);
CREATE INDEX idempotent_answers_created_at_idx ON idempotent_answers (created_at);
COMMENT ON TABLE idempotent_answers IS 'Written by api. request_digest: method, path and body.';
GRANT SELECT, INSERT, UPDATE (answer_sealed) ON idempotent_answers TO guanche_app;
GRANT SELECT, DELETE ON idempotent_answers TO guanche_system;

-- Old answers of every tenant; the one thing the API does for all of them at once.
CREATE FUNCTION idempotent_answers_prune(p_before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH gone AS (DELETE FROM idempotent_answers WHERE created_at < p_before RETURNING 1)
    SELECT count(*) FROM gone
$$;
ALTER FUNCTION idempotent_answers_prune(timestamptz) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION idempotent_answers_prune(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION idempotent_answers_prune(timestamptz) TO guanche_app;

DO $$
DECLARE
    own text;
BEGIN
    FOREACH own IN ARRAY ARRAY['audit_entries', 'audit_heads', 'idempotent_answers'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', own);
        EXECUTE format('CREATE POLICY system_sees_all ON %I TO guanche_system USING (true)', own);
        EXECUTE format('CREATE POLICY app_sees_its_organisations ON %I TO guanche_app USING'
            ' (organisation_id IN (SELECT id FROM visible_organisations))', own);
    END LOOP;
END $$;
