"""What the bench's fleet sends: the same messages for the same plan.

Decides order, gaps, repeats and flaws. A vehicle is offline for 5 % of the time and then sends
what it stored; 1 % of messages come twice; 0.1 % carry a clock that is wrong; 0.1 % are broken. A
flaw belongs to a message, so that its repeat has the same bytes. Leaves out what each message must
become (`truth.py`) and sending (`publisher.py`).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Final, Literal, NamedTuple, get_args

from bench.moments import HOUR_S, Moment, hour_km, make_hour

TICK_MS: Final = 1_000
PHASES: Final = 160
"""Vehicles are in this many groups, each of which is offline at another time."""
OFFLINE_TICKS: Final = 8
"""Of every PHASES ticks: 5 %."""
REPEAT_EVERY: Final = 100
SKEW_EVERY: Final = 1_000
BREAK_EVERY: Final = 1_000
_REPEATED_AFTER_BLOCKS: Final = 40

Flaw = Literal["ahead", "epoch", "slow", "cut", "bytes", "no_ts", "stranger"]
_SKEWS: Final[tuple[Flaw, ...]] = get_args(Flaw)[:3]
_BREAKAGES: Final[tuple[Flaw, ...]] = get_args(Flaw)[3:]
_AHEAD_MS: Final = 2 * 3_600_000
SLOW_MS: Final = 90_500

Planned = tuple[int, int, Flaw | None]
"""Vehicle number, tick, flaw. A bare tuple, because one is made for every message."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which messages are sent; the same plan gives the same bytes."""

    vehicles: int
    messages: int
    seed: int
    start_ms: int
    """Device time of the first tick, ms since 1970."""
    samples_per_message: int = 1
    disorder: bool = True


class Message(NamedTuple):
    """A message ready to be sent."""

    topic: bytes
    payload: bytes


def device_of(vehicle: int) -> str:
    """The device id of a vehicle number, from 0."""
    return f"SIM{vehicle + 1:06d}"


def plan_blocks(plan: Plan) -> Iterator[list[Planned]]:
    """All planned messages in sending order, some hundreds at a time; endless but for the count."""
    left = plan.messages
    for block in _endless_blocks(plan):
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


def _endless_blocks(plan: Plan) -> Iterator[list[Planned]]:
    rng = Random(f"{plan.seed}/disorder")
    groups = [list(range(phase, plan.vehicles, PHASES)) for phase in range(PHASES)]
    order = rng.sample(range(PHASES), PHASES)
    repeats: deque[tuple[int, Planned]] = deque()
    gaps = {every: _gap(rng, every) for every in (REPEAT_EVERY, -SKEW_EVERY, BREAK_EVERY)}
    tick = number = 0
    while True:
        for phase in order:
            for due in _due_ticks(phase, tick, plan.disorder):
                block: list[Planned] = [(vehicle, due, None) for vehicle in groups[phase]]
                number += 1
                if plan.disorder:
                    _spoil(block, gaps, -SKEW_EVERY, _SKEWS, rng)
                    _spoil(block, gaps, BREAK_EVERY, _BREAKAGES, rng)
                    for place in _places(len(block), gaps, REPEAT_EVERY, rng):
                        repeats.append((number + _REPEATED_AFTER_BLOCKS, block[place]))
                    while repeats and repeats[0][0] <= number:
                        block.append(repeats.popleft()[1])
                if block:
                    yield block
        tick += 1


def _due_ticks(phase: int, tick: int, disorder: bool) -> range:
    """The ticks a group sends now: none while offline, then all it stored, else this one."""
    position = (tick + phase) % PHASES
    if not disorder or position > OFFLINE_TICKS:
        return range(tick, tick + 1)
    if position < OFFLINE_TICKS:
        return range(0)
    return range(max(0, tick - OFFLINE_TICKS), tick + 1)


def _gap(rng: Random, every: int) -> int:
    """How many messages until the next of its kind, `every` on average."""
    return rng.randint(0, 2 * abs(every) - 2)


def _places(count: int, gaps: dict[int, int], every: int, rng: Random) -> list[int]:
    """Where in a block of so many messages something happens that happens so often."""
    places, at = [], gaps[every]
    while at < count:
        places.append(at)
        at += 1 + _gap(rng, every)
    gaps[every] = at - count
    return places


