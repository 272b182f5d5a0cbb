"""Brings a database forward through numbered SQL files; never back.

Decides which files still have to run and runs each in its own transaction, recorded with its
checksum. An advisory lock lets several processes start at once: one migrates, the others wait and
find nothing to do. Leaves out: data back-fills that need batches (they are jobs).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

LOCK_KEY = 0x6775616E636865  # "guanche"
LOCK_TIMEOUT = "10s"
_FILE = re.compile(r"^(?P<number>\d{4})_[a-z0-9_]+\.sql$")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class MigrationChanged(Exception):
    """A file that has already run was edited afterwards; write a new one instead."""


class DatabaseNewer(Exception):
    """The database has migrations this program does not know: it is the older of the two."""


def read_migrations(folder: Path) -> list[Migration]:
    """The migrations of a folder in order.

    Raises:
        ValueError: a file name that is not NNNN_words.sql, or a gap or repeat in the numbers.
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.match(path.name)
        if match is None:
            raise ValueError(f"{path.name}: migrations are named NNNN_words.sql")
        found.append(Migration(int(match["number"]), path.stem, path.read_text(encoding="utf-8")))
    numbers = [m.number for m in found]
    if numbers != list(range(1, len(numbers) + 1)):
        raise ValueError(f"{folder}: migration numbers must run 1, 2, 3 … without gap: {numbers}")
    return found


def list_applied(conn: Connection) -> dict[int, str]:
    """Checksums of the migrations that have run, by number. Opens no transaction of its own."""
    row = conn.execute("SELECT to_regclass('schema_migrations')").fetchone()
    if row is None or row[0] is None:
        return {}
    return dict(conn.execute("SELECT number, checksum FROM schema_migrations").fetchall())


def find_pending(migrations: list[Migration], applied: dict[int, str]) -> list[Migration]:
    """The migrations still to run.

    Raises:
        MigrationChanged: a file that has run no longer has its recorded checksum.
        DatabaseNewer: the database is ahead of these files.
    """
    unknown = sorted(applied.keys() - {m.number for m in migrations})
    if unknown:
        raise DatabaseNewer(f"the database has migrations {unknown} that this program lacks")
    for migration in migrations:
        recorded = applied.get(migration.number)
        if recorded is not None and recorded != migration.checksum:
            raise MigrationChanged(f"{migration.name} was edited after it had run")
    return [m for m in migrations if m.number not in applied]


def migrate(
    conn: Connection, folder: Path, *, finish: Callable[[Connection], None] | None = None
) -> list[str]:
    """Run what is pending and return the names of what ran. `conn` must be in autocommit mode.

    `finish` is called each time in the end, under the same lock, in a transaction of its own.
    """
    migrations = read_migrations(folder)
    ran: list[str] = []
    conn.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    try:
        conn.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            " number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
        for migration in find_pending(migrations, list_applied(conn)):
            with conn.transaction():
                conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                conn.execute(migration.sql)
                conn.execute(
                    "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
                    [migration.number, migration.name, migration.checksum],
                )
            ran.append(migration.name)
        if finish is not None:
            with conn.transaction():
                conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                finish(conn)
    finally:
        if not conn.broken:  # then the lock is gone, and the error is more telling
            conn.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
    return ran
