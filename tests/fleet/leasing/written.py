"""Leases as tests write them: short words for terms, events and instants of Shanghai."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fleet.leasing.book import Book, replay
from fleet.leasing.events import (
    Amended,
    BoughtOut,
    Cancelled,
    Event,
    Extended,
    HandedOut,
    LineDropped,
    Resumed,
    Signed,
    Suspended,
    Swapped,
    TakenBack,
    Terminated,
)
from fleet.leasing.terms import BuyOut, Line, Term, Terms

ZONE: Final = "Asia/Shanghai"
A, B, C, D = 11, 12, 13, 14
"""Vehicles."""
RENT: Final = 300_000


def day(text: str) -> date:
    """`2026-03-18`; the year is 2026 if it is not said."""
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def at(text: str) -> datetime:
    """`03-18 09:30` or `03-18`, which is noon, in Shanghai."""
    on, _, time = text.partition(" ")
    clock = datetime.strptime(time or "12:00", "%H:%M").time()  # noqa: DTZ007 — zone is added
    return datetime.combine(day(on), clock, ZoneInfo(ZONE))


def line(no: int = 1, **more: Any) -> Line:
    return Line(**{"no": no, "rent_fen": RENT, **more})


def terms(*lines: Line, months: int | None = 12, **more: Any) -> Terms:
    """A long lease from 2026-03-18 for twelve months, of one vehicle if no line is said."""
    facts: dict[str, Any] = {
        "kind": "long",
        "starts_on": day("03-18"),
        "term": Term(count=months),
        "lines": lines or (line(),),
    }
    return Terms(**{**facts, **more})


def to_own(*lines: Line, **more: Any) -> Terms:
    return terms(*lines, kind="lease_to_own", buy_out=BuyOut(price_fen=0), **more)


TWO: Final = terms(line(1), line(2))


def signed(agreed: Terms | None = None, on: str = "03-10", **vehicles: int) -> Signed:
    """Signed; `line1=A` chooses a vehicle."""
    chosen = {int(name.removeprefix("line")): vehicle for name, vehicle in vehicles.items()}
    return Signed(happened_at=at(on), terms=agreed or terms(), vehicles=chosen)


def out(when: str, vehicle: int = A, no: int = 1, starts: str | None = None) -> HandedOut:
    starts_on = None if starts is None else day(starts)
    return HandedOut(happened_at=at(when), line_no=no, vehicle_id=vehicle, starts_on=starts_on)


def swapped(when: str, vehicle: int = B, no: int = 1) -> Swapped:
    return Swapped(happened_at=at(when), line_no=no, vehicle_id=vehicle, reason="维修")


def back(when: str, no: int = 1) -> TakenBack:
    return TakenBack(happened_at=at(when), line_no=no)


def amended(when: str, effective: str, agreed: Terms, **vehicles: int) -> Amended:
    chosen = {int(name.removeprefix("line")): vehicle for name, vehicle in vehicles.items()}
    return Amended(
        happened_at=at(when),
        effective_on=day(effective),
        terms=agreed,
        reason="补充协议",
        vehicles=chosen,
    )


def extended(when: str, to: str | None) -> Extended:
    return Extended(happened_at=at(when), ends_on=None if to is None else day(to))


def rests(when: str, from_on: str, no: int | None = None) -> Suspended:
    return Suspended(
        happened_at=at(when), from_on=day(from_on), line_no=no, credited=True, reason="停运"
    )


def goes_on(when: str, on: str, no: int | None = None) -> Resumed:
    return Resumed(happened_at=at(when), on=day(on), line_no=no)


def dropped(when: str, no: int = 1) -> LineDropped:
    return LineDropped(happened_at=at(when), line_no=no, reason="客户减少")


def terminated(when: str) -> Terminated:
    return Terminated(happened_at=at(when), by="lessor", clause="第12条", reason="欠租")


def bought(when: str) -> BoughtOut:
    return BoughtOut(happened_at=at(when))


def cancelled(when: str) -> Cancelled:
    return Cancelled(happened_at=at(when), reason="客户放弃")


def book_of(*events: Event) -> Book:
    """The book of these events."""
    book = replay(events, zone=ZONE)
    assert book is not None
    return book


def places(book: Book) -> Sequence[tuple[int, int, str, str]]:
    """Line, vehicle, from and until, as one reads them in Shanghai."""
    return [
        (s.line_no, s.vehicle_id, _told(s.from_at), "" if s.until_at is None else _told(s.until_at))
        for s in book.segments
    ]


def _told(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(ZONE)).strftime("%m-%d %H:%M")
