"""The bench's parts: a database server, brokers, the ingest process, publishers, null subscribers.

Decides how each is set up and that each run begins alike: an empty table, a new broker, a new
ingest process. All are processes of their own and end with the bench. Leaves out what is measured.
"""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
from psycopg import Connection

import schemas
from bench import null_subscriber, publisher
from bench.generator import device_of
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
MIGRATIONS = Path(schemas.__file__).parent / "migrations"
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


class RigFailed(Exception):
    """A part ended by itself or did not start; the message carries its last words."""


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


class Publishing:
    """A publisher process under way, and its last report."""

    def __init__(self, orders: publisher.Orders) -> None:
        self.report = publisher.Report()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.publisher", msgspec.json.encode(orders).decode()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def finish(self) -> publisher.Report:
        """Wait for its end; the last report.

        Raises:
            RigFailed: it ended before everything was acknowledged.
        """
        self._reader.join()
        code = self._process.wait()
        assert self._process.stderr is not None
        words = self._process.stderr.read().decode(errors="replace")
        self._process.stderr.close()
        if code or not self.report.done:
            raise RigFailed(f"the publisher ended with {code}: {words[-500:]}")
        return self.report

    def abandon(self) -> None:
        """End it where it stands; nothing to do when it has ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.report = msgspec.json.decode(line, type=publisher.Report)


@contextmanager
def publishing(orders: publisher.Orders) -> Iterator[Publishing]:
    """A publisher that does not outlive the block."""
    running = Publishing(orders)
    try:
        yield running
    finally:
        running.abandon()


def start_null_subscriber(
    orders: null_subscriber.Orders, python: Path | None = None
) -> subprocess.Popen[bytes]:
    """A null subscriber process that has subscribed, or failed.

    `python` is an interpreter that has the client, if not ours.
    """
    process = subprocess.Popen(
        [
            str(python or sys.executable),
            "-m",
            "bench.null_subscriber",
            msgspec.json.encode(orders).decode(),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def finish_null_subscriber(process: subprocess.Popen[bytes]) -> null_subscriber.Report:
    """Wait for its end; its report.

    Raises:
        RigFailed: it ended with an error.
    """
    with process:  # `communicate` would miss what is buffered since "ready"
        assert process.stdout is not None and process.stderr is not None
        said, complaint = process.stdout.read(), process.stderr.read()
    if process.returncode:
        raise RigFailed(f"a null subscriber failed: {complaint.decode(errors='replace')[-500:]}")
    return msgspec.json.decode(said, type=null_subscriber.Report)


def run_null_subscriber(
    orders: null_subscriber.Orders, python: Path | None = None
) -> null_subscriber.Report:
    """A null subscriber from start to end."""
    return finish_null_subscriber(start_null_subscriber(orders, python))


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
