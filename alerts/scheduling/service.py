"""Decides whose turn it is to act, and what is due.

One process among several acts: it holds a lease in the database and renews it while it works. The
fencing number grows with every holder. A process that was stopped and wakes up after another has
taken over finds its number stale, and what it was about to commit is rolled back. Two that act at
once all the same, for the moment between looking and committing, find the same fires, which are
unique: double leadership does no harm.

A job that is late is run, once, however late it is. Leaves out the processes (`alerts/process.py`).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from alerts.scheduling import store
from alerts.scheduling.errors import NotLeader
from alerts.scheduling.model import Job, Leader, Turn

__all__ = [
    "Job",
    "Leader",
    "NotLeader",
    "Turn",
    "claim",
    "confirm",
    "enter_jobs",
    "find_leader",
    "finish",
    "list_jobs",
    "release",
    "set_patience",
    "take_due",
]

LAST_RETRY_S: Final = 60.0


def claim(conn: Connection[Any], *, role: str, holder: str, lease_s: float) -> Turn | None:
    """Take the turn, or keep it for another `lease_s` seconds; None while it is another's."""
    lease = timedelta(seconds=lease_s)
    fencing = store.claim_turn(conn, role=role, holder=holder, lease=lease)
    return None if fencing is None else Turn(role, holder, fencing)


def confirm(conn: Connection[Any], turn: Turn) -> None:
    """Let a transaction commit only if it is still this turn: the last thing it does.

    Raises:
        NotLeader: another process has taken over.
    """
    if not store.is_confirmed(conn, turn):
        raise NotLeader(f"{turn.holder} no longer acts as {turn.role}", role=turn.role)


def release(conn: Connection[Any], turn: Turn) -> None:
    """Give the turn back, so that another process takes over at once."""
    store.release_turn(conn, turn)


def find_leader(conn: Connection[Any], role: str) -> Leader | None:
    """Who acts in this role, if anybody ever did."""
    return store.find_leader(conn, role)


def enter_jobs(conn: Connection[Any], jobs: dict[str, float], *, now: datetime) -> None:
    """Make jobs known: name → every so many seconds. A new one is due at once."""
    for name, every_s in sorted(jobs.items()):
        store.enter_job(conn, name=name, every_s=every_s, now=now)


def take_due(conn: Connection[Any], names: Collection[str], *, now: datetime) -> Job | None:
    """A job that is due and that nobody else is at. To be committed before it is run.

    Who takes it and is heard of no more leaves it to the next in a minute, or sooner.
    """
    return store.take_due_job(conn, names, retry_s=LAST_RETRY_S, now=now)


def finish(
    conn: Connection[Any],
    job: Job,
    *,
    started_at: datetime,
    now: datetime,
    took_s: float,
    error: str | None = None,
) -> None:
    """Note that the job ran: it is due again one interval after it began, never in the past.

    One that failed is tried again after its interval or a minute, whichever is shorter.
    """
    pause_s = job.every_s if error is None else min(job.every_s, LAST_RETRY_S)
    store.finish_job(
        conn,
        name=job.name,
        now=now,
        took_s=took_s,
        error=error,
        next_due_at=max(started_at + timedelta(seconds=pause_s), now),
    )


def list_jobs(conn: Connection[Any]) -> list[Job]:
    """All jobs by name, with how they last went."""
    return store.list_jobs(conn)


def set_patience(conn: Connection[Any], *, idle_s: float, lock_s: float) -> None:
    """Bound how long this session may hold up others by standing still, and wait for them [s]."""
    store.set_patience(conn, idle_s=idle_s, lock_s=lock_s)
