"""`guanche papers` on a real database."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.compliance import service as compliance
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle
from guanche.commands.papers import told_apart
from kit import clock
from schemas.access import SYSTEM
from tests.guanche.conftest import Run

VINS = ("LSGPC52U6AF102554", "LDC613P23A1305189")


@pytest.fixture
def recorded(run: Run, database_url: str, conn: Connection[Any]) -> Run:
    """The command, on a database with two vehicles of which nothing was derived yet."""
    now = clock.now() - timedelta(days=1)
    create_organisation(conn, SYSTEM, code="qingfan", name="青帆", now=now)
    for vin in VINS:
        add_vehicle(conn, SYSTEM, vin=vin, plate=None, owner_code="qingfan", now=now)
    inspection = compliance.Inspection(
        "line", date(2026, 5, 12), passed=True, valid_to_on=date(2027, 5, 31)
    )
    compliance.record_inspection(conn, SYSTEM, vin=VINS[0], inspection=inspection, now=now)
    conn.execute("DELETE FROM obligations")
    conn.commit()
    assert run("config", GUANCHE_DATABASE_URL=database_url).exit_code == 0
    return run


def test_what_differs_is_told_and_written_once(recorded: Run, conn: Connection[Any]) -> None:
    told = recorded("papers", "check", "--json")
    assert told.exit_code == 1
    document = json.loads(told.stdout)
    assert (document["differ"], document["by_kind"]) == (
        6,
        {"commercial": 2, "compulsory": 2, "inspection": 2},
    )
    first = next(each for each in document["first"] if each["kind"] == "inspection")
    assert (first["vin"], first["kept"], first["follows"]["due_on"]) == (
        VINS[0],
        None,
        "2027-05-31",
    )
    assert conn.execute("SELECT count(*) FROM obligations").fetchone() == (0,)
    conn.rollback()
    refreshed = recorded("papers", "refresh")
    assert (refreshed.exit_code, refreshed.stdout) == (
        0,
        "refreshed  6 obligations differed\nnoted      0 odometers\n",
    )
    assert conn.execute("SELECT count(*) FROM obligations").fetchone() == (6,)
    assert json.loads(recorded("papers", "refresh", "--json").stdout) == {
        "written": 0,
        "odometer_readings": 0,
    }
    clean = recorded("papers", "check")
    assert (clean.exit_code, clean.stdout) == (0, "as it follows  nothing differs\n")


def test_a_person_reads_what_differs(recorded: Run) -> None:
    shown = recorded("papers", "check")
    assert shown.exit_code == 1
    assert shown.stdout.count(VINS[0]) == 3
    assert "6 differ: `guanche papers refresh` writes them" in shown.stdout


def test_of_what_differs_only_the_difference_is_shown() -> None:
    kept = {"due_on": "2026-10-31", "facts": {"rule": "实施条例 §16", "fine_fen": 2000, "gone": 1}}
    follows = {"due_on": "2027-10-31", "facts": {"rule": "实施条例 §16", "fine_fen": 3000}}
    assert told_apart(kept, follows) == (
        "2026-10-31\nfine_fen 2000\ngone 1",
        "2027-10-31\nfine_fen 3000",
    )
    assert told_apart(None, {"due_on": None, "facts": {}}) == ("–", "–")
