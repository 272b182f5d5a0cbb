"""What the acting process does by the clock, as one visible list.

Each is due in the table `alert_jobs`, and safe to repeat. It is taken in a transaction of its own,
so that who dies or stands still in the middle leaves it to the next; what it writes is committed
only while it is still this process's turn. What fails is noted with its error and tried again.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.notify import service as notify
from alerts.obligations import service as obligations
from alerts.refusals import service as refusals
from alerts.refusals.jobs import try_again
from alerts.retention.service import PORTION, Kept, deletions
from alerts.rules.service import RuleBook
from alerts.scheduling import service as scheduling
from alerts.scheduling.service import Turn
from alerts.sweeping import jobs as sweeping
from kit import clock
from kit.log import get_logger
from kit.settings import Settings

log = get_logger("alerts")


COUNTED_AFTER: Final = (1, 10, 100, 1_000)
"""Portions of a sweep after which alerts are counted for the planner: each ten times as many."""
MOST_PORTIONS: Final = 40
"""Deleted of each in one run; what is more has an hour."""


@dataclass(frozen=True, slots=True)
class Context:
    """What jobs are given beside the connection and the time."""

    settings: Settings
    turn: Turn
    book: Callable[[Connection[Any]], RuleBook]
    """The rules as they stand now."""
    progress: Callable[[], None] = lambda: None
    """Called now and then by what takes long."""
    count: Callable[[str, bool, float], None] = lambda _name, _well, _took_s: None
    """Told of each job: its name, whether it went well, how long it took [s]."""
    refused: Callable[[str, int], None] = lambda _what, _number: None
    """Told how many findings, or rules, could not be taken."""

    @contextmanager
    def committing(self, conn: Connection[Any]) -> Iterator[None]:
        """A transaction that commits only if it is still this process's turn."""
        with conn.transaction():
            yield
            scheduling.confirm(conn, self.turn)
        self.progress()


Run = Callable[[Connection[Any], Context, datetime], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A job: how often it comes [s], and what it does; it returns what it counted."""

    name: str
    every_s: Callable[[Settings], float]
    run: Run


def _sweep(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """What has fallen due, and what is settled: part after part, as others write in between."""
    with context.committing(conn):
        asked = sweeping.ask(conn, context.book(conn), now=now)
    refused = 0
    for place, portion in enumerate(obligations.portions(asked.found, now=now)):
        with context.committing(conn):
            refused += sweeping.tell(conn, portion, now=now)
        if place in COUNTED_AFTER:
            with context.committing(conn):
                inbox.refresh_statistics(conn)
    with context.committing(conn):
        refusals.settle_rules(conn, "sweep", asked.faults, now=now)
        refusals.refuse_rules(conn, asked.faults, source="sweep", now=now)
    context.refused("finding", refused)
    context.refused("rule", len(asked.faults))
    counts = asked.found.counted.counts()
    return counts | {"refused": refused, "rules_failed": len(asked.faults)}


def _escalate(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Tell the next person of what nobody has acknowledged."""
    with context.committing(conn):
        return {"escalated": inbox.escalate_due(conn, now=now)}


def _wake(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """What was put off comes back."""
    with context.committing(conn):
        return {"woken": inbox.wake_due(conn, now=now)}


def _remind(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Reminders of rent for lessees."""
    with context.committing(conn):
        return {"reminders": notify.enqueue_reminders(conn, context.settings, now=now)}


def _gather(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Messages of what is to be told."""
    with context.committing(conn):
        return {"messages": notify.gather_due(conn, context.settings, now=now)}


def _try_again(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Findings that were refused, once more: what stood in their way may be gone."""
    with context.committing(conn):
        return try_again(conn, now=now)


def _prune(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Delete what has been over for long, portion by portion."""
    settings, deleted = context.settings, Counter[str]()
    kept = Kept(
        alerts_days=settings.alert_retention_days,
        messages_days=settings.notify_retention_days,
        refusals_days=settings.rejects_retention_days,
    )
    for name, delete in deletions(kept, now=now).items():
        for _ in range(MOST_PORTIONS):
            with context.committing(conn):
                number = delete(conn)
            deleted[name] += number
            if number < PORTION:
                break
    return deleted


SWEEP: Final = JobKind("sweep", lambda settings: settings.alert_sweep_s, _sweep)
PRUNE: Final = JobKind("prune", lambda _: 3_600, _prune)
LONG: Final = (SWEEP, PRUNE)
"""Those that may take long have a thread of their own."""
SHORT: Final = (
    JobKind("escalate", lambda _: 15, _escalate),
    JobKind("wake", lambda _: 15, _wake),
    JobKind("remind", lambda _: 60, _remind),
    JobKind("gather", lambda _: 2, _gather),
    JobKind("try_again", lambda _: 600, _try_again),
)
JOBS: Final = {kind.name: kind for kind in (*LONG, *SHORT)}


def enter_all(conn: Connection[Any], settings: Settings, *, now: datetime) -> None:
    """Make all jobs known to the database."""
    every_s = {name: kind.every_s(settings) for name, kind in JOBS.items()}
    scheduling.enter_jobs(conn, every_s, now=now)


def run_next(
    conn: Connection[Any],
    context: Context,
    names: Collection[str],
    jobs: Mapping[str, JobKind] = JOBS,
) -> bool:
    """Run one job of these names that is due; whether there was one.

    Raises:
        NotLeader: another process has taken over; the rest is not written.
        psycopg.OperationalError: the database is gone; the job is due again before long.
    """
    started_at, began_s = clock.now(), clock.monotonic()
    with context.committing(conn):
        due = scheduling.take_due(conn, names, now=started_at)
    if due is None:
        return False
    error: str | None = None
    done: Mapping[str, int] = {}
    try:
        done = jobs[due.name].run(conn, context, started_at)
    except Exception as fault:
        if conn.closed or isinstance(fault, scheduling.NotLeader):
            raise
        log.error("job_failed", job=due.name, exc_info=fault)
        error = f"{type(fault).__name__}: {str(fault).strip().partition(chr(10))[0]}"[:500]
    took_s = clock.monotonic() - began_s
    with conn.transaction():
        scheduling.finish(
            conn, due, started_at=started_at, now=clock.now(), took_s=took_s, error=error
        )
    context.count(due.name, error is None, took_s)
    if any(done.values()):
        log.info("job_done", job=due.name, took_s=round(took_s, 3), **done)
    return True
