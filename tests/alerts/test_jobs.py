"""Jobs: one that fails or dies does not keep the others; a lost turn writes nothing."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from alerts import jobs
from alerts.jobs import Context, JobKind, Run
from alerts.obligations import service as obligations
from alerts.rules.service import all_rules
from alerts.scheduling import service as scheduling
from alerts.scheduling.service import NotLeader
from fleet.orgs.service import create_organisation
from kit import clock, db
from kit.settings import Settings
from schemas.access import SYSTEM
from tests.alerts.inbox.conftest import VIN_A, Land

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@pytest.fixture
def line(database_url: str, conn: Conn) -> Iterator[Conn]:
    """A connection as a worker has it."""
    with closing(db.connect(database_url, autocommit=True)) as made:
        yield made


class Plant:
    """A process that acts, with jobs of the test's own."""

    def __init__(self, line: Conn, *runs: tuple[str, Run]) -> None:
        self.line = line
        turn = scheduling.claim(line, role="engine", holder="here", lease_s=60)
        assert turn is not None
        self.counted: list[tuple[str, bool]] = []
        self.progressed = 0
        self.context = Context(
            Settings(),
            turn,
            all_rules,
            self._progress,
            lambda name, well, _took_s: self.counted.append((name, well)),
        )
        self.kinds = {name: JobKind(name, lambda _: 300, run) for name, run in runs}
        scheduling.enter_jobs(line, dict.fromkeys(self.kinds, 300.0), now=clock.now())

    def _progress(self) -> None:
        self.progressed += 1

    def run(self) -> bool:
        return jobs.run_next(self.line, self.context, list(self.kinds), self.kinds)


def writing(code: str) -> Run:
    """A job that adds an organisation."""

    def run(conn: Conn, context: Context, now: datetime) -> dict[str, int]:
        with context.committing(conn):
            create_organisation(conn, SYSTEM, code=code, name=code, now=now)
        return {"made": 1}

    return run


def failing(conn: Conn, context: Context, now: datetime) -> dict[str, int]:
    with context.committing(conn):
        create_organisation(conn, SYSTEM, code="half", name="half", now=now)
        raise ZeroDivisionError("by nothing")


def written(conn: Conn) -> list[str]:
    rows = conn.execute("SELECT code FROM organisations ORDER BY code").fetchall()
    return [code for (code,) in rows]


def test_jobs_run_in_turn_and_are_done(line: Conn) -> None:
    plant = Plant(line, ("a", writing("a")), ("b", writing("b")))
    assert [plant.run(), plant.run(), plant.run()] == [True, True, False]
    assert written(line) == ["a", "b"]
    assert sorted(plant.counted) == [("a", True), ("b", True)]
    assert [job.last_error for job in scheduling.list_jobs(line)] == [None, None]
    assert plant.progressed >= 4


def test_one_that_fails_is_noted_and_the_next_one_runs(line: Conn) -> None:
    plant = Plant(line, ("a", failing), ("b", writing("b")))
    assert [plant.run(), plant.run()] == [True, True]
    assert written(line) == ["b"], "what failed is rolled back"
    assert sorted(plant.counted) == [("a", False), ("b", True)]
    told = {job.name: job.last_error for job in scheduling.list_jobs(line)}
    assert told == {"a": "ZeroDivisionError: by nothing", "b": None}


def test_one_whose_connection_is_cut_leaves_the_others_their_turn(
    line: Conn, conn: Conn, database_url: str
) -> None:
    def cut(held: Conn, context: Context, now: datetime) -> dict[str, int]:
        conn.execute("SELECT pg_terminate_backend(%s)", [held.info.backend_pid])
        conn.commit()
        held.execute("SELECT 1")
        return {}

    plant = Plant(line, ("a", cut), ("b", writing("b")))
    with pytest.raises(psycopg.OperationalError):
        plant.run()
    with closing(db.connect(database_url, autocommit=True)) as anew:
        plant.line = anew
        assert [plant.run(), plant.run()] == [True, False]
    assert plant.counted == [("b", True)]


def test_who_has_lost_the_turn_writes_nothing(line: Conn) -> None:
    plant = Plant(line, ("a", writing("a")))
    scheduling.release(line, plant.context.turn)
    assert scheduling.claim(line, role="engine", holder="there", lease_s=60) is not None
    with pytest.raises(NotLeader):
        plant.run()
    assert (written(line), plant.counted) == ([], [])


def test_who_loses_the_turn_in_the_middle_writes_no_more(line: Conn) -> None:
    def losing(conn: Conn, context: Context, now: datetime) -> dict[str, int]:
        with context.committing(conn):
            create_organisation(conn, SYSTEM, code="first", name="first", now=now)
        scheduling.release(conn, context.turn)
        scheduling.claim(conn, role="engine", holder="there", lease_s=60)
        with context.committing(conn):
            create_organisation(conn, SYSTEM, code="second", name="second", now=now)
        return {}

    plant = Plant(line, ("a", losing))
    with pytest.raises(NotLeader):
        plant.run()
    assert written(line) == ["first"]


def test_every_job_is_known_with_its_interval(line: Conn) -> None:
    jobs.enter_all(line, Settings(alert_sweep_s=60), now=clock.now())
    every_s = {job.name: job.every_s for job in scheduling.list_jobs(line)}
    often = {"escalate": 15, "gather": 2, "remind": 60, "sweep": 60, "wake": 15}
    assert every_s == often | {"try_again": 600, "prune": 3_600}


def test_a_sweep_is_committed_in_portions(
    line: Conn, conn: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(obligations, "CHUNK", 1)
    land = Land(conn)
    conn.execute(
        "INSERT INTO work_orders (tenant_id, organisation_id, number, vehicle_id, kind, state,"
        " priority, title, due_on, opened_by, opened_at) SELECT tenant_id, %s,"
        " 'W2611-00000' || n, id, 'repair', 'open', 'normal', 'late', current_date - 3, 'lin',"
        " now()"
        " FROM vehicles, generate_series(1, 2) AS n WHERE vin = %s",
        [land.organisations["east"], VIN_A],
    )
    conn.commit()
    plant = Plant(line, ("sweep", jobs.SWEEP.run))
    before = plant.progressed
    assert plant.run()
    rows = line.execute("SELECT kind FROM alerts WHERE kind = 'work_order_late'").fetchall()
    assert len(rows) == 2
    assert plant.counted == [("sweep", True)]
    assert plant.progressed - before >= 5, "taken, found, two portions, counted between them"
