"""An ingest process as an operator sees it: started, asked, killed, frozen, told to stop.

Leaves out: what it should have stored (`tally.py`).
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from guanche.embedded import find_free_port
from guanche.scrape import IngestCounters, read_counters, read_health
from kit import clock

HOST = "127.0.0.1"
INGEST = (sys.executable, "-m", "guanche", "ingest")


class Ending(NamedTuple):
    """How a process ended after it was told to."""

    code: int
    after_s: float


def wait_until(
    happened: Callable[[], object], *, within_s: float, what: str | Callable[[], str]
) -> float:
    """Poll until it is so; how many seconds that took. `what` may be told at the end only.

    Raises:
        AssertionError: it was not so in time.
    """
    began_s = clock.monotonic()
    while not happened():
        waited_s = clock.monotonic() - began_s
        if waited_s > within_s:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"after {within_s:g} s still not so: {told}")
        clock.sleep(0.02)
    return clock.monotonic() - began_s


class Ingest:
    """One `guanche ingest`; the same object starts it again on the same settings."""

    def __init__(
        self, *, log: Path, settings: dict[str, Any], command: tuple[str, ...] = INGEST
    ) -> None:
        self.log = log
        self.port = find_free_port()
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._peak_mb = 0.0
        names = [name for name in os.environ if not name.startswith("GUANCHE_")]
        self._environment = {name: os.environ[name] for name in names} | {
            f"GUANCHE_{name.upper()}": str(setting)
            for name, setting in {
                "http_port": self.port,
                "http_host": HOST,
                "log_format": "json",
                **settings,
            }.items()
        }

    def start(self) -> Self:
        """Start the process without waiting until it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self.log.parent,  # where there is no .env
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def wait_ready(self, within_s: float = 20.0) -> None:
        """Wait until it holds a slot, is subscribed and has its database."""
        wait_until(
            lambda: (health := self.health()) and health["ok"] and health["slots_connected"],
            within_s=within_s,
            what=lambda: f"ingest serves\n{self.log_tail()}",
        )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def health(self) -> dict[str, Any] | None:
        """The facts of /healthz; None if nobody answers."""
        health = read_health(HOST, self.port)
        facts: dict[str, Any] | None = json.loads(health.text) if health.answered else None
        return facts

    def counters(self) -> IngestCounters | None:
        """The counters of /metrics; None if nobody answers."""
        return read_counters(HOST, self.port)

    @property
    def slots(self) -> list[int]:
        """The slots it says it holds."""
        health = self.health()
        return [] if health is None else list(health["slots_held"])

    @property
    def rss_mb(self) -> float:
        """Resident memory now."""
        return self._read_memory("VmRSS")

    @property
    def peak_mb(self) -> float:
        """The most resident memory any start of it had."""
        if self.running:
            self._peak_mb = max(self._peak_mb, self._read_memory("VmHWM"))
        return self._peak_mb

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            _ = self.peak_mb
            self._process.kill()
            self._process.wait()

    def terminate(self, *, within_s: float = 30.0) -> Ending:
        """Ask it to end (SIGTERM), and see how it does."""
        assert self._process is not None
        _ = self.peak_mb
        began_s = clock.monotonic()
        self._process.terminate()
        return self._await_end(began_s, within_s)

    def wait_end(self, *, within_s: float = 30.0) -> Ending:
        """See how it ends by itself."""
        return self._await_end(clock.monotonic(), within_s)

    def freeze(self) -> None:
        """Hang it (SIGSTOP)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def log_tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of one event."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            with suppress(ValueError):
                if (entry := json.loads(line)).get("event") == name:
                    found.append(entry)
        return found

    def _await_end(self, began_s: float, within_s: float) -> Ending:
        assert self._process is not None
        code = self._process.wait(within_s)
        return Ending(code, clock.monotonic() - began_s)

    def _read_memory(self, name: str) -> float:
        assert self._process is not None
        with suppress(FileNotFoundError):
            for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
                if line.startswith(f"{name}:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
