"""Rents and deposits: what is told on which day, and what ends it."""

import pytest

from alerts.inbox import service as inbox
from schemas.access import SYSTEM
from tests.alerts.obligations.world import World, at, day, days_told

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True, scope="module")


def test_a_rent_from_a_week_before_its_day_to_the_month_after(world: World) -> None:
    world.bill(day("11-21"))
    days = ["11-13", "11-14", "11-15", "11-18", "11-21", "11-22", "11-23", "11-24", "11-28"]
    days += ["12-06", "12-21", "2027-01-19", "2027-01-20"]
    assert days_told(world, days) == {
        "11-14": ["rent_due 2026-11-21#7"],
        "11-18": ["rent_due 2026-11-21#3"],
        "11-21": ["rent_due 2026-11-21#0"],
        "11-22": ["rent_due 2026-11-21#-1"],
        "11-24": ["rent_due 2026-11-21#-3"],
        "11-28": ["rent_due 2026-11-21#-7"],
        "12-06": ["rent_due 2026-11-21#-15"],
        "12-21": ["rent_due 2026-11-21#-30"],
        "2027-01-20": ["rent_due 2026-11-21#-60"],
    }
    assert world.alerts() == [("east", "2026-11-21", "critical", "open")]


@pytest.mark.parametrize(
    ("due", "days_left", "severity", "dunning_stage"),
    [
        ("11-28", 7, "warning", "remind_7"),
        ("11-21", 0, "warning", "due"),
        ("11-01", -20, "critical", "lock_15"),
        ("10-01", -51, "critical", "recovery_37"),
        ("09-01", -81, "critical", "suit_60"),
        ("08-01", -112, "critical", "suit_60"),
    ],
)
def test_overdue_rents_of_the_worked_case_on_2026_11_21(
    world: World, due: str, days_left: int, severity: str, dunning_stage: str
) -> None:
    """20, 51, 81 and 112 days overdue (LEASING.md case 12), and the stage of dunning reached."""
    world.bill(day(due))
    world.sweep(at("11-21"))
    facts = world.facts()
    assert facts == {
        "bill_kind": "rent",
        "customer_no": facts["customer_no"],
        "days_left": days_left,
        "due_on": day(due).isoformat(),
        "dunning_stage": dunning_stage,
        "open_fen": 300_000,
        "total_fen": 300_000,
        "stage": facts["stage"],
    }
    assert world.alerts() == [("east", day(due).isoformat(), severity, "open")]


def test_the_notice_that_was_sent_last_is_told(world: World) -> None:
    bill_id = world.bill(day("11-01"))
    for number, stage in (("D2611-AAAAAA", "overdue_1"), ("D2611-BBBBBB", "demand_7")):
        world.conn.execute(
            "INSERT INTO dunning_notices (tenant_id, organisation_id, notice_no, customer_id,"
            " bill_id, stage, kind, stage_on, made_at, made_by, open_fen, late_fee_fen, content,"
            " state) SELECT tenant_id, organisation_id, %s, customer_id, id, %s, 'demand',"
            " '2026-11-08', '2026-11-08', 'lin', 1, 0, '{}', 'sent' FROM bills WHERE id = %s",
            [number, stage, bill_id],
        )
    world.sweep(at("11-21"))
    told = {name: each for name, each in world.facts().items() if name.startswith("notice")}
    assert told == {
        "notice_no": "D2611-BBBBBB",
        "notice_stage": "demand_7",
        "notice_state": "sent",
    }


def test_a_bill_issued_after_its_day_counts_from_its_issue(world: World) -> None:
    world.bill(day("11-01"), issued_on=day("11-20"))
    assert world.told(at("11-21")) == ["rent_due 2026-11-20#-1"]
    assert world.facts()["contract_due_on"] == "2026-11-01"


def test_a_deposit_has_a_rule_of_its_own(world: World) -> None:
    world.bill(day("11-21"), kind="deposit", fen=800_000)
    days = ["11-20", "11-21", "11-22", "11-24", "11-28", "12-05"]
    assert days_told(world, days) == {
        "11-21": ["deposit_unpaid 2026-11-21#0"],
        "11-22": ["deposit_unpaid 2026-11-21#-1"],
        "11-24": ["deposit_unpaid 2026-11-21#-3"],
        "11-28": ["deposit_unpaid 2026-11-21#-7"],
        "12-05": ["deposit_unpaid 2026-11-21#-14"],
    }
    assert world.alerts() == [("east", "2026-11-21", "critical", "open")]


