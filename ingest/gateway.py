"""One ingest process: subscribers, writer, jobs and the small port, and how they end.

Ends with 0 on SIGTERM or SIGINT after finishing the batch at hand, and with 1 when one of its
threads has died: a process that looks alive but takes nothing in must not stay.
"""

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ingest.inbox import Inbox
from ingest.jobs import start_ticker
from ingest.metrics import Metrics
from ingest.slots import Leases, choose
from ingest.subscriber import Subscriber
from ingest.writers import Writers
from kit import clock, db
from kit.health import Health, HealthServer
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

WATCH_EVERY_S = 0.25
WRITERS_STOP_WITHIN_S = 2.5
SUBSCRIBERS_STOP_WITHIN_S = 1.2
RELEASE_WITHIN_S = 0.8


class Gateway:
    """The parts of an ingest process and what holds them together."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.inbox = Inbox(
            max_bytes=settings.queue_bytes, max_messages=settings.mqtt_receive_maximum
        )
        self.writers = Writers(settings, self.inbox, self.metrics)
        self.subscribers: dict[int, Subscriber] = {}
        self.leases = Leases(
            client_id=settings.mqtt_client_id,
            holder=f"{socket.gethostname()}:{os.getpid()}:{clock.now_us()}",
            lease_s=settings.slot_lease_s,
        )
        self._all_well_since_s: float | None = None
        self._stopping = threading.Event()
        # A thread of its own: with the database hung, renewing a lease may hang, too.
        self._tending = threading.Thread(target=self._hold_slots, name="leases", daemon=True)
        self._connections_seen = 0
        self._received_seen = 0

    def start(self) -> None:
        self.writers.start()
        self._tending.start()

    def watch(self) -> str | None:
        """Set the gauges and see whether a thread has died; which one, or None."""
        if not self.writers.alive:
            return "a writer thread has died"
        if not self._tending.is_alive():
            return "the lease thread has died"
        for subscriber in list(self.subscribers.values()):
            if not subscriber.alive:
                return f"the network thread of slot {subscriber.slot} has died"
        self._set_gauges()
        return None

    def stop(self) -> bool:
        """Finish the batches, send their acknowledgements, keep the sessions, release the leases.

        False if the database did not take a batch in time; the broker will deliver it again.
        """
        self._stopping.set()
        finished = self.writers.stop(within_s=WRITERS_STOP_WITHIN_S)
        _run_all(
            [subscriber.stop for subscriber in list(self.subscribers.values())],
            within_s=SUBSCRIBERS_STOP_WITHIN_S,
        )
        if not finished:
            log.warning("batch_left_unfinished", meaning="the broker will deliver it again")
            return False
        # A database that hangs is not waited for: the leases then lapse by themselves.
        _run_all([self._release_slots], within_s=RELEASE_WITHIN_S)
        return True

    def health(self) -> Health:
        """Whether this process takes messages in and writes them."""
        database_up = self.writers.database_up
        subscribers = list(self.subscribers.values())
        connected = [s.slot for s in subscribers if s.connected]
        return {
            "ok": database_up and len(connected) == len(subscribers),
            "database_up": database_up,
            "slots_held": sorted(s.slot for s in subscribers),
            "slots_connected": sorted(connected),
            "queue_messages": self.inbox.messages,
        }

    def hears_everything(self) -> bool:
        """Whether silence would mean something: all well for long enough, and no backlog."""
        since_s = self._all_well_since_s
        return (
            since_s is not None
            and clock.monotonic() - since_s > self.settings.offline_after_s
            and self.inbox.messages < self.settings.batch_messages
        )

    def _hold_slots(self) -> None:
        while True:
            self._tend_slots()
            if self._stopping.wait(self.settings.slot_lease_s / 3):
                return

    def _release_slots(self) -> None:
        try:
            with self._connect() as conn:
                self.leases.release(conn)
        except psycopg.Error:
            log.info("leases_left_to_lapse")

    def _tend_slots(self) -> None:
        """Renew our leases, drop slots lost to others, take one that nobody serves."""
        held = set(self.subscribers)
        try:
            with self._connect() as conn:
                self._retire_slots(conn)
                kept = self.leases.renew(conn)
                wanted = choose(
                    self.leases.list(conn),
                    holder=self.leases.holder,
                    slots=self.settings.ingest_slots,
                )
                fencing = None if wanted is None else self.leases.claim(conn, wanted)
        except psycopg.Error as error:
            log.debug("leases_not_renewed", cause=str(error))
            return
        if self._stopping.is_set():
            return
        for slot in held - kept:
            lost = self.subscribers.pop(slot, None)
            if lost is not None:
                log.warning("slot_lost", slot=slot)
                lost.stop()
        if wanted is not None and fencing is not None:
            log.info("slot_taken", slot=wanted.slot, fencing=fencing)
            subscriber = Subscriber(self.settings, self.inbox, slot=wanted.slot)
            subscriber.start()
            # Not before it runs: `watch` would call it dead.
            self.subscribers[wanted.slot] = subscriber

    def _retire_slots(self, conn: psycopg.Connection[Any]) -> None:
        """End surplus sessions that hold nothing any more."""
        for slot, subscriber in list(self.subscribers.items()):
            if subscriber.retiring and subscriber.drained:
                del self.subscribers[slot]
                subscriber.retire()
                self.leases.delete(conn, slot)
                log.info("slot_retired", slot=slot)

    def _set_gauges(self) -> None:
        subscribers = list(self.subscribers.values())
        connected = sum(s.connected for s in subscribers)
        self.metrics.database_up.set(self.writers.database_up)
        everything = self.writers.database_up and connected == len(subscribers) > 0
        if not everything:
            self._all_well_since_s = None
        elif self._all_well_since_s is None:
            self._all_well_since_s = clock.monotonic()
        reconnects = sum(max(0, s.connections - 1) for s in subscribers)
        if reconnects > self._connections_seen:
            self.metrics.reconnects.inc(reconnects - self._connections_seen)
            self._connections_seen = reconnects
        self.metrics.connected.set(connected)
        dropped = [s.dropped_messages for s in subscribers if s.dropped_messages is not None]
        self.metrics.broker_dropped_messages.set(max(dropped, default=0))
        if self.inbox.received > self._received_seen:
            self.metrics.messages_received.inc(self.inbox.received - self._received_seen)
            self._received_seen = self.inbox.received
        oldest_us = self.writers.oldest_us
        lag_s = 0.0 if oldest_us is None else (clock.now_us() - oldest_us) / 1e6
        self.metrics.lag_seconds.set(max(0.0, lag_s))
        self.metrics.queue_messages.set(self.inbox.messages)
        self.metrics.queue_bytes.set(self.inbox.bytes)

    def _connect(self) -> psycopg.Connection[Any]:
        url = self.settings.database_url.get_secret_value()
        return db.connect(url, application_name="guanche-slots")


def _run_all(actions: list[Callable[[], None]], *, within_s: float) -> None:
    """Run them side by side; what has not ended in time is left to itself."""
    threads = [threading.Thread(target=action, daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    deadline = clock.monotonic() + within_s
    for thread in threads:
        thread.join(max(0.0, deadline - clock.monotonic()))


def run(settings: Settings) -> int:
    """Run until a signal or a death; the exit code."""
    # Batches make many short-lived containers and no cycles; at Python's usual thresholds the
    # collector would walk the whole fleet several times a second (27 % of decoding).
    gc.set_threshold(100_000, 50, 100)
    gateway = Gateway(settings)
    server = HealthServer(
        settings.http_host, settings.http_port, gateway.metrics.registry, gateway.health
    )
    server.start()
    log.info(
        "ingest_started",
        pid=os.getpid(),
        http_port=server.port,
        slots=settings.ingest_slots,
        broker=db.masked(settings.mqtt_url.get_secret_value()),
        database=db.masked(settings.database_url.get_secret_value()),
    )
    with _signals_noted() as told_to_stop:
        gateway.start()
        # Never shut down: that would join a job that waits for a hung database. Its thread is a
        # daemon's, and what a job has not committed has not happened.
        start_ticker(settings, hears_everything=gateway.hears_everything)
        death = None
        while not told_to_stop() and death is None:
            clock.sleep(WATCH_EVERY_S)
            death = gateway.watch()
        if death is not None:
            log.error("ingest_died", cause=death)
        finished = gateway.stop()
        server.stop()
    log.info("ingest_stopped")
    code = 1 if death else 0
    if not finished:
        # A thread that waits for a hung database cannot be joined, and Python would try to.
        logging.shutdown()
        os._exit(code)
    return code


@contextmanager
def _signals_noted() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or SIGINT has come.

    The handler only appends to a list: setting an Event would deadlock if the signal finds the
    main thread inside that Event's own lock.
    """
    noted: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _frame: noted.append(number))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield lambda: bool(noted)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
