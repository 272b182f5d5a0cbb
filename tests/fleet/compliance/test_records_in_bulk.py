"""Many papers at once, as sheets bring them: what is known, what changes, what stays."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.compliance import service as compliance
from fleet.compliance.model import InsuredSum
from fleet.compliance.records import InspectionRow, LicenceRow, PolicyRow
from schemas.access import SYSTEM, Actor, permissions_of
from tests.fleet.compliance.written import NOW, due, record_year, spent
from tests.fleet.conftest import VIN_A, VIN_B

Conn = Connection[Any]
LICENCES = [
    LicenceRow(VIN_A, "轻型厢式货车", "营运", date(2020, 3, 31), gvw_kg=4_495, seats=2),
    LicenceRow(
        VIN_B,
        "微型厢式货车",
        "租赁",
        date(2019, 5, 10),
        issued_on=date(2024, 5, 1),
        motor_no="TZ1",
        inspection_valid_to_on=date(2027, 5, 31),
    ),
]
POLICIES = [
    PolicyRow(
        VIN_A,
        "compulsory",
        "P1",
        "平安",
        datetime(2026, 6, 30, 16, tzinfo=UTC),
        datetime(2027, 6, 30, 16, tzinfo=UTC),
        premium_fen=95_000,
    ),
    PolicyRow(
        VIN_B,
        "commercial",
        "P2",
        "人保",
        datetime(2026, 6, 30, 16, tzinfo=UTC),
        datetime(2027, 6, 30, 16, tzinfo=UTC),
        insured="青帆",
        use_nature="营业货车",
        covers=(InsuredSum("damage", 8_000_000), InsuredSum("third_party", 200_000_000)),
    ),
]
INSPECTIONS = [
    InspectionRow(VIN_A, "line", date(2026, 3, 2), True, date(2027, 3, 31), "南山", "R1", 12_000),
    InspectionRow(VIN_B, "line", date(2026, 3, 2), False),
]
OPS = Actor("person", "ops", None, None, permissions_of({"ops"}))
"""May record, and sees no costs."""


def known_licences(conn: Conn) -> dict[str, dict[str, Any]]:
    return compliance.known_licences(conn, SYSTEM, vins=[VIN_A, VIN_B, "nobody"], now=NOW)


def rows(conn: Conn, table: str) -> list[tuple[Any, ...]]:
    return conn.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall()


def test_licences_are_known_as_they_were_saved(fleet: Conn) -> None:
    nothing = dict.fromkeys(known_licences(fleet)[VIN_A])
    assert known_licences(fleet) == {VIN_A: nothing, VIN_B: nothing}
    compliance.save_licences(fleet, SYSTEM, rows=LICENCES, now=NOW)
    for row in LICENCES:
        told = asdict(row)
        assert known_licences(fleet)[told.pop("vin")] == told
    assert due(fleet)["service_life"][0] == date(2035, 3, 31)
    assert due(fleet, VIN_B)["inspection"] == (date(2027, 5, 31), "ahead")
    [read] = compliance.list_inspections(fleet, SYSTEM, {})
    assert (read.paper.form, read.paper.inspected_on) == ("printed", date(2026, 11, 21))


def test_the_same_licences_again_change_nothing(fleet: Conn) -> None:
    compliance.save_licences(fleet, SYSTEM, rows=LICENCES, now=NOW)
    tables = ("vehicle_licences", "inspections", "obligations")
    before = [rows(fleet, table) for table in tables]
    compliance.save_licences(fleet, SYSTEM, rows=LICENCES, now=NOW)
    assert [rows(fleet, table) for table in tables] == before
    earlier = [replace(LICENCES[1], inspection_valid_to_on=date(2026, 5, 31))]
    compliance.save_licences(fleet, SYSTEM, rows=earlier, now=NOW)
    assert known_licences(fleet)[VIN_B]["inspection_valid_to_on"] == date(2026, 5, 31)
    assert due(fleet, VIN_B)["inspection"] == (date(2026, 5, 31), "overdue")


def test_policies_are_known_as_they_were_saved(fleet: Conn) -> None:
    compliance.save_policies(fleet, SYSTEM, rows=POLICIES, now=NOW)
    known = compliance.known_policies(fleet, SYSTEM, policy_nos=["P1", "P2", "P3"])
    for row in POLICIES:
        covers = {each.cover: each.sum_fen for each in row.covers}
        told = asdict(row) | {"covers": covers, "voided": False}
        assert known.pop(told.pop("policy_no")) == told
    assert known == {}
    assert spent(fleet) == [("insurance", 95_000, date(2026, 7, 1), "policy", "P1")]
    assert due(fleet)["compulsory"] == (date(2027, 6, 30), "ahead")
    unseen = compliance.known_policies(fleet, OPS, policy_nos=["P1"])
    assert "premium_fen" not in unseen["P1"]


def test_policies_are_changed_by_their_number(fleet: Conn) -> None:
    compliance.save_policies(fleet, SYSTEM, rows=POLICIES, now=NOW)
    longer = replace(
        POLICIES[0], covered_until_at=datetime(2027, 7, 31, 16, tzinfo=UTC), premium_fen=99_000
    )
    compliance.save_policies(fleet, SYSTEM, rows=[longer], now=NOW)
    assert compliance.get_policy(fleet, SYSTEM, policy_no="P1").paper.version == 2
    assert [cost[1] for cost in spent(fleet)] == [99_000]
    assert due(fleet)["compulsory"] == (date(2027, 7, 31), "ahead")


@pytest.mark.parametrize("given", [{"vin": VIN_B}, {"kind": "commercial"}])
def test_a_policy_stays_of_its_vehicle_and_kind(fleet: Conn, given: dict[str, Any]) -> None:
    record_year(fleet, "P1")
    before = rows(fleet, "insurance_policies")
    compliance.save_policies(
        fleet, SYSTEM, rows=[replace(POLICIES[0], insurer="人保", **given)], now=NOW
    )
    assert rows(fleet, "insurance_policies") == before


def test_a_void_policy_stays_void(fleet: Conn) -> None:
    record_year(fleet, "P1")
    compliance.void_policy(fleet, SYSTEM, policy_no="P1", reason="x", now=NOW)
    compliance.save_policies(fleet, SYSTEM, rows=[POLICIES[0]], now=NOW)
    known = compliance.known_policies(fleet, SYSTEM, policy_nos=["P1"])
    assert known["P1"]["voided"] is True
    assert due(fleet)["compulsory"] == (None, "missing")


def test_inspections_are_known_as_they_were_saved(fleet: Conn) -> None:
    keys = [(row.vin, row.inspected_on, row.form) for row in INSPECTIONS]
    compliance.save_inspections(fleet, SYSTEM, rows=INSPECTIONS, now=NOW)
    known = compliance.known_inspections(fleet, SYSTEM, keys=[*keys, (VIN_A, NOW.date(), "line")])
    assert known == {
        keys[0]: {
            "passed": True,
            "valid_to_on": date(2027, 3, 31),
            "place": "南山",
            "report_no": "R1",
            "cost_fen": 12_000,
        },
        keys[1]: {
            "passed": False,
            "valid_to_on": None,
            "place": None,
            "report_no": None,
            "cost_fen": None,
        },
    }
    assert due(fleet)["inspection"] == (date(2027, 3, 31), "ahead")
    unseen = compliance.known_inspections(fleet, OPS, keys=keys)
    assert "cost_fen" not in unseen[keys[0]]
    passed = replace(INSPECTIONS[1], passed=True, valid_to_on=date(2027, 3, 31))
    compliance.save_inspections(fleet, SYSTEM, rows=[passed], now=NOW)
    assert due(fleet, VIN_B)["inspection"] == (date(2027, 3, 31), "ahead")


def test_the_trail_is_left_to_who_calls(fleet: Conn) -> None:
    before = len(audit.list_entries(fleet, SYSTEM, {}, limit=100))
    compliance.save_licences(fleet, SYSTEM, rows=LICENCES, now=NOW)
    compliance.save_policies(fleet, SYSTEM, rows=POLICIES, now=NOW)
    compliance.save_inspections(fleet, SYSTEM, rows=INSPECTIONS, now=NOW)
    compliance.save_inspections(fleet, SYSTEM, rows=[], now=NOW)
    assert len(audit.list_entries(fleet, SYSTEM, {}, limit=100)) == before
    assert list(compliance.find_drift(fleet, now=NOW)) == []
