"""One alert process: its threads, its turn, its small port, and how it ends.

Any number may run; one acts. Four threads work: telemetry (samples as they are committed), sweep
(what falls due), clock (escalations, what is to be told), and messages, which every process sends.
Ends with 0 on SIGTERM or SIGINT, and with 1 when a thread has hung: another process takes over by
itself.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
from prometheus_client import CollectorRegistry
from psycopg import Connection

from alerts import jobs
from alerts.engine.service import Engine, EngineMetrics
from alerts.leadership import Leadership
from alerts.metrics import ProcessMetrics
from alerts.notify.jobs import OnDelivered, Sender, send_due
from alerts.rules.service import BookShelf
from alerts.scheduling import service as scheduling
from alerts.worker import Worker
from kit import clock, db
from kit.health import Health, HealthServer
from kit.log import get_logger
from kit.settings import Settings

log = get_logger("alerts")

CLOCK_EVERY_S: Final = 0.5
SEND_EVERY_S: Final = 1.0
TICK_EVERY_S: Final = 10.0
WATCH_EVERY_S: Final = 0.25
HUNG_AFTER_S: Final = 300.0
"""What says nothing for so long has hung; one statement, one message takes seconds."""
SWEEP_IDLE_S: Final = 10.0
"""A sweep of a large fleet thinks for seconds between two statements. Who stands still for longer
in a transaction is ended by the database, as its successor may wait; elsewhere after a lease."""


class Process:
    """The parts of an alert process and what holds them together."""

    def __init__(self, settings: Settings, *, on_delivered: OnDelivered) -> None:
        self.settings = settings
        self.registry = CollectorRegistry()
        self.metrics = ProcessMetrics(self.registry)
        self.leadership = Leadership(
            f"{socket.gethostname()}:{os.getpid()}:{clock.now_us()}", settings.alert_lease_s
        )
        self._counted = EngineMetrics(self.registry)
        self._engine = Engine(settings, self._counted)
        self._shelf = BookShelf()
        self._sweep_shelf = BookShelf()
        self._sender = Sender(settings, on_delivered=on_delivered)
        self._acted_as: scheduling.Turn | None = None
        self._ticked_s = float("-inf")
        self._known = False
        lease_s, poll_s = float(settings.alert_lease_s), settings.alert_poll_ms / 1_000
        self._telemetry = self._worker(
            "telemetry", poll_s, lease_s, self._watch_telemetry, self._engine.forget
        )
        sweep_s = max(lease_s, SWEEP_IDLE_S)
        self._sweep = self._worker("sweep", CLOCK_EVERY_S, sweep_s, self._run_sweep)
        self._clock = self._worker("clock", CLOCK_EVERY_S, lease_s, self._run_short_jobs)
        self.workers = (
            self._worker("turn", self.leadership.every_s, lease_s, self._renew),
            self._telemetry,
            self._sweep,
            self._clock,
            self._worker("messages", SEND_EVERY_S, lease_s, self._send),
        )

    def _worker(
        self,
        name: str,
        every_s: float,
        idle_s: float,
        step: Callable[[Connection[Any]], None],
        failed: Callable[[], None] = lambda: None,
    ) -> Worker:
        return Worker(
            name,
            database_url=self.settings.database_url.get_secret_value(),
            every_s=every_s,
            idle_s=idle_s,
            step=step,
            failed=failed,
        )

    def start(self) -> None:
        """Let all threads begin."""
        for worker in self.workers:
            worker.start()

    def stop(self) -> None:
        """Take no further step, and give the turn back."""
        for worker in self.workers:
            worker.stop()
        url = self.settings.database_url.get_secret_value()
        try:
            with db.connect(url, application_name="guanche-alerts-end", autocommit=True) as conn:
                self.leadership.release(conn)
        except psycopg.Error as error:
            log.warning("turn_not_given_back", cause=str(error).strip().split("\n")[0])

    def hung(self) -> str | None:
        """The thread that has hung, if one has."""
        return next((each.name for each in self.workers if each.busy_s > HUNG_AFTER_S), None)

    def health(self) -> Health:
        """Whether this process does its part; one that waits for its turn does, too."""
        connected = all(worker.connected for worker in self.workers)
        self.metrics.database_up.set(connected)
        return {
            "ok": connected and self.hung() is None,
            "database_up": connected,
            "leader": self.leadership.turn is not None,
        }

    # The steps, each in its own thread.

    def _renew(self, conn: Connection[Any]) -> None:
        if self.hung() is not None:  # whoever can act shall
            return
        self.leadership.renew(conn)
        self.metrics.leader.set(self.leadership.turn is not None)

    def _watch_telemetry(self, conn: Connection[Any]) -> None:
        turn = self.leadership.turn
        if turn is None:
            self._acted_as = None
            return
        if turn != self._acted_as:  # what is remembered may be another's past
            self._engine.forget()
            self._acted_as = turn
        more = True
        while more and self.leadership.turn == turn:
            with conn.transaction():
                done = self._engine.cycle(conn, self._shelf.book(conn), now=clock.now())
                scheduling.confirm(conn, turn)
            self._engine.committed()
            self._telemetry.progress()
            more = done.more
        if clock.monotonic() - self._ticked_s >= TICK_EVERY_S:
            with conn.transaction():
                self._engine.tick(conn, self._shelf.book(conn), now=clock.now())
                scheduling.confirm(conn, turn)
            self._engine.committed()
            self._ticked_s = clock.monotonic()

    def _run_sweep(self, conn: Connection[Any]) -> None:
        turn = self.leadership.turn
        if turn is not None:
            context = self._context(turn, self._sweep_shelf, self._sweep)
            self._make_known(conn)
            jobs.run_next(conn, context, [kind.name for kind in jobs.LONG])

    def _run_short_jobs(self, conn: Connection[Any]) -> None:
        turn = self.leadership.turn
        if turn is None:
            return
        context = self._context(turn, self._sweep_shelf, self._clock)
        names = [kind.name for kind in jobs.SHORT]
        while self.leadership.turn == turn and jobs.run_next(conn, context, names):
            self._clock.progress()

    def _make_known(self, conn: Connection[Any]) -> None:
        if not self._known:
            with conn.transaction():
                jobs.enter_all(conn, self.settings, now=clock.now())
            self._known = True

    def _context(self, turn: scheduling.Turn, shelf: BookShelf, worker: Worker) -> jobs.Context:
        return jobs.Context(
            self.settings,
            turn,
            shelf.book,
            worker.progress,
            self.metrics.count_job,
            lambda what, number: self._counted.refused.labels(what).inc(number),
        )

    def _send(self, conn: Connection[Any]) -> None:
        sent = send_due(conn, self._sender, now=clock.now)
        for result, number in sent.results.items():
            self.metrics.messages.labels(result).inc(number)
        self.metrics.messages_waiting.set(sent.waiting)


def run(settings: Settings, *, on_delivered: OnDelivered) -> int:
    """Run an alert process until told to stop; its exit code."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    process = Process(settings, on_delivered=on_delivered)
    server = HealthServer(
        settings.http_host, settings.alert_http_port, process.registry, process.health
    )
    server.start()
    process.start()
    log.info("alerts_running", port=server.port, holder=process.leadership.holder)
    code = 0
    while not stopping.wait(WATCH_EVERY_S):
        hung = process.hung()
        if hung is not None:
            log.error("thread_hung", worker=hung)
            code = 1
            break
    process.stop()
    server.stop()
    log.info("alerts_ended", code=code)
    return code
