"""Looks for changes in the database for all readers of a process, in one thread.

One look serves everybody: the transaction acts for the organisations that have readers, and which
rows are whose is decided in `fleet/live`. Decides how often one looks, that credentials are asked
again, and what happens while the database is away: readers stay, and afterwards are told what they
missed. The thread lives as long as there are readers to look for.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg_pool import ConnectionPool, PoolTimeout

from api import live_alerts
from api.live_alerts import AlertNews
from api.live_events import Batch, Farewell, Wording, hello, reset
from api.live_reader import LiveLimits, Reader
from api.metrics import ApiMetrics
from fleet.live import service as live
from fleet.live import shares
from fleet.live.model import Arrival, Change, Look
from fleet.live.snapshots import Position
from kit import clock, db
from kit.log import get_logger

log = get_logger("api.live")

FIRST_RETRY_S: Final = 0.5
LAST_RETRY_S: Final = 5.0
LEAST_PAUSE_S: Final = 0.05
NOWHERE: Final = "0-0"
"""The lineage of no database."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of a look: what is for whom, and up to where everybody has now been told."""

    batches: list[tuple[Reader, Batch]]
    event_id: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the poller's findings go; both are called in the event loop."""

    deliver: Callable[["Poller", Delivery], None]
    say_goodbye: Callable[[Reader, Farewell], None]


