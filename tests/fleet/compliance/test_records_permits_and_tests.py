"""Permits and battery tests written down on a real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.compliance import errors
from fleet.compliance import service as compliance
from fleet.compliance.model import BatteryTest, Permit
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM
from tests.fleet.compliance.written import (
    NOW,
    PERMIT,
    VAN,
    due,
    last_entry,
    spent,
)
from tests.fleet.conftest import VIN_A, VIN_B, refused

Conn = Connection[Any]
Action = Callable[[Conn], object]


def test_a_permit_is_written_down_reviewed_and_withdrawn(fleet: Conn) -> None:
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=replace(VAN, gvw_kg=4_501), now=NOW)
    assert due(fleet)["permit"] == (None, "missing")
    made = compliance.record_permit(fleet, SYSTEM, vin=VIN_A, permit=PERMIT, cost_fen=300, now=NOW)
    assert (made.paper, made.organisation_code) == (PERMIT, "head")
    assert spent(fleet)[0][:3] == ("permit", 300, date(2026, 1, 5))
    assert due(fleet)["permit_review"] == (date(2027, 1, 5), "ahead")
    assert "permit" not in due(fleet)
    reviewed = replace(
        PERMIT, valid_to_on=date(2030, 1, 4), reviewed_to_on=date(2027, 3, 31), holder="青帆物流"
    )
    changed = compliance.change_permit(fleet, SYSTEM, permit=reviewed, now=NOW)
    assert changed.paper == replace(reviewed, version=2)
    assert due(fleet)["permit_review"] == (date(2027, 3, 31), "ahead")
    assert due(fleet)["permit"] == (date(2030, 1, 4), "ahead")
    with refused(fleet, VersionChanged):
        compliance.change_permit(fleet, SYSTEM, permit=reviewed, now=NOW)
    gone = compliance.withdraw_permit(fleet, SYSTEM, permit_no=PERMIT.permit_no, now=NOW)
    assert gone.paper.withdrawn_at == NOW
    assert due(fleet)["permit"] == (None, "missing")
    assert "permit_review" not in due(fleet)
    entry = last_entry(fleet)
    assert (entry.action, entry.after) == ("paper.withdraw", None)
    with refused(fleet, errors.PermitWithdrawn):
        compliance.withdraw_permit(fleet, SYSTEM, permit_no=PERMIT.permit_no, now=NOW)


@pytest.mark.parametrize(
    ("permit", "fact"),
    [
        (replace(PERMIT, permit_no="a/b"), errors.PermitNumberMalformed),
        (replace(PERMIT, issued_on=date(2026, 11, 22)), errors.PermitInFuture),
        (replace(PERMIT, valid_to_on=date(2026, 1, 4)), errors.PermitEndsBeforeIssue),
        (replace(PERMIT, permit_no="粤0"), errors.PermitExists),
    ],
)
def test_a_permit_that_cannot_be_is_refused(
    fleet: Conn, permit: Permit, fact: type[DomainError]
) -> None:
    compliance.record_permit(
        fleet, SYSTEM, vin=VIN_B, permit=replace(PERMIT, permit_no="粤0"), now=NOW
    )
    with refused(fleet, fact):
        compliance.record_permit(fleet, SYSTEM, vin=VIN_A, permit=permit, now=NOW)


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, ["粤1", "粤2"]),
        ({"vin": VIN_B}, ["粤2"]),
        ({"holder": "他"}, ["粤2"]),
        ({"withdrawn": True}, ["粤2"]),
        ({"withdrawn": False}, ["粤1"]),
        ({"permit_no": "粤1"}, ["粤1"]),
    ],
)
def test_permits_are_found_by(fleet: Conn, filters: dict[str, Any], numbers: list[str]) -> None:
    for vin, number, holder in ((VIN_B, "粤2", "他人"), (VIN_A, "粤1", "青帆")):
        permit = replace(PERMIT, permit_no=number, holder=holder)
        compliance.record_permit(fleet, SYSTEM, vin=vin, permit=permit, now=NOW)
    compliance.withdraw_permit(fleet, SYSTEM, permit_no="粤2", now=NOW)
    found = compliance.list_permits(fleet, SYSTEM, filters)
    assert [each.paper.permit_no for each in found] == numbers


WARM = BatteryTest(
    tested_on=date(2026, 11, 1),
    result="normal",
    place="南山",
    soh_pct=Decimal("92.5"),
    charge_max_c=Decimal("62.5"),
    motor_max_c=Decimal("175.1"),
)


def test_a_battery_test_is_judged_by_its_readings(fleet: Conn) -> None:
    made = compliance.record_battery_test(
        fleet, SYSTEM, vin=VIN_A, test=WARM, judged=True, cost_fen=20_000, now=NOW
    )
    assert made.paper == replace(WARM, result="maintain")
    key = f"{VIN_A}/2026-11-01"
    assert spent(fleet) == [("battery_test", 20_000, date(2026, 11, 1), "battery_test", key)]
    corrected = compliance.record_battery_test(fleet, SYSTEM, vin=VIN_A, test=WARM, now=NOW)
    assert (corrected.id, corrected.paper) == (made.id, WARM)
    entry = last_entry(fleet)
    assert (entry.before["result"], entry.after["result"]) == ("maintain", "normal")
    assert compliance.list_battery_tests(fleet, SYSTEM, vin=VIN_A) == [corrected]


def test_a_battery_test_without_a_reading_that_decides_tells_its_result(fleet: Conn) -> None:
    """The chemistry is not known, so the pack's reading decides nothing."""
    cold = replace(WARM, motor_max_c=None)
    with refused(fleet, errors.BatteryResultMissing):
        compliance.record_battery_test(fleet, SYSTEM, vin=VIN_A, test=cold, judged=True, now=NOW)
    made = compliance.record_battery_test(fleet, SYSTEM, vin=VIN_A, test=cold, now=NOW)
    assert made.paper.result == "normal"
    ahead = replace(cold, tested_on=date(2026, 11, 22))
    with refused(fleet, errors.BatteryTestInFuture):
        compliance.record_battery_test(fleet, SYSTEM, vin=VIN_A, test=ahead, now=NOW)
