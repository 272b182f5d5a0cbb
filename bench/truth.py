"""What must be in the database after a plan's messages, known without asking the code under test.

Leaves out making the messages (`generator.py`) and comparing (`verification.py`).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from bench.generator import (
    SLOW_MS,
    TICK_MS,
    Flaw,
    Message,
    MessageMaker,
    Plan,
    Planned,
    plan_blocks,
    sample_times,
)

REFUSED_AS: Final[dict[Flaw, str]] = {
    "ahead": "future_time",
    "epoch": "too_old",
    "cut": "bad_json",
    "bytes": "bad_encoding",
    "no_ts": "bad_schema",
    "stranger": "unknown_device",
}
"""What the contract says of each; `slow` is a wrong clock that nobody can notice: accepted."""


class Refused(NamedTuple):
    """A message or sample that must become a refusal."""

    reason: str
    raw: bytes


class Truth(NamedTuple):
    """What must be in the database after the first messages of a plan."""

    keys: set[int]
    """`pack_key` of every sample to be stored."""
    refused: set[Refused]
    repeats: int
    """Messages that were sent before, byte by byte."""


def pack_key(vehicle: int, ts_ms: int) -> int:
    """Vehicle number and sample time as one integer; the bench's samples all have seq 0."""
    return vehicle << 42 | ts_ms


def truth_of(plan: Plan) -> Truth:
    """What must be stored and refused once the whole plan has been sent."""
    maker = MessageMaker(plan)
    keys: set[int] = set()
    refused: set[Refused] = set()
    repeats, seen = 0, set[Planned]()
    single = plan.samples_per_message == 1
    for block in plan_blocks(plan):
        for planned in block:
            vehicle, tick, flaw = planned
            if flaw is None and single:
                keys.add(vehicle << 42 | plan.start_ms + tick * TICK_MS + vehicle % 1000)
            elif flaw in (None, "slow"):
                late_ms = 0 if flaw is None else SLOW_MS
                times = sample_times(plan, vehicle, tick)
                keys.update(pack_key(vehicle, ts_ms - late_ms) for _, ts_ms in times)
            else:
                refused.update(_refusals_of(maker, planned, single))
        repeats += sum(planned in seen for planned in block) if plan.disorder else 0
        seen.update(block)
    return Truth(keys, refused, repeats)


def _refusals_of(maker: MessageMaker, planned: Planned, single: bool) -> Iterator[Refused]:
    """A message cut or garbled is refused whole; of a batch with bad times, each sample."""
    flaw = planned[2]
    assert flaw is not None
    message, reason = Message(*maker.make(planned)), REFUSED_AS[flaw]
    if single or flaw in ("cut", "bytes"):
        yield Refused(reason, message.payload)
        return
    for sample in message.payload[1:-1].replace(b"},{", b"}\n{").split(b"\n"):
        yield Refused(reason, sample)


class Probe(NamedTuple):
    """A message whose way into the database is timed."""

    place: int
    """Its place in the plan, from 0."""
    vehicle: int
    ts_ms: int


def list_probes(plan: Plan, every: int) -> list[Probe]:
    """Every so-manieth message, where that is sound and its first sending."""
    probes = []
    seen: set[Planned] = set()
    messages = (planned for block in plan_blocks(plan) for planned in block)
    for place, planned in enumerate(messages):
        if place % every == 0 and planned[2] is None and planned not in seen:
            vehicle, tick, _ = planned
            probes.append(Probe(place, vehicle, sample_times(plan, vehicle, tick)[0][1]))
        seen.add(planned)
    return probes
