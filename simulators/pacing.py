"""Keeps a stream of messages to its time table, and waits for the broker where it must.

Leaves out: what is sent (`run.py`, `replay.py`) and how (`publisher.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from threading import Event
from typing import Final

from kit import clock
from simulators.fleet import Message
from simulators.publisher import Publisher

_PROGRESS_S: Final = 0.5
_SHORTEST_REST_S: Final = 0.002  # so that acknowledgements come in by the dozen
_LONGEST_REST_S: Final = 0.02
_TURNS_A_POLL: Final = 64


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands."""

    elapsed_s: float
    samples: int
    """Handed to the publisher."""
    published: int
    """Messages handed to the publisher."""
    acknowledged: int
    behind_s: float
    """Real time by which sending lags behind its time table."""
    reconnects: int
    trouble: str
    """Why a connection is down now, or empty."""


class Course:
    """A run under way: its clock, its waits, and what it has sent."""

    def __init__(
        self,
        publisher: Publisher,
        *,
        duration_s: float | None,
        drain_s: float,
        stop: Event,
        on_progress: Callable[[Progress], None] | None,
        began_ago_s: float = 0.0,
    ) -> None:
        """`began_ago_s`: by how much the time table is already late, making the fleet for one."""
        self.samples_sent = 0
        self._publisher = publisher
        self._stop = stop
        self._on_progress = on_progress
        self._began_s = clock.monotonic() - began_ago_s
        self._duration_s = duration_s if duration_s is not None else inf
        self._give_up_s = self._duration_s + drain_s
        self._told_s = 0.0
        self._turns = 0

    @property
    def elapsed_s(self) -> float:
        return clock.monotonic() - self._began_s

    def await_turn(self, due_s: float) -> bool:
        """Let the publisher work until this time of the run; False when the run is over first."""
        self._turns += 1
        elapsed_s = self.elapsed_s
        if self._turns % _TURNS_A_POLL == 0:
            self._publisher.poll()
            self._tell(elapsed_s, behind_s=max(0.0, elapsed_s - due_s))
        while elapsed_s < due_s and elapsed_s < self._duration_s and not self._stop.is_set():
            self._publisher.poll()
            rest_s = max(_SHORTEST_REST_S, min(_LONGEST_REST_S, due_s - elapsed_s))
            self._stop.wait(rest_s)
            elapsed_s = self.elapsed_s
            self._tell(elapsed_s, behind_s=0.0)
        return elapsed_s < self._duration_s and not self._stop.is_set()

    def send(self, message: Message) -> None:
        """Hand a message over when there is room; a run that gives up leaves it unpublished."""
        began_s = self.elapsed_s
        while not self._publisher.has_room(message.device_id):
            if self._stop.is_set() or (elapsed_s := self.elapsed_s) > self._give_up_s:
                return
            self._publisher.poll(_LONGEST_REST_S)
            self._tell(elapsed_s, behind_s=elapsed_s - began_s)
        self._publisher.publish(message.device_id, message.topic, message.payload, message.key)
        self.samples_sent += message.samples

    def _tell(self, elapsed_s: float, *, behind_s: float) -> None:
        if self._on_progress is None or elapsed_s - self._told_s < _PROGRESS_S:
            return
        self._told_s = elapsed_s
        counts = self._publisher.statistics
        self._on_progress(
            Progress(
                elapsed_s=elapsed_s,
                samples=self.samples_sent,
                published=counts.published,
                acknowledged=counts.acknowledged,
                behind_s=behind_s,
                reconnects=counts.reconnects,
                trouble=self._publisher.trouble,
            )
        )
