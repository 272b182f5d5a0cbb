"""Runs a fleet against a broker.

Decides how simulated time follows real time and what a run comes to. Leaves out: what is sent
(`fleet.py`), the waiting (`pacing.py`), and what is shown of it (the command).
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Final

from kit import clock
from kit.errors import Invalid
from simulators.fleet import Fleet
from simulators.pacing import Course, Progress
from simulators.publisher import Publisher
from simulators.scenario import Scenario

MAX_SIMULATED_S: Final = 29 * 86_400
"""Samples older than 30 days are refused, so no run may begin earlier."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many vehicles send how much, how fast and for how long."""

    vehicles: int
    rate: float | None = None
    """Messages a second of the whole fleet; None = each vehicle at its natural interval."""
    speed_up: float = 1.0
    """Simulated seconds in one real second."""
    duration_s: float | None = None
    """Real time; None = until stopped."""
    batch: int = 1
    """Samples a message."""

    def __post_init__(self) -> None:
        """Raises Invalid if the numbers do not go together."""
        if self.rate is not None and self.rate <= 0:
            raise Invalid(f"a rate of {self.rate} messages/s; it must be above 0")
        if self.speed_up <= 0:
            raise Invalid(f"a speed-up of {self.speed_up}; it must be above 0")
        if self.duration_s is not None and self.duration_s <= 0:
            raise Invalid(f"a duration of {self.duration_s} s; it must be above 0")
        if self.speed_up > 1 and self.duration_s is None:
            raise Invalid(
                "a speed-up needs a duration: simulated time begins so far back that it ends now"
            )
        if (self.duration_s or 0) * self.speed_up > MAX_SIMULATED_S:
            raise Invalid("more than 29 simulated days; samples older than 30 days are refused")

    @property
    def interval_s(self) -> float | None:
        """Simulated seconds between two samples of a vehicle, or None = natural."""
        if self.rate is None:
            return None
        return self.vehicles / (self.rate * self.batch) * self.speed_up

    def start_us(self, now_us: int) -> int:
        """Where simulated time begins: now, or so far back that a faster one ends at the end."""
        ahead_s = max(0.0, (self.speed_up - 1.0) * (self.duration_s or 0.0))
        return now_us - int(ahead_s * 1e6)

    def late_s(self, start_us: int, now_us: int) -> float:
        """Real time since simulated time began: in real time, what is due now is sent now."""
        return max(0.0, (now_us - start_us) / 1e6) if self.speed_up == 1.0 else 0.0


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to."""

    vehicles: int
    elapsed_s: float
    samples_made: int
    """By the vehicles, before faults."""
    samples_sent: int
    """Without the lost, with the duplicates."""
    published: int
    """Messages, status messages not counted."""
    acknowledged: int
    unacknowledged: int
    retransmitted: int
    reconnects: int
    messages_per_s: float
    faults: dict[str, int]
    """Samples by what was done to them."""


def make_fleet(
    load: Load, *, seed: int, scenario: Scenario, now_us: int, logged: bool = True
) -> Fleet:
    """The fleet of a load, ready for `run`."""
    return Fleet(
        load.vehicles,
        seed=seed,
        scenario=scenario,
        start_us=load.start_us(now_us),
        interval_s=load.interval_s,
        batch=load.batch,
        logged=logged,
    )


def run(
    fleet: Fleet,
    publisher: Publisher,
    load: Load,
    *,
    start_us: int,
    stop: Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    announce: bool = False,
    drain_s: float = 30.0,
) -> RunSummary:
    """Send the fleet's messages as their time comes, until the duration is over or `stop` is set.

    When the broker goes away it waits for it; a stop, or the end plus `drain_s`, ends the wait.

    Args:
        start_us: simulated time at the beginning; the one the fleet was made with.
        announce: publish online and offline for every device (gateways only).
        drain_s: how long to wait for the last acknowledgements.
    """
    course = Course(
        publisher,
        duration_s=load.duration_s,
        drain_s=drain_s,
        stop=stop or Event(),
        on_progress=on_progress,
        began_ago_s=load.late_s(start_us, clock.now_us()),
    )
    if announce:
        for entry in fleet.roster:
            publisher.announce(entry.device_id, online=True)
    while course.await_turn((fleet.next_due_us - start_us) / 1e6 / load.speed_up):
        for message in fleet.report():
            course.send(message)
    for message in fleet.finish():
        course.send(message)
    elapsed_s = course.elapsed_s
    if announce:
        for entry in fleet.roster:
            publisher.announce(entry.device_id, online=False)
    publisher.drain(drain_s)
    counts = publisher.statistics
    return RunSummary(
        vehicles=len(fleet.roster),
        elapsed_s=round(elapsed_s, 3),
        samples_made=fleet.samples,
        samples_sent=course.samples_sent,
        published=counts.published,
        acknowledged=counts.acknowledged,
        unacknowledged=counts.unacknowledged,
        retransmitted=counts.retransmitted,
        reconnects=counts.reconnects,
        messages_per_s=round(counts.published / elapsed_s, 1),
        faults=dict(sorted(fleet.faults.items())),
    )
