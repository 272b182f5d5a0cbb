"""Whatever happens to a lease, in whatever order: no overlap, no hole, and it can be told again.

Most of what is tried here may not follow; then it is refused with an error of the business, and the
book is as it was. What was accepted is kept in a second, simpler way, and compared.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fleet.leasing.as_of import as_of
from fleet.leasing.book import Book, apply, replay
from fleet.leasing.bookings import bookings
from fleet.leasing.events import (
    EVENT,
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
from fleet.leasing.faults import faults_of
from fleet.leasing.terms import BuyOut, Line, Term, Terms
from fleet.local_days import local_day
from kit.errors import DomainError

ZONE: Final = "Asia/Shanghai"
BEGIN: Final = datetime(2026, 1, 30, 2, 0, tzinfo=UTC)
LINES = st.integers(1, 4)
VEHICLES = st.integers(101, 108)
SENSIBLE = st.sampled_from([True] * 5 + [False])
"""Most of what is told makes sense, or the book would hardly ever move."""
Placed = tuple[int, datetime, datetime | None]


@st.composite
def agreed(draw: st.DrawFn, kind: str, starts_on: date, numbers: frozenset[int]) -> Terms:
    own = kind == "lease_to_own"
    unit = draw(st.sampled_from(["day", "month"]))
    lines = [
        Line(
            no=no,
            rent_fen=draw(st.integers(0, 500_000)),
            vin=f"LSJ{no}" if no < 3 and draw(SENSIBLE) else None,
        )
        for no in sorted(numbers)
    ]
    return Terms(
        kind=kind,  # type: ignore[arg-type]
        starts_on=starts_on,
        term=Term(
            count=draw(st.sampled_from([18, 40] if own else [None, 3, 12, 40])),
            unit=unit,
            end=draw(st.sampled_from(["day_before", "corresponding_day"])),
        ),
        lines=tuple(lines),
        buy_out=BuyOut(price_fen=0) if own else None,
    )


class Lease(RuleBasedStateMachine):
    """One lease, from its signing on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.book: Book | None = None
        self.events: list[Event] = []
        self.placed: dict[int, list[Placed]] = {}

    @initialize(
        data=st.data(),
        kind=st.sampled_from(["short", "long", "lease_to_own"]),
        ahead=st.integers(-20, 20),
        numbers=st.frozensets(LINES, min_size=2),
    )
    def signed(self, data: st.DataObject, kind: str, ahead: int, numbers: frozenset[int]) -> None:
        starts_on = local_day(self.now, ZONE) + timedelta(days=ahead)
        terms = data.draw(agreed(kind, starts_on, numbers))
        self.tell(Signed(happened_at=self.now, terms=terms, vehicles={1: 101, 2: 102}))
        for no in sorted(numbers):  # most stories are of leases that run
            self.now += timedelta(hours=5)
            if data.draw(SENSIBLE):
                vehicle = data.draw(st.integers(100, 101)) + no
                if self.tell(HandedOut(happened_at=self.now, line_no=no, vehicle_id=vehicle)):
                    self.placed[no] = [(vehicle, self.now, None)]

    def tell(self, event: Event) -> bool:
        before = self.book
        told_before = repr(before)
        try:
            self.book = apply(before, event, zone=ZONE)
        except DomainError as refused:
            assert type(refused).__module__ == "fleet.leasing.errors"
            assert repr(before) == told_before
            return False
        self.events.append(event)
        return True

    @property
    def known(self) -> Book:
        assert self.book is not None
        return self.book

    @property
    def begun(self) -> bool:
        return self.book is not None

    def current(self, line_no: int) -> Placed | None:
        of_line = self.placed.get(line_no)
        return of_line[-1] if of_line and of_line[-1][2] is None else None

    def closed(self, line_no: int, at: datetime) -> None:
        vehicle, from_at, _ = self.placed[line_no][-1]
        self.placed[line_no][-1] = (vehicle, from_at, at)

    def some(self, data: st.DataObject, wanted: Iterable[int]) -> int:
        """One of the wanted lines, mostly; else any."""
        numbers = sorted(wanted)
        sensible = data.draw(SENSIBLE) and numbers
        return data.draw(st.sampled_from(numbers) if sensible else LINES)

    def lately(self, data: st.DataObject) -> datetime:
        """Now, mostly; else up to eight days ago."""
        hours = 0 if data.draw(SENSIBLE) else data.draw(st.integers(1, 200))
        return self.now - timedelta(hours=hours)

    @rule(hours=st.integers(1, 24 * 20))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.begun and self.book.lines_to_fill)
    @rule(data=st.data(), vehicle=VEHICLES, moved=st.sampled_from([None, None, -3, 0, 2, 33]))
    def handed_out(self, data: st.DataObject, vehicle: int, moved: int | None) -> None:
        no, at = self.some(data, self.known.lines_to_fill), self.lately(data)
        starts = None if moved is None else local_day(at, ZONE) + timedelta(days=moved)
        if self.tell(HandedOut(happened_at=at, line_no=no, vehicle_id=vehicle, starts_on=starts)):
            assert no not in self.placed
            self.placed[no] = [(vehicle, at, None)]

    @precondition(lambda self: self.placed)
    @rule(data=st.data(), vehicle=VEHICLES, hours=st.integers(1, 24 * 20))
    def swapped(self, data: st.DataObject, vehicle: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        no, at = self.some(data, self.known.lines_out), self.lately(data)
        if self.tell(Swapped(happened_at=at, line_no=no, vehicle_id=vehicle, reason="x")):
            self.closed(no, at)
            self.placed[no].append((vehicle, at, None))

    @precondition(lambda self: self.placed)
    @rule(data=st.data())
    def taken_back(self, data: st.DataObject) -> None:
        no, at = self.some(data, self.known.lines_out), self.lately(data)
        if self.tell(TakenBack(happened_at=at, line_no=no)):
            self.closed(no, at)

    @precondition(lambda self: self.begun and len(self.book.versions) < 5)
    @rule(
        data=st.data(),
        days=st.sampled_from([0, 0, 0, 1, 13, -1]),
        numbers=st.frozensets(LINES, min_size=1),
    )
    def amended(self, data: st.DataObject, days: int, numbers: frozenset[int]) -> None:
        book = self.known
        if data.draw(SENSIBLE):
            numbers = numbers | book.lines_out | book.lines_to_fill
        new = data.draw(agreed(book.terms.kind, book.starts_on, numbers))
        latest = max(local_day(self.now, ZONE), book.versions[-1].effective_on)
        event = Amended(
            happened_at=self.now,
            effective_on=latest + timedelta(days=days),
            terms=new,
            reason="x",
            vehicles={data.draw(LINES): data.draw(VEHICLES)},
        )
        self.tell(event)

    @precondition(lambda self: self.begun and self.book.ends_on and len(self.book.versions) < 8)
    @rule(days=st.sampled_from([None, -5, 1, 17, 31, 365]))
    def extended(self, days: int | None) -> None:
        base = self.known.ends_on or local_day(self.now, ZONE)
        ends_on = None if days is None else base + timedelta(days=days)
        self.tell(Extended(happened_at=self.now, ends_on=ends_on))

    @precondition(lambda self: self.begun and self.book.lines_out)
    @rule(data=st.data(), whole=st.booleans(), days=st.sampled_from([0, 0, -1, -9, -40, 1]))
    def suspended(self, data: st.DataObject, whole: bool, days: int) -> None:
        on = local_day(self.now, ZONE) + timedelta(days=days)
        no = None if whole else self.some(data, self.known.lines_out)
        event = Suspended(happened_at=self.now, from_on=on, line_no=no, credited=True, reason="x")
        self.tell(event)

    @precondition(lambda self: self.begun and self.book.suspensions)
    @rule(data=st.data(), days=st.sampled_from([0, 0, -1, -9, -40, 1]))
    def resumed(self, data: st.DataObject, days: int) -> None:
        scopes = [s.line_no for s in self.known.suspensions if s.until_on is None]
        no = data.draw(st.sampled_from(scopes) if scopes else st.none() | LINES)
        on = local_day(self.now, ZONE) + timedelta(days=days)
        self.tell(Resumed(happened_at=self.now, on=on, line_no=no))

    @precondition(lambda self: len(self.events) > 3 and self.book.lines_to_fill)
    @rule(data=st.data())
    def dropped(self, data: st.DataObject) -> None:
        no = self.some(data, self.known.lines_to_fill)
        self.tell(LineDropped(happened_at=self.now, line_no=no, reason="x"))

    @precondition(lambda self: len(self.events) > 8)
    @rule(how=st.sampled_from(["terminated", "bought_out", "cancelled"]))
    def over(self, how: str) -> None:
        at = self.now
        ends: dict[str, Event] = {
            "terminated": Terminated(happened_at=at, by="both", clause=None, reason="x"),
            "bought_out": BoughtOut(happened_at=at),
            "cancelled": Cancelled(happened_at=at, reason="x"),
        }
        if self.tell(ends[how]) and how == "bought_out":
            for no in list(self.placed):
                if self.current(no) is not None:
                    self.closed(no, at)

    @invariant()
    def vehicles_stand_where_they_were_put(self) -> None:
        if self.book is None:
            return
        found: dict[int, list[Placed]] = {}
        for segment in self.book.segments:
            found.setdefault(segment.line_no, []).append(
                (segment.vehicle_id, segment.from_at, segment.until_at)
            )
        assert found == self.placed
        for of_line in found.values():
            assert all(one[2] == two[1] for one, two in pairwise(of_line))

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert self.book is None or faults_of(self.book) == []

    @invariant()
    def told_again_it_is_the_same(self) -> None:
        assert replay(self.events, zone=ZONE) == self.book
        written = [EVENT.dump_json(event) for event in self.events]
        assert replay(map(EVENT.validate_json, written), zone=ZONE) == self.book

    @invariant()
    def a_vehicle_is_promised_once(self) -> None:
        if self.book is None:
            return
        promised = bookings(self.book)
        assert len({booking.line_no for booking in promised}) == len(promised)
        for one, two in combinations(promised, 2):
            apart = (one.until_at is not None and one.until_at <= two.from_at) or (
                two.until_at is not None and two.until_at <= one.from_at
            )
            assert apart or one.vehicle_id != two.vehicle_id

    @invariant()
    def a_day_can_be_asked_for(self) -> None:
        if self.book is not None:
            today = as_of(self.book, local_day(self.now, ZONE))
            assert today.state == self.book.state


TestLease = Lease.TestCase
TestLease.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
