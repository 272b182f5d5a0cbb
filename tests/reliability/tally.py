"""The oracle: what the broker acknowledged to the publisher, against rows and refusals.

A sample is lost when its acknowledgement is in the publisher's log and it is neither a row nor,
where a test expects that, a refusal.
"""

from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

_MAKE = (
    "CREATE TEMPORARY TABLE acked (serial text, ts_ms bigint, seq bigint, faults text, digest text)"
)
_KEYS = """
CREATE TEMPORARY TABLE promised AS
SELECT DISTINCT v.vehicle_id, to_timestamp(0) + a.ts_ms * interval '1 ms' AS ts, a.seq
FROM acked a
LEFT JOIN registry_device_bindings v ON v.serial = a.serial
"""
_COUNT = """
SELECT (SELECT count(*) FROM promised) AS acknowledged,
       (SELECT count(*) FROM telemetry) AS stored,
       (SELECT count(*) FROM promised p WHERE NOT EXISTS (
            SELECT FROM telemetry t
            WHERE t.vehicle_id = p.vehicle_id AND t.ts = p.ts AND t.seq = p.seq)) AS lost,
       (SELECT count(*) - count(DISTINCT (vehicle_id, ts, seq)) FROM telemetry) AS duplicates,
       (SELECT count(*) FROM telemetry t WHERE NOT EXISTS (
            SELECT FROM promised p
            WHERE t.vehicle_id = p.vehicle_id AND t.ts = p.ts AND t.seq = p.seq)) AS unexpected
"""
_LOST = """
SELECT a.ts_ms FROM acked a
JOIN registry_device_bindings v ON v.serial = a.serial
WHERE NOT EXISTS (
    SELECT FROM telemetry t
    WHERE t.vehicle_id = v.vehicle_id AND t.seq = a.seq
      AND t.ts = to_timestamp(0) + a.ts_ms * interval '1 ms')
ORDER BY a.ts_ms
"""


class Tally(NamedTuple):
    """Samples, each counted once."""

    acknowledged: int
    stored: int
    """Rows."""
    lost: int
    """Acknowledged and not a row."""
    duplicates: int
    """Rows whose (vehicle, ts, seq) another row has already."""
    unexpected: int
    """Rows that nobody was promised; a message may be stored just before its publisher hears."""
    refused: dict[str, int]
    """Refusals by reason, repeats included."""


def take_tally(conn: Connection[Any], *ack_logs: Path) -> Tally:
    """Compare, in one transaction that is rolled back."""
    with conn.transaction(force_rollback=True):
        _load(conn, ack_logs)
        conn.execute(_KEYS)
        conn.execute("CREATE INDEX ON promised (vehicle_id, ts, seq)")
        conn.execute("ANALYZE promised")
        counts = conn.execute(_COUNT).fetchone()
        assert counts is not None
        refused = conn.execute("SELECT reason, sum(times)::bigint FROM ingest_rejects GROUP BY 1")
        acknowledged, stored, lost, duplicates, unexpected = counts
        by_reason = dict(refused.fetchall())
        return Tally(acknowledged, stored, lost, duplicates, unexpected, by_reason)


def list_lost_ms(conn: Connection[Any], *ack_logs: Path) -> list[int]:
    """The device times of lost samples, in order."""
    with conn.transaction(force_rollback=True):
        _load(conn, ack_logs)
        return [ts_ms for (ts_ms,) in conn.execute(_LOST).fetchall()]


def count_rows(conn: Connection[Any]) -> int:
    """How many samples are stored now."""
    with conn.transaction():
        row = conn.execute("SELECT count(*) FROM telemetry").fetchone()
    assert row is not None
    return int(row[0])


def _load(conn: Connection[Any], ack_logs: tuple[Path, ...]) -> None:
    """The log's lines are PostgreSQL's text format already."""
    conn.execute(_MAKE)
    with conn.cursor().copy("COPY acked FROM STDIN") as copy:
        for path in ack_logs:
            copy.write(path.read_bytes())
