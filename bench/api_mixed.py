"""A mixed load at a fixed rate, as a company's people and machines would make it.

Decides that arrivals keep their time table: a request is due when it is due, and its time counts
from there, so that a server that falls behind is not spared what waits. Threads send it, each over
a connection of its own; when all of them wait for answers, a request leaves late, and that counts
too. Some answers are kept and looked at afterwards, and what was written is counted in the
database. Leaves out what is asked (`api_requests.py`).
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

import msgspec

from bench.api_client import Answer, Client
from bench.api_requests import MIXTURE, Planned, judge, plan_load
from bench.api_scene import Scene
from bench.api_server import ApiProcess
from bench.latency import quantile
from bench.machine import cpu_s
from bench.rig import SQL
from kit import clock

RATE_PER_S: Final = 200.0
SENDERS: Final = 48
LOOKED_AT_EVERY: Final = 7
"""Of the answers, those whose content is judged."""
_START_S: Final = 0.5


class Outcome(NamedTuple):
    """What became of a request."""

    place: int
    status: int
    latency_ms: float
    """From when it was due until its answer was read."""
    late_ms: float
    """How long after that it was sent."""
    answer: Answer | None


class Mixed(msgspec.Struct, frozen=True, kw_only=True):
    """The load and how it was borne."""

    rate_per_s: float
    """Answered."""
    requests: int
    errors: int
    """Answers that were none of success, and connections that broke."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    p95_ms_of: dict[str, float]
    late_p99_ms: float
    api_cpu: float
    """Cores the API used."""
    database_cpu: float
    cpu_ms_per_request: float
    """Of the API."""
    judged: int
    wrong: list[str]
    problems: dict[str, int]
    """What the errors said, and how often."""


def measure_mixed(
    scene: Scene, api: ApiProcess, *, seconds: float, seed: int, rate_per_s: float = RATE_PER_S
) -> Mixed:
    """Send the load, then look at what came of it."""
    scene.refresh_states()
    planned = plan_load(scene, round(seconds * rate_per_s), Random(f"{seed}/mixed"))
    server = scene.rig.server.pid
    before = (cpu_s(api.pid), cpu_s(server))
    load = Load(api.port, planned, rate_per_s)
    took_s = load.run()
    api_s, database_s = cpu_s(api.pid) - before[0], cpu_s(server) - before[1]
    outcomes = sorted(load.outcomes)
    failed = [one for one in outcomes if not 200 <= one.status < 300]
    wrong = [
        sentence
        for one in outcomes
        if one.answer is not None and 200 <= one.status < 300
        for sentence in judge(scene, planned[one.place], one.answer)
    ]
    wrong += _judge_writes(scene, planned, outcomes)
    return Mixed(
        rate_per_s=len(outcomes) / took_s,
        requests=len(outcomes),
        errors=len(failed),
        **_quantiles(outcomes),
        p95_ms_of={
            kind: quantile(
                sorted(o.latency_ms for o in outcomes if planned[o.place].kind == kind), 0.95
            )
            for kind in MIXTURE
        },
        late_p99_ms=quantile(sorted(one.late_ms for one in outcomes), 0.99),
        api_cpu=api_s / took_s,
        database_cpu=database_s / took_s,
        cpu_ms_per_request=api_s / len(outcomes) * 1000,
        judged=sum(one.answer is not None for one in outcomes),
        wrong=wrong,
        problems=dict(Counter(load.problems)),
    )


class Load:
    """Sends requests when they are due."""

    def __init__(self, port: int, planned: Sequence[Planned], rate_per_s: float) -> None:
        self._port = port
        self._planned = planned
        self._interval_s = 1 / rate_per_s
        self._next = iter(range(len(planned)))
        self._taking = threading.Lock()
        self._began_s = 0.0
        self.outcomes: list[Outcome] = []
        self.problems: list[str] = []

    def run(self) -> float:
        """Send all; the seconds from when the first was due to the last answer."""
        self._began_s = clock.monotonic() + _START_S
        senders = [threading.Thread(target=self._send_all) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return clock.monotonic() - self._began_s

    def _send_all(self) -> None:
        with Client(self._port) as client:
            while True:
                with self._taking:
                    place = next(self._next, None)
                if place is None:
                    return
                due_s = self._began_s + place * self._interval_s
                clock.sleep(max(0.0, due_s - clock.monotonic()))
                self._send(client, place, due_s)

    def _send(self, client: Client, place: int, due_s: float) -> None:
        late_ms = (clock.monotonic() - due_s) * 1000
        answer: Answer | None
        try:
            answer = client.send(self._planned[place].request)
            status = answer.status
            if not 200 <= status < 300:
                self.problems.append(f"{status} {answer.body[:200].decode()}")
        except OSError as problem:
            answer, status = None, 0
            self.problems.append(repr(problem))
        latency_ms = (clock.monotonic() - due_s) * 1000
        if place % LOOKED_AT_EVERY:
            answer = None
        self.outcomes.append(Outcome(place, status, latency_ms, late_ms, answer))


def _quantiles(outcomes: Sequence[Outcome]) -> dict[str, float]:
    ordered = sorted(one.latency_ms for one in outcomes)
    shares = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
    return {name: quantile(ordered, share) for name, share in shares.items()}


def _judge_writes(
    scene: Scene, planned: Sequence[Planned], outcomes: Sequence[Outcome]
) -> Iterator[str]:
    """Whether the database holds what was answered with success, once."""
    done = [planned[one.place] for one in outcomes if 200 <= one.status < 300]
    changed = {p.vehicle.vin: p.vehicle.version + 1 for p in done if p.kind == "change"}
    serials = [p.request.headers["Idempotency-Key"] for p in done if p.kind == "create"]
    with scene.rig.connect() as conn:
        versions = dict(conn.execute(SQL.list_versions, {"vins": list(changed)}).fetchall())
        (devices,) = conn.execute(SQL.count_devices, {"serials": serials}).fetchone() or (0,)
    if versions != changed:
        yield "vehicles that do not stand at the version answered"
    if devices != len(serials):
        yield f"{devices} devices, not the {len(serials)} created"
