"""Many vehicles as one stream of messages in the order of their time.

Decides when each vehicle reports, how samples are put into messages, and gives every vehicle its
own random numbers, so that the same seed and scenario give the same bytes whatever the machine.
Leaves out: pacing and sending (`run.py`, `publisher.py`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heapify, heapreplace
from random import Random
from typing import Final, NamedTuple

import msgspec

from kit.errors import Invalid
from schemas.topics import telemetry_topic
from simulators.ack_log import NOTHING, ack_line, payload_digest
from simulators.alarm_flags import URGENT_INTERVAL_S
from simulators.faults import FaultLayer, Marked
from simulators.incidents import befall
from simulators.malformed import break_message
from simulators.roster import RosterEntry, fleet_roster
from simulators.scenario import Faults, Scenario
from simulators.vehicle import Vehicle, new_vehicle, sample, step

__all__ = ["Fleet", "Message", "RosterEntry", "fleet_roster"]

BACKLOG_BATCH: Final = 100
MAX_BATCH: Final = 400
"""More samples of about 0.5 kB do not surely fit into a message of 256 KiB."""
_ENCODE: Final = msgspec.json.Encoder().encode


class Message(NamedTuple):
    """One message of one device, when to send it, and its lines for the ack log."""

    due_us: int
    device_id: str
    topic: str
    payload: bytes
    key: bytes
    samples: int


class _Reporter:
    """A vehicle with its terminal."""

    __slots__ = ("device_id", "faults", "incident", "rng", "topic", "vehicle")

    def __init__(
        self,
        device_id: str,
        vehicle: Vehicle,
        rng: Random,
        faults: FaultLayer | None,
        incident: str | None,
    ) -> None:
        self.device_id = device_id
        self.topic = telemetry_topic(device_id)
        self.vehicle = vehicle
        self.rng = rng
        self.faults = faults
        self.incident = incident


def first_odometers_km(count: int, *, seed: int, scenario: Scenario) -> list[float]:
    """What the odometers of a fleet say before its first sample, in the order of the roster."""
    round_the_clock = scenario.vehicles.round_the_clock
    return [
        new_vehicle(
            Random(f"{seed}/{number}/vehicle"), 0, round_the_clock=round_the_clock
        ).motion.odometer_km
        for number in range(count)
    ]


class Fleet:
    """A number of simulated vehicles that report forever."""

    def __init__(
        self,
        count: int,
        *,
        seed: int,
        scenario: Scenario,
        start_us: int,
        interval_s: float | None = None,
        batch: int = 1,
        logged: bool = True,
    ) -> None:
        """Vehicles as of `start_us`, in µs since 1970.

        Args:
            interval_s: between two samples of a vehicle; None = as the scenario says.
            batch: samples a message.
            logged: whether messages carry lines for the ack log, which costs a little.

        Raises:
            Invalid: no vehicles, or a batch that does not fit into a message.
        """
        if count < 1:
            raise Invalid(f"{count} vehicles; at least one is needed")
        if not 1 <= batch <= MAX_BATCH:
            raise Invalid(f"a batch of {batch} samples; it must be 1–{MAX_BATCH}")
        self.roster = fleet_roster(count, seed)
        self.samples = 0
        """Samples the vehicles made, before faults."""
        self.faults: Counter[str] = Counter()
        """Samples by what was done to them."""
        self._plan = scenario.vehicles
        self._start_us = start_us
        self._interval_s = interval_s
        self._batch = batch
        self._logged = logged
        first_us = int((interval_s or self._plan.interval_driving_s) * 1e6 + 0.5) * batch
        self._reporters = []
        for number, entry in enumerate(self.roster):
            # Evenly staggered, so that the load of a fleet is even from the first second.
            begin_us = start_us - first_us + first_us * number // count
            rng = Random(f"{seed}/{number}/vehicle")
            vehicle = new_vehicle(rng, begin_us, round_the_clock=self._plan.round_the_clock)
            layer = None
            if scenario.faults != Faults():
                own = Random(f"{seed}/{number}/faults")
                layer = FaultLayer(scenario.faults, own, start_us, self.faults)
            befalls = dict(enumerate(scenario.incidents.to_the_last)).get(count - 1 - number)
            self._reporters.append(_Reporter(entry.device_id, vehicle, rng, layer, befalls))
        self._due = [(self._due_us(r), number) for number, r in enumerate(self._reporters)]
        heapify(self._due)

    @property
    def next_due_us(self) -> int:
        """When the next vehicle reports."""
        return self._due[0][0]

    def report(self) -> list[Message]:
        """Let the next vehicle report; what it sends may be nothing, or an old backlog too."""
        due_us, number = self._due[0]
        reporter = self._reporters[number]
        messages = self._report(reporter, due_us, self._interval_of(reporter))
        heapreplace(self._due, (self._due_us(reporter), number))
        return messages

    def messages(self, until_us: int) -> Iterator[Message]:
        """All messages due before a time, without pacing."""
        while self.next_due_us < until_us:
            yield from self.report()

    def finish(self) -> Iterator[Message]:
        """The messages with what faults still hold back, so that every sample is accounted for."""
        for reporter in self._reporters:
            if reporter.faults is not None:
                rest = reporter.faults.finish()
                yield from self._pack(reporter, rest, reporter.vehicle.at_us)

    def _interval_of(self, reporter: _Reporter) -> float:
        if self._interval_s is not None:
            return self._interval_s
        if reporter.faults is not None and reporter.faults.urgent:
            return URGENT_INTERVAL_S
        if reporter.vehicle.activity in ("parked", "charging"):
            return self._plan.interval_parked_s
        return self._plan.interval_driving_s

    def _due_us(self, reporter: _Reporter) -> int:
        interval_us = int(self._interval_of(reporter) * 1e6 + 0.5)
        return reporter.vehicle.at_us + interval_us * self._batch

    def _report(self, reporter: _Reporter, due_us: int, interval_s: float) -> list[Message]:
        vehicle, rng, layer = reporter.vehicle, reporter.rng, reporter.faults
        incident = reporter.incident
        if (
            layer is None and incident is None and self._batch == 1
        ):  # the way of nearly every sample under load
            reporter.vehicle = vehicle = step(vehicle, interval_s, rng)
            self.samples += 1
            report = sample(vehicle)
            key = ack_line(reporter.device_id, report["ts"], report["seq"]) if self._logged else b""
            payload = _ENCODE(report)
            return [Message(due_us, reporter.device_id, reporter.topic, payload, key, 1)]
        leaving: list[Marked] = []
        for _ in range(self._batch):
            vehicle = step(vehicle, interval_s, rng)
            report = sample(vehicle)
            if incident is not None:
                befallen = befall(incident, report, self._start_us)
                if befallen is None:
                    continue
                report = befallen
            leaving += layer.add(report) if layer is not None else (Marked(report),)
        reporter.vehicle = vehicle
        self.samples += self._batch
        return list(self._pack(reporter, leaving, due_us))

    def _pack(
        self, reporter: _Reporter, leaving: Sequence[Marked], due_us: int
    ) -> Iterator[Message]:
        """Live samples in batches, copies and broken ones alone, the backlog in large batches."""
        live, alone, backlog = [], [], []
        for marked in leaving:
            if "backlog" in marked.faults:
                backlog.append(marked)
            elif marked.breakage is not None or "duplicate" in marked.faults:
                alone.append(marked)
            else:
                live.append(marked)
        for group, size in ((live, self._batch), (alone, 1), (backlog, BACKLOG_BATCH)):
            for first in range(0, len(group), size):
                yield self._message(reporter, group[first : first + size], due_us)

    def _message(self, reporter: _Reporter, group: Sequence[Marked], due_us: int) -> Message:
        topic, digest = reporter.topic, NOTHING
        first = group[0]
        if first.breakage is not None:
            topic, payload = break_message(
                first.breakage, reporter.device_id, first.sample, reporter.rng
            )
            digest = payload_digest(payload)
        else:
            payload = _ENCODE(first.sample if len(group) == 1 else [m.sample for m in group])
        key = b""
        if self._logged:
            key = b"".join(
                ack_line(
                    reporter.device_id,
                    marked.sample["ts"],
                    marked.sample["seq"],
                    "+".join(marked.faults) or NOTHING,
                    digest,
                )
                for marked in group
            )
        return Message(due_us, reporter.device_id, topic, payload, key, len(group))
