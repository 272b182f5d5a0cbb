"""Runs the SQL of turns and jobs."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from alerts.scheduling.model import Job, Leader, Turn
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def claim_turn(conn: Connection[Any], *, role: str, holder: str, lease: timedelta) -> int | None:
    """The fencing number of this holder's turn, or None while it is another's."""
    row = {"role": role, "holder": holder, "lease": lease}
    found = conn.execute(_queries.claim_turn, row).fetchone()
    return None if found is None else int(found[0])


def is_confirmed(conn: Connection[Any], turn: Turn) -> bool:
    """Whether it is still this turn; if so, nobody takes over before the transaction ends."""
    return conn.execute(_queries.confirm_turn, asdict(turn)).fetchone() is not None


def release_turn(conn: Connection[Any], turn: Turn) -> None:
    """Give the turn back."""
    conn.execute(_queries.release_turn, asdict(turn))


def find_leader(conn: Connection[Any], role: str) -> Leader | None:
    """Who acts in this role, if anybody ever did."""
    with conn.cursor(row_factory=class_row(Leader)) as cursor:
        return cursor.execute(_queries.find_leader, {"role": role}).fetchone()


def enter_job(conn: Connection[Any], *, name: str, every_s: float, now: datetime) -> None:
    """Make the job known, or change how often it comes."""
    conn.execute(_queries.enter_job, {"name": name, "every_s": every_s, "now": now})


def take_due_job(
    conn: Connection[Any], names: Collection[str], *, retry_s: float, now: datetime
) -> Job | None:
    """A job of these names that is due; it is due again in `retry_s` seconds unless finished."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        row = {"names": list(names), "retry_s": retry_s, "now": now}
        return cursor.execute(_queries.take_due_job, row).fetchone()


def finish_job(
    conn: Connection[Any],
    *,
    name: str,
    now: datetime,
    took_s: float,
    error: str | None,
    next_due_at: datetime,
) -> None:
    """Note that the job ran, or why it failed, and when it is due next."""
    row = {
        "name": name,
        "now": now,
        "took_s": took_s,
        "error": error,
        "next_due_at": next_due_at,
    }
    conn.execute(_queries.finish_job, row)


def list_jobs(conn: Connection[Any]) -> list[Job]:
    """All jobs by name."""
    with conn.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(_queries.list_jobs).fetchall()


def set_patience(conn: Connection[Any], *, idle_s: float, lock_s: float) -> None:
    """Bound how long this session may hold up others, and wait for them."""
    row = {"ms": str(int(idle_s * 1_000)), "lock_ms": str(int(lock_s * 1_000))}
    conn.execute(_queries.set_patience, row)