class Poller:
    """The thread. Made and stopped in the event loop."""

    def __init__(
        self,
        pool: ConnectionPool[Connection[Any]],
        limits: LiveLimits,
        metrics: ApiMetrics,
        mailbox: Mailbox,
    ) -> None:
        self._pool = pool
        self._limits = limits
        self._metrics = metrics
        self._mailbox = mailbox
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._coming: deque[Reader] = deque()
        self._arriving: list[Reader] = []
        self._fed: list[Reader] = []
        self._position: Position | None = None
        self.thread = threading.Thread(target=self._run, name="live poller", daemon=True)

    def add(self, reader: Reader) -> None:
        """Tell this reader too, from the next look on."""
        self._coming.append(reader)

    def stop(self) -> None:
        """Nobody is left; the thread ends after the look it is at."""
        self._stopping.set()

    # All below runs in the thread.

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began_s = clock.monotonic()
            try:
                if failures:  # or the pool would hand out its dead connections, one a turn
                    self._pool.check()
                self._turn()
                failures = 0
            except Exception as error:
                failures += 1
                if failures == 1:
                    self._complain(error)
            took_s = clock.monotonic() - began_s
            self._metrics.live_lag_s.set(took_s)
            pause_s = max(self._limits.poll_s - took_s, LEAST_PAUSE_S)
            if failures:
                pause_s = min(FIRST_RETRY_S * 2 ** min(failures - 1, 10), LAST_RETRY_S)
            self._stopping.wait(pause_s)

    def _complain(self, error: Exception) -> None:
        if isinstance(error, psycopg.Error | PoolTimeout):
            log.warning("live_database_unavailable", cause=str(error)[:200])
        else:
            log.error("live_fault", exc_info=error)

    def _turn(self) -> None:
        while self._coming:
            self._arriving.append(self._coming.popleft())
        self._arriving = [each for each in self._arriving if not each.closed]
        self._fed = [each for each in self._fed if not each.closed]
        if not self._arriving and not self._fed:
            return
        with self._pool.connection() as conn:
            self._recheck(conn)
            found, news, as_of = self._look(conn)
        if found.lost:
            # Readers are sent away to come back with ids that mean nothing: that is a reset.
            for reader in self._fed:
                self._post(self._mailbox.say_goodbye, reader, "database_changed")
            self._fed = []
        batches = self._batches(found, news)
        self._fed += self._arriving
        self._arriving = []
        self._position = found.position
        self._post(self._mailbox.deliver, self, Delivery(batches, str(found.position), as_of))

    def _recheck(self, conn: Connection[Any]) -> None:
        """Ask the credentials that are due."""
        now_s = clock.monotonic()
        due = [each for each in (*self._fed, *self._arriving) if each.recheck_due_s <= now_s]
        if not due:
            return
        with conn.transaction():
            now = clock.now()
            ended = [(reader, reader.recheck(conn, now)) for reader in due]
        for reader, reason in ended:
            reader.was_checked()
            if reason is not None:
                self._post(self._mailbox.say_goodbye, reader, reason)
        gone = {id(reader) for reader, reason in ended if reason is not None}
        self._fed = [each for each in self._fed if id(each) not in gone]
        self._arriving = [each for each in self._arriving if id(each) not in gone]

    def _look(self, conn: Connection[Any]) -> tuple[Look, AlertNews, datetime]:
        sights = {each.arrival.sight for each in self._fed}
        organisations = {each.organisation_id for each in sights}
        organisations |= {each.arrival.sight.organisation_id for each in self._arriving}
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            with conn.transaction():
                as_of = clock.now()
                db.act_for(conn, organisations)
                self._begin_anew(conn)
                arrivals = {each.arrival for each in self._arriving}
                found = live.look(conn, since=self._position, sights=sights, arrivals=arrivals)
                news = live_alerts.look(
                    conn, self._told_until(found), found.position, organisations
                )
        finally:
            if not conn.closed:
                conn.isolation_level = None
        return found, news, as_of

    def _begin_anew(self, conn: Connection[Any]) -> None:
        """Who was away for too long goes on from nowhere, as if its id were of another database."""
        behind = {
            each.arrival.since
            for each in self._arriving
            if each.alert_kinds and each.arrival.since is not None
        }
        far = live_alerts.too_far(conn, behind)
        for each in self._arriving:
            since = each.arrival.since
            if since in far and each.alert_kinds:
                each.arrival = replace(each.arrival, since=replace(since, lineage=NOWHERE))

    def _told_until(self, found: Look) -> list[Position]:
        """Up to where those who follow alerts have been told all."""
        told = [
            each.arrival.since
            for each in self._arriving
            if each.alert_kinds and shares.resumes(each.arrival, found.position)
        ]
        if not found.lost and any(each.alert_kinds for each in self._fed):
            told.append(self._position)
        return [each for each in told if each is not None]

    def _batches(self, found: Look, news: AlertNews) -> list[tuple[Reader, Batch]]:
        """What each reader is told; those who see the same share the same bytes."""
        wording = Wording()
        event_id = str(found.position)
        changed = shares.by_organisation(found.changes)
        of_arrivals = shares.by_organisation(found.of_arrivals)
        told = {}
        for sight, kinds in {(each.arrival.sight, each.alert_kinds) for each in self._fed}:
            share = changed.get(sight.organisation_id, ())
            alerts = news.share(sight.organisation_id, kinds, self._position)
            if events := wording.changes(share, alerts, event_id, exact=sight.exact):
                told[sight, kinds] = Batch(events)
        first = {
            (arrival, kinds): self._first(
                arrival, kinds, of_arrivals, news=news, found=found, wording=wording
            )
            for arrival, kinds in {(each.arrival, each.alert_kinds) for each in self._arriving}
        }
        batches = [
            (each, batch)
            for each in self._fed
            if (batch := told.get((each.arrival.sight, each.alert_kinds))) is not None
        ]
        return batches + [(each, first[each.arrival, each.alert_kinds]) for each in self._arriving]

    def _first(
        self,
        arrival: Arrival,
        alert_kinds: frozenset[str],
        of_arrivals: Mapping[int, list[Change]],
        *,
        news: AlertNews,
        found: Look,
        wording: Wording,
    ) -> Batch:
        now, sight = found.position, arrival.sight
        share = shares.first_share(arrival, of_arrivals.get(sight.organisation_id, []), now)
        resumed = shares.resumes(arrival, now)
        since = arrival.since if resumed else None
        alerts = news.share(sight.organisation_id, alert_kinds, since)
        event_id = None if share or alerts else str(now)
        if arrival.since is not None and not resumed:
            greeting = reset(self._limits.heartbeat_s, event_id=event_id)
        else:
            greeting = hello(self._limits.heartbeat_s, resumed=resumed, event_id=event_id)
        return Batch((greeting, *wording.changes(share, alerts, str(now), exact=sight.exact)))

    def _post(self, call: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:  # the loop is closed: the process ends
            self._stopping.set()
