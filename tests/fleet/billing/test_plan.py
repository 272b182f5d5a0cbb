"""Which bills a lease gets, when, and what is taken off again."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fleet.billing.context import PlanSettings
from fleet.leasing.events import Event
from fleet.leasing.terms import LateFee, Term, Terms
from tests.fleet.billing.desk import Desk, days_of, taken_off, told, total
from tests.fleet.leasing.written import (
    RENT,
    TWO,
    A,
    B,
    amended,
    back,
    book_of,
    cancelled,
    day,
    dropped,
    extended,
    goes_on,
    line,
    out,
    rests,
    signed,
    swapped,
    terminated,
    terms,
)

OUT = out("03-18 09:00")
RUNNING = book_of(signed(), OUT)


def anchored(start: str, **more: Any) -> Terms:
    return terms(starts_on=day(start), rent_begins="start_day", **more)


# when


@pytest.mark.parametrize(
    ("start", "months"),
    [
        pytest.param(
            "2026-01-31",
            ["01-31…02-27", "02-28…03-30", "03-31…04-29", "04-30…05-30"],
            id="common_year",
        ),
        pytest.param("2024-01-31", ["01-31…02-28", "02-29…03-30"], id="leap_year"),
    ],
)
def test_case_7_bills_are_for_the_months_from_the_anchor(start: str, months: list[str]) -> None:
    book = book_of(signed(anchored(start), on=start), out(start))
    desk = Desk(PlanSettings(day("2024-01-01"), 60, 60))
    planned = desk.planned(book, book.versions[0].effective_on.replace(month=4, day=15))
    found = [f"{d.from_on:%m-%d}…{line_.title[-5:]}" for d in planned.drafts for line_ in d.lines]
    assert found[: len(months)] == months
    assert {total(d) for d in planned.drafts} == {RENT}


@pytest.mark.parametrize(
    ("start", "rent_fen", "proration", "expected_fen"),
    [
        pytest.param("2026-03-18", 300_000, "actual_days", 135_484, id="by_actual_days"),
        pytest.param("2026-03-18", 300_000, "fixed_30", 140_000, id="by_30_days"),
        pytest.param("2026-03-18", 300_000, "none", 300_000, id="not_at_all"),
        pytest.param("2028-02-10", 290_000, "actual_days", 200_000, id="leap_february"),
    ],
)
def test_case_8_the_bill_of_the_first_calendar_month(
    start: str, rent_fen: int, proration: str, expected_fen: int
) -> None:
    agreed = anchored(start, billing="calendar_month", proration=proration)
    agreed = agreed.model_copy(update={"lines": (line(rent_fen=rent_fen),)})
    book = book_of(signed(agreed, on=start), out(start))
    [first] = Desk().planned(book, start).drafts
    assert total(first) == expected_fen
    [only] = first.lines
    assert (only.basis["rent_fen"], only.basis["proration"]) == (rent_fen, proration)


def test_case_10_each_month_is_billed_once_and_whole_whatever_was_paid_too_much() -> None:
    """500 of a bill of 3,000 that was paid with 3,500 are credit: the next bill is 3,000 still."""
    desk = Desk()
    desk.run(RUNNING, "03-18")
    desk.run(RUNNING, "04-11")
    assert [(bill.purpose, total(bill)) for _on, bill in desk.bills] == [
        ("rent:1", 300_000),
        ("rent:2", 300_000),
    ]
    assert desk.planned(RUNNING, "04-11").drafts == ()


def test_a_bill_is_drafted_ten_days_ahead_and_issued_seven() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    assert desk.planned(RUNNING, "04-07").drafts == ()
    assert desk.planned(RUNNING, "04-07").next_on == day("04-08")
    planned = desk.planned(RUNNING, "04-08")
    assert told(planned.drafts) == [("rent:2", "2026-04-11", "2026-04-18", RENT)]
    assert planned.next_on == day("04-11")


def test_what_was_missed_is_due_as_agreed_and_issued_today() -> None:
    planned = Desk().planned(RUNNING, "06-01")
    assert told(planned.drafts) == [
        ("rent:1", "2026-06-01", "2026-03-18", RENT),
        ("rent:2", "2026-06-01", "2026-04-18", RENT),
        ("rent:3", "2026-06-01", "2026-05-18", RENT),
    ]
    assert planned.next_on == day("06-08")


@pytest.mark.parametrize(
    ("ahead", "issue", "due"),
    [(0, "2026-04-11", "2026-04-18"), (5, "2026-04-06", "2026-04-13")],
    ids=["on the first day", "five days before"],
)
def test_rents_are_due_as_many_days_ahead_as_agreed(ahead: int, issue: str, due: str) -> None:
    book = book_of(signed(terms(pays_ahead_days=ahead)), OUT)
    desk = Desk()
    desk.run(book, "03-18")
    [second] = desk.planned(book, due).drafts
    assert (second.purpose, str(second.due_on)) == ("rent:2", due)
    [early] = desk.planned(book, date.fromisoformat(issue)).drafts
    assert str(early.issue_on) == issue


def test_periods_that_began_before_the_organisation_bills_are_not_billed() -> None:
    desk = Desk(PlanSettings(day("04-18")))
    book = book_of(signed(terms(line(deposit_fen=800_000))), OUT)
    assert told(desk.planned(book, "04-20").drafts) == [
        ("rent:2", "2026-04-20", "2026-04-18", RENT)
    ]


def test_a_bill_carries_the_late_fee_of_its_day() -> None:
    fee = LateFee(rate_per_day=Decimal("0.001"), grace_days=5)
    book = book_of(signed(), OUT, amended("04-10", "04-18", terms(late_fee=fee)))
    planned = Desk().planned(book, "04-20")
    assert [d.late_fee for d in planned.drafts] == [LateFee(), fee]


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ("start_day", [(A, "03-18", "04-17", 300_000)]),
        ("hand_over", [(A, "03-25", "04-17", 232_258)]),
    ],
)
def test_rent_begins_with_the_start_or_with_the_hand_over(
    begins: str, expected: list[tuple[object, ...]]
) -> None:
    """24 of 31 days are 2,322.58."""
    book = book_of(signed(terms(rent_begins=begins)), out("03-25"))
    [first] = Desk().planned(book, "03-25").drafts
    assert days_of(first.lines) == expected


def test_a_bill_from_before_the_hand_over_names_the_vehicle_that_was_chosen() -> None:
    agreed = terms(line(vin="LSJ1"), rent_begins="start_day")
    [first] = Desk().planned(book_of(signed(agreed, line1=A)), "03-12").drafts
    assert days_of(first.lines) == [(A, "03-18", "04-17", 300_000)]


def test_before_the_hand_over_nothing_is_billed_where_rent_begins_with_it() -> None:
    book = book_of(signed())
    planned = Desk().planned(book, "04-20")
    assert planned.drafts == ()


def test_paid_once_is_one_bill_and_another_for_what_it_was_extended_by() -> None:
    once = terms(billing="once", months=2)
    desk = Desk()
    book = book_of(signed(once), OUT)
    desk.run(book, "03-18")
    assert told([desk.bills[0][1]]) == [("rent:1", "2026-03-18", "2026-03-18", 600_000)]
    longer = book_of(signed(once), OUT, extended("05-01", "06-17"))
    desk.run(longer, "05-11")
    assert told([desk.bills[1][1]]) == [("rent:2", "2026-05-11", "2026-05-18", 300_000)]
    assert desk.planned(longer, "05-12").next_on is None


def test_rent_by_the_day() -> None:
    daily = terms(
        line(rent_fen=20_000, per="day"), kind="short", billing="once",
        term=Term(count=10, unit="day"),
    )  # fmt: skip
    [bill] = Desk().planned(book_of(signed(daily), OUT), "03-18").drafts
    assert total(bill) == 200_000
    assert bill.lines[0].basis["days"] == 10


def test_an_open_ended_lease_is_billed_on_and_on() -> None:
    book = book_of(signed(terms(months=None)), OUT)
    desk = Desk()
    desk.run(book, "2029-03-10")
    assert len(desk.bills) == 36
    assert desk.bills[-1][1].until_on == day("2029-03-18")


# several lines


def test_each_line_stands_on_the_bill_by_itself() -> None:
    book = book_of(signed(TWO), OUT, out("03-20", B, 2))
    [bill] = Desk().planned(book, "03-20").drafts
    assert [(each.line_no, each.amount_fen) for each in bill.lines] == [(1, 300_000), (2, 280_645)]


def test_a_line_that_comes_by_amendment_is_billed_from_its_day_on_what_was_issued_already() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    more = terms(line(1), line(2), rent_begins="start_day")
    book = book_of(signed(), OUT, amended("04-01", "04-03", more), out("04-05", B, 2))
    planned = desk.run(book, "04-11")
    [second] = planned.drafts
    assert [(x.source.key, x.amount_fen) for x in second.lines] == [
        ("1:2", 300_000),
        ("2:2", 300_000),
        ("2:1", 145_161),  # 15 of 31 days
    ]


def test_a_line_that_is_dropped_costs_nothing_and_what_was_billed_goes_back() -> None:
    both = TWO.model_copy(update={"rent_begins": "start_day"})
    desk = Desk()
    desk.run(book_of(signed(both), OUT), "03-18")
    book = book_of(signed(both), OUT, dropped("03-25", 2))
    desk.run(book, "03-25")
    assert desk.stands() == {"rent 1:1": 300_000}
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 2:1", "03-18", "04-17", 300_000, "租赁项已取消")
    ]


def test_a_line_that_came_back_costs_nothing_any_more() -> None:
    desk = Desk()
    desk.run(book_of(signed(TWO), OUT, out("03-18", B, 2)), "03-18")
    book = book_of(signed(TWO), OUT, out("03-18", B, 2), back("04-01", 2))
    desk.run(book, "04-01")
    assert desk.stands() == {"rent 1:1": 300_000, "rent 2:1": 145_161}  # 15 of 31 days
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 2:1", "04-02", "04-17", 154_839, "车辆已归还")
    ]


# what changes in a period


def test_a_swap_gives_two_lines_of_one_source_and_the_day_is_the_new_vehicles() -> None:
    book = book_of(signed(), OUT, swapped("03-28 15:00", B))
    [bill] = Desk().planned(book, "03-28").drafts
    assert days_of(bill.lines) == [
        (A, "03-18", "03-27", 96_774),
        (B, "03-28", "04-17", 203_226),
    ]
    assert {each.source.key for each in bill.lines} == {"1:1"}


def test_a_swap_after_the_bill_changes_nothing_of_it() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    book = book_of(signed(), OUT, swapped("03-28", B))
    assert (desk.run(book, "03-28").credits, len(desk.bills)) == ((), 1)


def test_another_rent_from_the_middle_of_a_period_is_billed_with_the_next() -> None:
    """4,000 instead of 3,000 from 2026-04-08 on: 10 of 31 days of 1,000 more are 322.58."""
    desk = Desk()
    desk.run(RUNNING, "03-18")
    book = book_of(signed(), OUT, amended("04-01", "04-08", terms(line(rent_fen=400_000))))
    [second] = desk.run(book, "04-11").drafts
    assert [(x.source.key, x.title, x.amount_fen) for x in second.lines] == [
        ("1:2", "租金 2026-04-18 至 2026-05-17", 400_000),
        ("1:1", "补收租金 2026-04-08 至 2026-04-17", 32_258),
    ]


def test_a_lower_rent_is_taken_off_what_was_billed() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    book = book_of(signed(), OUT, amended("04-01", "04-08", terms(line(rent_fen=200_000))))
    desk.run(book, "04-01")
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 1:1", "04-08", "04-17", 32_258, "合同已变更")
    ]


def test_days_it_rested_are_taken_off_once_it_goes_on() -> None:
    """While nobody knows how long, what was billed stands; five days of 31 are 483.87."""
    desk = Desk()
    desk.run(RUNNING, "03-18")
    resting = book_of(signed(), OUT, rests("04-01", "04-01"))
    planned = desk.run(resting, "04-01")
    assert (planned.credits, planned.next_on) == ((), day("04-08"))
    resumed = book_of(signed(), OUT, rests("04-01", "04-01"), goes_on("04-06", "04-06"))
    desk.run(resumed, "04-06")
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 1:1", "04-01", "04-05", 48_387, "停租期间不计租金")
    ]


def test_while_it_rests_no_rent_is_billed_and_when_the_period_is_over_it_goes_back() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    resting = book_of(signed(), OUT, rests("04-01", "04-01"))
    desk.run_daily(resting, "04-01", "05-20")
    assert desk.stands() == {"rent 1:1": 135_484}  # 14 of 31 days
    assert [(str(on), c.amount_fen) for on, c in desk.credits] == [("2026-04-18", 164_516)]
    resumed = book_of(signed(), OUT, rests("04-01", "04-01"), goes_on("05-20", "05-20"))
    desk.run(resumed, "05-20")
    assert desk.stands() == {"rent 1:1": 135_484, "rent 1:3": 280_645}  # 29 of 31 days


def test_two_rests_of_one_period_go_back_each_for_its_days() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    first: list[Event] = [rests("03-25", "03-23"), goes_on("03-26", "03-26")]
    desk.run(book_of(signed(), OUT, *first), "03-26")
    second: list[Event] = [rests("04-05", "04-05"), goes_on("04-07", "04-07")]
    desk.run(book_of(signed(), OUT, *first, *second), "04-07")
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 1:1", "03-23", "03-25", 29_032, "停租期间不计租金"),
        ("rent 1:1", "04-05", "04-06", 19_355, "停租期间不计租金"),
    ]


def test_both_at_once_after_a_down_time_each_for_its_days() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    all_of_it: list[Event] = [
        rests("03-25", "03-23"), goes_on("03-26", "03-26"),
        rests("04-05", "04-05"), goes_on("04-07", "04-07"),
    ]  # fmt: skip
    desk.run(book_of(signed(), OUT, *all_of_it), "05-01")
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 1:1", "04-05", "04-06", 19_355, "停租期间不计租金"),
        ("rent 1:1", "03-23", "03-25", 29_032, "停租期间不计租金"),
    ]


# the end


def test_an_early_return_takes_off_the_days_that_are_left_and_the_months_to_come() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    desk.run(RUNNING, "04-11")
    book = book_of(signed(), OUT, back("04-15"))
    desk.run(book, "04-15")
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 1:1", "04-16", "04-17", 19_355, "车辆已归还"),
        ("rent 1:2", "04-18", "05-17", 300_000, "车辆已归还"),
    ]
    assert desk.stands() == {"rent 1:1": 280_645}
    assert desk.planned(book, "06-01").next_on is None


def test_a_terminated_lease_is_billed_to_that_day_though_the_vehicle_is_out() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    desk.run(book_of(signed(), OUT, terminated("04-10")), "04-20")
    assert taken_off([c for _on, c in desk.credits]) == [
        ("rent 1:1", "04-11", "04-17", 67_742, "合同已解除")
    ]


def test_a_part_of_a_month_becomes_a_whole_one_by_an_extension() -> None:
    short = terms(months=None, term=Term(count=45, unit="day"))
    desk = Desk()
    desk.run(book_of(signed(short), OUT), "04-18")
    assert desk.stands() == {"rent 1:1": 300_000, "rent 1:2": 140_000}  # 14 of 30 days
    book = book_of(signed(short), OUT, extended("04-25", "06-17"))
    desk.run(book, "05-11")
    assert desk.stands() == {"rent 1:1": 300_000, "rent 1:2": 300_000, "rent 1:3": 300_000}


def test_a_cancelled_lease_gets_everything_back() -> None:
    agreed = terms(line(deposit_fen=800_000), rent_begins="start_day")
    desk = Desk()
    desk.run(book_of(signed(agreed)), "03-11")
    assert sum(desk.stands().values()) == 1_100_000
    desk.run(book_of(signed(agreed), cancelled("03-15")), "03-15")
    assert desk.stands() == {}
    assert {c.reason for _on, c in desk.credits} == {"合同已取消"}
