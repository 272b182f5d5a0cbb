"""The database of the assets' bench: a company of 240 organisations with its whole vehicle book.

Decides that every run begins alike: it gets a copy of the database that was loaded once, and an API
process of its own. All is gone at the end. Leaves out what is on record (`assets_book.py`).
"""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import Connection, sql

from bench.api_dataset import Say
from bench.api_fleet import register_fleet
from bench.api_scene import Asker, read_askers
from bench.api_server import app_url_of, bring_up_to_date, choose_installation, temporary
from bench.assets_book import Booked, make_book
from bench.assets_writing import write_book
from bench.rig import SERVER_SETTINGS, SQL, Storage
from fleet.local_days import local_day
from guanche.embedded import PostgresServer
from ingest.storage import open_storage
from kit import clock, db
from kit.settings import Settings

LOADED: Final = "loaded"
HANDED_OVER_AGO: Final = timedelta(days=2)
COPIED_BY: Final = {"timescaledb.max_background_workers": "0"}
"""Its workers connect to every database, and so forbid copying them."""


class AssetsData(msgspec.Struct, frozen=True, kw_only=True):
    """What was loaded."""

    storage: str
    """In words."""
    vehicles: int
    seed: int
    today: date
    obligations: int
    inspections: int
    policies: int
    maintenance_done: int
    work_orders: int
    load_s: float
    bytes: int
    """Of the database, with its indexes."""


@dataclass
class AssetsRig:
    """A loaded database of a run's own, the book it was loaded from, and who may ask."""

    server: PostgresServer
    database: str
    folder: Path
    data: AssetsData

    @property
    def url(self) -> str:
        """As the owner."""
        return self.server.url_of(self.database)

    @property
    def app_url(self) -> str:
        """As the API's own role, which owns nothing."""
        return app_url_of(self.server, self.database)

    def connect(self) -> Connection[Any]:
        """A connection of the owner in autocommit mode."""
        return db.connect(self.url, application_name="fleetbench", autocommit=True)

    @cached_property
    def book(self) -> list[Booked]:
        """What is on record."""
        return make_book(self.data.vehicles, self.data.seed, self.data.today)

    @cached_property
    def askers(self) -> dict[str, Asker]:
        """Every organisation's user, with sessions of this run."""
        with self.connect() as conn:
            return read_askers(conn)

    @cached_property
    def operator_id_of(self) -> dict[str, int]:
        """Who operates a vehicle now, by VIN."""
        with self.connect() as conn:
            return dict(conn.execute(SQL.list_operators_now).fetchall())

    def book_of(self, asker: Asker) -> list[Booked]:
        """What is on record of the vehicles in the asker's hands: the root owns them all."""
        return [one for one in self.book if self.operator_id_of[one.vin] in asker.sees]

    @contextmanager
    def copied(self, name: str) -> Iterator["AssetsRig"]:
        """The same, in a database of its own that is gone at the end of the block."""
        with db.connect(self.server.url, autocommit=True) as admin:
            _run(admin, "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, self.database)
            try:
                yield AssetsRig(self.server, name, self.folder, self.data)
            finally:
                _run(admin, "DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def running_assets_rig(
    *, vehicles: int, seed: int, storage: Storage, say: Say
) -> Iterator[AssetsRig]:
    """A loaded database; its data are gone at the end of the block.

    Raises:
        ServerFailed: no such database on this machine.
    """
    installation = choose_installation(storage)
    with tempfile.TemporaryDirectory(prefix="fleetbench-assets-", dir=temporary()) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as another user when we are root
        settings = {**SERVER_SETTINGS, **COPIED_BY}
        server = PostgresServer(installation, folder / "database", settings)
        try:
            server.start()
            yield load_assets(server, folder, vehicles=vehicles, seed=seed, say=say)
        finally:
            server.close()


def load_assets(
    server: PostgresServer, folder: Path, *, vehicles: int, seed: int, say: Say
) -> AssetsRig:
    """Make a database on the server, and load it."""
    with db.connect(server.url, autocommit=True) as admin:
        _run(admin, "CREATE DATABASE {}", LOADED)
    bring_up_to_date(server.url_of(LOADED))
    now = clock.now()
    today = local_day(now)
    say(f"writing down {vehicles:,} vehicles …")
    with closing(db.connect(server.url_of(LOADED), autocommit=True)) as conn:
        data = _load(conn, vehicles=vehicles, seed=seed, today=today, now=now)
    say(f"  {data.obligations:,} obligations, {data.load_s:,.0f} s")
    return AssetsRig(server, LOADED, folder, data)


def _load(
    conn: Connection[Any], *, vehicles: int, seed: int, today: date, now: datetime
) -> AssetsData:
    began_s = clock.monotonic()
    conn.execute(SQL.prepare_load_session)
    storage = open_storage(conn, chunk_hours=Settings().chunk_hours)
    with conn.transaction():
        storage.ensure(conn, now)
        register_fleet(
            conn, vehicles=vehicles, seed=seed, now=now, handed_over_at=now - HANDED_OVER_AGO
        )
    write_book(conn, make_book(vehicles, seed, today), today=today, now=now)
    load_s = clock.monotonic() - began_s
    conn.execute(SQL.vacuum_everything)
    counted = conn.execute(SQL.count_asset_rows).fetchone()
    size = conn.execute(SQL.find_database_size).fetchone()
    assert counted is not None and size is not None
    written, obligations, inspections, policies, done, orders = counted
    return AssetsData(
        storage=storage.info.description,
        vehicles=written,
        seed=seed,
        today=today,
        obligations=obligations,
        inspections=inspections,
        policies=policies,
        maintenance_done=done,
        work_orders=orders,
        load_s=load_s,
        bytes=size[0],
    )


def _run(admin: Connection[Any], statement: str, *names: str) -> None:
    admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
