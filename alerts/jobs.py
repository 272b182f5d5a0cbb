"""What the acting process does by the clock, as one visible list.

Each is due in the table `alert_jobs`, runs in one transaction with its own note of when it is due
next, and is safe to repeat. What fails is rolled back, noted with its error and tried again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.notify import service as notify
from alerts.obligations import service as obligations
from alerts.rules.service import RuleBook
from alerts.scheduling import service as scheduling
from alerts.scheduling.service import Turn
from kit import clock
from kit.log import get_logger
from kit.settings import Settings

log = get_logger("alerts")


@dataclass(frozen=True, slots=True)
class Context:
    """What jobs are given beside the connection and the time."""

    settings: Settings
    book: Callable[[Connection[Any]], RuleBook]
    """The rules as they stand now."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A job: how often it comes [s], and what it does; it returns what it counted."""

    name: str
    every_s: Callable[[Settings], float]
    run: Callable[[Connection[Any], Context, datetime], Mapping[str, int]]


def _sweep(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """What has fallen due, and what is settled."""
    return obligations.sweep(conn, context.book(conn), now=now).counts()


def _escalate(conn: Connection[Any], _context: Context, now: datetime) -> Mapping[str, int]:
    """Tell the next person of what nobody has acknowledged."""
    return {"escalated": inbox.escalate_due(conn, now=now)}


def _wake(conn: Connection[Any], _context: Context, now: datetime) -> Mapping[str, int]:
    """What was put off comes back."""
    return {"woken": inbox.wake_due(conn, now=now)}


def _remind(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Reminders of rent for lessees."""
    return {"reminders": notify.enqueue_reminders(conn, context.settings, now=now)}


def _gather(conn: Connection[Any], context: Context, now: datetime) -> Mapping[str, int]:
    """Messages of what is to be told."""
    return {"messages": notify.gather_due(conn, context.settings, now=now)}


JOBS: Final = (
    JobKind("sweep", lambda settings: settings.alert_sweep_s, _sweep),
    JobKind("escalate", lambda _: 15, _escalate),
    JobKind("wake", lambda _: 15, _wake),
    JobKind("remind", lambda _: 60, _remind),
    JobKind("gather", lambda _: 2, _gather),
)
BY_NAME: Final = {job.name: job for job in JOBS}


def enter_all(conn: Connection[Any], settings: Settings, *, now: datetime) -> None:
    """Make all jobs known to the database."""
    scheduling.enter_jobs(conn, {job.name: job.every_s(settings) for job in JOBS}, now=now)


def run_next(
    conn: Connection[Any],
    context: Context,
    turn: Turn,
    *,
    count: Callable[[str, bool, float], None] = lambda _name, _well, _took_s: None,
) -> bool:
    """Run one job that is due; whether there was one.

    Raises:
        NotLeader: another process has taken over; nothing was written.
        psycopg.OperationalError: the database is gone.
    """
    started_at, began_s = clock.now(), clock.monotonic()
    try:
        with conn.transaction():
            due = scheduling.take_due(conn, tuple(BY_NAME), now=started_at)
            if due is None:
                return False
            done = BY_NAME[due.name].run(conn, context, started_at)
            took_s = clock.monotonic() - began_s
            scheduling.finish(conn, due, started_at=started_at, now=clock.now(), took_s=took_s)
            scheduling.confirm(conn, turn)
    except Exception as error:
        if conn.broken or isinstance(error, scheduling.NotLeader) or due is None:
            raise
        took_s = clock.monotonic() - began_s
        _note_failure(conn, due, started_at, took_s, error)
        count(due.name, False, took_s)
        return True
    count(due.name, True, took_s)
    if any(done.values()):
        log.info("job_done", job=due.name, took_s=round(took_s, 3), **done)
    return True


def _note_failure(
    conn: Connection[Any],
    job: scheduling.Job,
    started_at: datetime,
    took_s: float,
    error: Exception,
) -> None:
    """Write down why, and try again later; the other jobs go on."""
    log.error("job_failed", job=job.name, exc_info=error)
    told = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
    with conn.transaction():
        scheduling.finish(
            conn, job, started_at=started_at, now=clock.now(), took_s=took_s, error=told[:500]
        )
