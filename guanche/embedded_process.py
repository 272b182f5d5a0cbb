"""A server process of our own: started under a guard, stopped, killed, frozen and thawed.

Decides nothing about which server it is; that stands in `embedded_postgres` and
`embedded_broker`. A server started here never outlives the process that started it.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from typing import Final, NamedTuple

import psutil

from kit import clock

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 60.0
_GUARD = Path(__file__).with_name("embedded_guard.py")
_SERVER_PORTS: Final = range(16_384, 32_768)
"""Below those that Linux and macOS give to clients: the port of a server that is stopped for a
while is not gone when it comes back."""
_RANDOM: Final = SystemRandom()  # another seed in each process: two do not try the same ports


class Account(NamedTuple):
    """The system user a server runs as when we are root."""

    uid: int
    gid: int


class ServerFailed(Exception):
    """A server did not start, or ended by itself; the message carries the end of its log."""


class ServerProcess:
    """One server command, which can be started again after it was stopped or killed."""

    def __init__(
        self,
        command: list[str],
        *,
        log: Path,
        end_signal: signal.Signals = signal.SIGTERM,
        account: Account | None = None,
        chroot: Path | None = None,
        throwaway: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe it; `throwaway` is a directory to delete should we die while it runs.

        `environment` takes the place of ours: secrets go there, arguments are seen by everybody.
        """
        self.log = log
        self._environment = None if environment is None else dict(environment)
        self._guard: subprocess.Popen[str] | None = None
        self._pid = 0
        self._program = command[0]
        self._guard_command = [sys.executable, "-I", "-S", str(_GUARD)]
        self._guard_command += [f"--log={log}", f"--end={end_signal.name}"]
        if account is not None:
            self._guard_command += [f"--uid={account.uid}", f"--gid={account.gid}"]
        if chroot is not None:
            self._guard_command += [f"--chroot={chroot}"]
        if throwaway is not None:
            self._guard_command += [f"--delete={throwaway}"]
        self._guard_command += ["--", *command]

    @property
    def pid(self) -> int:
        """The server's own process id (not its guard's); it changes with every start."""
        return self._pid

    @property
    def running(self) -> bool:
        """Whether the process is there, be it frozen."""
        return self._guard is not None and self._guard.poll() is None

    def launch(self) -> None:
        """Start the process without waiting until it serves."""
        if self.running:
            raise ServerFailed(f"process {self._pid} is running already")
        self._guard = subprocess.Popen(
            self._guard_command,
            env=self._environment,
            stdin=subprocess.PIPE,  # its closing tells the guard that we are gone
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for us, who then stop it in order
        )
        assert self._guard.stdout is not None and self._guard.stderr is not None
        try:
            first_line = self._guard.stdout.readline()
        except BaseException:  # Ctrl-C, most likely: closing the pipes ends what was started
            self._reap()
            raise
        if not first_line:
            complaint = self._guard.stderr.read().strip().rpartition("\n")[2]
            self._reap()
            raise ServerFailed(f"could not run {self._program}: {complaint}")
        self._pid = int(first_line)
        self._guard.stdout.close()
        self._guard.stderr.close()

    def wait_until(self, serves: Callable[[], bool]) -> None:
        """Wait until `serves` says so.

        Raises:
            ServerFailed: the process ended instead, or it takes longer than START_TIMEOUT_S.
        """
        deadline = clock.monotonic() + START_TIMEOUT_S
        while not serves():
            if not self.running or clock.monotonic() > deadline:
                self.end(signal.SIGKILL)
                raise ServerFailed(f"the server did not start:\n{self.log_tail()}")
            clock.sleep(0.01)

    def wait(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Wait for the process to end by itself and return its exit code."""
        assert self._guard is not None
        code = self._guard.wait(timeout_s)
        self._reap()
        return code

    def end(self, how: signal.Signals) -> None:
        """Send a signal that ends the process, frozen or not, and wait until it has ended."""
        if not self.running:
            self._reap()
            return
        with suppress(ProcessLookupError):
            os.kill(self._pid, how)
        self.thaw()
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self.wait()

    def listens_on(self, port: int) -> bool:
        """Whether it is this process that accepts connections there, and not another's server."""
        with suppress(psutil.NoSuchProcess):
            return any(
                each.laddr.port == port and each.status == psutil.CONN_LISTEN
                for each in psutil.Process(self._pid).net_connections("tcp")
            )
        return False

    def freeze(self) -> None:
        """Stop all its processes where they stand, as a hung machine would (SIGSTOP)."""
        if not self.running:
            raise ServerFailed("a server that does not run cannot be frozen")
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on (SIGCONT)."""
        if self.running:
            self._signal_all(signal.SIGCONT)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its output."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _signal_all(self, which: signal.Signals) -> None:
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._pid)
            parent.send_signal(which)
            if which == signal.SIGSTOP:  # it must not fork while its children are listed
                while parent.status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
                    clock.sleep(0.001)
            for child in parent.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.send_signal(which)

    def _reap(self) -> None:
        """Collect the guard that has ended, and close our ends of its pipes."""
        if self._guard is None:
            return
        for pipe in (self._guard.stdin, self._guard.stdout, self._guard.stderr):
            if pipe is not None:
                pipe.close()
        self._guard.wait()
        self._guard = None


def find_free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on now."""
    while True:
        port = _RANDOM.choice(_SERVER_PORTS)
        with suppress(OSError), socket.create_server((HOST, port)):
            return port


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
