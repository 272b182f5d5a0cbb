"""The servers of the API's bench: a database with its samples, and the real `guanche api`.

Decides where the data rest and whether they stay, with which settings they are loaded and asked,
and which core is whose: the API has the last one, its clients the first, the database both. Leaves
out the data set itself (`api_dataset.py`) and what is measured.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from psycopg import Connection, sql

from bench.api_dataset import Dataset, Say, load_dataset, read_dataset, write_dataset
from bench.processes import RigFailed
from bench.rig import SERVER_SETTINGS, SQL, Storage
from guanche.commands.migrate import MIGRATIONS
from guanche.embedded import (
    Installation,
    PostgresServer,
    find_embedded,
    find_free_port,
    find_timescaledb,
)
from guanche.embedded_postgres import make_place
from guanche.embedded_process import HOST, ServerFailed, ServerProcess, is_listening
from kit import clock, db
from kit.migrate import migrate
from kit.sealed import new_key_text

APP_LOGIN: Final = "fleetbench_api"
TEMPORARY: Final = Path("/var/tmp")
"""/tmp may be memory, and this is large."""
BYTES_A_SAMPLE: Final = 400
"""Disk asked for before loading: row, key, and the log of writing them."""
_LOADING: Final = "wal_level = minimal\nmax_wal_senders = 0\nautovacuum = off\n"
"""A chunk is new in its transaction, so that it is written once and not to the log as well."""
_START_S: Final = 60.0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which data set, on which database, and what becomes of it."""

    samples: int
    vehicles: int
    seed: int
    storage: Storage
    keep: Path | None = None
    reuse: Path | None = None
    drop: bool = False


class Served(Protocol):
    """What an API needs to run: a database as the API's own role, and a folder."""

    @property
    def app_url(self) -> str: ...
    @property
    def folder(self) -> Path: ...


@dataclass(slots=True)
class ApiRig:
    """A loaded database, and where the bench puts its files."""

    server: PostgresServer
    dataset: Dataset
    folder: Path

    @property
    def url(self) -> str:
        """As the owner."""
        return self.server.url

    @property
    def app_url(self) -> str:
        """As the API's own role, which owns nothing."""
        return app_url_of(self.server, "postgres")

    def connect(self) -> Connection[Any]:
        """A connection of the owner in autocommit mode."""
        return db.connect(self.url, application_name="fleetbench", autocommit=True)

    def forget_caches(self) -> None:
        """Restart the server, and let the system forget its files: what comes next reads the disk.

        Does nothing to the caches of a disk or a hypervisor.
        """
        self.server.stop()
        if hasattr(os, "posix_fadvise"):
            os.sync()  # what is not written yet cannot be forgotten
            for path in self.server.data.rglob("*"):
                if path.is_file():
                    _forget(path)
        self.server.start()


class ApiProcess:
    """A `guanche api` of its own, on one core."""

    def __init__(
        self, rig: Served, *, core: int, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = find_free_port()
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("GUANCHE_")},
            "GUANCHE_DATABASE_URL": rig.app_url,
            "GUANCHE_API_DATABASE_URL": rig.app_url,
            "GUANCHE_API_HOST": HOST,
            "GUANCHE_API_PORT": str(self.port),
            "GUANCHE_API_PUBLIC_URL": f"http://{HOST}:{self.port}",
            "GUANCHE_SECRET_KEY": new_key_text(),
            "GUANCHE_FILES_URL": (rig.folder / "files").as_uri(),
            "GUANCHE_LOG_FORMAT": "json",
            **(settings or {}),
        }
        command = [sys.executable, "-m", "bench.api_pinned", str(core)]
        command += [sys.executable, "-m", "guanche", "api"]
        log = rig.folder / "api.log"
        self._process = ServerProcess(command, log=log, environment=environment)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process.launch()
        deadline = clock.monotonic() + _START_S
        while not is_listening(self.port):
            if clock.monotonic() > deadline:
                raise RigFailed(f"the API did not start:\n{self._process.log_tail()}")
            self.check()
            clock.sleep(0.05)

    def stop(self) -> None:
        """Let it finish and leave."""
        self._process.end(signal.SIGTERM)

    def check(self) -> None:
        """Raises RigFailed if it has ended by itself."""
        if not self._process.running:
            raise RigFailed(f"the API ended by itself:\n{self._process.log_tail()}")


