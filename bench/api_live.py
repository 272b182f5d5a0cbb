"""How long from a change of a vehicle's state to those who follow it, with many following at once.

Decides that the followers are spread over all organisations, so that the head office is told of
everything and a depot of its own; that a change is matched by vehicle and time of its sample; and
that one overtaken by a newer change of the same vehicle counts as told. One thread listens to all.
"""

import selectors
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from typing import Final, NamedTuple

import msgspec

from bench import api_writer
from bench.api_client import Chunks, Request, connect, read_head
from bench.api_fleet import organisation_codes
from bench.api_scene import Asker, Scene
from bench.api_server import ApiProcess
from bench.latency import quantile
from bench.machine import cpu_s
from bench.processes import RigFailed
from kit import clock

CLIENTS: Final = 500
RATE_PER_S: Final = 1_000.0
BATCH_MS: Final = 200.0
_GIVE_UP_S: Final = 10.0
_SETTLE_S: Final = 1.0
_LOOK_S: Final = 0.05
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """Change → client, and what it took."""

    clients: int
    changes_per_s: float
    told_per_s: float
    """States told to all clients together."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    told: int
    overtaken: int
    missing: int
    foreign: int
    """States told to somebody who may not see them."""
    dropped: int
    """Clients whose stream ended."""
    api_cpu: float
    """Cores the API used, while it was written."""
    writer_behind_s: float


class _State(msgspec.Struct):
    vin: str
    ts: datetime | None


class Told(NamedTuple):
    """A state as it came to a client."""

    vin: str
    ts_us: int
    arrived_us: int


ChangedAt = dict[str, dict[int, int]]
"""By VIN and the time of the sample, when it was written; all µs since 1970."""


class Follower:
    """One stream."""

    def __init__(self, port: int, asker: Asker, token: str) -> None:
        self.asker = asker
        self.ended = False
        self.told: list[Told] = []
        self.socket = connect(port)
        self.socket.sendall(Request(method="GET", target="/api/v1/live", token=token).encoded())
        status, _, received = read_head(self.socket)
        if status != 200:
            raise RigFailed(f"the live feed answered {status}: {bytes(received[:300])!r}")
        self._chunks = Chunks()
        self._text = bytearray(self._chunks.feed(bytes(received)))
        self.socket.setblocking(False)

    def hear(self) -> None:
        """Read what has come."""
        try:
            part = self.socket.recv(262_144)
        except BlockingIOError:
            return
        arrived_us = clock.now_us()
        self.ended = self.ended or not part
        self._text += self._chunks.feed(part)
        self.ended = self.ended or self._chunks.ended
        while (end := self._text.find(b"\n\n")) >= 0:
            self._take(bytes(self._text[:end]), arrived_us)
            del self._text[: end + 2]

    def _take(self, event: bytes, arrived_us: int) -> None:
        lines = dict(line.split(b": ", 1) for line in event.split(b"\n") if b": " in line)
        kind = lines.get(b"event")
        if kind in {b"dropped", b"goodbye"}:
            self.ended = True
        if kind == b"states":
            for state in msgspec.json.decode(lines[b"data"], type=list[_State]):
                if state.ts is not None:
                    self.told.append(Told(state.vin, to_us(state.ts), arrived_us))


def measure_live(
    scene: Scene,
    api: ApiProcess,
    *,
    seconds: float,
    seed: int,
    clients: int = CLIENTS,
    rate_per_s: float = RATE_PER_S,
) -> Live:
    """Follow while a writer writes."""
    followers = follow_all(scene, api.port, clients)
    try:
        with selectors.DefaultSelector() as selector:
            for follower in followers:
                selector.register(follower.socket, selectors.EVENT_READ, follower)
            _listen_for(selector, _SETTLE_S)
            for follower in followers:
                follower.told.clear()
            orders = api_writer.Orders(
                url=scene.rig.url,
                vehicles=len(scene.fleet),
                seed=seed,
                seconds=seconds,
                rate_per_s=rate_per_s,
                batch_ms=BATCH_MS,
            )
            before_s = cpu_s(api.pid)
            changes = _write_and_listen(selector, orders)
            spent_s = cpu_s(api.pid) - before_s
            _listen_for(selector, _SETTLE_S)
    finally:
        for follower in followers:
            follower.socket.close()
    return judge_live(scene, followers, changes, cpu=spent_s / changes.took_s)


def follow_all(scene: Scene, port: int, clients: int) -> list[Follower]:
    """Streams of users of all organisations in turn."""
    askers = [scene.askers[code] for code, _ in organisation_codes()]
    followers: list[Follower] = []
    for number in range(clients):
        asker = askers[number % len(askers)]
        token = asker.tokens[number // len(askers) % len(asker.tokens)]
        followers.append(Follower(port, asker, token))
    return followers


def judge_live(
    scene: Scene,
    followers: Sequence[Follower],
    changes: api_writer.Changes,
    *,
    cpu: float,
) -> Live:
    """Compare what was told with what was changed, and with who may see it."""
    operator_id_of = scene.operator_id_of
    vin_of = {vehicle.id: vehicle.vin for vehicle in scene.fleet}
    changed: ChangedAt = {}
    for vehicle_id, ts_us, at_us in changes.changes:
        changed.setdefault(vin_of[vehicle_id], {})[ts_us] = at_us
    waits_ms: list[float] = []
    overtaken = missing = foreign = 0
    for follower in followers:
        sees = follower.asker.sees
        foreign += sum(operator_id_of[one.vin] not in sees for one in follower.told)
        wanted = {vin: at for vin, at in changed.items() if operator_id_of[vin] in sees}
        found, later, never = match(follower.told, wanted)
        waits_ms += found
        overtaken += later
        missing += never
    told = sum(len(follower.told) for follower in followers)
    waits_ms.sort()
    shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
    return Live(
        clients=len(followers),
        changes_per_s=len(changes.changes) / changes.took_s,
        told_per_s=told / changes.took_s,
        **{name: quantile(waits_ms, share) for name, share in shares.items()},
        told=told,
        overtaken=overtaken,
        missing=missing,
        foreign=foreign,
        dropped=sum(follower.ended for follower in followers),
        api_cpu=cpu,
        writer_behind_s=changes.behind_s,
    )


def match(told: Sequence[Told], wanted: ChangedAt) -> tuple[list[float], int, int]:
    """How long each wanted change took to be told [ms]; how many were overtaken, how many missing.

    >>> match([Told("A", 20, 1500)], {"A": {10: 400, 20: 500}, "B": {20: 600}})
    ([1.0], 1, 1)
    """
    waits_ms: list[float] = []
    newest: dict[str, int] = {}
    waiting = {vin: dict(times) for vin, times in wanted.items()}
    for one in told:
        newest[one.vin] = max(one.ts_us, newest.get(one.vin, 0))
        at_us = waiting.get(one.vin, {}).pop(one.ts_us, None)
        if at_us is not None:
            waits_ms.append((one.arrived_us - at_us) / 1000)
    left = [(vin, ts_us) for vin, times in waiting.items() for ts_us in times]
    overtaken = sum(ts_us < newest.get(vin, 0) for vin, ts_us in left)
    return waits_ms, overtaken, len(left) - overtaken


def to_us(instant: datetime) -> int:
    """µs since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _write_and_listen(
    selector: selectors.BaseSelector, orders: api_writer.Orders
) -> api_writer.Changes:
    """Listen until the writer has written all; what it says it has."""
    command = [sys.executable, "-m", "bench.api_writer", msgspec.json.encode(orders).decode()]
    deadline_s = clock.monotonic() + orders.seconds + _GIVE_UP_S
    with TemporaryFile() as report, subprocess.Popen(command, stdout=report) as process:
        _listen(selector, lambda: process.poll() is None and clock.monotonic() < deadline_s)
        if process.poll() is None:
            process.kill()
        if process.wait():
            raise RigFailed(f"the writer ended with {process.returncode}")
        report.seek(0)
        return msgspec.json.decode(report.read(), type=api_writer.Changes)


def _listen_for(selector: selectors.BaseSelector, seconds: float) -> None:
    until_s = clock.monotonic() + seconds
    _listen(selector, lambda: clock.monotonic() < until_s)


def _listen(selector: selectors.BaseSelector, still: Callable[[], bool]) -> None:
    """Let followers hear; those whose stream has ended are left alone."""
    while still():
        for key, _ in selector.select(_LOOK_S):
            follower: Follower = key.data
            follower.hear()
            if follower.ended:
                selector.unregister(follower.socket)
