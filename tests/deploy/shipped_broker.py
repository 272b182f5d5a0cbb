"""Runs a real mosquitto on the configuration that is shipped, and clients to try it with.

The files of deploy/mosquitto are used as they are, but for their paths and ports: those of the
container image are replaced by a temporary folder and free ports of the loopback interface.
"""

import os
import queue
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy" / "mosquitto"
DEADLINE_S = 10.0


def find_mosquitto() -> str | None:
    """The broker's program; distributions keep it where only root's PATH looks."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def wait_until(met: Callable[[], bool], what: str) -> None:
    """Poll for a condition.

    Raises:
        AssertionError: it was not met in time.
    """
    until = time.monotonic() + DEADLINE_S
    while not met():
        assert time.monotonic() < until, f"not within {DEADLINE_S} s: {what}"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def localised(conf: str, *, folder: Path, plain_port: int, tls_port: int) -> str:
    """The shipped mosquitto.conf with this machine's paths and ports, and nothing else changed."""
    conf, plain = re.subn(r"(?m)^listener 1883$", f"listener {plain_port} 127.0.0.1", conf)
    conf, tls = re.subn(r"(?m)^listener 8883$", f"listener {tls_port} 127.0.0.1", conf)
    assert (plain, tls) == (1, 1), "mosquitto.conf has one plain and one TLS listener"
    if os.geteuid() == 0:  # else it gives up root and cannot read a temporary folder
        conf += "\nuser root\n"
    return conf.replace("/mosquitto/", f"{folder}/")


class Heard(NamedTuple):
    """A message as a client received it."""

    topic: str
    payload: bytes
    retained: bool


@dataclass
class Session:
    """One MQTT 5 client, with what it heard and how its requests were answered."""

    client: mqtt.Client
    heard: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    connack: "queue.Queue[ReasonCode]" = field(default_factory=queue.Queue)
    gone: "queue.Queue[ReasonCode]" = field(default_factory=queue.Queue)
    pubacks: dict[int, ReasonCode] = field(default_factory=dict)
    subacks: dict[int, list[ReasonCode]] = field(default_factory=dict)

    def publish(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> ReasonCode:
        """Publish with QoS 1 and return the broker's answer."""
        info = self.client.publish(topic, payload, qos=1, retain=retain)
        wait_until(lambda: info.mid in self.pubacks, f"PUBACK of {topic}")
        return self.pubacks[info.mid]

    def subscribe(self, topic_filter: str) -> ReasonCode:
        """Subscribe with QoS 1 and return the broker's answer."""
        _, mid = self.client.subscribe(topic_filter, qos=1)
        assert mid is not None
        wait_until(lambda: mid in self.subacks, f"SUBACK of {topic_filter}")
        return self.subacks[mid][0]

    def hear(self) -> Heard:
        """The next message."""
        return self.heard.get(timeout=DEADLINE_S)

    def hear_until(self, payload: bytes) -> list[Heard]:
        """The messages before the one with this payload, which is left out."""
        messages = []
        while (message := self.hear()).payload != payload:
            messages.append(message)
        return messages


def _session(client_id: str) -> Session:
    client = mqtt.Client(
        mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5
    )
    session = Session(client)
    client.on_message = lambda _c, _u, m: session.heard.put(
        Heard(m.topic, bytes(m.payload), m.retain)
    )
    client.on_connect = lambda _c, _u, _f, code, _p: session.connack.put(code)
    client.on_disconnect = lambda _c, _u, _f, code, _p: session.gone.put(code)
    client.on_publish = lambda _c, _u, mid, code, _p: session.pubacks.update({mid: code})
    client.on_subscribe = lambda _c, _u, mid, codes, _p: session.subacks.update({mid: codes})
    return session


@dataclass
class ShippedBroker:
    """A broker on the shipped files, with its own credentials and certificates."""

    program: str
    folder: Path
    plain_port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    passwords: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def prepare(self) -> None:
        """Lay out config, credentials and certificates as the container image has them."""
        for name in ("config", "secrets", "data"):
            (self.folder / name).mkdir()
        shutil.copy(SHIPPED / "acl", self.folder / "config" / "acl")
        (self.folder / "config" / "acl").chmod(0o600)
        conf = localised(
            (SHIPPED / "mosquitto.conf").read_text(encoding="utf-8"),
            folder=self.folder,
            plain_port=self.plain_port,
            tls_port=self.tls_port,
        )
        (self.folder / "config" / "mosquitto.conf").write_text(conf, encoding="utf-8")
        self.make_certs("localhost", "127.0.0.1", check=True)
        self.add("--service", "ingest")
        self.add("--service", "monitor")

    def script(
        self, name: str, *arguments: str, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        """Run one of the shipped scripts on this broker's files."""
        return subprocess.run(
            [str(SHIPPED / name), *arguments],
            env={
                **os.environ,
                "PASSWORD_FILE": str(self.folder / "secrets" / "passwords"),
                "PID_FILE": str(self.folder / "data" / "mosquitto.pid"),
                "CERTS_DIR": str(self.folder / "certs"),
            },
            capture_output=True,
            text=True,
            check=check,
            timeout=30,
        )

    def make_certs(self, *arguments: str, check: bool) -> "subprocess.CompletedProcess[str]":
        return self.script("make-certs.sh", *arguments, check=check)

    def add(self, *arguments: str) -> None:
        """Make a credential and remember its password."""
        self.passwords[arguments[-1]] = self.script("add-device.sh", *arguments).stdout.strip()

    def start(self) -> None:
        log = (self.folder / "mosquitto.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [self.program, "-c", str(self.folder / "config" / "mosquitto.conf")],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(
            lambda: answers(self.plain_port) and answers(self.tls_port),
            f"mosquitto listens; {(self.folder / 'mosquitto.log').read_text()}",
        )

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(DEADLINE_S)
            self.process = None

    def kill_and_forget(self) -> None:
        """End whatever still runs, for a test's tear-down."""
        if self.process is not None:
            self.stop(signal.SIGKILL)

    @contextmanager
    def connected(
        self,
        user: str | None,
        *,
        client_id: str = "",
        password: str | None = None,
        clean_start: bool = True,
        session_expiry_s: int = 0,
        tls: "ssl.SSLContext | None" = None,
    ) -> Iterator[Session]:
        """A client that has had its CONNACK: look at `session.connack` where refusal matters."""
        session = _session(client_id)
        if user is not None:
            session.client.username_pw_set(
                user, self.passwords[user] if password is None else password
            )
        if tls is not None:
            session.client.tls_set_context(tls)
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = session_expiry_s
        session.client.connect(
            "localhost" if tls is not None else "127.0.0.1",
            self.tls_port if tls is not None else self.plain_port,
            clean_start=clean_start,
            properties=properties,
        )
        session.client.loop_start()
        try:
            wait_until(lambda: not session.connack.empty(), f"CONNACK for {user}")
            yield session
        finally:
            session.client.disconnect()
            session.client.loop_stop()

    def trusting(self) -> ssl.SSLContext:
        """A client's TLS settings: our authority, verification and host name check on."""
        return ssl.create_default_context(cafile=str(self.folder / "certs" / "ca.crt"))
