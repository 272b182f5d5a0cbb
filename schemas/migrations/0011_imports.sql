-- Sheets on their way in: what was sent, what was found in it, row by row, and what became of it.

CREATE TABLE imports (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key               uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    tenant_id         bigint NOT NULL,
    organisation_id   bigint NOT NULL,
    kind              text NOT NULL CHECK (kind <> ''),
    file_name         text NOT NULL CHECK (file_name <> ''),
    size_bytes        bigint NOT NULL CHECK (size_bytes > 0),
    sha256            bytea NOT NULL CHECK (length(sha256) = 32),
    sheet             text CHECK (sheet <> ''),
    state             text NOT NULL CHECK (state IN
                          ('waiting', 'checking', 'checked', 'applying', 'applied', 'failed')),
    mode              text CHECK (mode IN ('all_or_nothing', 'good_rows')),
    rows_total        integer CHECK (rows_total >= 0),
    rows_done         integer NOT NULL DEFAULT 0,
    rows_new          integer NOT NULL DEFAULT 0,
    rows_changed      integer NOT NULL DEFAULT 0,
    rows_same         integer NOT NULL DEFAULT 0,
    rows_bad          integer NOT NULL DEFAULT 0,
    headers           jsonb,
    problem           jsonb,
    created_by        text NOT NULL,
    permissions       text[] NOT NULL,
    created_at        timestamptz NOT NULL,
    attempts          integer NOT NULL DEFAULT 0,
    worked_until_at   timestamptz,
    finished_at       timestamptz,
    version           bigint NOT NULL DEFAULT 1,
    CONSTRAINT imports_tenant_key UNIQUE (tenant_id, id),
    CONSTRAINT imports_organisation_in_tenant
        FOREIGN KEY (tenant_id, organisation_id) REFERENCES organisations (tenant_id, id)
);
CREATE INDEX imports_organisation_id_idx ON imports (organisation_id, created_at);
CREATE INDEX imports_unfinished_idx ON imports (created_at)
    WHERE state IN ('waiting', 'checking', 'applying');
COMMENT ON TABLE imports IS 'Written by fleet/sheets.';
COMMENT ON COLUMN imports.permissions IS 'What the one who sent it might do then; applied with no more.';
COMMENT ON COLUMN imports.version IS
    'Up by one at every turn of its state: whoever works on it writes only while it stands still.';
COMMENT ON COLUMN imports.attempts IS 'How often this step of it was taken up.';
COMMENT ON COLUMN imports.worked_until_at IS
    'Until when the process that works on it has it; past, another takes it up.';

CREATE TABLE import_rows (
    import_id        bigint NOT NULL,
    tenant_id        bigint NOT NULL,
    row_no           integer NOT NULL CHECK (row_no >= 1),
    outcome          text NOT NULL CHECK (outcome IN ('new', 'changed', 'same', 'bad')),
    key              text,
    changes          jsonb,
    problems         jsonb,
    PRIMARY KEY (import_id, row_no),
    CONSTRAINT import_rows_import_in_tenant
        FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX import_rows_outcome_idx ON import_rows (import_id, outcome, row_no);
COMMENT ON TABLE import_rows IS
    'row_no as the sheet counts, from 1. changes: {"field": ["from", "to"]}. Written by fleet/sheets.';

GRANT SELECT ON imports, import_rows TO guanche_system;
GRANT SELECT, INSERT ON imports, import_rows TO guanche_app;
GRANT UPDATE (sheet, state, mode, rows_total, rows_done, rows_new, rows_changed, rows_same, rows_bad,
    headers, problem, attempts, worked_until_at, finished_at, version) ON imports TO guanche_app;
GRANT UPDATE (outcome, key, changes, problems) ON import_rows TO guanche_app;
GRANT UPDATE (state, attempts, worked_until_at, version) ON imports TO guanche_system;

ALTER TABLE imports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON imports TO guanche_system USING (true);
CREATE POLICY app_sees_its_organisations ON imports TO guanche_app
    USING (organisation_id IN (SELECT id FROM visible_organisations));
ALTER TABLE import_rows ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY system_sees_all ON import_rows TO guanche_system USING (true);
CREATE POLICY app_sees_its_imports ON import_rows TO guanche_app
    USING (EXISTS (SELECT FROM imports i WHERE i.id = import_rows.import_id));

-- Whose import is next is known only once it is found: of no tenant, so it looks past the policies.
-- Takes up the oldest that waits, or whose worker went silent, for whoever asks first.
CREATE FUNCTION imports_next(p_now timestamptz, p_until timestamptz)
RETURNS TABLE (key uuid, organisation_id bigint, version bigint, attempts integer)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE imports i
    SET state = CASE i.state WHEN 'waiting' THEN 'checking' ELSE i.state END,
        attempts = i.attempts + 1, worked_until_at = p_until, version = i.version + 1
    WHERE i.id = (SELECT w.id FROM imports w
                  WHERE w.state IN ('waiting', 'checking', 'applying')
                    AND (w.worked_until_at IS NULL OR w.worked_until_at < p_now)
                  ORDER BY w.created_at, w.id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING i.key, i.organisation_id, i.version, i.attempts
$$;
ALTER FUNCTION imports_next(timestamptz, timestamptz) OWNER TO guanche_system;
REVOKE ALL ON FUNCTION imports_next(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION imports_next(timestamptz, timestamptz) TO guanche_app;
