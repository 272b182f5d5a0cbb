"""How a lease stood on a past day."""

import pytest

from fleet.leasing.as_of import as_of, line_on, state_at
from fleet.leasing.events import Event
from tests.fleet.leasing.written import (
    RENT,
    A,
    B,
    amended,
    at,
    back,
    book_of,
    bought,
    cancelled,
    day,
    goes_on,
    line,
    out,
    rests,
    signed,
    swapped,
    terminated,
    terms,
    to_own,
)

STORY: list[Event] = [
    signed(terms(line(1), line(2))),
    out("03-18", A, 1),
    out("03-19", B, 2),
    swapped("03-25 10:00", 21, 1),
    rests("04-01", "04-01", 2),
    rests("04-03", "04-02"),
    goes_on("04-05", "04-05"),
    back("04-10", 2),
    amended("04-11", "04-12", terms(line(1, rent_fen=RENT + 1))),
    back("04-20", 1),
]
DAYS = [
    ("before_signing", "03-09", "draft", {}, False, set()),
    ("signed", "03-10", "signed", {}, False, set()),
    ("the_day_it_begins", "03-18", "active", {1: (A,)}, False, set()),
    ("two_vehicles_on_the_day_of_a_swap", "03-25", "active", {1: (A, 21), 2: (B,)}, False, set()),
    ("the_day_after_it", "03-26", "active", {1: (21,), 2: (B,)}, False, set()),
    ("a_line_rests", "04-01", "active", {1: (21,), 2: (B,)}, False, {2}),
    ("all_rests", "04-02", "suspended", {1: (21,), 2: (B,)}, True, {2}),
    ("it_goes_on", "04-05", "active", {1: (21,), 2: (B,)}, False, {2}),
    ("the_day_one_comes_back", "04-10", "active", {1: (21,), 2: (B,)}, False, {2}),
    ("the_day_after_that", "04-11", "active", {1: (21,), 2: ()}, False, {2}),
    ("the_day_all_is_over", "04-20", "ended", {1: (21,)}, False, {2}),
    ("long_after", "2027-04-20", "ended", {1: ()}, False, {2}),
]


@pytest.mark.parametrize(
    ("on", "state", "vehicles", "suspended", "lines"),
    [pytest.param(*case[1:], id=case[0]) for case in DAYS],
)
def test_a_day(
    on: str, state: str, vehicles: dict[int, tuple[int, ...]], suspended: bool, lines: set[int]
) -> None:
    stood = as_of(book_of(*STORY), day(on))
    assert (stood.state, stood.suspended, stood.suspended_lines) == (state, suspended, lines)
    assert {no: stood.vehicles(no) for no in vehicles} == vehicles


def test_the_terms_of_a_day() -> None:
    book = book_of(*STORY)
    assert as_of(book, day("03-01")).version.no == 1  # agreed, and to come
    assert as_of(book, day("04-11")).version.no == 1
    assert as_of(book, day("04-12")).version.no == 2


def test_a_line_that_was_left_out_keeps_what_was_agreed_last() -> None:
    book = book_of(*STORY)
    assert line_on(book, 2, day("04-12")) == line(2)
    assert line_on(book, 1, day("04-12")) == line(1, rent_fen=RENT + 1)
    assert line_on(book, 1, day("04-11")) == line(1)
    assert line_on(book, 3, day("04-12")) is None


OVER = [
    ("cancelled", [signed(), cancelled("03-11")], "03-10", "03-11"),
    ("terminated", [signed(), out("03-18"), terminated("04-01")], "03-31", "04-01"),
    ("bought_out", [signed(to_own()), out("03-18"), bought("04-01")], "03-31", "04-01"),
]


@pytest.mark.parametrize(("state", "history", "before", "on"), OVER, ids=[case[0] for case in OVER])
def test_the_day_it_was_over(state: str, history: list[Event], before: str, on: str) -> None:
    book = book_of(*history)
    assert as_of(book, day(before)).state == ("signed" if state == "cancelled" else "active")
    assert as_of(book, day(on)).state == state


def test_the_state_just_before_an_instant() -> None:
    book = book_of(signed(), out("03-18 12:00"), back("03-19 12:00"))
    states = [state_at(book, at(when)) for when in ("03-18 12:00", "03-18 12:01", "03-19 12:01")]
    assert states == ["signed", "active", "ended"]
