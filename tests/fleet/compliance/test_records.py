"""What is written down of papers, on a real database: records, corrections, refusals, lists."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.compliance import errors
from fleet.compliance import service as compliance
from fleet.compliance.model import BatteryTest, Inspection, InsuredSum, Licence, Permit
from fleet.compliance.records import PolicyTerms
from fleet.costs import service as costs
from fleet.local_days import begin_of
from fleet.registry import service as registry
from fleet.registry.errors import VehicleNotFound
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, VIN_B, refused

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
VAN = Licence(
    vehicle_type="微型厢式货车",
    use_nature="营运",
    registered_on=date(2019, 5, 10),
    gvw_kg=2_500,
    seats=2,
    version=0,
)
PASSED = Inspection(
    form="line",
    inspected_on=date(2026, 5, 12),
    passed=True,
    valid_to_on=date(2027, 5, 31),
    place="深圳南山检测站",
    report_no="R-1",
)
YEAR = PolicyTerms(
    insurer="平安", covered_from=date(2026, 7, 1), covered_until=date(2027, 6, 30), insured="青帆"
)
PERMIT = Permit(permit_no="粤交运管深字440300123456号", holder="青帆", issued_on=date(2026, 1, 5))
Conn = Connection[Any]
Action = Callable[[Conn], object]


def record_year(conn: Conn, policy_no: str = "PDZA1", **given: Any) -> compliance.Recorded[Any]:
    chosen = {"vin": VIN_A, "kind": "compulsory", "policy_no": policy_no, "terms": YEAR} | given
    return compliance.record_policy(conn, SYSTEM, **chosen, now=NOW)


def spent(conn: Conn, vin: str = VIN_A) -> list[tuple[str, int, date, str, str]]:
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=vin)
    found = costs.list_costs(
        conn, SYSTEM, vehicle=vehicle, from_on=date(2000, 1, 1), until_on=date(2100, 1, 1)
    )
    return [
        (c.kind, c.amount_fen, c.incurred_on, c.subject_kind, c.subject_key)
        for c in sorted(found, key=lambda cost: cost.subject_key)
    ]


def due(conn: Conn, vin: str = VIN_A, on: date = date(2026, 11, 21)) -> dict[str, tuple[Any, str]]:
    """Day and status of what is kept, by kind."""
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=vin)
    found = compliance.list_vehicle_obligations(conn, SYSTEM, vehicle=vehicle, on=on)
    return {each.obligation.kind: (each.obligation.due_on, each.status) for each in found}


def last_entry(conn: Conn) -> Any:
    return audit.list_entries(conn, SYSTEM, {}, limit=1)[0]


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


# Policies


def test_a_policy_covers_from_midnight_to_midnight(fleet: Conn) -> None:
    sums = (InsuredSum("third_party", 200_000_000),)
    made = record_year(
        fleet,
        " ｐdza 1",
        terms=replace(YEAR, covers=sums, use_nature="营业货车"),
        premium_fen=95_000,
    )
    assert (made.paper.policy_no, made.paper.version) == ("pdza1", 1)
    assert (made.paper.from_at, made.paper.until_at) == (
        datetime(2026, 6, 30, 16, tzinfo=UTC),
        datetime(2027, 6, 30, 16, tzinfo=UTC),
    )
    assert (made.paper.covers, made.paper.insured) == (sums, "青帆")
    assert spent(fleet) == [("insurance", 95_000, date(2026, 7, 1), "policy", "pdza1")]
    assert due(fleet)["compulsory"] == (date(2027, 6, 30), "ahead")
    entry = last_entry(fleet)
    assert (entry.object_key, entry.after["premium_fen"]) == ("pdza1", 95_000)
    assert entry.after["covers"] == [{"cover": "third_party", "sum_fen": 200_000_000}]
    assert "insured" not in entry.after


def test_a_policy_may_begin_at_once(fleet: Conn) -> None:
    begins = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    made = record_year(fleet, terms=replace(YEAR, covered_from=begins))
    assert made.paper.from_at == begins


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        ({"policy_no": "P/1"}, errors.PolicyNumberMalformed),
        ({"policy_no": ".."}, errors.PolicyNumberMalformed),
        ({"policy_no": "x" * 65}, errors.PolicyNumberMalformed),
        (
            {"terms": replace(YEAR, covered_until=date(2026, 6, 30))},
            errors.PolicyEndsBeforeStart,
        ),
        (
            {"terms": replace(YEAR, covered_until=begin_of(date(2026, 7, 1)))},
            errors.PolicyEndsBeforeStart,
        ),
        ({"policy_no": "PDZA0"}, errors.PolicyExists),
        ({"policy_no": "PDZA0", "vin": VIN_B}, errors.PolicyExists),
        ({"vin": "LE4TG4DB1JL199517"}, VehicleNotFound),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    fleet: Conn, given: dict[str, Any], fact: type[DomainError]
) -> None:
    record_year(fleet, "PDZA0")
    with refused(fleet, fact):
        record_year(fleet, **{"policy_no": "PDZA1"} | given)


def test_a_policy_is_changed_at_its_version(fleet: Conn) -> None:
    record_year(fleet, premium_fen=95_000)
    terms = replace(YEAR, insurer="人保", covered_until=date(2027, 7, 31), insured=None)
    changed = compliance.change_policy(
        fleet, SYSTEM, policy_no="PDZA1", version=1, terms=terms, now=NOW
    )
    assert (changed.paper.insurer, changed.paper.insured, changed.paper.version) == (
        "人保",
        None,
        2,
    )
    assert due(fleet)["compulsory"] == (date(2027, 7, 31), "ahead")
    assert [cost[1] for cost in spent(fleet)] == [95_000]
    entry = last_entry(fleet)
    assert (entry.action, entry.before["insurer"], entry.after["insurer"]) == (
        "paper.change",
        "平安",
        "人保",
    )
    with refused(fleet, VersionChanged):
        compliance.change_policy(fleet, SYSTEM, policy_no="PDZA1", version=1, terms=YEAR, now=NOW)
    with refused(fleet, errors.PolicyNotFound):
        compliance.change_policy(fleet, SYSTEM, policy_no="P2", version=1, terms=YEAR, now=NOW)


def test_a_void_policy_never_counted(fleet: Conn) -> None:
    record_year(fleet)
    assert due(fleet)["compulsory"] == (date(2027, 6, 30), "ahead")
    voided = compliance.void_policy(fleet, SYSTEM, policy_no="PDZA1", reason="录错车辆", now=NOW)
    assert (voided.paper.voided_at, voided.paper.voided_because) == (NOW, "录错车辆")
    assert due(fleet)["compulsory"] == (None, "missing")
    entry = last_entry(fleet)
    assert (entry.action, entry.after["voided_because"]) == ("paper.void", "录错车辆")
    acts: list[Action] = [
        lambda c: compliance.void_policy(c, SYSTEM, policy_no="PDZA1", reason="x", now=NOW),
        lambda c: compliance.change_policy(
            c, SYSTEM, policy_no="PDZA1", version=2, terms=YEAR, now=NOW
        ),
    ]
    for act in acts:
        with refused(fleet, errors.PolicyVoided):
            act(fleet)


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({}, ["P1", "P2", "P3"]),
        ({"kind": "commercial"}, ["P2"]),
        ({"insurer": "人"}, ["P3"]),
        ({"voided": True}, ["P3"]),
        ({"voided": False}, ["P1", "P2"]),
        ({"vin": VIN_B}, ["P3"]),
        ({"ends_before_at": begin_of(date(2026, 8, 1))}, ["P1"]),
        ({"ends_from_at": begin_of(date(2026, 8, 1))}, ["P2", "P3"]),
        ({"organisation": "east", "kind": "compulsory"}, ["P1"]),
    ],
)
def test_policies_are_found_by(fleet: Conn, filters: dict[str, Any], numbers: list[str]) -> None:
    registry.assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=NOW, now=NOW)
    past = replace(YEAR, covered_from=date(2025, 8, 1), covered_until=date(2026, 7, 31))
    record_year(fleet, "P1", terms=replace(past, covered_until=date(2026, 7, 1)))
    record_year(fleet, "P2", kind="commercial", terms=past)
    record_year(fleet, "P3", vin=VIN_B, terms=replace(YEAR, insurer="人保"))
    compliance.void_policy(fleet, SYSTEM, policy_no="P3", reason="x", now=NOW)
    found = compliance.list_policies(fleet, SYSTEM, filters)
    assert [each.paper.policy_no for each in found] == numbers


def test_policies_are_read_on_by_their_end(fleet: Conn) -> None:
    for number in range(5):
        until = date(2027, 6, 30 - number % 2)
        record_year(fleet, f"P{number}", terms=replace(YEAR, covered_until=until))
    seen: list[str] = []
    after = None
    while page := compliance.list_policies(fleet, SYSTEM, {}, after=after, limit=2):
        seen += [each.paper.policy_no for each in page]
        after = page[-1].paper.until_at, page[-1].id
    assert seen == ["P1", "P3", "P0", "P2", "P4"]


def test_cover_tells_gaps_and_overlaps(fleet: Conn) -> None:
    record_year(
        fleet,
        "P1",
        terms=replace(YEAR, covered_from=date(2025, 7, 1), covered_until=date(2026, 6, 30)),
    )
    record_year(fleet, "P2", terms=replace(YEAR, covered_from=date(2026, 7, 3)))
    record_year(fleet, "P3", terms=replace(YEAR, covered_from=date(2027, 6, 30)))
    compulsory, commercial = compliance.list_cover(fleet, SYSTEM, vin=VIN_A, now=NOW)
    assert (compulsory.state.kind, commercial.state.kind) == ("compulsory", "commercial")
    assert [gap.hours for gap in compulsory.gaps] == [48.0]
    [double] = compulsory.overlaps
    assert (double.from_at, double.policy_nos) == (begin_of(date(2027, 6, 30)), ("P2", "P3"))
    assert [policy.policy_no for policy in compulsory.state.in_force] == ["P2"]
    assert (commercial.state.is_covered, commercial.gaps) == (False, [])


# Permits and battery tests


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
