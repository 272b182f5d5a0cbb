"""One acts, the others wait; who was stopped and wakes up writes nothing."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection, errors

from alerts.scheduling.service import (
    NotLeader,
    Turn,
    claim,
    confirm,
    enter_jobs,
    find_leader,
    finish,
    list_jobs,
    release,
    set_patience,
    take_due,
)
from kit import db

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
Conn = Connection[Any]
NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
LEASE_S = 0.3


@pytest.fixture
def second(database_url: str, conn: Conn) -> Iterator[Conn]:
    """Another process's connection."""
    with closing(db.connect(database_url, autocommit=True)) as other:
        yield other


def take(conn: Conn, holder: str, lease_s: float = 60) -> Turn | None:
    with conn.transaction():
        return claim(conn, role="engine", holder=holder, lease_s=lease_s)


def test_the_first_acts_and_the_second_waits(conn: Conn, second: Conn) -> None:
    first = take(conn, "a")
    conn.commit()
    assert first == Turn("engine", "a", 1)
    assert take(second, "b") is None
    assert take(second, "a") == first, "who holds it keeps it under the same number"


def test_a_lapsed_turn_is_taken_over_under_a_larger_number(conn: Conn, second: Conn) -> None:
    first = take(conn, "a", lease_s=-1)
    conn.commit()
    assert first is not None
    assert take(second, "b") == Turn("engine", "b", 2)
    with pytest.raises(NotLeader) as raised:
        confirm(conn, first)
    assert raised.value.facts == {"role": "engine"}
    conn.rollback()
    assert take(conn, "a") is None


def test_a_turn_given_back_is_free_at_once(conn: Conn, second: Conn) -> None:
    first = take(conn, "a")
    assert first is not None
    release(conn, first)
    conn.commit()
    assert take(second, "b") == Turn("engine", "b", 2)
    leader = find_leader(second, "engine")
    assert leader is not None
    assert (leader.holder, leader.fencing, leader.lapsed) == ("b", 2, False)
    assert find_leader(second, "another") is None


def test_what_a_successor_has_confirmed_nobody_takes_before_it_is_committed(
    conn: Conn, second: Conn
) -> None:
    first = take(conn, "a", lease_s=-1)
    conn.commit()
    assert first is not None
    confirm(conn, first)
    second.execute("SET lock_timeout = '100ms'")
    with pytest.raises(errors.LockNotAvailable):
        take(second, "b")
    conn.commit()
    assert take(second, "b") == Turn("engine", "b", 2)


def test_who_stands_still_in_a_transaction_is_put_out(conn: Conn, second: Conn) -> None:
    first = take(conn, "a", lease_s=-1)
    conn.commit()
    assert first is not None
    set_patience(conn, idle_s=LEASE_S, lock_s=5)
    conn.commit()
    confirm(conn, first)
    second.execute("SET lock_timeout = '20s'")
    assert take(second, "b") == Turn("engine", "b", 2)
    with pytest.raises(errors.IdleInTransactionSessionTimeout):
        conn.execute("SELECT 1")


def test_a_job_is_due_at_once_then_after_its_interval(conn: Conn) -> None:
    enter_jobs(conn, {"sweep": 300}, now=NOW)
    job = take_due(conn, ["sweep"], now=NOW)
    assert job is not None
    assert (job.name, job.every_s, job.next_due_at) == ("sweep", 300, NOW)
    finish(conn, job, started_at=NOW, now=NOW + timedelta(seconds=2), took_s=2)
    assert take_due(conn, ["sweep"], now=NOW + timedelta(seconds=299)) is None
    assert take_due(conn, ["sweep"], now=NOW + timedelta(seconds=300)) is not None
    assert take_due(conn, ["another"], now=NOW + timedelta(seconds=300)) is None


def test_after_down_time_a_job_runs_once(conn: Conn) -> None:
    enter_jobs(conn, {"sweep": 300}, now=NOW)
    later = NOW + timedelta(days=3)
    job = take_due(conn, ["sweep"], now=later)
    assert job is not None
    finish(conn, job, started_at=later, now=later, took_s=0.5)
    assert take_due(conn, ["sweep"], now=later) is None
    [known] = list_jobs(conn)
    assert (known.next_due_at, known.last_took_s) == (later + timedelta(seconds=300), 0.5)


def test_a_job_that_failed_is_tried_again_soon(conn: Conn) -> None:
    enter_jobs(conn, {"sweep": 300}, now=NOW)
    job = take_due(conn, ["sweep"], now=NOW)
    assert job is not None
    finish(conn, job, started_at=NOW, now=NOW, took_s=0, error="OperationalError: gone")
    [known] = list_jobs(conn)
    assert known.next_due_at == NOW + timedelta(seconds=60)
    assert known.last_error == "OperationalError: gone"


def test_a_job_is_at_one_process_at_a_time(conn: Conn, second: Conn) -> None:
    enter_jobs(conn, {"sweep": 300}, now=NOW)
    conn.commit()
    assert take_due(conn, ["sweep"], now=NOW) is not None
    assert take_due(second, ["sweep"], now=NOW) is None
    conn.commit()
    assert take_due(second, ["sweep"], now=NOW + timedelta(seconds=59)) is None


def test_a_job_whose_process_is_gone_is_left_to_the_next(conn: Conn) -> None:
    enter_jobs(conn, {"gather": 2, "sweep": 300}, now=NOW)
    for _ in range(2):
        assert take_due(conn, ["gather", "sweep"], now=NOW) is not None
    conn.commit()
    later = take_due(conn, ["gather", "sweep"], now=NOW + timedelta(seconds=61))
    assert later is not None
    assert (later.name, later.next_due_at) == ("gather", NOW + timedelta(seconds=2))
    other = take_due(conn, ["gather", "sweep"], now=NOW + timedelta(seconds=61))
    assert other is not None
    assert (other.name, other.next_due_at) == ("sweep", NOW + timedelta(seconds=60))


def test_what_a_clock_that_went_ahead_has_left_is_due(conn: Conn) -> None:
    ahead = NOW + timedelta(days=1)
    enter_jobs(conn, {"sweep": 300}, now=ahead)
    assert take_due(conn, ["sweep"], now=NOW) is not None


def test_a_shorter_interval_brings_the_next_time_nearer(conn: Conn) -> None:
    enter_jobs(conn, {"sweep": 300}, now=NOW)
    job = take_due(conn, ["sweep"], now=NOW)
    assert job is not None
    finish(conn, job, started_at=NOW, now=NOW, took_s=0)
    enter_jobs(conn, {"sweep": 30}, now=NOW)
    [known] = list_jobs(conn)
    assert (known.every_s, known.next_due_at) == (30, NOW + timedelta(seconds=30))
