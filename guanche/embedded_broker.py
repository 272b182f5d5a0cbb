"""MQTT brokers of our own: mosquitto where it is installed, else one in Python.

Decides how a throwaway broker is set up: loopback only, anonymous, durable sessions, queues that
hold an outage. The broker of a company is set up by `deploy/mosquitto/` instead.
"""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from guanche.embedded_process import (
    HOST,
    ServerFailed,
    ServerProcess,
    find_free_port,
)


class Broker:
    """A throwaway broker that can be stopped, killed, frozen and started again on its port."""

    def __init__(
        self, kind: Literal["mosquitto", "amqtt"], port: int, process: ServerProcess
    ) -> None:
        self.kind = kind
        self.host = HOST
        self.port = port
        self._process = process

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtt://{self.host}:{self.port}"

    @property
    def mqtt_version(self) -> Literal["5", "3.1.1"]:
        """The newest protocol it speaks."""
        return "5" if self.kind == "mosquitto" else "3.1.1"

    @property
    def pid(self) -> int:
        """Process id of the broker; it changes with every start."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there, be it frozen."""
        return self._process.running

    def start(self) -> None:
        """Start, or start again with what it had stored, and wait until it listens."""
        self._process.launch()
        self._process.wait_until(lambda: self._process.listens_on(self.port))

    def stop(self) -> None:
        """Stop in order (SIGTERM): mosquitto stores its sessions and queues."""
        self._process.end(signal.SIGTERM)

    def kill(self) -> None:
        """Stop at once (SIGKILL): what was not yet stored is lost."""
        self._process.end(signal.SIGKILL)

    def freeze(self) -> None:
        """Hang it: connections stay open and nothing answers."""
        self._process.freeze()

    def thaw(self) -> None:
        """Let a frozen broker go on."""
        self._process.thaw()


def find_mosquitto() -> Path | None:
    """The installed mosquitto; Debian keeps it where only root's PATH looks."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def read_mosquitto_version(mosquitto: Path) -> str:
    """Its version, such as '2.0.11'."""
    shown = subprocess.run([mosquitto, "-h"], capture_output=True, text=True, check=False).stdout
    return shown.partition("\n")[0].removeprefix("mosquitto version ").strip()


def mosquitto_config(*, port: int, folder: Path, autosave_s: int, config_extra: str = "") -> str:
    """The configuration of a throwaway mosquitto.

    Its built-in persistence writes everything it holds at every save, so a short `autosave_s`
    costs much when queues are long, and a long one is what a SIGKILL may lose.
    """
    config = textwrap.dedent(f"""\
        listener {port} {HOST}
        allow_anonymous true
        persistence true
        persistence_location {folder}/
        autosave_interval {autosave_s}
        # A consumer that is away or slow: two million messages, until 2 GiB.
        max_queued_messages 2000000
        max_queued_bytes 2147483648
        # MQTT 5 clients state a Receive Maximum; without this, 3.1.1 ones get 20 at a time.
        max_inflight_messages 20000
        set_tcp_nodelay true
        sys_interval 1
        connection_messages false
        log_dest stderr
        """)
    if os.geteuid() == 0:
        config += "user root\n"  # its own user could not write into our folder
    return config + config_extra


@contextmanager
def mosquitto_broker(
    folder: Path, *, autosave_s: int = 30, config_extra: str = ""
) -> Iterator[Broker]:
    """A running mosquitto that keeps its sessions in `folder`.

    Raises:
        ServerFailed: it is not installed or refuses its configuration.
    """
    mosquitto = find_mosquitto()
    if mosquitto is None:
        raise ServerFailed("no mosquitto on this machine: run `make services`, or install it")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    port = find_free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        mosquitto_config(port=port, folder=folder, autosave_s=autosave_s, config_extra=config_extra)
    )
    process = ServerProcess([str(mosquitto), "-c", str(config)], log=folder / "mosquitto.log")
    with _running(Broker("mosquitto", port, process)) as broker:
        yield broker


@contextmanager
def amqtt_broker(folder: Path) -> Iterator[Broker]:
    """A running broker in Python: MQTT 3.1.1, in memory only, for a demo of some hundred vehicles.

    Raises:
        ServerFailed: the `embedded` extra is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = find_free_port()
    process = ServerProcess(
        [sys.executable, "-m", "guanche.embedded_amqtt", HOST, str(port)], log=folder / "amqtt.log"
    )
    with _running(Broker("amqtt", port, process)) as broker:
        yield broker


@contextmanager
def embedded_broker(folder: Path) -> Iterator[Broker]:
    """Mosquitto where it is installed, else the one in Python; `.kind` says which."""
    start = amqtt_broker if find_mosquitto() is None else mosquitto_broker
    with start(folder) as broker:
        yield broker


@contextmanager
def _running(broker: Broker) -> Iterator[Broker]:
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
