"""The live feed of one API process: who reads it, and their way in and out.

Decides how many may read, and that the poller runs while somebody does. Leaves out the looking
(`live_poller.py`), what waits for a reader (`live_reader.py`) and the words (`live_events.py`).

Everything here belongs to the event loop; the poller's thread speaks to it by call_soon_threadsafe.
Whoever serves the application calls `shut_down` before it waits for open connections, and `close`
when the loop is about to end.
"""

import threading
from collections import Counter
from typing import Any, Final

from fastapi import FastAPI
from psycopg import Connection
from psycopg_pool import ConnectionPool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.deps import AppState
from api.errors import ApiError
from api.live_events import Batch, Farewell, beat, dropped, goodbye
from api.live_poller import Delivery, Mailbox, Poller
from api.live_reader import LiveLimits, Reader, Recheck
from api.metrics import ApiMetrics
from fleet.live.model import Arrival
from kit.log import get_logger

log = get_logger("api.live")

RETRY_AFTER_S: Final = "5"
THREAD_ENDS_S: Final = 5.0


class Hub:
    """All readers of this process."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        metrics: ApiMetrics,
        limits: LiveLimits | None = None,
    ) -> None:
        self.limits = limits or LiveLimits()
        self._pool = pool
        self._metrics = metrics
        self._readers: set[Reader] = set()
        self._of_actor: Counter[str] = Counter()
        self._poller: Poller | None = None
        self._threads: list[threading.Thread] = []
        self._told: Delivery | None = None
        self._shut = False

    def check_room(self, actor_name: str | None = None) -> None:
        """Refuse who would be one too many.

        Raises:
            ApiError: 503, this process is full or ends; 429, the actor reads often enough.
        """
        wait = {"Retry-After": RETRY_AFTER_S}
        if self._shut or len(self._readers) >= self.limits.readers:
            raise ApiError(503, "live_full", headers=wait)
        if actor_name is not None and self._of_actor[actor_name] >= self.limits.readers_per_actor:
            most = self.limits.readers_per_actor
            raise ApiError(429, "live_too_many_streams", headers=wait, at_most=most)

    def join(
        self,
        actor_name: str,
        arrival: Arrival,
        recheck: Recheck,
        alert_kinds: frozenset[str] = frozenset(),
    ) -> Reader:
        """A new reader; it has to `leave`.

        Raises:
            ApiError: as `check_room`.
        """
        self.check_room(actor_name)
        reader = Reader(actor_name, arrival, recheck, self.limits, alert_kinds)
        self._readers.add(reader)
        self._of_actor[actor_name] += 1
        self._metrics.live_readers.set(len(self._readers))
        if self._poller is None:
            self._poller = self._start_poller()
        self._poller.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """The reader's connection has ended."""
        reader.finish(None)
        if reader in self._readers:
            self._readers.remove(reader)
            self._of_actor[reader.actor_name] -= 1
            if not self._of_actor[reader.actor_name]:
                del self._of_actor[reader.actor_name]
            self._metrics.live_readers.set(len(self._readers))
        self._rest()

    def beat(self, reader: Reader) -> bytes:
        """A sign of life for a reader for whom nothing waits: it has been told all so far."""
        told = self._told
        if told is None or not reader.arrived:
            return beat(None, None)
        return beat(told.as_of, told.event_id)

    def shut_down(self) -> None:
        """Say goodbye to everybody and let nobody in; else the server waits for them for ever."""
        self._shut = True
        for reader in self._readers:
            reader.finish(goodbye("shutting_down"))
        self._rest()

    def close(self) -> None:
        """Wait for the poller's thread to end."""
        self.shut_down()
        for thread in self._threads:
            thread.join(THREAD_ENDS_S)

    def _start_poller(self) -> Poller:
        self._told = None
        self._threads = [each for each in self._threads if each.is_alive()]
        mailbox = Mailbox(self._deliver, self._say_goodbye)
        poller = Poller(self._pool, self.limits, self._metrics, mailbox)
        self._threads.append(poller.thread)
        poller.thread.start()
        return poller

    def _rest(self) -> None:
        """Look no more when nobody is left to tell. One dropped may still hold its connection."""
        if self._poller is not None and all(reader.closed for reader in self._readers):
            self._poller.stop()
            self._poller = None

    def _deliver(self, poller: Poller, delivery: Delivery) -> None:
        if poller is not self._poller:  # it was stopped meanwhile, and another one began anew
            return
        for reader, batch in delivery.batches:
            if not reader.offer(batch):
                self._drop(reader, batch)
        self._told = delivery
        self._rest()

    def _drop(self, reader: Reader, batch: Batch) -> None:
        reader.finish(dropped())
        self._metrics.live_dropped.inc()
        log.warning("live_reader_dropped", actor=reader.actor_name, last_bytes=batch.size)

    def _say_goodbye(self, reader: Reader, reason: Farewell) -> None:
        reader.finish(goodbye(reason))
        self._rest()


class EventStream(StreamingResponse):
    """A reader's events as a response; the reader leaves when it ends, however it ends."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, reader: Reader) -> None:
        self._hub = hub
        self._reader = reader
        self._events = reader.events(hub.beat)
        super().__init__(self._events, headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._reader)
            await self._events.aclose()


def hub_of(app: FastAPI) -> Hub:
    """The feed of this application, made when it is first asked for."""
    hub = _hub_made(app)
    if hub is None:
        state: AppState = app.state.guanche
        limits = LiveLimits(
            poll_s=state.settings.api_live_poll_ms / 1000, readers=state.settings.api_live_readers
        )
        hub = app.state.guanche_live = Hub(state.pool, state.metrics, limits)
    return hub


def shut_down(app: FastAPI) -> None:
    """Say goodbye to all readers. In the event loop, before the server waits for connections."""
    hub = _hub_made(app)
    if hub is not None:
        hub.shut_down()


def close(app: FastAPI) -> None:
    """Wait for the poller to end. Before the connections it uses are closed."""
    hub = _hub_made(app)
    if hub is not None:
        hub.close()
        del app.state.guanche_live


def _hub_made(app: FastAPI) -> Hub | None:
    return getattr(app.state, "guanche_live", None)
