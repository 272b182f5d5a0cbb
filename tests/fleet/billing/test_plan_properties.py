"""Whatever happens to a lease: what is billed in the end is what a plain calendar says, once."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from hypothesis import event, given, settings
from hypothesis import strategies as st

from fleet.billing.context import AcceptedCharge, PlanSettings
from fleet.billing.model import Source
from fleet.leasing.rent_periods import periods_of
from fleet.leasing.terms import Proration
from tests.fleet.billing.desk import Desk
from tests.fleet.billing.lives import BEGIN, Life, calendar_rents, gone_on, lives

ALL = PlanSettings(date(2020, 1, 1))
ANY: Final[tuple[Proration, ...]] = ("actual_days", "fixed_30", "none")


def bill_at_the_end(life: Life, on: date) -> Desk:
    desk = Desk(ALL)
    desk.run(life.book, on)
    return desk


def rents(desk: Desk) -> dict[Source, int]:
    return {source: fen for source, fen in desk.billed().items() if source.kind == "rent" and fen}


@settings(max_examples=200, deadline=None)
@given(life=lives(), later=st.integers(0, 200))
def test_what_is_billed_is_what_a_calendar_says_day_by_day(life: Life, later: int) -> None:
    once = life.book.terms.billing == "once"
    on = date(2036, 1, 1) if once else life.last_on + timedelta(days=later)
    desk = bill_at_the_end(life, on)
    event(f"{life.book.terms.billing} {life.book.state}")
    ahead = ALL.issue_days + life.book.terms.pays_ahead_days + 1
    wanted = calendar_rents(life.book, on + timedelta(days=ahead))
    found: dict[tuple[int, int], int] = {}
    for source, fen in rents(desk).items():
        line_no, period_no = (int(part) for part in source.key.split(":"))
        key = (line_no, 0 if once else period_no)
        found[key] = found.get(key, 0) + fen
    roundings = len(list(periods_of(life.book, until_on=on))) if once else 1
    for key, exact in wanted.items():
        assert abs(found.pop(key, 0) - exact) <= Fraction(roundings, 2), key
    assert found == {}


@settings(max_examples=100, deadline=None)
@given(life=lives(ANY), later=st.integers(0, 40))
def test_asked_again_there_is_nothing_new(life: Life, later: int) -> None:
    on = life.last_on + timedelta(days=later)
    desk = bill_at_the_end(life, on)
    again = desk.planned(life.book, on)
    assert [draft for draft in again.drafts if draft.issue_on <= on] == []
    assert again.credits == ()


@settings(max_examples=60, deadline=None)
@given(life=lives(ANY), later=st.integers(35, 70))
def test_billed_every_day_or_once_after_a_long_down_time_it_comes_to_the_same(
    life: Life, later: int
) -> None:
    """While something rests and nobody knows how long, what was billed before stands: so all of it
    goes on in the end.
    """
    gone_on(life)
    on = life.last_on + timedelta(days=later)
    charge = AcceptedCharge("k", "cleaning", "清洁费", 10_000, BEGIN)
    daily = Desk(ALL)
    day = BEGIN
    while day <= on:
        book = life.book_on(day)
        if book is not None:
            daily.run(book, day, charges=[charge])
        day += timedelta(days=1)
    once = Desk(ALL)
    once.run(life.book, on, charges=[charge])
    assert rents(daily) == rents(once)


@settings(max_examples=100, deadline=None)
@given(life=lives(ANY), later=st.integers(0, 70))
def test_nothing_is_below_zero_and_pieces_are_of_days_that_do_not_overlap(
    life: Life, later: int
) -> None:
    desk = Desk(ALL)
    for day, book in life.books.items():
        desk.run(book, day)
    desk.run(life.book, life.last_on + timedelta(days=later))
    for _on, bill in desk.bills:
        assert all(line.amount_fen > 0 for line in bill.lines)
        ends: dict[Source, date] = {}
        for line in bill.lines:
            if line.kind == "rent" and "billed_fen" not in line.basis:
                assert line.from_on is not None and line.until_on is not None
                assert ends.get(line.source, date.min) <= line.from_on < line.until_on
                ends[line.source] = line.until_on
    assert all(credit.amount_fen > 0 for _on, credit in desk.credits)
    assert all(fen >= 0 for fen in desk.billed().values())
    purposes = [bill.purpose for _on, bill in desk.bills]
    assert len(purposes) == len(set(purposes))
