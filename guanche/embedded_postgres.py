"""PostgreSQL servers of our own: the embedded one, and TimescaleDB where it is installed.

Decides how a throwaway server is set up: loopback only, no passwords, a fresh data directory on a
free port. PostgreSQL refuses to run as root; when we are root it runs as another user, and no
existing folder changes its permissions for that. Not for production: a company's database is not
started by this program.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import psycopg

from guanche.embedded_installation import Installation, find_embedded, find_timescaledb
from guanche.embedded_process import (
    HOST,
    ServerFailed,
    ServerProcess,
    find_free_port,
)

_SIGNAL_OF_MODE = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_THROWAWAY = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_checkpoints": "off",
}


class PostgresServer:
    """A throwaway server: its data are gone when it is closed, kept when it is only stopped."""

    def __init__(
        self,
        installation: Installation,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        *,
        kept: Path | None = None,
    ) -> None:
        """Create the data directory; `settings` are postgresql.conf entries of the caller.

        `kept` is a place of `make_place` whose data stay, and are used again if there are any.
        """
        self.installation = installation
        self.port = find_free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "postgres.log"
        self._kept = kept is not None
        self._place = kept or make_place(installation, folder)
        try:
            programs = _readable_programs(installation, self._place)
            self._data = self._place / "data"
            if not (self._data / "PG_VERSION").exists():
                self._run_initdb(programs)
        except BaseException:
            self.close()
            raise
        chosen = {**_THROWAWAY, **installation.settings, **(settings or {})}
        self._process = self._prepare(
            [
                str(programs / "postgres"),
                "-D",
                self._inside(self._data),
                "-p",
                str(self.port),
                *(f"--{name}={text}" for name, text in chosen.items()),
            ]
        )

    @property
    def url(self) -> str:
        """The libpq URL of its maintenance database, as superuser."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The libpq URL of one of its databases, as superuser."""
        return f"postgresql://postgres@{HOST}:{self.port}/{database}"

    @property
    def data(self) -> Path:
        """The data directory."""
        return self._data

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster is there, be it frozen."""
        return self._process.running

    def start(self) -> None:
        """Start, or start again on the same port and data, and wait until it serves."""
        self._process.launch()
        self._process.wait_until(self._serves)

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop in order, or at once without a checkpoint (as after a crash)."""
        self._process.end(_SIGNAL_OF_MODE[mode])

    def freeze(self) -> None:
        """Hang the whole server: connections stay open and nothing answers."""
        self._process.freeze()

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._process.thaw()

    def close(self) -> None:
        """Stop for good and delete the data, but those that are to be kept."""
        if hasattr(self, "_process"):
            self._process.end(signal.SIGINT if self._kept else signal.SIGQUIT)
        if not self._kept:
            shutil.rmtree(self._place, ignore_errors=True)

    def _serves(self) -> bool:
        if not self._process.listens_on(self.port):
            return False
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url, connect_timeout=2).close()
            return True
        return False

    def _run_initdb(self, programs: Path) -> None:
        initdb = self._prepare(
            [
                str(programs / "initdb"),
                f"--pgdata={self._inside(self._data)}",
                "--username=postgres",
                "--auth=trust",  # loopback only, throwaway data
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-sync",
                "--no-instructions",
            ]
        )
        initdb.launch()
        if initdb.wait() != 0:
            raise ServerFailed(f"initdb failed:\n{initdb.log_tail()}")

    def _prepare(self, command: list[str]) -> ServerProcess:
        return ServerProcess(
            command,
            log=self._log,
            end_signal=signal.SIGINT if self._kept else signal.SIGQUIT,
            account=self.installation.account,
            chroot=self.installation.root,
            throwaway=None if self._kept else self._place,
        )

    def _inside(self, path: Path) -> str:
        """A path as the server sees it."""
        root = self.installation.root
        return str(path if root is None else Path("/") / path.relative_to(root))


@contextmanager
def running_postgres(
    installation: Installation,
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    kept: Path | None = None,
) -> Iterator[PostgresServer]:
    """A throwaway server of that installation, gone at the end of the block.

    Its data go with it, unless they rest in a place `kept`.
    """
    server = PostgresServer(installation, folder, settings, kept=kept)
    try:
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """The libpq URL of a plain PostgreSQL that needs nothing installed and no root."""
    with running_postgres(find_embedded(), folder) as server:
        yield server.url


@contextmanager
def timescale_server(
    folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[PostgresServer]:
    """A TimescaleDB server from where `make services` installed it.

    Raises:
        ServerFailed: it is not installed, or only root could run it.
    """
    installation = find_timescaledb()
    if installation is None:
        raise ServerFailed("no TimescaleDB on this machine: run `make services` as root")
    with running_postgres(installation, folder, settings) as server:
        yield server


def make_place(installation: Installation, folder: Path) -> Path:
    """A new directory the server's user can work in; below `folder` where that user may go."""
    if installation.root is not None:
        parent = installation.root / "var/lib/guanche"
        parent.mkdir(mode=0o755, exist_ok=True)
    elif installation.account is not None and not _open_to_all(folder.resolve()):
        parent = Path(tempfile.gettempdir())
    else:
        parent = folder.resolve()
    place = Path(tempfile.mkdtemp(prefix="guanche-postgres-", dir=parent))
    if installation.account is not None:
        os.chown(place, *installation.account)
    return place


def _readable_programs(installation: Installation, place: Path) -> Path:
    """The programs, copied when they lie in a folder that only root may enter."""
    programs = installation.programs
    if (
        installation.account is None
        or installation.root is not None
        or _open_to_all(programs.resolve() / "postgres")
    ):
        return programs
    package = programs.parents[1]
    home = place / "programs"
    shutil.rmtree(home, ignore_errors=True)  # of a kept place
    shutil.copytree(programs.parent, home / package.name / programs.parent.name, symlinks=True)
    libraries = f"{package.name}.libs"  # beside the package, where wheels keep them
    if package.with_name(libraries).exists():
        shutil.copytree(package.with_name(libraries), home / libraries, symlinks=True)
    for path in [home, *home.rglob("*")]:
        os.chown(path, *installation.account, follow_symlinks=False)
    return home / programs.relative_to(package.parent)


def _open_to_all(path: Path) -> bool:
    """Whether any user may come to this path."""
    return all(step.stat().st_mode & 0o001 for step in [path, *path.parents])
