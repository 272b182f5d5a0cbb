"""One reader of the live feed: what waits for it, and when it is too slow.

A reader takes what waits as fast as its connection does. Decides how much may wait: a reader that
falls further behind is dropped, so that it costs neither memory nor the others' time, and may come
back with its last event id. Leaves out HTTP and the database. The queue belongs to the event loop,
the times of checks to the poller's thread.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from api.live_events import Batch, Farewell
from fleet.live.model import Arrival
from kit import clock

Recheck = Callable[[Connection[Any], datetime], Farewell | None]
"""Why a reader may not go on, by the credential it came with; None if it may."""


@dataclass(frozen=True, slots=True)
class LiveLimits:
    """The numbers of the live feed."""

    poll_s: float = 0.3
    """From one look at the database to the next."""
    heartbeat_s: float = 15.0
    recheck_s: float = 15.0
    """A credential that ended is noticed within this, and a look."""
    readers: int = 2_000
    """Of one process."""
    readers_per_actor: int = 20
    waiting_batches: int = 64
    waiting_bytes: int = 4 * 1024 * 1024
    """Behind the batch that is being sent, which may be larger: all states of a large fleet."""


class Reader:
    """A connection that wants live changes."""

    def __init__(
        self,
        actor_name: str,
        arrival: Arrival,
        recheck: Recheck,
        limits: LiveLimits,
        alert_kinds: frozenset[str] = frozenset(),
    ) -> None:
        self._limits = limits
        self.actor_name = actor_name
        self.arrival = arrival
        self.alert_kinds = alert_kinds
        """The kinds of alerts it is told of."""
        self.recheck = recheck
        self.recheck_due_s = 0.0
        self.was_checked()
        self.closed = False
        """Nothing more is for it. Set once, and read by the poller's thread."""
        self.arrived = False
        """It has been told where it starts; from then on a beat can name its position."""
        self._waiting: deque[Batch] = deque()
        self._waiting_bytes = 0
        self._last: bytes | None = None
        self._wake = asyncio.Event()

    def was_checked(self) -> None:
        """The credential held just now. The next time is spread: many may have come at once."""
        wait_s = self._limits.recheck_s * random.uniform(0.5, 0.95)
        self.recheck_due_s = clock.monotonic() + wait_s

    def offer(self, batch: Batch) -> bool:
        """Let a batch wait; False if too much waits already."""
        if self.closed:
            return True
        size = self._waiting_bytes + batch.size
        if self._waiting and (
            len(self._waiting) >= self._limits.waiting_batches or size > self._limits.waiting_bytes
        ):
            return False
        self._waiting.append(batch)
        self._waiting_bytes = size
        self.arrived = True
        self._wake.set()
        return True

    def finish(self, last: bytes | None) -> None:
        """Forget what waits, say this, and end."""
        if self.closed:
            return
        self.closed = True
        self._last = last
        self._waiting.clear()
        self._wake.set()

    def _ended(self) -> bool:
        """Asked anew after every wait; `closed` may have been set in it."""
        return self.closed

    async def events(self, beat: Callable[["Reader"], bytes]) -> AsyncGenerator[bytes, None]:
        """What to send, until the reader is finished; a beat when nothing else was for a while."""
        while not self.closed:
            if not self._waiting:
                self._wake.clear()
                try:
                    async with asyncio.timeout(self._limits.heartbeat_s):
                        await self._wake.wait()
                except TimeoutError:
                    yield beat(self)
                continue
            batch = self._waiting.popleft()
            self._waiting_bytes -= batch.size
            for event in batch.events:
                if self._ended():
                    break
                yield event
        if self._last is not None:
            yield self._last
