"""A process that is busy has not hung; one that has hung says so and lets others act."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import Connection

from alerts import process as module
from alerts.engine.service import CycleDone, Engine
from alerts.process import Process
from kit import clock
from kit.settings import Settings

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
WITHIN_S = 30.0


@contextmanager
def running(database_url: str) -> Iterator[Process]:
    settings = Settings(database_url=database_url, alert_poll_ms=50, alert_lease_s=2)
    made = Process(settings, on_delivered=lambda *_: None)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def wait_until(happened: Any) -> None:
    give_up_s = clock.monotonic() + WITHIN_S
    while not happened():
        assert clock.monotonic() < give_up_s, "it did not happen"
        clock.sleep(0.02)


def test_it_acts_judges_and_runs_every_job(conn: Conn, database_url: str) -> None:
    with running(database_url) as made:
        wait_until(lambda: made.leadership.turn is not None)

        def all_ran() -> bool:
            row = conn.execute(
                "SELECT count(*) FROM alert_jobs WHERE last_finished_at IS NOT NULL"
                " AND last_error IS NULL"
            ).fetchone()
            conn.commit()
            return row == (7,)

        wait_until(all_ran)
        wait_until(lambda: made.health() == {"ok": True, "database_up": True, "leader": True})
    row = conn.execute("SELECT expires_at < clock_timestamp() FROM alert_leaders").fetchone()
    assert row == (True,), "the turn is given back"


def test_catching_up_for_long_is_not_hanging(
    conn: Conn, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HUNG_AFTER_S", 1.0)
    cycles: list[int] = []

    def cycle(_self: Any, _conn: Conn, _book: Any, *, now: Any) -> CycleDone:
        clock.sleep(0.05)
        cycles.append(1)
        return CycleDone(batches=1, more=True)

    monkeypatch.setattr(Engine, "cycle", cycle)
    with running(database_url) as made:
        hung = set()
        while len(cycles) < 40:
            hung.add(made.hung())
            clock.sleep(0.02)
    assert hung == {None}


def test_a_step_that_hangs_is_told_and_the_turn_not_kept(
    conn: Conn, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HUNG_AFTER_S", 0.5)
    released = threading.Event()

    def cycle(_self: Any, _conn: Conn, _book: Any, *, now: Any) -> CycleDone:
        released.wait(WITHIN_S)
        return CycleDone(batches=0, more=False)

    monkeypatch.setattr(Engine, "cycle", cycle)
    with running(database_url) as made:
        wait_until(lambda: made.hung() == "telemetry")
        wait_until(lambda: made.leadership.turn is None)
        assert made.health()["ok"] is False
        released.set()
