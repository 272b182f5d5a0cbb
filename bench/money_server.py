"""The database of the bench of money: a company of 240 organisations, its leases not billed yet.

Decides that every run begins alike: it gets a copy of what was loaded once. All is gone
at the end. Leaves out what is agreed (`money_book.py`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import Connection, sql

from bench.api_dataset import Say
from bench.api_fleet import register_fleet
from bench.api_server import app_url_of, bring_up_to_date, choose_installation, temporary
from bench.assets_server import COPIED_BY, HANDED_OVER_AGO
from bench.money_book import REACH_DAYS, Agreed, make_leases
from bench.money_writing import begin_billing, write_leases
from bench.rig import SERVER_SETTINGS, SQL, Storage
from fleet.local_days import local_day
from guanche.embedded import PostgresServer
from ingest.storage import open_storage
from kit import clock, db
from kit.settings import Settings

LOADED: Final = "loaded"


class MoneyData(msgspec.Struct, frozen=True, kw_only=True):
    """What was loaded."""

    storage: str
    """In words."""
    leases: int
    seed: int
    today: date
    bills_from_on: date
    load_s: float


@dataclass
class MoneyRig:
    """A loaded database of a run's own, and the leases it was loaded from."""

    server: PostgresServer
    database: str
    folder: Path
    data: MoneyData

    @property
    def app_url(self) -> str:
        """As the API's own role, which owns nothing."""
        return app_url_of(self.server, self.database)

    def connect(self) -> Connection[Any]:
        """A connection of the owner in autocommit mode."""
        url = self.server.url_of(self.database)
        return db.connect(url, application_name="fleetbench", autocommit=True)

    @cached_property
    def leases(self) -> list[Agreed]:
        """What is agreed."""
        return make_leases(self.data.leases, self.data.today)

    @contextmanager
    def copied(self, name: str) -> Iterator["MoneyRig"]:
        """The same, in a database of its own that is gone at the end of the block."""
        with db.connect(self.server.url, autocommit=True) as admin:
            _run(admin, "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, self.database)
            try:
                yield MoneyRig(self.server, name, self.folder, self.data)
            finally:
                _run(admin, "DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def running_money_rig(*, leases: int, seed: int, storage: Storage, say: Say) -> Iterator[MoneyRig]:
    """A loaded database; its data are gone at the end of the block.

    Raises:
        ServerFailed: no such database on this machine.
    """
    installation = choose_installation(storage)
    with tempfile.TemporaryDirectory(prefix="fleetbench-money-", dir=temporary()) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as another user when we are root
        settings = {**SERVER_SETTINGS, **COPIED_BY}
        server = PostgresServer(installation, folder / "database", settings)
        try:
            server.start()
            yield _load(server, folder, leases=leases, seed=seed, say=say)
        finally:
            server.close()


def _load(server: PostgresServer, folder: Path, *, leases: int, seed: int, say: Say) -> MoneyRig:
    with db.connect(server.url, autocommit=True) as admin:
        _run(admin, "CREATE DATABASE {}", LOADED)
    bring_up_to_date(server.url_of(LOADED))
    now = clock.now()
    today, vehicles = local_day(now), leases + leases // 10 + 1
    from_on = today - timedelta(days=REACH_DAYS)
    say(f"writing down {leases:,} leases …")
    began_s = clock.monotonic()
    with closing(db.connect(server.url_of(LOADED), autocommit=True)) as conn:
        conn.execute(SQL.prepare_load_session)
        storage = open_storage(conn, chunk_hours=Settings().chunk_hours)
        with conn.transaction():
            storage.ensure(conn, now)
            handed_over_at = now - HANDED_OVER_AGO
            register_fleet(
                conn, vehicles=vehicles, seed=seed, now=now, handed_over_at=handed_over_at
            )
        agreed = make_leases(leases, today)
        write_leases(conn, agreed, vehicles=vehicles, seed=seed, now=now)
        begin_billing(conn, from_on=from_on, now=now)
        conn.execute(SQL.vacuum_everything)
    data = MoneyData(
        storage=storage.info.description,
        leases=leases,
        seed=seed,
        today=today,
        bills_from_on=from_on,
        load_s=clock.monotonic() - began_s,
    )
    return MoneyRig(server, LOADED, folder, data)


def _run(admin: Connection[Any], statement: str, *names: str) -> None:
    admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
