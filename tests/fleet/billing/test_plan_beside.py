"""What a lease is billed beside its rent: deposits, a purchase, charges, packages, late fees."""

import pytest

from fleet.billing.context import AcceptedCharge, LateFeeItem
from fleet.leasing.book import Book
from fleet.leasing.events import Event
from fleet.leasing.terms import BuyOut, Line
from fleet.packages.model import PackageTerm
from tests.fleet.billing.desk import Desk, days_of, taken_off, told
from tests.fleet.leasing.written import (
    RENT,
    TWO,
    A,
    B,
    amended,
    back,
    book_of,
    bought,
    day,
    line,
    out,
    rests,
    signed,
    terms,
)

OUT = out("03-18 09:00")
RUNNING = book_of(signed(), OUT)


# deposits and purchase


def test_a_deposit_is_asked_for_when_the_lease_is_signed() -> None:
    agreed = terms(line(1, deposit_fen=800_000), line(2, deposit_fen=500_000))
    planned = Desk().planned(book_of(signed(agreed, "03-01")), "03-01")
    assert told(planned.drafts) == [("deposit", "2026-03-01", "2026-03-18", 1_300_000)]
    assert [each.class_ for each in planned.drafts[0].lines] == ["principal", "principal"]


@pytest.mark.parametrize(
    ("deposit_fen", "bills", "credit"),
    [
        pytest.param(1_000_000, [("deposit:2", "2026-05-05", "2026-05-05", 200_000)], [], id="up"),
        pytest.param(600_000, [], [200_000], id="down"),
        pytest.param(800_000, [], [], id="same"),
    ],
)
def test_another_deposit_from_a_day_on(
    deposit_fen: int, bills: list[object], credit: list[int]
) -> None:
    agreed = terms(line(deposit_fen=800_000))
    desk = Desk()
    desk.run(book_of(signed(agreed), OUT), "04-20")
    other = amended("05-02", "05-05", terms(line(deposit_fen=deposit_fen)))
    book = book_of(signed(agreed), OUT, other)
    assert [d.purpose for d in desk.planned(book, "05-02").drafts] == []
    planned = desk.planned(book, "05-05")
    assert [each for each in told(planned.drafts) if each[0] != "rent:3"] == bills
    assert [c.amount_fen for c in planned.credits] == credit


def test_a_lease_that_is_over_asks_for_no_deposit_and_gives_none_back_by_credit() -> None:
    agreed = terms(line(deposit_fen=800_000))
    gone = book_of(signed(agreed), OUT, back("04-17"))
    assert [d.kind for d in Desk().planned(gone, "04-17").drafts] == ["rent"]
    desk = Desk()
    desk.run(book_of(signed(agreed), OUT), "03-18")
    assert desk.planned(gone, "04-17").credits == ()


OWN = terms(
    line(1), line(2), kind="lease_to_own",
    buy_out=BuyOut(down_payment_fen=1_380_000, price_fen=100_000),
)  # fmt: skip


def test_a_lease_to_own_pays_first_and_for_each_vehicle_at_the_end() -> None:
    running: list[Event] = [signed(OWN), OUT, out("03-18", B, 2)]
    desk = Desk()
    desk.run(book_of(*running), "03-18")
    assert told([bill for _on, bill in desk.bills]) == [
        ("down_payment", "2026-03-18", "2026-03-18", 1_380_000),
        ("rent:1", "2026-03-18", "2026-03-18", 600_000),
    ]
    planned = desk.run(book_of(*running, bought("04-17 10:00")), "04-17")
    assert told(planned.drafts) == [("buy_out", "2026-04-17", "2026-04-17", 200_000)]
    assert [each.vehicle_id for each in planned.drafts[0].lines] == [A, B]
    assert planned.credits == ()


# what comes beside

DENT = AcceptedCharge("k1", "damage", "右后门凹陷", 60_000, day("04-02"), 1, A)


def test_an_accepted_charge_joins_the_next_rent() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    assert desk.planned(RUNNING, "04-03", charges=[DENT]).drafts == ()
    [second] = desk.run(RUNNING, "04-11", charges=[DENT]).drafts
    assert [(each.kind, each.amount_fen) for each in second.lines] == [
        ("rent", 300_000),
        ("damage", 60_000),
    ]
    assert desk.planned(RUNNING, "05-11", charges=[DENT]).drafts[0].lines[1:] == ()