def _spoil(
    block: list[Planned], gaps: dict[int, int], every: int, flaws: tuple[Flaw, ...], rng: Random
) -> None:
    for place in _places(len(block), gaps, every, rng):
        vehicle, tick, flaw = block[place]
        if flaw is None:
            block[place] = (vehicle, tick, rng.choice(flaws))


class MessageMaker:
    """Turns planned messages into bytes: a template with the numbers patched in."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._hour: list[Moment] = make_hour(plan.seed)
        self._hour_km = hour_km(plan.seed)
        self.places = place_vehicles(plan.vehicles, plan.seed)
        self._topics = [f"v1/{device_of(v)}/up/telemetry".encode() for v in range(plan.vehicles)]

    def make(self, planned: Planned) -> tuple[bytes, bytes]:
        """Topic and payload; a bare tuple, because one is made for every message."""
        vehicle, tick, flaw = planned
        plan = self._plan
        if flaw is not None:
            return self._make_flawed(vehicle, tick, flaw)
        if plan.samples_per_message == 1:
            sample = self._sample(vehicle, tick, plan.start_ms + tick * TICK_MS + vehicle % 1000)
            return self._topics[vehicle], sample
        return self._topics[vehicle], self._batch(vehicle, tick, 0)

    def _batch(self, vehicle: int, tick: int, shift_ms: int) -> bytes:
        samples = [
            self._sample(vehicle, second, ts_ms + shift_ms)
            for second, ts_ms in sample_times(self._plan, vehicle, tick)
        ]
        return samples[0] if len(samples) == 1 else b"[" + b",".join(samples) + b"]"

    def _sample(self, vehicle: int, second: int, ts_ms: int) -> bytes:
        lat, lon, odometer_km, lead_s = self.places[vehicle]
        second += lead_s
        moment = self._hour[second % HOUR_S]
        return b'{"ts":%d,"seq":0,"lat":%.6f,"lon":%.6f,"odometer_km":%.1f,%b' % (
            ts_ms,
            lat + moment.north_deg,
            lon + moment.east_deg,
            odometer_km + second // HOUR_S * self._hour_km + moment.distance_km,
            moment.json_tail,
        )

    def _make_flawed(self, vehicle: int, tick: int, flaw: Flaw) -> tuple[bytes, bytes]:
        topic, payload = self._topics[vehicle], self._batch(vehicle, tick, _shift_ms(self, flaw))
        match flaw:
            case "cut":
                payload = payload[: len(payload) * 2 // 3]
            case "bytes":
                payload = payload.replace(b'"main"', b'"m\xff\xfen"')
            case "no_ts":
                payload = payload.replace(b'"ts"', b'"tz"')
            case "stranger":
                topic = topic.replace(b"/SIM", b"/XIM")
        return topic, payload

    @property
    def start_ms(self) -> int:
        """Device time of the first tick."""
        return self._plan.start_ms


def _shift_ms(maker: MessageMaker, flaw: Flaw) -> int:
    """By how much a wrong clock is wrong."""
    return {"ahead": _AHEAD_MS, "epoch": -maker.start_ms, "slow": -SLOW_MS}.get(flaw, 0)


def sample_times(plan: Plan, vehicle: int, tick: int) -> list[tuple[int, int]]:
    """Second of the run and true time [ms since 1970] of each sample of a message."""
    first = tick * plan.samples_per_message
    return [
        (second, plan.start_ms + second * TICK_MS + vehicle % 1000)
        for second in range(first, first + plan.samples_per_message)
    ]


@lru_cache(maxsize=4)
def place_vehicles(vehicles: int, seed: int) -> list[tuple[float, float, float, int]]:
    """Each vehicle's depot (lat, lon), odometer [km] at the start and lead into the hour [s]."""
    rng = Random(f"{seed}/places")
    return [
        (
            22.52 + rng.random() * 0.3,
            113.80 + rng.random() * 0.5,
            round(rng.uniform(500, 90_000), 1),
            rng.randrange(HOUR_S),
        )
        for _ in range(vehicles)
    ]


def first_messages(plan: Plan, count: int) -> list[Message]:
    """The first messages of a plan, for tests and for a look at them."""
    maker = MessageMaker(plan)
    messages = (planned for block in plan_blocks(plan) for planned in block)
    return [Message(*maker.make(planned)) for planned in islice(messages, count)]
