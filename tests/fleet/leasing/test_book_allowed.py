"""What follows in a book: after these events, the state, the vehicles in the lines, the dates."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from fleet.leasing.book import Book, apply, replay
from fleet.leasing.events import EVENT, Event
from fleet.leasing.faults import faults_of
from fleet.leasing.terms import Term
from tests.fleet.leasing.written import (
    TWO,
    ZONE,
    A,
    B,
    C,
    amended,
    at,
    back,
    book_of,
    bought,
    cancelled,
    day,
    dropped,
    extended,
    goes_on,
    line,
    out,
    places,
    rests,
    signed,
    swapped,
    terminated,
    terms,
    to_own,
)

RUNS: list[Event] = [signed(), out("03-18")]
BOTH: list[Event] = [signed(TWO), out("03-18", A, 1), out("03-18", B, 2)]
CHEAPER = terms(line(rent_fen=280_000))

STATES = [
    ("signed", [signed()], "signed"),
    ("the_first_hand_over_begins_it", RUNS, "active"),
    ("one_of_two_lines_is_enough", [signed(TWO), out("03-18", A, 2)], "active"),
    ("a_swap_changes_nothing_of_it", [*RUNS, swapped("03-20")], "active"),
    ("one_of_two_back", [*BOTH, back("04-01", 1)], "active"),
    ("all_back", [*BOTH, back("04-01", 1), back("04-02", 2)], "ended"),
    ("back_and_a_line_still_to_fill", [*BOTH[:2], back("04-01", 1)], "active"),
    (
        "the_line_to_fill_dropped_then",
        [*BOTH[:2], back("04-01", 1), dropped("04-03", 2)],
        "ended",
    ),
    (
        "the_line_to_fill_dropped_before",
        [*BOTH[:2], dropped("03-20", 2), back("04-01", 1)],
        "ended",
    ),
    ("a_line_dropped_before_it_began", [signed(TWO), dropped("03-11", 2)], "signed"),
    ("after_the_last_day_it_goes_on", [*RUNS, swapped("2027-04-01")], "active"),
    ("back_after_the_last_day", [*RUNS, back("2027-04-01")], "ended"),
    ("rests", [*RUNS, rests("03-25", "03-25")], "suspended"),
    ("rests_since_a_month_ago", [*RUNS, rests("05-02", "04-01")], "suspended"),
    ("one_line_rests", [*BOTH, rests("03-25", "03-25", 1)], "active"),
    ("goes_on", [*RUNS, rests("03-25", "03-25"), goes_on("03-28", "03-28")], "active"),
    ("goes_on_the_same_day", [*RUNS, rests("03-25", "03-25"), goes_on("03-25", "03-25")], "active"),
    (
        "rests_again_from_the_day_it_went_on",
        [
            *RUNS,
            rests("03-25", "03-25"),
            goes_on("03-28", "03-28"),
            rests("03-29", "03-28"),
        ],
        "suspended",
    ),
    (
        "a_line_rests_while_all_does",
        [*BOTH, rests("03-25", "03-25"), rests("03-26", "03-26", 2)],
        "suspended",
    ),
    ("swapped_while_it_rests", [*RUNS, rests("03-25", "03-25"), swapped("03-26")], "suspended"),
    ("back_while_it_rests", [*RUNS, rests("03-25", "03-25"), back("03-26")], "ended"),
    ("terminated", [*RUNS, terminated("04-01")], "terminated"),
    (
        "terminated_while_it_rests",
        [*RUNS, rests("03-25", "03-25"), terminated("04-01")],
        "terminated",
    ),
    ("back_after_termination", [*RUNS, terminated("04-01"), back("04-05")], "terminated"),
    ("bought", [signed(to_own()), out("03-18"), bought("2027-03-17")], "bought_out"),
    (
        "bought_what_is_left",
        [
            signed(to_own(line(1), line(2))),
            out("03-18", A, 1),
            out("03-18", B, 2),
            back("05-01", 2),
            bought("2027-03-17"),
        ],
        "bought_out",
    ),
    ("cancelled", [signed(), cancelled("03-11")], "cancelled"),
    ("amended_before_it_began", [signed(), amended("03-11", "03-18", CHEAPER)], "signed"),
]


@pytest.mark.parametrize(
    ("history", "state"), [pytest.param(*case[1:], id=case[0]) for case in STATES]
)
def test_the_state(history: list[Event], state: str) -> None:
    book = book_of(*history)
    assert book.state == state
    assert book.last_event_no == len(history)
    assert faults_of(book) == []
    again = [EVENT.validate_json(EVENT.dump_json(event)) for event in history]
    assert replay(again, zone=ZONE) == book


PLACES = [
    ("a_swap", [*RUNS, swapped("03-20 09:30")], [(1, A, "03-18 12:00", "03-20 09:30"),
                                                  (1, B, "03-20 09:30", "")]),
    ("there_and_back", [*RUNS, swapped("03-20"), swapped("03-22", A), back("04-01")],
     [(1, A, "03-18 12:00", "03-20 12:00"), (1, B, "03-20 12:00", "03-22 12:00"),
      (1, A, "03-22 12:00", "04-01 12:00")]),
    ("written_down_late", [signed(TWO), out("03-18", A, 1), swapped("03-25", C, 1),
                           out("03-19 08:00", B, 2), back("03-24", 2)],
     [(1, A, "03-18 12:00", "03-25 12:00"), (1, C, "03-25 12:00", ""),
      (2, B, "03-19 08:00", "03-24 12:00")]),
    ("a_vehicle_goes_to_the_other_line",
     [signed(TWO), out("03-18", A, 1), swapped("03-20", B, 1), out("03-20", A, 2)],
     [(1, A, "03-18 12:00", "03-20 12:00"), (1, B, "03-20 12:00", ""), (2, A, "03-20 12:00", "")]),
    ("bought", [signed(to_own()), out("03-18"), bought("06-01")],
     [(1, A, "03-18 12:00", "06-01 12:00")]),
    ("terminated_and_still_out", [*RUNS, terminated("06-01")], [(1, A, "03-18 12:00", "")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "expected"), [pytest.param(*case[1:], id=case[0]) for case in PLACES]
)
def test_the_vehicles(history: list[Event], expected: list[tuple[int, int, str, str]]) -> None:
    book = book_of(*history)
    assert places(book) == expected
    assert faults_of(book) == []


EXTENDED = [
    ("by_a_year", extended("04-01", "2028-03-17"), "2028-03-17", Term(count=24)),
    ("to_an_odd_day", extended("04-01", "2027-06-30"), "2027-06-30", Term(count=470, unit="day")),
    ("without_an_end", extended("04-01", None), None, Term()),
    ("after_the_last_day", extended("2027-04-02", "2027-06-17"), "2027-06-17", Term(count=15)),
]


@pytest.mark.parametrize(
    ("event", "ends", "term"), [pytest.param(*case[1:], id=case[0]) for case in EXTENDED]
)
def test_extended(event: Event, ends: str | None, term: Term) -> None:
    book = book_of(*RUNS, event)
    assert book.ends_on == (None if ends is None else day(ends))
    assert book.terms.term == term
    assert (book.starts_on, book.terms.starts_on) == (day("03-18"), day("03-18"))
    assert [version.no for version in book.versions] == [1, 2]
    assert book.versions[0].terms == terms()


def test_an_extension_waits_for_the_amendment_to_come() -> None:
    book = book_of(*RUNS, amended("04-01", "06-01", CHEAPER), extended("04-02", "2028-03-17"))
    assert [str(version.effective_on) for version in book.versions] == [
        "2026-03-18",
        "2026-06-01",
        "2026-06-01",
    ]
    assert book.version_on(day("05-31")).terms == terms()
    assert book.version_on(day("06-01")).terms.lines == CHEAPER.lines
    assert book.version_on(day("06-01")).terms.term == Term(count=24)


def test_an_amendment_on_its_day_is_in_force_that_day() -> None:
    book = book_of(*RUNS, amended("04-01", "04-01", CHEAPER))
    assert book.version_on(day("03-31")).terms == terms()
    assert book.version_on(day("04-01")).terms == CHEAPER


def test_the_day_of_an_amendment_is_that_of_the_organisation() -> None:
    early = at("04-01 00:30")  # still 31 March in UTC
    event = amended("04-01", "04-01", CHEAPER).model_copy(update={"happened_at": early})
    assert len(apply(book_of(*RUNS), event, zone=ZONE).versions) == 2


def test_an_amendment_adds_a_line_and_leaves_out_what_came_back() -> None:
    book = book_of(
        *BOTH,
        back("04-01", 1),
        amended("04-02", "04-02", terms(line(2), line(3))),
        out("04-03", C, 3),
    )
    assert book.lines_out == {2, 3}
    assert book.lines_filled == {1, 2, 3}
    assert book.lines_to_fill == frozenset()


def test_a_dropped_line_may_stay_in_the_terms() -> None:
    book = book_of(signed(TWO), dropped("03-11", 2), amended("03-12", "03-18", TWO), out("03-18"))
    assert book.lines_to_fill == frozenset()
    assert apply(book, back("04-01"), zone=ZONE).state == "ended"


MOVED = [
    ("later", "03-25", "03-25", "2027-03-24"),
    ("earlier", "03-15", "03-15", "2027-03-14"),
    ("handed_over_in_the_evening_before", "03-17 20:00", "03-18", "2027-03-17"),
    ("a_month_later", "03-25", "04-25", "2027-04-24"),
]


@pytest.mark.parametrize(
    ("when", "starts", "ends"), [pytest.param(*case[1:], id=case[0]) for case in MOVED]
)
def test_the_first_hand_over_moves_the_start_and_the_end(when: str, starts: str, ends: str) -> None:
    book = book_of(signed(), out(when, starts=starts))
    assert (book.starts_on, book.ends_on) == (day(starts), day(ends))
    assert book.started_at == at(when)
    assert book.version_on(day("06-01")).terms.starts_on == day(starts)
    assert book.versions[0].terms == terms()
    assert len(book.versions) == (1 if starts == "03-18" else 2)
    assert faults_of(book) == []


def test_a_moved_start_takes_the_amended_terms_along() -> None:
    book = book_of(signed(), amended("03-11", "03-18", CHEAPER), out("03-15", starts="03-15"))
    assert book.version_on(day("03-15")).terms == CHEAPER.model_copy(
        update={"starts_on": day("03-15")}
    )
    assert faults_of(book) == []


def test_a_moved_start_brings_the_lines_that_were_added() -> None:
    book = book_of(
        signed(),
        amended("03-11", "03-18", TWO),
        out("03-15", B, 2, starts="03-15"),
        out("03-16", A),
    )
    assert book.lines_out == {1, 2}


ENDED = [
    ("in_their_order", [*BOTH, back("04-01", 1), back("04-02", 2)], "04-02"),
    ("the_earlier_return_told_last", [*BOTH, back("04-02", 2), back("04-01", 1)], "04-02"),
    ("a_return_told_after_an_amendment", [*RUNS, amended("04-05", "04-05", CHEAPER), back("04-01")],
     "04-01"),
    ("by_the_line_that_was_dropped", [*BOTH[:2], back("04-01", 1), dropped("04-03", 2)], "04-03"),
    ("by_termination_though_out_longer", [*RUNS, terminated("04-01"), back("04-05")], "04-01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "when"), [pytest.param(*case[1:], id=case[0]) for case in ENDED]
)
def test_when_it_ended(history: list[Event], when: str) -> None:
    assert book_of(*history).ended_at == at(when)


def test_a_hand_over_told_late_was_the_first() -> None:
    book = book_of(signed(TWO), out("03-20", A, 1), out("03-18", B, 2))
    assert book.started_at == at("03-18")
    assert book.last_event_at == at("03-20")


def test_an_untouched_suspension_stays_as_it_was_told() -> None:
    book = book_of(*BOTH, rests("03-25", "03-24", 1), rests("03-26", "03-26"))
    later = apply(book, goes_on("03-30", "03-29"), zone=ZONE)
    assert [(s.line_no, str(s.from_on), s.until_on) for s in later.suspensions] == [
        (1, "2026-03-24", None),
        (None, "2026-03-26", day("03-29")),
    ]


CHOSEN = terms(line(1, vin="LSJA"), line(2, vin="LSJB"))
CHOICES: list[tuple[str, list[Event], dict[int, int]]] = [
    ("both", [signed(CHOSEN, line1=A, line2=B)], {1: A, 2: B}),
    ("only_lines_that_name_one", [signed(TWO, line1=A)], {}),
    ("filled_as_chosen", [signed(CHOSEN, line1=A, line2=B), out("03-18", A, 1)], {2: B}),
    ("filled_otherwise", [signed(CHOSEN, line1=A, line2=B), out("03-18", C, 1)], {2: B}),
    ("put_into_the_other_line", [signed(CHOSEN, line1=A, line2=B), out("03-18", B, 1)], {}),
    ("swapped_into_another_line",
     [signed(CHOSEN, line1=A, line2=B), out("03-18", A, 1), swapped("03-19", B, 1)], {}),
    ("dropped", [signed(CHOSEN, line1=A, line2=B), dropped("03-11", 1)], {2: B}),
    ("kept_by_an_amendment",
     [signed(CHOSEN, line1=A, line2=B), amended("03-11", "03-18", CHOSEN)], {1: A, 2: B}),
    ("chosen_anew",
     [signed(CHOSEN, line1=A, line2=B),
      amended("03-11", "03-18", terms(line(1, vin="LSJC"), line(2)), line1=C)], {1: C}),
    ("cancelled", [signed(CHOSEN, line1=A, line2=B), cancelled("03-11")], {}),
    ("terminated",
     [signed(CHOSEN, line1=A, line2=B), out("03-18", A, 1), terminated("03-19")], {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CHOICES]
)
def test_what_is_chosen(history: list[Event], expected: dict[int, int]) -> None:
    book = book_of(*history)
    assert {choice.line_no: choice.vehicle_id for choice in book.chosen} == expected
    assert faults_of(book) == []


READINGS: list[tuple[str, Callable[[Book], object], object]] = [
    ("lines_out", lambda book: book.lines_out, {2}),
    ("lines_filled", lambda book: book.lines_filled, {1, 2}),
    ("lines_to_fill", lambda book: book.lines_to_fill, {3}),
    (
        "current_of_a_line_that_is_out",
        lambda book: book.current(2) and book.current(2).vehicle_id,
        B,
    ),  # type: ignore[union-attr]
    ("current_of_a_line_that_came_back", lambda book: book.current(1), None),
    ("of_line", lambda book: [s.vehicle_id for s in book.of_line(1)], [A, C]),
]


@pytest.mark.parametrize(
    ("reading", "expected"), [pytest.param(*case[1:], id=case[0]) for case in READINGS]
)
def test_what_a_book_says_of_its_lines(reading: Callable[[Book], object], expected: object) -> None:
    agreed = terms(line(1), line(2), line(3), line(4))
    told = [signed(agreed), dropped("03-11", 4), out("03-18", A, 1), out("03-18", B, 2)]
    assert reading(book_of(*told, swapped("03-19", C, 1), back("03-20", 1))) == expected


def test_terms_in_months_are_extended_in_months_from_a_clamped_start() -> None:
    book = book_of(signed(terms(starts_on=day("01-31"), months=1), on="01-20"))
    assert book.ends_on == day("02-27")
    longer = apply(book, extended("02-01", "2026-03-30"), zone=ZONE)
    assert longer.terms.term == Term(count=2)
    assert longer.versions[-1].effective_on == day("02-01")
    assert longer.ends_on == day("02-27") + timedelta(days=31)
