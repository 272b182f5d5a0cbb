-- What keeps the alert engine going: the batches that ingest announces, how far it has read them and what
-- it remembered then, whose turn it is, and what is due when. Of no tenant; guanche_app sees none of it.

-- One row a committed batch, written under the lock that orders batches, so that ids are in the order of
-- commits: who has read up to an id has missed none below it.
CREATE TABLE telemetry_batches (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    from_ts      timestamptz NOT NULL,
    until_ts     timestamptz NOT NULL,
    vehicle_ids  bigint[] NOT NULL,
    ts           timestamptz[] NOT NULL,
    seqs         bigint[] NOT NULL
);
ALTER TABLE telemetry_batches ALTER COLUMN vehicle_ids SET STORAGE EXTERNAL,
    ALTER COLUMN ts SET STORAGE EXTERNAL, ALTER COLUMN seqs SET STORAGE EXTERNAL;
CREATE INDEX telemetry_batches_written_at_idx ON telemetry_batches (written_at);
COMMENT ON TABLE telemetry_batches IS
    'Which samples came together; the samples are in telemetry. Written, and deleted once read, by ingest.';

-- One reader's place and memory. Who begins anew reads on from here, and finds again what it had found:
-- the same fires, which are there already.
CREATE TABLE alert_checkpoints (
    reader       text PRIMARY KEY,
    batch_id     bigint NOT NULL,
    memory       bytea NOT NULL,
    format       text NOT NULL,
    taken_at     timestamptz NOT NULL
);
ALTER TABLE alert_checkpoints ALTER COLUMN memory SET STORAGE EXTERNAL;
COMMENT ON TABLE alert_checkpoints IS 'Written by alerts/engine. memory: compressed frames, of this format.';

CREATE TABLE alert_leaders (
    role         text PRIMARY KEY,
    holder       text NOT NULL,
    fencing      bigint NOT NULL,
    expires_at   timestamptz NOT NULL
);
COMMENT ON TABLE alert_leaders IS
    'Who acts; the number grows with every holder, and a write of an older one is refused. Written by alerts/scheduling.';

CREATE TABLE alert_jobs (
    name              text PRIMARY KEY,
    every_s           double precision NOT NULL CHECK (every_s > 0),
    next_due_at       timestamptz NOT NULL,
    last_started_at   timestamptz,
    last_finished_at  timestamptz,
    last_took_s       double precision,
    last_error        text
);
COMMENT ON TABLE alert_jobs IS 'What is due when. Written by alerts/scheduling.';
GRANT SELECT ON telemetry_batches, alert_checkpoints, alert_leaders, alert_jobs TO guanche_system;
