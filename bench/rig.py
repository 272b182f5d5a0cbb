"""The bench's servers: a database with its fleet, brokers, the ingest process.

Decides how each is set up and that each run begins alike: an empty table, a new broker, a new
ingest process. All are processes of their own and end with the bench. Leaves out what sends and
takes messages (`processes.py`), and what is measured.
"""

import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection

from bench.generator import device_of
from bench.processes import RigFailed
from guanche.commands.migrate import MIGRATIONS
from guanche.embedded import (
    Broker,
    PostgresServer,
    find_embedded,
    find_free_port,
    find_timescaledb,
    mosquitto_broker,
    running_postgres,
)
from guanche.embedded_process import HOST, ServerFailed, ServerProcess
from guanche.scrape import IngestCounters, read_counters, read_health
from guanche.seed import seed_fleet
from ingest.storage import open_storage
from kit import clock, db
from kit.migrate import migrate
from kit.settings import Settings
from kit.sql import load_queries
from simulators.roster import fleet_roster

SQL = load_queries(Path(__file__).with_name("queries.sql"))
CLIENT_ID = "fleetbench-ingest"
SERVER_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
}
AUTOSAVE_S = 30
_START_S = 30.0

Storage = Literal["auto", "timescaledb", "postgresql"]


@dataclass(slots=True)
class Rig:
    """A running database with a registered fleet, and where runs put their files."""

    server: PostgresServer
    url: str
    folder: Path
    vehicles: int
    storage: str
    number_of: dict[int, int]
    """Vehicle id → vehicle number of the generator."""
    ingest_settings: dict[str, str]
    """GUANCHE_* variables that the caller wants to try."""

    def connect(self) -> Connection[Any]:
        """A connection in autocommit mode."""
        return db.connect(self.url, application_name="fleetbench", autocommit=True)

    def clear(self) -> None:
        """No telemetry, and nothing left to write for the server."""
        with self.connect() as conn:
            conn.execute(SQL.empty_tables)
            conn.execute(SQL.checkpoint)

    def broker(self) -> AbstractContextManager[Broker]:
        """A new, empty mosquitto."""
        return running_broker(self.folder)

    @contextmanager
    def ingest(self, broker: Broker) -> Iterator["Ingest"]:
        """A running `guanche ingest`, subscribed; it must leave with 0."""
        process = Ingest(self, broker)
        process.start()
        try:
            yield process
        finally:
            process.stop()


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """A new, empty mosquitto."""
    shutil.rmtree(folder / "broker", ignore_errors=True)
    with mosquitto_broker(folder / "broker", autosave_s=AUTOSAVE_S) as running:
        yield running


class Ingest:
    """A `guanche ingest` process of its own."""

    def __init__(self, rig: Rig, broker: Broker) -> None:
        self.http_port = find_free_port()
        variables = {
            "GUANCHE_DATABASE_URL": rig.url,
            "GUANCHE_MQTT_URL": broker.url,
            "GUANCHE_MQTT_CLIENT_ID": CLIENT_ID,
            "GUANCHE_HTTP_HOST": HOST,
            "GUANCHE_HTTP_PORT": str(self.http_port),
            **rig.ingest_settings,
        }
        command = [shutil.which("env") or "env"]
        command += [f"{name}={text}" for name, text in variables.items()]
        log = rig.folder / "ingest.log"
        log.unlink(missing_ok=True)
        self._process = ServerProcess(
            [*command, sys.executable, "-m", "guanche", "ingest"], log=log
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it has subscribed and the database takes rows."""
        self._process.launch()
        deadline = clock.monotonic() + _START_S
        while not read_health(HOST, self.http_port).well:
            if clock.monotonic() > deadline:
                raise RigFailed(f"ingest did not start:\n{self._process.log_tail()}")
            self.check()
            clock.sleep(0.05)

    def stop(self) -> None:
        """Let it finish its batch and leave."""
        self._process.end(signal.SIGTERM)

    def check(self) -> None:
        """Raises RigFailed if it has ended by itself."""
        if not self._process.running:
            raise RigFailed(f"ingest ended by itself:\n{self._process.log_tail()}")

    def counters(self) -> IngestCounters:
        """What it has counted since it started."""
        counted = read_counters(HOST, self.http_port)
        self.check()
        if counted is None:
            raise RigFailed("ingest does not answer on its port")
        return counted


@contextmanager
def running_rig(
    folder: Path, *, storage: Storage, vehicles: int, seed: int, ingest_settings: dict[str, str]
) -> Iterator[Rig]:
    """A database with tables and fleet, gone at the end of the block.

    Raises:
        ServerFailed: no such database on this machine.
    """
    installation = None if storage == "postgresql" else find_timescaledb()
    if installation is None:
        if storage == "timescaledb":
            raise ServerFailed("no TimescaleDB on this machine: run `make services` as root")
        installation = find_embedded()
    settings = dict(SERVER_SETTINGS)
    with running_postgres(installation, folder / "database", settings) as server:
        described, number_of = prepare_database(server.url, vehicles=vehicles, seed=seed)
        yield Rig(server, server.url, folder, vehicles, described, number_of, ingest_settings)


def prepare_database(url: str, *, vehicles: int, seed: int) -> tuple[str, dict[int, int]]:
    """Tables and a registered fleet; the storage in words, and vehicle id → vehicle number."""
    with db.connect(url, application_name="fleetbench", autocommit=True) as conn:
        migrate(conn, MIGRATIONS)
        storage = open_storage(conn, chunk_hours=Settings().chunk_hours)
        now = clock.now()
        with conn.transaction():
            storage.ensure(conn, now)
            seed_fleet(conn, fleet_roster(vehicles, seed), now)
        return storage.info.description, read_vehicle_numbers(conn, vehicles)


def read_vehicle_numbers(conn: Connection[Any], vehicles: int) -> dict[int, int]:
    """Vehicle id → vehicle number of the generator."""
    numbers = {device_of(number): number for number in range(vehicles)}
    rows: Sequence[tuple[int, str]] = conn.execute(SQL.list_vehicle_numbers).fetchall()
    return {vehicle_id: numbers[serial] for vehicle_id, serial in rows if serial in numbers}
