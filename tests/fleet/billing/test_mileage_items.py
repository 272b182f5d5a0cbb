"""Kilometres that are settled period by period: what is read, what it costs, what must wait."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from fleet.billing.context import PlanSettings, Reading, ReadingPoint
from fleet.billing.mileage_items import reading_points
from fleet.billing.model import LineDraft
from fleet.leasing.book import Book
from fleet.leasing.terms import Mileage
from tests.fleet.billing.desk import SETTINGS, Desk
from tests.fleet.leasing.written import (
    A,
    B,
    amended,
    at,
    back,
    book_of,
    day,
    line,
    out,
    signed,
    swapped,
    terms,
)

BY_PERIOD = Mileage(included_km=5_000, extra_fen_per_km=100, settled="each_period")
AGREED = terms(line(mileage=BY_PERIOD))
OUT = out("03-18 09:00")
RUNNING = book_of(signed(AGREED), OUT)
Odometers = Mapping[tuple[int, str], str]
"""Kilometres by vehicle and instant: (A, "04-18 00:00")."""


def read(km: Odometers, hours_before: int = 0) -> dict[ReadingPoint, Reading]:
    early = timedelta(hours=hours_before)
    return {
        ReadingPoint(vehicle, at(when)): Reading(Decimal(text), at(when) - early, "telemetry")
        for (vehicle, when), text in km.items()
    }


def settled(desk: Desk, book: Book, on: str, km: Odometers) -> list[LineDraft]:
    """The lines of kilometres on the bills of a day, which are issued."""
    planned = desk.run(book, on, readings=read(km))
    lines = [line_ for draft in planned.drafts for line_ in draft.lines]
    return [line_ for line_ in lines if line_.kind == "mileage"]


FIRST: Odometers = {(A, "03-18 09:00"): "1000", (A, "04-18 00:00"): "6700.4"}
SECOND: Odometers = {**FIRST, (A, "05-18 00:00"): "11000"}


def test_a_period_is_read_at_the_hand_over_and_at_its_midnights() -> None:
    points = reading_points(RUNNING, from_on=day("01-01"), today=day("05-18"))
    assert points == [
        ReadingPoint(A, at("03-18 09:00")),
        ReadingPoint(A, at("04-18 00:00")),
        ReadingPoint(A, at("05-18 00:00")),
    ]
    assert reading_points(RUNNING, from_on=day("04-01"), today=day("05-18")) == points[1:]
    assert reading_points(RUNNING, from_on=day("01-01"), today=day("04-17")) == []


@pytest.mark.parametrize("mileage", [None, BY_PERIOD.model_copy(update={"settled": "at_end"})])
def test_what_is_settled_at_the_return_is_not_read(mileage: Mileage | None) -> None:
    book = book_of(signed(terms(line(mileage=mileage))), OUT)
    assert reading_points(book, from_on=day("01-01"), today=day("06-01")) == []
    assert settled(Desk(), book, "06-01", FIRST) == []


def test_kilometres_beyond_stand_on_the_next_bill_with_what_was_read() -> None:
    """5,700 driven, 5,000 included: 700 yuan, in May, and the reading."""
    desk = Desk()
    desk.run(RUNNING, "04-11")
    [over] = settled(desk, RUNNING, "05-11", FIRST)
    assert (over.amount_fen, over.source.key, over.vehicle_id) == (70_000, "1:1", A)
    assert over.title == "超里程费 2026-03-18 至 2026-04-17"
    assert (over.from_on, over.until_on) == (None, None)
    assert [over.basis[name] for name in ("included_km", "driven_km", "extra_km")] == [
        5_000, 5_700, 700,
    ]  # fmt: skip
    assert over.basis["vehicles"] == [
        {
            "vehicle_id": A,
            "from": {
                "odometer_km": "1000", "read_at": at("03-18 09:00").isoformat(),
                "source": "telemetry",
            },
            "to": {
                "odometer_km": "6700.4", "read_at": at("04-18 00:00").isoformat(),
                "source": "telemetry",
            },
        }
    ]  # fmt: skip


def test_it_is_settled_once_whatever_is_read_later() -> None:
    desk = Desk()
    desk.run(RUNNING, "04-11")
    settled(desk, RUNNING, "05-11", FIRST)
    corrected = {**SECOND, (A, "04-18 00:00"): "9000"}
    [second] = settled(desk, RUNNING, "06-11", corrected)
    assert (second.source.key, second.amount_fen) == ("1:2", 0)  # 2,000 of 5,000


def test_nothing_to_pay_is_told_and_what_is_left_counts_for_the_next() -> None:
    desk = Desk()
    desk.run(RUNNING, "04-11")
    less: Odometers = {(A, "03-18 09:00"): "0", (A, "04-18 00:00"): "4200"}
    [first] = settled(desk, RUNNING, "05-11", less)
    assert (first.amount_fen, first.basis["carried_km"]) == (0, 800)
    [second] = settled(desk, RUNNING, "06-11", {**less, (A, "05-18 00:00"): "10500"})
    assert (second.basis["brought_km"], second.basis["extra_km"]) == (800, 500)
    assert desk.stands()["mileage 1:2"] == 50_000


def test_what_is_not_read_waits_and_is_settled_with_the_next_as_one() -> None:
    desk = Desk()
    desk.run(RUNNING, "04-11")
    unknown: Odometers = {(A, "03-18 09:00"): "0"}
    assert settled(desk, RUNNING, "05-11", unknown) == []
    assert desk.planned(RUNNING, "05-11", readings=read(unknown)).next_on == day("05-12")
    known: Odometers = {**unknown, (A, "05-18 00:00"): "10300"}
    [both] = settled(desk, RUNNING, "06-11", known)
    assert (both.source.key, both.basis["included_km"], both.amount_fen) == ("1:2", 10_000, 30_000)
    assert (both.basis["from_on"], both.basis["until_on"]) == ("2026-03-18", "2026-05-18")


def test_what_was_settled_as_one_is_not_settled_again_when_it_is_read_after_all() -> None:
    """6,000 and 4,300 driven: 300 beyond 10,000 were billed; the reading between comes in late."""
    desk = Desk()
    desk.run(RUNNING, "04-11")
    known: Odometers = {(A, "03-18 09:00"): "0", (A, "05-18 00:00"): "10300"}
    [both] = settled(desk, RUNNING, "06-11", known)
    assert both.amount_fen == 30_000
    late: Odometers = {**known, (A, "04-18 00:00"): "6000"}
    assert settled(desk, RUNNING, "06-12", late) == []
    [third] = settled(desk, RUNNING, "07-11", {**late, (A, "06-18 00:00"): "15400"})
    assert (third.source.key, third.basis["brought_km"], third.amount_fen) == ("1:3", 0, 10_000)


def test_a_reading_of_two_days_ago_is_none() -> None:
    desk = Desk()
    desk.run(RUNNING, "04-11")
    fresh, stale = read(FIRST, hours_before=24), read(FIRST, hours_before=25)
    assert [len(d.lines) for d in desk.planned(RUNNING, "05-11", readings=fresh).drafts] == [2]
    assert [len(d.lines) for d in desk.planned(RUNNING, "05-11", readings=stale).drafts] == [1]


def test_a_swap_is_shared_between_the_vehicles_by_what_they_drove() -> None:
    book = book_of(signed(AGREED), OUT, swapped("04-01 10:00", B))
    km: Odometers = {
        (A, "03-18 09:00"): "0", (A, "04-01 10:00"): "4000",
        (B, "04-01 10:00"): "500", (B, "04-18 00:00"): "2500",
    }  # fmt: skip
    desk = Desk()
    desk.run(book, "04-11")
    lines = settled(desk, book, "05-11", km)
    assert [(each.vehicle_id, each.amount_fen) for each in lines] == [(A, 66_667), (B, 33_333)]
    assert {each.source.key for each in lines} == {"1:1"}


def test_a_swap_that_nobody_read_leaves_its_period_to_people() -> None:
    book = book_of(signed(AGREED), OUT, swapped("04-01 10:00", B))
    km: Odometers = {
        (A, "03-18 09:00"): "0", (B, "04-18 00:00"): "2500", (B, "05-18 00:00"): "8500",
    }  # fmt: skip
    desk = Desk()
    desk.run(book, "04-11")
    assert [(x.source.key, x.amount_fen) for x in settled(desk, book, "06-11", km)] == [
        ("1:2", 100_000)
    ]


def test_an_odometer_that_runs_backwards_tells_nothing() -> None:
    desk = Desk()
    desk.run(RUNNING, "04-11")
    km: Odometers = {(A, "03-18 09:00"): "1000", (A, "04-18 00:00"): "900"}
    assert settled(desk, RUNNING, "05-11", km) == []


def test_a_return_ends_the_last_period_and_its_part_of_the_kilometres() -> None:
    """15 of 31 days of 5,000: 2,419 included."""
    book = book_of(signed(AGREED), OUT, back("04-01 16:00"))
    km: Odometers = {(A, "03-18 09:00"): "0", (A, "04-01 16:00"): "3000"}
    desk = Desk()
    desk.run(book, "04-01")
    [last] = settled(desk, book, "04-02", km)
    assert (last.basis["included_km"], last.amount_fen) == (2_419, 58_100)
    assert desk.bills[-1][1].purpose == "charges:2026-04-02"


def test_other_kilometres_from_a_period_on_begin_anew() -> None:
    less = terms(line(mileage=BY_PERIOD.model_copy(update={"included_km": 1_000})))
    book = book_of(signed(AGREED), OUT, amended("04-10", "04-18", less))
    km: Odometers = {
        (A, "03-18 09:00"): "0", (A, "04-18 00:00"): "100", (A, "05-18 00:00"): "1200",
    }  # fmt: skip
    desk = Desk()
    desk.run(book, "04-11")
    found = settled(desk, book, "06-11", km)
    assert [(x.basis["brought_km"], x.amount_fen) for x in found] == [(0, 0), (0, 10_000)]


@pytest.mark.parametrize(
    ("settings", "keys"),
    [(SETTINGS, ["1:1", "1:2"]), (PlanSettings(date(2026, 4, 1)), ["1:2"])],
    ids=["from the start", "from the second period on"],
)
def test_periods_from_before_the_organisation_bills_are_not_settled(
    settings: PlanSettings, keys: list[str]
) -> None:
    found = settled(Desk(settings), RUNNING, "06-11", SECOND)
    assert [each.source.key for each in found] == keys