def test_by_hand_it_gets_a_bill_of_its_own_at_once() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    planned = desk.run(RUNNING, "04-03", charges=[DENT], by_hand=True)
    assert told(planned.drafts) == [("charges:2026-04-03", "2026-04-03", "2026-04-10", 60_000)]
    other = AcceptedCharge("k2", "cleaning", "清洁费", 10_000, day("04-03"))
    planned = desk.run(RUNNING, "04-03", charges=[DENT, other], by_hand=True)
    assert told(planned.drafts) == [("charges:2026-04-03:2", "2026-04-03", "2026-04-10", 10_000)]


def test_after_down_time_a_charge_joins_no_rent_that_is_overdue() -> None:
    desk = Desk()
    planned = desk.planned(RUNNING, "06-12", charges=[DENT])
    assert [(d.purpose, str(d.due_on), len(d.lines)) for d in planned.drafts] == [
        ("rent:1", "2026-03-18", 1),
        ("rent:2", "2026-04-18", 1),
        ("rent:3", "2026-05-18", 1),
        ("rent:4", "2026-06-18", 2),
    ]
    assert planned.drafts[-1].lines[1].source.kind == "charge"
    waiting = desk.planned(RUNNING, "05-25", charges=[DENT])
    assert {line.source.kind for d in waiting.drafts for line in d.lines} == {"rent"}
    asked = desk.planned(RUNNING, "05-25", charges=[DENT], by_hand=True).drafts[-1]
    assert told([asked]) == [("charges:2026-05-25", "2026-05-25", "2026-06-01", 60_000)]


@pytest.mark.parametrize(
    "book",
    [
        pytest.param(book_of(signed(), OUT, back("04-17")), id="lease is over"),
        pytest.param(book_of(signed(terms(billing="once", months=1)), OUT), id="paid once"),
        pytest.param(book_of(signed(terms(months=1)), OUT), id="no rent is to come"),
        pytest.param(book_of(signed(), OUT, rests("04-17", "04-17")), id="all of it rests"),
        pytest.param(
            book_of(signed(), OUT, amended("04-10", "04-10", TWO), back("04-17")),
            id="nothing is out, and a line is to be filled",
        ),
    ],
)
def test_where_no_rent_is_to_come_a_charge_gets_its_own_bill(book: Book) -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    planned = desk.run(book, "04-17", charges=[DENT])
    assert told(planned.drafts) == [("charges:2026-04-17", "2026-04-17", "2026-04-24", 60_000)]
    assert planned.drafts[0].kind == "charges"


def test_a_package_is_billed_ahead_with_the_rent_once() -> None:
    battery = PackageTerm("s1", 1, "电池检测年包", 120_000, day("05-01"), day("2027-05-01"), 1, A)
    desk = Desk()
    desk.run(RUNNING, "03-18")
    desk.run(RUNNING, "04-11", packages=[battery])
    desk.run(RUNNING, "05-11", packages=[battery])
    assert desk.stands() == {
        "rent 1:1": RENT, "rent 1:2": RENT, "rent 1:3": RENT, "package s1:1": 120_000,
    }  # fmt: skip
    [_rent, line_] = desk.bills[1][1].lines
    assert days_of([line_]) == [(A, "05-01", "04-30", 120_000)]


def test_late_fees_are_interest_and_their_difference_goes_either_way() -> None:
    desk = Desk()
    desk.run(RUNNING, "03-18")
    desk.run(RUNNING, "04-11", late_fees=[LateFeeItem("B2026-1-000001", 4_500)])
    assert desk.bills[1][1].lines[1].class_ == "interest"
    desk.run(RUNNING, "05-11", late_fees=[LateFeeItem("B2026-1-000001", 5_000)])
    assert [line_.amount_fen for line_ in desk.bills[2][1].lines] == [300_000, 500]
    desk.run(RUNNING, "05-20", late_fees=[LateFeeItem("B2026-1-000001", 1_000)])
    assert taken_off([c for _on, c in desk.credits]) == [
        ("late_fee B2026-1-000001", "", "", 4_000, "滞纳金更正")
    ]


def test_late_fees_alone_are_a_bill_of_interest() -> None:
    book = book_of(signed(), OUT, back("04-17"))
    desk = Desk()
    desk.run(book, "04-17")
    [bill] = desk.run(book, "06-01", late_fees=[LateFeeItem("B2026-1-000001", 4_500)]).drafts
    assert (bill.kind, bill.purpose) == ("late_fee", "charges:2026-06-01")


def test_lines_without_a_rent_give_no_bill() -> None:
    free = terms(Line(no=1, rent_fen=0))
    assert Desk().planned(book_of(signed(free), OUT), "04-20").drafts == ()
