"""A book that was tampered with is found out, each time by the sentence that says how."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fleet.leasing.book import Book, Choice
from fleet.leasing.faults import faults_of
from fleet.leasing.terms import Term
from tests.fleet.leasing.written import (
    A,
    amended,
    at,
    book_of,
    day,
    goes_on,
    line,
    out,
    rests,
    signed,
    swapped,
    terms,
)

SOUND = book_of(
    signed(terms(line(1), line(2), line(3, vin="LSJ")), line3=23),
    out("03-18", A, 1),
    swapped("03-20", 21, 1),
    out("03-19", 22, 2),
    amended("03-21", "04-01", terms(line(1, rent_fen=1), line(2), line(3, vin="LSJ"))),
    rests("03-22", "03-22"),
    goes_on("03-24", "03-24"),
    rests("03-26", "03-26"),
)
FIRST, SECOND, OTHER = SOUND.segments


def segments(*changed: object) -> Callable[[Book], Book]:
    return lambda book: replace(book, segments=changed)  # type: ignore[arg-type]


def with_version(**changed: object) -> Callable[[Book], Book]:
    def tampered(book: Book) -> Book:
        one, two = book.versions
        return replace(book, versions=(one, replace(two, **changed)))  # type: ignore[arg-type]

    return tampered


def having(**changed: object) -> Callable[[Book], Book]:
    return lambda book: replace(book, **changed)  # type: ignore[arg-type]


def resting(place: int, **changed: object) -> Callable[[Book], Book]:
    def tampered(book: Book) -> Book:
        each = list(book.suspensions)
        each[place] = replace(each[place], **changed)  # type: ignore[arg-type]
        return replace(book, suspensions=tuple(each))

    return tampered


CASES: list[tuple[str, Callable[[Book], Book]]] = [
    ("line 1: a hole between two vehicles",
     segments(replace(FIRST, until_at=at("03-19")), SECOND, OTHER)),
    ("line 1: two vehicles at once",
     segments(replace(FIRST, until_at=at("03-21")), SECOND, OTHER)),
    ("line 1: two vehicles at once",
     segments(replace(FIRST, until_at=None, until_event_no=None), SECOND, OTHER)),
    ("line 1: a swap in two events", segments(replace(FIRST, until_event_no=9), SECOND, OTHER)),
    ("line 1: a vehicle swapped for itself",
     segments(FIRST, replace(SECOND, vehicle_id=A), OTHER)),
    ("line 1: a vehicle left before it came",
     segments(replace(FIRST, from_at=at("03-20")), SECOND, OTHER)),
    ("line 1: a vehicle left without an event",
     segments(replace(FIRST, until_event_no=None), SECOND, OTHER)),
    ("line 2: handed over before the lease was signed",
     segments(FIRST, SECOND, replace(OTHER, from_at=at("03-09")))),
    ("line 7: filled and never agreed", segments(FIRST, SECOND, replace(OTHER, line_no=7))),
    ("line 2: filled and dropped", having(dropped_lines=frozenset({2}))),
    ("lines 1 and 2: one vehicle in both at once",
     segments(FIRST, SECOND, replace(OTHER, vehicle_id=21))),
    ("versions: their numbers have a gap", with_version(no=3)),
    ("version 2: its event is not after that of the one before", with_version(event_no=1)),
    ("version 2: in force before the one before it", with_version(effective_on=day("03-17"))),
    ("version 2: another kind or way of billing",
     with_version(terms=terms(line(1), line(2), line(3, vin="LSJ"), kind="short"))),
    ("version 2: ends before it begins",
     with_version(terms=SOUND.terms.model_copy(update={"term": Term(count=3, unit="day")}))),
    ("starts_on is not that of the latest version", having(starts_on=day("03-19"))),
    ("ends_on is not that of the latest version", having(ends_on=None)),
    ("last_event_at lies before something that happened", having(last_event_at=at("03-19"))),
    ("last_event_no is below that of something that happened", having(last_event_no=3)),
    ("suspensions: their numbers have a gap", resting(1, no=3)),
    ("suspension 1: ends before it begins", resting(0, until_on=day("03-21"))),
    ("suspensions 1 and 2: the same rests twice", resting(0, until_on=day("03-27"))),
    ("suspensions 1 and 2: the same rests twice", resting(0, until_on=None)),
    ("active: and the whole rests", having(state="active")),
    ("suspended: and the whole does not rest", resting(1, until_on=day("03-27"))),
    ("signed: and 3 vehicles were handed over", having(state="signed")),
    ("started_at is not the first hand-over", having(started_at=at("03-19"))),
    ("ended: ended_at is None", having(state="ended")),
    ("suspended: ended_at is 2026-03-27 12:00:00+08:00", having(ended_at=at("03-27"))),
    ("ended: and line 1 is out", having(state="ended", ended_at=at("03-27"))),
    ("ended: and line 3 was never filled", having(state="ended", ended_at=at("03-27"))),
    ("bought out: and no lease-to-own", having(state="bought_out", ended_at=at("03-27"))),
    ("suspended: and nothing is out, nor to be filled",
     having(segments=(replace(FIRST, until_event_no=3),), dropped_lines=frozenset({2, 3}))),
    ("chosen: for a line that is not to be filled", having(chosen=(Choice(1, 23),))),
    ("chosen: one vehicle for two lines", having(chosen=(Choice(3, 23), Choice(4, 23)))),
    ("chosen: a vehicle that is out already", having(chosen=(Choice(3, 21),))),
]  # fmt: skip


def test_a_sound_book_has_no_fault() -> None:
    assert faults_of(SOUND) == []


@pytest.mark.parametrize(("sentence", "tamper"), CASES, ids=[case[0] for case in CASES])
def test_found_out(sentence: str, tamper: Callable[[Book], Book]) -> None:
    assert sentence in faults_of(tamper(SOUND))
