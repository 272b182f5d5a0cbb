"""What falls due is kept as it follows from the papers: written once, only where it differs."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.compliance import service as compliance
from fleet.compliance.model import Inspection
from fleet.compliance.obligations import service as obligations
from fleet.registry import service as registry
from kit import db
from schemas.access import SYSTEM
from tests.fleet.compliance.written import NOW, PASSED, PERMIT, VAN, YEAR, due, record_year
from tests.fleet.conftest import VIN_A, VIN_B

Conn = Connection[Any]
LATER = NOW + timedelta(hours=1)


def kept(conn: Conn) -> list[tuple[Any, ...]]:
    """Every row of obligations as it is."""
    return conn.execute("SELECT * FROM obligations ORDER BY vehicle_id, kind").fetchall()


@pytest.fixture
def recorded(fleet: Conn) -> Conn:
    """A has every paper, B none."""
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=replace(VAN, gvw_kg=4_501), now=NOW)
    compliance.record_inspection(fleet, SYSTEM, vin=VIN_A, inspection=PASSED, now=NOW)
    record_year(fleet, "P1")
    record_year(fleet, "P2", kind="commercial")
    compliance.record_permit(fleet, SYSTEM, vin=VIN_A, permit=PERMIT, now=NOW)
    return fleet


def test_a_second_refresh_writes_nothing(recorded: Conn) -> None:
    assert compliance.refresh_papers(recorded, vehicle_ids=None, now=NOW) == 3
    before = kept(recorded)
    assert compliance.refresh_papers(recorded, vehicle_ids=None, now=LATER) == 0
    assert kept(recorded) == before
    assert sorted(due(recorded)) == [
        "commercial",
        "compulsory",
        "inspection",
        "permit_review",
        "permit_technical",
        "scrap_risk",
        "service_life",
    ]
    assert due(recorded, VIN_B) == {
        "inspection": (None, "missing"),
        "compulsory": (None, "missing"),
        "commercial": (None, "missing"),
    }


def test_only_what_differs_is_written(recorded: Conn) -> None:
    compliance.refresh_papers(recorded, vehicle_ids=None, now=NOW)
    vehicle_id = registry.get_vehicle(recorded, SYSTEM, vin=VIN_A).id
    recorded.execute(
        "UPDATE obligations SET due_on = '2000-01-01'"
        " WHERE vehicle_id = %s AND kind = 'inspection'",
        [vehicle_id],
    )
    recorded.execute(
        "UPDATE obligations SET is_open = false WHERE vehicle_id = %s AND kind = 'compulsory'",
        [vehicle_id],
    )
    told = {(each.vin, each.kind): each for each in compliance.find_drift(recorded, now=LATER)}
    assert set(told) == {(VIN_A, "inspection"), (VIN_A, "compulsory")}
    inspection = told[VIN_A, "inspection"]
    assert inspection.kept is not None
    assert inspection.follows is not None
    assert (inspection.kept["due_on"], inspection.follows["due_on"]) == ("2000-01-01", "2027-05-31")
    assert told[VIN_A, "compulsory"].kept is None
    assert compliance.refresh_papers(recorded, vehicle_ids=[vehicle_id], now=LATER) == 2
    fresh = recorded.execute(
        "SELECT kind FROM obligations WHERE refreshed_at = %s ORDER BY kind", [LATER]
    ).fetchall()
    assert fresh == [("compulsory",), ("inspection",)]
    assert list(compliance.find_drift(recorded, now=LATER)) == []


def test_what_maintenance_keeps_is_left_alone(recorded: Conn) -> None:
    recorded.execute(
        "INSERT INTO obligations (tenant_id, vehicle_id, kind, reference, is_open, refreshed_at)"
        " SELECT tenant_id, id, 'maintenance', 'brakes', true, %s FROM vehicles WHERE vin = %s",
        [NOW, VIN_A],
    )
    compliance.refresh_papers(recorded, vehicle_ids=None, now=LATER)
    row = recorded.execute(
        "SELECT is_open, refreshed_at FROM obligations WHERE kind = 'maintenance'"
    ).fetchone()
    assert row == (True, NOW)
    assert "maintenance" not in due(recorded)


def test_a_vehicle_that_is_disposed_of_owes_nothing(recorded: Conn) -> None:
    recorded.execute(
        "UPDATE vehicle_stages SET stage = 'disposed'"
        " WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)",
        [VIN_A],
    )
    assert compliance.refresh_papers(recorded, vehicle_ids=None, now=LATER) == 10
    assert due(recorded) == {}
    open_rows = recorded.execute("SELECT count(*) FROM obligations WHERE is_open").fetchone()
    assert open_rows == (3,)


def test_a_day_that_goes_by_may_change_what_follows(recorded: Conn) -> None:
    """Missed cycles grow."""
    read = Inspection("printed", date(2026, 11, 20), True, date(2023, 5, 31))
    compliance.record_inspection(recorded, SYSTEM, vin=VIN_A, inspection=read, now=NOW)
    assert due(recorded)["scrap_risk"] == (date(2026, 5, 31), "overdue")
    compliance.refresh_papers(recorded, vehicle_ids=None, now=NOW)
    in_a_year = NOW + timedelta(days=365)
    changed = {each.kind for each in compliance.find_drift(recorded, now=in_a_year)}
    assert changed == {"scrap_risk"}


def test_a_fleet_is_refreshed_part_by_part(recorded: Conn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obligations, "CHUNK", 1)
    first = compliance.refresh_next(recorded, after_id=0, now=LATER)
    assert first is not None
    second = compliance.refresh_next(recorded, after_id=first[0], now=LATER)
    assert second is not None
    assert (first[1], second[1]) == (0, 3)
    assert compliance.refresh_next(recorded, after_id=second[0], now=LATER) is None
    assert compliance.refresh_papers(recorded, vehicle_ids=None, now=LATER) == 0


def test_of_two_who_record_at_once_neither_is_forgotten(recorded: Conn, database_url: str) -> None:
    """The second decides only once it sees what the first wrote."""
    recorded.commit()
    until = {"P7": date(2028, 6, 30), "P8": date(2029, 6, 30)}
    terms = {
        number: replace(YEAR, covered_from=date(day.year - 1, 7, 1), covered_until=day)
        for number, day in until.items()
    }
    record_year(recorded, "P7", terms=terms["P7"])

    def second() -> None:
        with db.connect(database_url, application_name="test second") as other:
            record_year(other, "P8", terms=terms["P8"])

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(timeout=1)
    recorded.commit()
    thread.join(timeout=20)
    assert due(recorded)["compulsory"][0] == date(2029, 6, 30)
    assert [each for each in compliance.find_drift(recorded, now=NOW) if each.vin == VIN_A] == []


def test_everything_of_one_vehicle(recorded: Conn) -> None:
    past = replace(YEAR, covered_from=date(2025, 7, 1), covered_until=date(2026, 6, 30))
    ahead = replace(YEAR, covered_from=date(2027, 7, 1), covered_until=date(2028, 6, 30))
    record_year(recorded, "P0", terms=past)
    record_year(recorded, "P3", terms=ahead)
    vehicle = registry.get_vehicle(recorded, SYSTEM, vin=VIN_A)
    found = compliance.vehicle_papers(recorded, SYSTEM, vehicle=vehicle, now=NOW)
    assert found.licence == replace(VAN, gvw_kg=4_501, version=1)
    assert found.inspection == PASSED
    assert sorted(policy.policy_no for policy in found.policies) == ["P1", "P2", "P3"]
    assert [permit.permit_no for permit in found.permits] == [PERMIT.permit_no]
    assert found.battery_test is None
    assert [each.obligation.kind for each in found.obligations][:2] == [
        "permit_technical",
        "permit_review",
    ]
    assert found.blocks == []
    assert compliance.hand_over_blocks(recorded, SYSTEM, vehicle=vehicle, now=NOW) == []
    kept_kinds = {
        each.obligation.kind: each
        for each in compliance.list_vehicle_obligations(
            recorded, SYSTEM, vehicle=vehicle, on=date(2026, 11, 21)
        )
    }
    assert kept_kinds == {each.obligation.kind: each for each in found.obligations}


def test_blocks_are_of_the_instant(recorded: Conn) -> None:
    """Cover ends at 24:00 of the last day in Shanghai, 16:00 UTC."""
    vehicle = registry.get_vehicle(recorded, SYSTEM, vin=VIN_A)
    ends = datetime.fromisoformat("2027-06-30T16:00:00+00:00")

    def kinds(now: datetime) -> set[str]:
        found = compliance.hand_over_blocks(recorded, SYSTEM, vehicle=vehicle, now=now)
        return {block.kind for block in found}

    at_last = kinds(ends - timedelta(seconds=1))
    assert kinds(ends) - at_last == {"compulsory_lapsed"}
