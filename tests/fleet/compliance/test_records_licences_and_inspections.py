"""Licences and inspections written down on a real database: corrections, refusals, lists."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.compliance import errors
from fleet.compliance import service as compliance
from fleet.compliance.model import Inspection
from fleet.registry import service as registry
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM
from tests.fleet.compliance.written import (
    NOW,
    PASSED,
    VAN,
    due,
    last_entry,
    spent,
)
from tests.fleet.conftest import VIN_A, VIN_B, refused

Conn = Connection[Any]
Action = Callable[[Conn], object]


# Licences


def test_a_licence_is_written_down_and_corrected(fleet: Conn) -> None:
    with refused(fleet, errors.LicenceMissing):
        compliance.get_licence(fleet, SYSTEM, vin=VIN_A)
    first = compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=VAN, now=NOW)
    assert first == replace(VAN, version=1)
    again = compliance.put_licence(
        fleet, SYSTEM, vin=VIN_A, licence=replace(first, motor_no="TZ180"), now=NOW
    )
    assert again == replace(first, motor_no="TZ180", version=2)
    assert compliance.get_licence(fleet, SYSTEM, vin=VIN_A) == again
    entry = last_entry(fleet)
    assert (entry.action, entry.object_kind, entry.object_key) == ("paper.record", "licence", VIN_A)
    assert (entry.before.get("motor_no"), entry.after["motor_no"]) == (None, "TZ180")


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_licence_is_of_the_version_that_was_read(fleet: Conn, version: int) -> None:
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=VAN, now=NOW)
    with refused(fleet, VersionChanged):
        compliance.put_licence(
            fleet, SYSTEM, vin=VIN_A, licence=replace(VAN, version=version), now=NOW
        )
    assert compliance.get_licence(fleet, SYSTEM, vin=VIN_A).version == 1


def test_a_licence_that_is_not_there_has_no_version(fleet: Conn) -> None:
    with refused(fleet, VersionChanged):
        compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=replace(VAN, version=1), now=NOW)


# Inspections


def test_an_inspection_and_its_cost_are_written_down(fleet: Conn) -> None:
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=VAN, now=NOW)
    done = compliance.record_inspection(
        fleet, SYSTEM, vin=VIN_A, inspection=PASSED, cost_fen=12_000, now=NOW
    )
    assert (done.vin, done.plate, done.organisation_code) == (VIN_A, "粤BD12345", "head")
    assert (done.paper, done.recorded_at) == (PASSED, NOW)
    key = f"{VIN_A}/2026-05-12/line"
    assert spent(fleet) == [("inspection", 12_000, date(2026, 5, 12), "inspection", key)]
    assert due(fleet)["inspection"] == (date(2027, 5, 31), "ahead")
    entry = last_entry(fleet)
    assert (entry.object_kind, entry.object_key, entry.before) == ("inspection", key, None)
    assert entry.after == {
        "vin": VIN_A,
        "form": "line",
        "inspected_on": "2026-05-12",
        "passed": True,
        "valid_to_on": "2027-05-31",
        "place": "深圳南山检测站",
        "report_no": "R-1",
        "cost_fen": 12_000,
    }


def test_the_same_day_and_form_is_corrected(fleet: Conn) -> None:
    compliance.record_inspection(
        fleet, SYSTEM, vin=VIN_A, inspection=PASSED, cost_fen=12_000, now=NOW
    )
    failed = replace(PASSED, passed=False, valid_to_on=None)
    compliance.record_inspection(fleet, SYSTEM, vin=VIN_A, inspection=failed, now=NOW)
    [kept] = compliance.list_inspections(fleet, SYSTEM, {"vin": VIN_A})
    assert kept.paper == failed
    assert [cost[1] for cost in spent(fleet)] == [12_000]
    entry = last_entry(fleet)
    assert (entry.before["passed"], entry.after["passed"]) == (True, False)
    assert due(fleet)["inspection"] == (None, "missing")
    again = compliance.record_inspection(
        fleet, SYSTEM, vin=VIN_A, inspection=failed, cost_fen=9_900, now=NOW
    )
    assert again.id == kept.id
    assert [cost[1] for cost in spent(fleet)] == [9_900]


@pytest.mark.parametrize(
    ("inspection", "fact"),
    [
        pytest.param(
            replace(PASSED, inspected_on=date(2026, 11, 22)),
            errors.InspectionInFuture,
            id="tomorrow",
        ),
        pytest.param(
            replace(PASSED, valid_to_on=None), errors.InspectionMonthMissing, id="no month"
        ),
        pytest.param(
            replace(PASSED, passed=False), errors.InspectionFailedHasMonth, id="failed, with month"
        ),
        pytest.param(
            replace(PASSED, valid_to_on=date(2026, 4, 30)),
            errors.InspectionEndsBeforeIt,
            id="month over",
        ),
    ],
)
def test_an_inspection_that_cannot_be_is_refused(
    fleet: Conn, inspection: Inspection, fact: type[DomainError]
) -> None:
    with refused(fleet, fact):
        compliance.record_inspection(fleet, SYSTEM, vin=VIN_A, inspection=inspection, now=NOW)


def test_the_day_is_that_of_whoever_has_the_vehicle(fleet: Conn) -> None:
    """At 16:30 UTC of the 21st it is the 22nd in Shanghai."""
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    inspection = replace(PASSED, inspected_on=date(2026, 11, 22))
    done = compliance.record_inspection(fleet, SYSTEM, vin=VIN_A, inspection=inspection, now=late)
    assert done.paper.inspected_on == date(2026, 11, 22)


def test_a_month_read_off_the_licence_may_be_over(fleet: Conn) -> None:
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=VAN, now=NOW)
    read = Inspection(
        form="printed",
        inspected_on=date(2026, 11, 21),
        passed=True,
        valid_to_on=date(2026, 5, 31),
    )
    compliance.record_inspection(fleet, SYSTEM, vin=VIN_A, inspection=read, now=NOW)
    assert due(fleet)["inspection"] == (date(2026, 5, 31), "overdue")
    vehicle = registry.get_vehicle(fleet, SYSTEM, vin=VIN_A)
    kinds = {
        each.kind for each in compliance.hand_over_blocks(fleet, SYSTEM, vehicle=vehicle, now=NOW)
    }
    assert kinds == {"inspection_overdue", "compulsory_missing"}


def test_inspections_are_listed_by_day_and_read_on(fleet: Conn) -> None:
    days = [date(2026, month, 1) for month in (1, 3, 2, 5, 4)]
    for number, day in enumerate(days):
        vin = VIN_A if number % 2 else VIN_B
        compliance.record_inspection(
            fleet, SYSTEM, vin=vin, inspection=replace(PASSED, inspected_on=day), now=NOW
        )
    seen: list[date] = []
    after = None
    while page := compliance.list_inspections(fleet, SYSTEM, {}, after=after, limit=2):
        seen += [each.paper.inspected_on for each in page]
        after = page[-1].paper.inspected_on, page[-1].id
    assert seen == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("filters", "months"),
    [
        ({"vin": VIN_B}, [5]),
        ({"passed": False}, [3]),
        ({"from_on": date(2026, 3, 1)}, [5, 3]),
        ({"from_on": date(2026, 1, 1), "until_on": date(2026, 3, 1)}, [1]),
        ({"organisation": "east"}, [5]),
        ({"organisation": "head"}, [5, 3, 1]),
        ({"organisation": "west"}, []),
        ({"organisation": "nobody"}, []),
    ],
)
def test_inspections_are_found_by(fleet: Conn, filters: dict[str, Any], months: list[int]) -> None:
    registry.assign_operator(fleet, SYSTEM, vin=VIN_B, organisation_code="east", at=NOW, now=NOW)
    given = [
        (VIN_A, replace(PASSED, inspected_on=date(2026, 1, 1))),
        (VIN_A, replace(PASSED, inspected_on=date(2026, 3, 1), passed=False, valid_to_on=None)),
        (VIN_B, replace(PASSED, inspected_on=date(2026, 5, 1), form="sticker")),
    ]
    for vin, inspection in given:
        compliance.record_inspection(fleet, SYSTEM, vin=vin, inspection=inspection, now=NOW)
    found = compliance.list_inspections(fleet, SYSTEM, filters)
    assert [each.paper.inspected_on.month for each in found] == months
