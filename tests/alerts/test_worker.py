"""A worker goes on after whatever its step does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from alerts import worker as module
from alerts.scheduling.service import NotLeader
from alerts.worker import Step, Worker

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
Conn = Connection[Any]
WITHIN_S = 30


class Steps:
    """Does what it is told, one step after the other, then nothing."""

    def __init__(self, *wrongs: Exception | None) -> None:
        self._wrongs = list(wrongs)
        self.pids: list[int] = []
        self.failures = 0
        self.ended = threading.Event()

    def __call__(self, conn: Conn) -> None:
        if not self._wrongs:
            self.ended.set()
            return
        self.pids.append(conn.info.backend_pid)
        wrong = self._wrongs.pop(0)
        if wrong is not None:
            raise wrong

    def failed(self) -> None:
        self.failures += 1


@contextmanager
def working(url: str, steps: Step, **given: Any) -> Iterator[Worker]:
    made = Worker("test", database_url=url, every_s=0.01, idle_s=5, step=steps, **given)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY_S", 0.01)


def test_steps_follow_on_one_connection(conn: Conn, database_url: str) -> None:
    steps = Steps(None, None, None)
    with working(database_url, steps) as made:
        assert steps.ended.wait(WITHIN_S)
        assert (made.connected, made.busy_s < WITHIN_S) == (True, True)
    assert (len(steps.pids), len(set(steps.pids)), steps.failures) == (3, 1, 0)


@pytest.mark.parametrize(
    ("wrong", "connections"),
    [
        (psycopg.OperationalError("gone"), 2),
        (ZeroDivisionError(), 2),
        (NotLeader("another acts", role="engine"), 1),
    ],
    ids=["the database goes away", "a fault of ours", "the turn is lost"],
)
def test_it_goes_on_after_a_step_that_failed(
    conn: Conn, database_url: str, wrong: Exception, connections: int
) -> None:
    steps = Steps(None, wrong, None)
    with working(database_url, steps, failed=steps.failed):
        assert steps.ended.wait(WITHIN_S)
    assert (len(steps.pids), len(set(steps.pids)), steps.failures) == (3, connections, 1)


def test_a_database_that_is_not_there_is_asked_again(conn: Conn) -> None:
    steps, tried = Steps(), threading.Event()
    with working("postgresql://127.0.0.1:1/nothing", steps, failed=tried.set) as made:
        assert tried.wait(WITHIN_S)
        assert not made.connected
    assert not steps.ended.is_set()
