"""A vehicle comes back: into stock or into a work order, with what is proposed to be charged."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from fleet.charges.service import list_charges
from fleet.checklists.errors import ChecklistUnknown
from fleet.checklists.service import ChecklistDraft, publish_checklist
from fleet.hand_overs.errors import (
    HandOverChecklistNotChosen,
    HandOverFaultNotDescribed,
    HandOverStepsMissing,
    HandOverStepUnknown,
)
from fleet.hand_overs.service import Check, Finding, NewWork, Record
from fleet.leasing.errors import LeaseNotActive, LineEmpty
from fleet.leasing.service import (
    amend_lease,
    get_lease,
    list_rent_periods,
    terminate_lease,
)
from fleet.leasing.terms import Mileage, Term
from fleet.service.service import get_work_order, move_work_order
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A, refused
from tests.fleet.leasing.conftest import RENT_FEN, START, day, line, terms

from .conftest import OUT_AT, back, out, ready, stages, told

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
HOME = Record(odometer_km=Decimal("36000.0"), soc_pct=Decimal(90))
STEPS = (("四面照片", True), ("读数", False))


def charged(detail: Any) -> list[tuple[str, int]]:
    return sorted((each.kind, each.amount_fen) for each in detail.charges)


def publish(conn: Conn, code: str, kind: Any) -> None:
    draft = ChecklistDraft(code, kind, "检查表", STEPS)
    publish_checklist(conn, SYSTEM, draft=draft, head_code="head", now=OUT_AT)


def test_normal_wear_and_what_was_there_is_never_charged(desk: Conn) -> None:
    lease_no, record = ready(desk)
    scratch = Finding("damage", "左前门", "划痕")
    out(desk, lease_no, replace(record, findings=[scratch]))
    found = [
        replace(scratch, estimate_fen=30_000),
        Finding("wear", "座椅", "磨损"),
        Finding("damage", "右后门", "凹陷", estimate_fen=60_000),
    ]
    came = back(desk, lease_no, replace(HOME, findings=found), at=day(20))
    assert charged(came) == [("damage", 60_000)]
    assert came.findings == [replace(scratch, was_there=True), *found[1:]]
    [charge] = came.charges or []
    assert (charge.state, charge.source_kind, charge.source_key) == (
        *("proposed", "hand_over"),
        str(came.hand_over.key),
    )
    assert (charge.lease_no, charge.line_no, charge.vin) == (lease_no, 1, VIN_A)


def test_missing_energy_is_charged_by_the_size_of_the_battery(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    came = back(desk, lease_no, replace(HOME, soc_pct=Decimal("35.5")), at=day(20))
    [charge] = came.charges or []
    price = charge.basis["fen_per_kwh"]
    assert (charge.kind, charge.amount_fen) == ("energy", round(22.8137 * price))
    assert charge.basis["out"] == {
        "read_at": OUT_AT.isoformat(),
        "reading": "90.0",
        "source": "hand",
    }


def test_what_nobody_read_is_what_the_vehicle_said(desk: Conn) -> None:
    told(desk, VIN_A, OUT_AT + timedelta(minutes=1), soc_pct=80.0)
    lease_no, record = ready(desk)
    out(desk, lease_no, replace(record, soc_pct=None))
    came = back(desk, lease_no, replace(HOME, soc_pct=Decimal(30)), at=day(20))
    [charge] = came.charges or []
    assert (charge.basis["out"]["source"], charge.basis["out"]["reading"]) == ("telemetry", "80.0")
    assert charge.basis["energy_kwh"] == "20.93"


def test_energy_that_the_lessor_pays_is_not_charged(desk: Conn) -> None:
    lease_no, record = ready(desk, terms(energy_by="lessor"))
    out(desk, lease_no, record)
    came = back(desk, lease_no, replace(HOME, soc_pct=Decimal(10)), at=day(20))
    assert came.charges == []


MILEAGE = Mileage(included_km=5_000, extra_fen_per_km=100)


@pytest.mark.parametrize(
    ("odometer_km", "fen"), [("40000.9", None), ("40001.0", 100), ("47000.0", 700_000)]
)
def test_kilometres_beyond_what_the_rent_includes(
    desk: Conn, odometer_km: str, fen: int | None
) -> None:
    lease_no, record = ready(desk, terms(line(mileage=MILEAGE)))
    out(desk, lease_no, record)
    came = back(desk, lease_no, replace(HOME, odometer_km=Decimal(odometer_km)), at=day(30))
    assert charged(came) == ([] if fen is None else [("mileage", fen)])
    if fen == 700_000:
        [charge] = came.charges or []
        assert charge.basis["included_km"] == 5_000
        assert (charge.basis["from_on"], charge.basis["until_on"]) == ("2026-03-02", "2026-04-02")
        assert charge.basis["vehicles"] == [
            {
                "vin": VIN_A,
                "out": {"read_at": OUT_AT.isoformat(), "reading": "35000.0", "source": "hand"},
                "back": {"read_at": day(30).isoformat(), "reading": "47000.0", "source": "hand"},
            }
        ]


def test_kilometres_settled_after_each_period_are_not_proposed_again(desk: Conn) -> None:
    by_period = MILEAGE.model_copy(update={"settled": "each_period"})
    lease_no, record = ready(desk, terms(line(mileage=by_period)))
    out(desk, lease_no, record)
    came = back(desk, lease_no, replace(HOME, odometer_km=Decimal(47_000)), at=day(30))
    assert charged(came) == []
    assert [each.kind for each in came.hand_over.warnings] == ["no_telemetry"]


@pytest.mark.parametrize("odometer_km", [None, "34999.0"], ids=["not read", "runs backwards"])
def test_without_two_readings_no_mileage_and_a_warning(desk: Conn, odometer_km: str | None) -> None:
    lease_no, record = ready(desk, terms(line(mileage=MILEAGE)))
    out(desk, lease_no, record)
    read = None if odometer_km is None else Decimal(odometer_km)
    came = back(desk, lease_no, replace(HOME, odometer_km=read), at=day(30))
    assert came.charges == []
    assert [each.kind for each in came.hand_over.warnings] == ["no_telemetry", "mileage_unknown"]


def test_days_after_the_term_are_charged(desk: Conn) -> None:
    lease_no, record = ready(desk, terms(term=Term(count=1)))
    out(desk, lease_no, record)
    came = back(desk, lease_no, HOME, at=day(33))
    assert charged(came) == [("late_return", RENT_FEN * 3 // 30)]


def test_days_after_the_term_are_charged_once_whenever_the_lease_was_terminated(desk: Conn) -> None:
    """They stand in no period of rent; those before the termination are late as well."""
    lease_no, record = ready(desk, terms(term=Term(count=1)))
    out(desk, lease_no, record)
    terminate_lease(
        desk, SYSTEM, lease_no=lease_no, by="lessor", clause=None, reason="逾期", now=day(33)
    )
    came = back(desk, lease_no, HOME, at=day(35))
    assert charged(came) == [("late_return", 41_667)]
    periods = list_rent_periods(desk, SYSTEM, lease_no=lease_no, now=day(36))
    assert [each.rent_fen for each in periods] == [RENT_FEN]


@pytest.mark.parametrize("before", [Mileage(included_km=9_000, extra_fen_per_km=100), None])
def test_kilometres_of_a_time_with_two_agreements_are_left_to_people(
    desk: Conn, before: Mileage | None
) -> None:
    """Nobody read the odometer that day, and what was agreed for the past does not change."""
    lease_no, record = ready(desk, terms(line(mileage=before)))
    out(desk, lease_no, record)
    amend_lease(
        desk, SYSTEM, lease_no=lease_no, effective_on=START + timedelta(days=29),
        terms=terms(line(mileage=MILEAGE)), reason="改里程", now=day(10),
    )  # fmt: skip
    came = back(desk, lease_no, replace(HOME, odometer_km=Decimal(47_000)), at=day(30))
    assert charged(came) == []
    assert "mileage_changed" in [each.kind for each in came.hand_over.warnings]


def test_it_comes_back_into_stock(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    came = back(desk, lease_no, HOME, at=day(20))
    assert stages(desk, VIN_A) == ["in_stock", "let", "in_stock"]
    assert came.hand_over.work_order_no is None
    assert get_lease(desk, SYSTEM, lease_no=lease_no).ended_at == day(20)


def test_it_comes_back_into_a_work_order_and_from_there_into_stock(desk: Conn) -> None:
    lease_no, record = ready(desk)
    out(desk, lease_no, record)
    work = NewWork("repair", "右后门钣金", "high")
    came = back(desk, lease_no, HOME, at=day(20), work=work)
    assert stages(desk, VIN_A) == ["in_stock", "let", "in_stock", "in_service"]
    number = came.hand_over.work_order_no
    assert number is not None
    order = get_work_order(desk, SYSTEM, number=number, now=day(20)).order
    assert (order.vin, order.title, order.priority) == (VIN_A, "右后门钣金", "high")
    assert order.down_from_at == day(20)
    for hours, state in enumerate(("in_progress", "done"), 1):
        at = day(20) + timedelta(hours=hours)
        move_work_order(desk, SYSTEM, number=number, state=state, now=at)  # type: ignore[arg-type]
    assert stages(desk, VIN_A)[-2:] == ["in_service", "in_stock"]


def test_an_empty_line_gives_nothing_back(desk: Conn) -> None:
    lease_no, record = ready(desk, terms(line(1), line(2)))
    with refused(desk, LeaseNotActive):
        back(desk, lease_no, HOME, at=day(20))
    out(desk, lease_no, record, line_no=2)
    with refused(desk, LineEmpty):
        back(desk, lease_no, HOME, at=day(20))


def test_every_step_of_the_checklist_is_answered(desk: Conn) -> None:
    lease_no, record = ready(desk)
    publish(desk, "hand-over", "hand_over")
    publish(desk, "return", "return")
    with pytest.raises(HandOverStepsMissing) as raised, desk.transaction():
        out(desk, lease_no, replace(record, checks=[Check(1, "ok")]))
    assert raised.value.facts == {"steps": ["2 读数"]}
    whole = [Check(1, "ok"), Check(2, "fault", "仪表不亮")]
    gone = out(desk, lease_no, replace(record, checks=whole))
    assert (gone.hand_over.checklist_code, gone.hand_over.checklist_edition) == ("hand-over", 1)
    assert (gone.checks, gone.photos, gone.photos_missing) == (whole, 0, True)
    publish(desk, "return", "return")
    came = back(desk, lease_no, replace(HOME, checks=whole), at=day(20))
    assert (came.hand_over.checklist_code, came.hand_over.checklist_edition) == ("return", 2)
    assert [step.text for step in came.steps] == ["四面照片", "读数"]


@pytest.mark.parametrize(
    ("checks", "fact"),
    [
        ([Check(1, "ok"), Check(2, "fault")], HandOverFaultNotDescribed),
        ([Check(1, "ok"), Check(2, "ok"), Check(3, "ok")], HandOverStepUnknown),
        ([Check(1, "ok"), Check(1, "ok"), Check(2, "ok")], HandOverStepUnknown),
    ],
    ids=["a fault without a word", "no such step", "one twice"],
)
def test_answers_that_do_not_fit(desk: Conn, checks: list[Check], fact: Any) -> None:
    lease_no, record = ready(desk)
    publish(desk, "hand-over", "hand_over")
    with refused(desk, fact):
        out(desk, lease_no, replace(record, checks=checks))


def test_of_several_checklists_one_is_named(desk: Conn) -> None:
    lease_no, record = ready(desk)
    publish(desk, "hand-over", "hand_over")
    publish(desk, "hand-over-truck", "hand_over")
    publish(desk, "return", "return")
    whole = replace(record, checks=[Check(1, "ok"), Check(2, "ok")])
    with pytest.raises(HandOverChecklistNotChosen) as raised, desk.transaction():
        out(desk, lease_no, whole)
    assert raised.value.facts == {"checklists": ["hand-over", "hand-over-truck"]}
    with refused(desk, ChecklistUnknown):
        out(desk, lease_no, replace(whole, checklist="return"))
    gone = out(desk, lease_no, replace(whole, checklist="hand-over-truck"))
    assert gone.hand_over.checklist_code == "hand-over-truck"


def test_without_a_checklist_nothing_is_asked(desk: Conn) -> None:
    lease_no, record = ready(desk)
    gone = out(desk, lease_no, record)
    assert (gone.hand_over.checklist_code, gone.steps, gone.photos_missing) == (None, [], False)
    assert list_charges(desk, SYSTEM, {}) == []
