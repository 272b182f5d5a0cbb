"""Where telemetry rests: a TimescaleDB hypertable, or native partitions of plain PostgreSQL.

Two kinds behind the same four functions: ensure, create ahead, compress, drop before. What
differs between TimescaleDB's editions is compression alone (Community has the columnstore).
"""

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store import SQL
from schemas.telemetry import MAX_AGE_US, MAX_AHEAD_US

ACCEPTED_AGE = timedelta(microseconds=MAX_AGE_US)
ACCEPTED_AHEAD = timedelta(microseconds=MAX_AHEAD_US)
MAINTENANCE_AHEAD = timedelta(days=2)
"""Partitions are made so far ahead; the job that makes them runs every few minutes."""


class StorageInfo(NamedTuple):
    """What this database stores telemetry in."""

    kind: Literal["timescaledb", "postgresql"]
    edition: Literal["community", "apache"] | None
    version: str
    """Of TimescaleDB, or of PostgreSQL where that is all."""
    server_version: str

    @property
    def description(self) -> str:
        """In words, for the log, `guanche doctor` and the demo."""
        if self.kind == "postgresql":
            return f"plain PostgreSQL {self.server_version}, native partitions"
        edition = "Community" if self.edition == "community" else "Apache"
        return f"TimescaleDB {self.version} {edition} on PostgreSQL {self.server_version}"


class Storage(Protocol):
    """The four functions. Each runs in the caller's transaction."""

    info: StorageInfo

    def ensure(self, conn: Connection[Any], now: datetime) -> None:
        """Make the table ready for every sample that may be accepted from now on."""

    def create_ahead(self, conn: Connection[Any], now: datetime) -> int:
        """Make room for what may come soon; how many partitions that took."""

    def compress(self, conn: Connection[Any], older_than: datetime) -> int:
        """Compress the oldest chunk that ended before; 1, or 0 if there is none left.

        One a transaction: its lock, which late samples wait for, lasts until COMMIT.
        """

    def drop_before(self, conn: Connection[Any], cutoff: datetime) -> int:
        """Drop what ended before; how many chunks or partitions that were."""

    def count(self, conn: Connection[Any]) -> int:
        """How many chunks or partitions there are."""


class _Found(NamedTuple):
    server_version: str
    extension_version: str | None
    license: str | None


def detect(conn: Connection[Any]) -> StorageInfo:
    """What the database offers: TimescaleDB if it was there when the tables were made."""
    with conn.cursor(row_factory=class_row(_Found)) as cursor:
        found = cursor.execute(SQL.find_storage).fetchone()
    assert found is not None
    server = found.server_version.split()[0]
    if found.extension_version is None:
        return StorageInfo("postgresql", None, server, server)
    edition: Literal["community", "apache"] = (
        "community" if found.license == "timescale" else "apache"
    )
    return StorageInfo("timescaledb", edition, found.extension_version, server)


def open_storage(conn: Connection[Any], *, chunk_hours: int) -> Storage:
    """The storage of this database, with chunks of so many hours made from now on."""
    info, span = detect(conn), timedelta(hours=chunk_hours)
    return Hypertable(info, span) if info.kind == "timescaledb" else Partitions(info, span)


def _count(conn: Connection[Any], query: str, **parameters: Any) -> int:
    row = conn.execute(query, parameters).fetchone()
    assert row is not None
    return int(row[0])


class Hypertable:
    """A TimescaleDB hypertable; chunks come by themselves."""

    def __init__(self, info: StorageInfo, span: timedelta) -> None:
        self.info = info
        self._span = span

    def ensure(self, conn: Connection[Any], now: datetime) -> None:
        conn.execute(SQL.ensure_hypertable, {"span": self._span})
        conn.execute(SQL.set_chunk_interval, {"span": self._span})
        if self.info.edition == "community" and not _count(conn, SQL.is_columnstore_enabled):
            conn.execute(SQL.enable_columnstore)

    def create_ahead(self, conn: Connection[Any], now: datetime) -> int:
        return 0

    def compress(self, conn: Connection[Any], older_than: datetime) -> int:
        if self.info.edition != "community":
            return 0
        found = conn.execute(SQL.find_uncompressed_chunk, {"older_than": older_than}).fetchone()
        if found is None:
            return 0
        conn.execute(SQL.compress_chunk, {"chunk": found[0]})
        return 1

    def drop_before(self, conn: Connection[Any], cutoff: datetime) -> int:
        return _count(conn, SQL.drop_chunks, before=cutoff)

    def count(self, conn: Connection[Any]) -> int:
        return _count(conn, SQL.count_chunks)


class Partitions:
    """Native range partitions, made before they are needed; nothing is compressed."""

    def __init__(self, info: StorageInfo, span: timedelta) -> None:
        self.info = info
        self._span = span

    def ensure(self, conn: Connection[Any], now: datetime) -> None:
        self.create_ahead(conn, now)

    def create_ahead(self, conn: Connection[Any], now: datetime) -> int:
        return _count(
            conn,
            SQL.create_partitions,
            from_at=now - ACCEPTED_AGE,
            until_at=now + ACCEPTED_AHEAD + MAINTENANCE_AHEAD,
            span=self._span,
        )

    def compress(self, conn: Connection[Any], older_than: datetime) -> int:
        return 0

    def drop_before(self, conn: Connection[Any], cutoff: datetime) -> int:
        return _count(conn, SQL.drop_partitions, before=cutoff)

    def count(self, conn: Connection[Any]) -> int:
        return _count(conn, SQL.count_partitions)