def app_url_of(server: PostgresServer, database: str) -> str:
    """A database of the server, as the API's own role."""
    return f"postgresql://{APP_LOGIN}@{HOST}:{server.port}/{database}"


def cores() -> tuple[int, int]:
    """The core of the clients and that of the API; the same where there is but one."""
    if not hasattr(os, "sched_getaffinity"):
        return 0, 0
    ours = sorted(os.sched_getaffinity(0))
    return ours[0], ours[-1]


@contextmanager
def running_api_rig(wanted: Wanted, say: Say) -> Iterator[ApiRig]:
    """A loaded database; its data are gone at the end of the block unless they are to be kept.

    Raises:
        ServerFailed: no such database on this machine.
        RigFailed: nothing is kept where it should be, or the disk is too small.
    """
    with tempfile.TemporaryDirectory(prefix="fleetbench-api-", dir=temporary()) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as another user when we are root
        home = wanted.reuse or wanted.keep
        found = read_dataset(home) if home is not None else None
        if wanted.reuse is not None and found is None:
            raise RigFailed(f"no data set is kept in {wanted.reuse}")
        if home is not None and found is not None and wanted.reuse is None:
            forget_dataset(home)
            found = None
        kind = found.kind if found else wanted.storage
        installation = choose_installation(kind)
        place = Path(found.place) if found else home and make_place(installation, _made(home))
        server = PostgresServer(installation, folder / "database", SERVER_SETTINGS, kept=place)
        try:
            dataset = found or _load(server, wanted, say)
            if found is not None:
                server.start()
            bring_up_to_date(server.url)
            if home is not None:
                write_dataset(home, dataset)
            yield ApiRig(server, dataset, folder)
        finally:
            server.close()
            if home is not None and wanted.drop:
                forget_dataset(home)


def forget_dataset(home: Path) -> None:
    """Delete what was kept, wherever it rests."""
    found = read_dataset(home)
    if found is not None:
        shutil.rmtree(found.place, ignore_errors=True)
    (home / "dataset.json").unlink(missing_ok=True)


def choose_installation(storage: str) -> Installation:
    """The programs of that database; `auto` is TimescaleDB where it is installed.

    Raises:
        ServerFailed: they are not here.
    """
    found = None if storage == "postgresql" else find_timescaledb()
    if found is None and storage == "timescaledb":
        raise ServerFailed("no TimescaleDB on this machine: run `make services` as root")
    return found or find_embedded()


def _load(server: PostgresServer, wanted: Wanted, say: Say) -> Dataset:
    """Fill an empty server with settings for loading, and start it with those for asking."""
    free = shutil.disk_usage(server.data).free
    if free < wanted.samples * BYTES_A_SAMPLE:
        raise RigFailed(
            f"{free / 1e9:.0f} GB of disk are free, {wanted.samples:,} samples need"
            f" {wanted.samples * BYTES_A_SAMPLE / 1e9:.0f}"
        )
    own_settings = server.data / "postgresql.auto.conf"
    own_settings.write_text(_LOADING, encoding="utf-8")
    server.start()
    dataset = load_dataset(
        server.url,
        samples=wanted.samples,
        vehicles=wanted.vehicles,
        seed=wanted.seed,
        place=server.data.parent,
        say=say,
    )
    server.stop()
    own_settings.write_text("", encoding="utf-8")
    server.start()
    return dataset


def bring_up_to_date(url: str) -> None:
    """Migrations that came since it was loaded, and the log-in of the API."""
    with closing(db.connect(url, application_name="fleetbench", autocommit=True)) as conn:
        migrate(conn, MIGRATIONS)
        if conn.execute(SQL.find_role, {"name": APP_LOGIN}).fetchone() is None:
            statement = sql.SQL("CREATE ROLE {} LOGIN IN ROLE guanche_app")
            conn.execute(statement.format(sql.Identifier(APP_LOGIN)))


def temporary() -> Path | None:
    """Where data of a bench rest; None: wherever the system puts such."""
    return TEMPORARY if TEMPORARY.is_dir() and os.access(TEMPORARY, os.W_OK) else None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _forget(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
