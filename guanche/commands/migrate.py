"""`guanche migrate`: the tables by numbered files, then the telemetry storage."""

from pathlib import Path
from typing import Any

from psycopg import Connection

import schemas
from guanche.commands.output import out
from ingest.storage import open_storage
from kit import clock, db
from kit.migrate import migrate as run_migrations
from kit.settings import get_settings

MIGRATIONS = Path(schemas.__file__).parent / "migrations"


def ensure_storage(conn: Connection[Any]) -> None:
    """Make the telemetry table ready for samples."""
    open_storage(conn, chunk_hours=get_settings().chunk_hours).ensure(conn, clock.now())


def migrate() -> None:
    """Bring the database's tables and storage up to date.

    Safe to run again, and from several processes at once. Telemetry goes to a TimescaleDB
    hypertable where the extension is loaded, else to native range partitions.

    [bold]Example[/]

    $ GUANCHE_DATABASE_URL=postgresql://guanche:…@db/guanche guanche migrate
    """
    settings = get_settings()
    console = out()
    url = settings.database_url.get_secret_value()
    with db.connect(url, application_name="guanche migrate", autocommit=True) as conn:
        ran = run_migrations(conn, MIGRATIONS, finish=ensure_storage)
        storage = open_storage(conn, chunk_hours=settings.chunk_hours)
    for name in ran:
        console.print(f"[green]ran[/]      {name}")
    if not ran:
        console.print("[green]nothing to run[/]: the tables are up to date")
    console.print(
        f"storage  {storage.info.description}; chunks of {settings.chunk_hours} h,"
        f" kept {settings.retention_days} days"
    )
