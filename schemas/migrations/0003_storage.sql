-- Partitions of telemetry on plain PostgreSQL: create ahead and drop. TimescaleDB does without.

CREATE TABLE telemetry_partitions (
    name        text PRIMARY KEY,
    from_at     timestamptz NOT NULL,
    until_at    timestamptz NOT NULL,
    CONSTRAINT telemetry_partitions_in_order CHECK (from_at < until_at),
    CONSTRAINT telemetry_partitions_no_overlap
        EXCLUDE USING gist (tstzrange(from_at, until_at) WITH &&)
);
COMMENT ON TABLE telemetry_partitions IS 'The partitions of telemetry, [from_at, until_at).';

-- Cover [p_from, p_until) without gap: spans start at multiples of p_span since 1970, and give way
-- to partitions that are there already, so that the span may be changed at any time.
-- Attaching, unlike CREATE TABLE … PARTITION OF, lets inserts go on meanwhile.
CREATE FUNCTION telemetry_create_partitions(
    p_from timestamptz, p_until timestamptz, p_span interval
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    span_s     constant bigint := extract(epoch FROM p_span);
    here       timestamptz;
    boundary   timestamptz;
    covered    timestamptz;
    partition  text;
    made       integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('telemetry_partitions'));
    here := to_timestamp(floor(extract(epoch FROM p_from) / span_s) * span_s);
    WHILE here < p_until LOOP
        SELECT until_at INTO covered FROM telemetry_partitions
        WHERE from_at <= here AND here < until_at;
        IF FOUND THEN
            here := covered;
            CONTINUE;
        END IF;
        boundary := to_timestamp((floor(extract(epoch FROM here) / span_s) + 1) * span_s);
        SELECT least(boundary, min(from_at)) INTO boundary FROM telemetry_partitions
        WHERE from_at > here;
        partition := 'telemetry_' || to_char(here AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MI');
        EXECUTE format('CREATE TABLE %I (LIKE telemetry INCLUDING ALL)', partition);
        EXECUTE format('ALTER TABLE telemetry ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition, here, boundary);
        INSERT INTO telemetry_partitions (name, from_at, until_at)
        VALUES (partition, here, boundary);
        made := made + 1;
        here := boundary;
    END LOOP;
    RETURN made;
END $$;

-- Drop the partitions that lie wholly before the cut-off.
CREATE FUNCTION telemetry_drop_partitions(p_before timestamptz)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    partition  text;
    dropped    integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('telemetry_partitions'));
    FOR partition IN
        DELETE FROM telemetry_partitions WHERE until_at <= p_before RETURNING name
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