@pytest.mark.parametrize("kind", ["charges", "late_fee", "purchase", "package", "opening"])
def test_every_other_bill_is_a_rent(world: World, kind: str) -> None:
    world.bill(day("11-21"), kind=kind)
    assert world.told(at("11-21")) == ["rent_due 2026-11-21#0"]


def test_what_is_paid_is_settled_and_stays_so(world: World) -> None:
    bill_id = world.bill(day("11-21"))
    world.sweep(at("11-22"))
    world.paid(bill_id, day("11-23"))
    assert world.sweep(at("11-23")).counts() == {"cleared": 1}
    assert world.alerts() == [("east", "2026-11-21", "warning", "resolved")]
    assert world.because() == [("settled", None)]
    assert days_told(world, ["11-24", "11-28", "12-28"]) == {}


def test_a_payment_that_bounced_is_told_again_at_once(world: World) -> None:
    """Though no reminder is due that day: nobody knew any more."""
    bill_id = world.bill(day("11-21"))
    world.sweep(at("11-21"))
    for number, on in enumerate(("11-22", "11-25"), 1):
        world.paid(bill_id, day(on))
        world.sweep(at(on))
        world.paid(bill_id, None)
        told = world.told(at(on, 10))
        assert told == [f"rent_due 2026-11-21#{-1 if on == '11-22' else -3}@{number}"]
        assert world.told(at(on, 11)) == []
    assert days_told(world, ["11-26", "11-28"]) == {"11-28": ["rent_due 2026-11-21#-7"]}
    assert [state for *_, state in world.alerts()] == ["open"]


def test_resolved_by_hand_and_still_unpaid_it_comes_back_at_the_next_reminder(
    world: World,
) -> None:
    world.bill(day("11-21"))
    world.sweep(at("11-21"))
    world.conn.execute(
        "UPDATE alerts SET state = 'resolved', resolved_at = now(), resolved_by = 'lin',"
        " resolution = '客户答应付款'"
    )
    assert world.told(at("11-21", 12)) == []
    assert world.told(at("11-22")) == ["rent_due 2026-11-21#-1"]
    assert [state for *_, state in world.alerts()] == ["open"]


def test_resolved_by_hand_then_paid_then_bounced_is_told_again(world: World) -> None:
    bill_id = world.bill(day("11-21"))
    world.sweep(at("11-21"))
    world.conn.execute(
        "UPDATE alerts SET state = 'resolved', resolved_at = now(), resolved_by = 'lin',"
        " resolution = '已付'"
    )
    world.paid(bill_id, day("11-21"))
    world.sweep(at("11-21", 12))
    world.paid(bill_id, None)
    assert world.told(at("11-21", 13)) == ["rent_due 2026-11-21#0@1"]


def test_opened_by_hand_though_paid_it_is_settled_again_and_told_once_it_bounces(
    world: World,
) -> None:
    bill_id = world.bill(day("11-21"))
    world.sweep(at("11-21"))
    world.paid(bill_id, day("11-21"))
    world.sweep(at("11-21", 11))
    ((alert_no, version),) = world.conn.execute("SELECT alert_no, version FROM alerts").fetchall()
    inbox.reopen(world.conn, SYSTEM, alert_no=alert_no, version=version, now=at("11-21", 12))
    assert world.sweep(at("11-21", 13)).counts() == {"cleared": 1}
    assert [state for *_, state in world.alerts()] == ["resolved"]
    for number, hour in ((2, 14), (3, 16)):
        world.paid(bill_id, None)
        assert world.told(at("11-21", hour)) == [f"rent_due 2026-11-21#0@{number}"]
        assert [state for *_, state in world.alerts()] == ["open"]
        world.paid(bill_id, day("11-21"))
        assert world.sweep(at("11-21", hour + 1)).counts() == {"cleared": 1}


def test_each_organisation_has_its_own(world: World) -> None:
    world.bill(day("11-21"))
    world.bill(day("11-21"), code="west")
    world.bill(day("11-21"), code="ny")
    assert world.sweep(at("11-21", 23)).counts() == {"raised": 3}
    assert [code for code, *_ in world.alerts()] == ["east", "west", "ny"]
