"""The ladder, pure: which stages are due on which day, and what the others lack."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.dunning.ladder import Due, Known, Unpaid, due_stages
from fleet.dunning.letters import claimed_bills, unpaid_of
from fleet.dunning.limitation import limitation_on
from fleet.dunning.model import BillDue, LeaseDue, Made
from fleet.lease_book import LateFee
from fleet.lease_figures import LeaseRescission
from fleet.money_figures import DunningLadder

DUE: Final = date(2026, 5, 1)
ISSUED: Final = date(2026, 4, 24)
LADDER: Final = DunningLadder.model_validate(
    {
        "stages": [
            {"code": "remind_7", "day": -7, "kind": "reminder"},
            {"code": "remind_3", "day": -3, "kind": "reminder"},
            {"code": "due", "day": 0, "kind": "reminder"},
            {"code": "overdue_1", "day": 1, "kind": "reminder"},
            {"code": "call_3", "day": 3, "kind": "call"},
            {"code": "demand_7", "day": 7, "kind": "demand", "deadline_days": 7},
            {
                "code": "lock_15",
                "day": 15,
                "kind": "lock_notice",
                "clause": "lock",
                "deadline_days": 3,
                "after": "demand_7",
            },
            {
                "code": "rescission_30",
                "day": 30,
                "kind": "rescission_notice",
                "clause": "termination",
                "deadline_days": 7,
                "after": "demand_7",
            },
            {
                "code": "recovery_37",
                "day": 37,
                "kind": "recovery",
                "clause": "repossession",
                "after": "rescission_30",
            },
            {"code": "suit_60", "day": 60, "kind": "suit", "after": "demand_7"},
        ]
    }
)
"""As in LEASING.md §3, and as it comes with the product."""
FIGURES: Final = LeaseRescission(unpaid_periods=2, unpaid_share_pct=15)
CLAUSES: Final[dict[Any, str]] = {
    "lock": "第九条",
    "termination": "第十一条",
    "repossession": "第十二条",
}
LEASE: Final = LeaseDue(7, "L2605-AAAAAA", "long", True, 1, CLAUSES, None)


def bill(**given: Any) -> BillDue:
    usual: dict[str, Any] = {
        "bill_id": 1,
        "bill_no": "B2026-1-000001",
        "tenant_id": 1,
        "organisation_id": 2,
        "customer_id": 3,
        "lease_id": 7,
        "kind": "rent",
        "due_on": DUE,
        "issued_on": ISSUED,
        "open_fen": 300_000,
        "open_principal_fen": 300_000,
        "late_fee": LateFee(rate_per_day=Decimal("0.0005")),
        "late_fee_clause": "第八条",
    }
    return BillDue(**(usual | given))


def made(stage: str, state: Any = "made", **given: Any) -> Made:
    return Made(1, stage, state, None, given.get("arrived_on"), given.get("deadline_on"))


DEMANDED: Final = made(
    "demand_7", "arrived", arrived_on=date(2026, 5, 8), deadline_on=date(2026, 5, 15)
)
RESCINDED: Final = made(
    "rescission_30", "arrived", arrived_on=date(2026, 6, 1), deadline_on=date(2026, 6, 8)
)


def asked(
    day: int,
    *before: Made,
    lease: LeaseDue | None = LEASE,
    unpaid: Unpaid | None = None,
    **given: Any,
) -> Due:
    known = Known({each.stage: each for each in before}, lease, unpaid)
    today = DUE + timedelta(days=day)
    return due_stages(LADDER.stages, bill(**given), known, today=today)


def codes(due: Due) -> list[str]:
    return [step.stage.code for step in due.steps]


def whys(due: Due) -> dict[str, str]:
    return {each.stage: each.why for each in due.lacking}


DAY_BY_DAY: Final = [
    (-8, []),
    (-7, ["remind_7"]),
    (-4, ["remind_7"]),
    (-3, ["remind_3"]),
    (-1, ["remind_3"]),
    (0, ["due"]),
    (1, ["overdue_1"]),
    (2, ["overdue_1"]),
    (3, ["call_3"]),
    (6, ["call_3"]),
    (7, ["demand_7"]),
    (400, ["demand_7"]),
]


@pytest.mark.parametrize(("day", "due"), DAY_BY_DAY)
def test_a_reminder_is_skipped_once_the_next_stage_has_come_and_a_demand_never(
    day: int, due: list[str]
) -> None:
    """As after any down-time: nothing was made before."""
    assert codes(asked(day)) == due


def test_what_was_made_is_not_made_again() -> None:
    assert codes(asked(0, made("due"))) == []
    assert codes(asked(9, made("demand_7", "sent"))) == []
    assert codes(asked(9, made("demand_7", "withdrawn"))) == []


def test_what_is_settled_is_left_alone() -> None:
    assert asked(400, open_fen=0) == Due((), ())


def test_a_bill_issued_late_is_dunned_from_its_issue() -> None:
    late: dict[str, Any] = {"issued_on": DUE + timedelta(days=20)}
    assert codes(asked(19, **late)) == []
    assert codes(asked(20, **late)) == ["due"]
    assert codes(asked(26, **late)) == ["call_3"]
    assert codes(asked(27, **late)) == ["demand_7"]


def test_a_reminder_of_before_the_issue_is_none() -> None:
    assert codes(asked(-5, issued_on=DUE - timedelta(days=5))) == []
    assert codes(asked(-3, issued_on=DUE - timedelta(days=5))) == ["remind_3"]


def test_a_lock_notice_waits_for_the_demand_to_have_arrived_and_its_time_to_be_over() -> None:
    assert whys(asked(15, made("demand_7", "sent")))["lock_15"] == "not_arrived"
    runs = made("demand_7", "arrived", arrived_on=date(2026, 5, 9), deadline_on=date(2026, 5, 16))
    assert whys(asked(15, runs))["lock_15"] == "deadline_runs"
    over = asked(16, runs)
    assert codes(over) == ["lock_15"]
    assert (over.steps[0].clause, over.steps[0].stage_on) == ("第九条", date(2026, 5, 16))


def test_a_stage_without_its_clause_is_not_made_and_told() -> None:
    without = LeaseDue(7, "L2605-AAAAAA", "long", True, 1, {"termination": "第十一条"}, None)
    due = asked(30, DEMANDED, lease=without)
    assert codes(due) == ["rescission_30"]
    [fault] = due.lacking
    assert (fault.bill_no, fault.lease_no, fault.stage, fault.why, fault.clause) == (
        *("B2026-1-000001", "L2605-AAAAAA"),
        *("lock_15", "clause_missing", "lock"),
    )


@pytest.mark.parametrize(
    ("lease", "given", "not_due"),
    [
        (LeaseDue(7, "L", "long", True, 0, CLAUSES, None), {}, {"lock_15"}),
        (LeaseDue(7, "L", "long", False, 1, CLAUSES, None), {}, {"rescission_30"}),
        (LEASE, {"kind": "charges"}, {"lock_15", "rescission_30"}),
        (None, {"lease_id": None, "kind": "opening"}, {"lock_15", "rescission_30"}),
    ],
    ids=["no vehicle out", "the lease is over", "no rent", "no lease"],
)
def test_what_has_no_point_is_neither_made_nor_a_fault(
    lease: Any, given: Any, not_due: set[str]
) -> None:
    due = asked(60, DEMANDED, lease=lease, **given)
    told = {code for code, why in whys(due).items() if why == "not_applicable"}
    assert not_due <= told
    assert set(codes(due)) == {"lock_15", "rescission_30", "suit_60"} - not_due


def test_a_vehicle_is_asked_back_after_the_rescission_took_effect() -> None:
    assert codes(asked(37, DEMANDED, made("lock_15"), made("rescission_30", "sent"))) == []
    ended = LeaseDue(7, "L", "long", False, 1, CLAUSES, None)
    after = asked(39, DEMANDED, made("lock_15"), RESCINDED, lease=ended)
    assert codes(after) == ["recovery_37"]
    assert codes(asked(38, DEMANDED, made("lock_15"), RESCINDED, lease=ended)) == []


def test_the_right_to_rescind_lapses_after_a_year() -> None:
    """民法典 §564."""
    last = (date(2027, 5, 15) - DUE).days
    assert "rescission_30" in codes(asked(last, DEMANDED))
    lapsed = asked(last + 1, DEMANDED)
    assert "rescission_30" not in codes(lapsed)
    assert whys(lapsed)["rescission_30"] == "lapsed"


OWNED: Final = LeaseDue(7, "L", "lease_to_own", True, 1, CLAUSES, 36 * 358_000)


@pytest.mark.parametrize(
    ("periods", "fen", "may"),
    [
        (2, 716_000, True),
        (1, 358_000, False),
        (1, 1_933_200, True),
        (1, 1_933_199, False),
    ],
    ids=["two periods", "one period", "15 % of all rent", "a fen less"],
)
def test_worked_case_13_a_lease_to_own_is_rescinded_from_two_periods_or_15_pct(
    periods: int, fen: int, may: bool
) -> None:
    due = asked(30, DEMANDED, lease=OWNED, unpaid=Unpaid(fen, periods, FIGURES))
    assert ("rescission_30" in codes(due)) is may
    if not may:
        assert whys(due)["rescission_30"] == "too_little_unpaid"


def test_worked_case_13_without_the_demand_expired_it_is_not() -> None:
    unpaid = Unpaid(716_000, 2, FIGURES)
    running = made("demand_7", "arrived", arrived_on=DUE, deadline_on=date(2026, 6, 30))
    due = asked(30, running, lease=OWNED, unpaid=unpaid)
    assert whys(due)["rescission_30"] == "deadline_runs"


def test_unpaid_rent_is_counted_by_periods() -> None:
    bills = [
        bill(bill_id=1, open_principal_fen=358_000),
        bill(bill_id=2, kind="charges"),
        bill(bill_id=3, due_on=date(2026, 7, 1)),
        bill(bill_id=4, due_on=date(2026, 6, 1), open_principal_fen=100),
        bill(bill_id=5, open_principal_fen=0),
    ]
    unpaid = unpaid_of(bills, date(2026, 7, 1), FIGURES)
    assert (unpaid.periods, unpaid.fen) == (2, 358_100)


def test_a_demand_claims_all_that_is_overdue_of_the_lease_and_a_reminder_its_bill() -> None:
    first, second, later = (
        bill(bill_id=1),
        bill(bill_id=2, due_on=date(2026, 4, 1)),
        bill(bill_id=3, due_on=date(2026, 6, 1)),
    )
    steps = {step.stage.code: step for step in asked(7).steps}
    every = [second, first, later]
    claimed = claimed_bills(first, steps["demand_7"], every, {}, date(2026, 5, 8))
    assert [each.bill_id for each in claimed] == [1, 2]
    [reminder] = asked(1).steps
    assert claimed_bills(first, reminder, every, {}, date(2026, 5, 8)) == [first]


def test_what_follows_a_demand_claims_only_what_was_demanded() -> None:
    first, demanded, other = bill(bill_id=1), bill(bill_id=2), bill(bill_id=3)
    every = [first, demanded, other]
    [lock] = asked(16, DEMANDED).steps
    before: Mapping[int, Mapping[str, Made]] = {
        1: {"demand_7": DEMANDED},
        2: {"demand_7": DEMANDED},
        3: {"demand_7": made("demand_7", "sent")},
    }
    claimed = claimed_bills(first, lock, every, before, date(2026, 5, 17))
    assert [each.bill_id for each in claimed] == [1, 2]


@given(st.lists(st.integers(-60, 200), max_size=30), st.integers(-30, 30))
def test_whatever_the_days_of_the_job_a_stage_is_made_once_and_in_order(
    days: list[int], issued: int
) -> None:
    """Nothing arrives: each stage that is due is made, on its day or later, and once."""
    before: dict[str, Made] = {}
    told: list[tuple[int, str]] = []
    issued_on = DUE + timedelta(days=issued)
    for day in sorted(days):
        due = asked(day, *before.values(), issued_on=issued_on)
        for step in due.steps:
            assert step.stage.code not in before
            assert step.stage_on <= DUE + timedelta(days=day)
            told.append((step.stage.day, step.stage.code))
            before[step.stage.code] = made(step.stage.code)
    assert told == sorted(told)
    late = max(days, default=-60) - max(0, issued) >= 7
    assert ("demand_7" in before) is late


@pytest.mark.parametrize(
    ("demanded", "last"),
    [
        ([], date(2029, 5, 1)),
        ([date(2026, 5, 8)], date(2029, 5, 8)),
        ([date(2028, 1, 1), date(2026, 5, 8)], date(2031, 1, 1)),
        ([date(2029, 5, 1)], date(2032, 5, 1)),
        ([date(2029, 5, 2)], date(2029, 5, 1)),
    ],
    ids=["none", "one", "the later of two", "on the last day", "a day too late"],
)
def test_each_demand_begins_the_limitation_period_anew(demanded: list[date], last: date) -> None:
    """民法典 §188, §195."""
    assert limitation_on(DUE, demanded) == last
