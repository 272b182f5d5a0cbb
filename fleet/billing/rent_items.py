"""Decides what the rent of a line in a period comes to, and of which pieces it is made.

By month: the days that count, as a share of the month by the proration that was agreed, shared out
among terms and vehicles by days. Rounded once a line and period; the pieces add up to it. Leaves
out when it is billed (`plan.py`) and what was billed before (`differences.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any, Final

from fleet.billing.model import LineDraft, Source
from fleet.billing.stretches import Stretch, within
from fleet.lease_book import ONE_DAY, MonthPart, RentPeriod, Rhythm, share_of
from kit.money import allocate, round_fen

RULE: Final = "民法典 §721"
"""The lessee pays the rent as agreed."""


@dataclass(frozen=True, slots=True)
class RentItem:
    """The rent of a line in a period.

    `at_most_fen` counts the days of a suspension that nobody has ended yet: of a period that runs,
    what was billed stands as long as it lies between the two. `line_days` are the line's, of all
    its time.
    """

    source: Source
    line_no: int
    period: RentPeriod
    rhythm: Rhythm
    line_days: Sequence[Stretch]
    amount_fen: int
    at_most_fen: int

    @property
    def stretches(self) -> list[Stretch]:
        """Its days, resting ones among them."""
        return within(self.line_days, self.period.from_on, self.period.until_on)

    @property
    def pieces(self) -> tuple[LineDraft, ...]:
        """The lines that bill it, by terms and vehicle; they add up to it."""
        mine = self.stretches
        let = [each for each in mine if not each.rests]
        pieces = _pieces(let, self.period, self.rhythm)
        resting = _resting_days(mine, self.rhythm)
        return _drafts(self.source, self.line_no, pieces, self.amount_fen, resting)


@dataclass(slots=True)
class _Piece:
    stretch: Stretch
    exact: Fraction = Fraction(0)
    months: list[tuple[int, int]] = field(default_factory=list)


def rent_item(
    line_no: int, period: RentPeriod, stretches: Sequence[Stretch], rhythm: Rhythm
) -> RentItem:
    """The rent of a line in a period of the lease, by the days of `stretches_of`.

    3,000 yuan from 2026-03-18 by calendar months: 14 of 31 days; vehicle 12 comes on the 25th.

    >>> from fleet.lease_book import Line, Terms, Version
    >>> from fleet.leasing.terms import Term
    >>> start, line = date(2026, 3, 18), Line(no=1, rent_fen=300_000)
    >>> terms = Terms(kind="long", starts_on=start, term=Term(count=12), lines=(line,))
    >>> agreed = Version(1, 1, start, terms)
    >>> days = [
    ...     Stretch(start, date(2026, 3, 25), agreed, line, 11),
    ...     Stretch(date(2026, 3, 25), date(2027, 3, 18), agreed, line, 12),
    ... ]
    >>> march = RentPeriod(1, start, date(2026, 4, 1), (MonthPart(14, 31),))
    >>> item = rent_item(1, march, days, Rhythm(start, "calendar_month"))
    >>> item.amount_fen, [(piece.vehicle_id, piece.amount_fen) for piece in item.pieces]
    (135484, [(11, 67742), (12, 67742)])
    """
    source = Source("rent", f"{line_no}:{period.no}")
    amount = at_most = _whole_rent(stretches, period)
    if amount is None or at_most is None:
        mine = within(stretches, period.from_on, period.until_on)
        amount = at_most = _rent([each for each in mine if not each.rests], period, rhythm)
        if any(each.rests_on for each in mine):
            let = [each for each in mine if each.rests_on or not each.rests]
            at_most = max(amount, _rent(let, period, rhythm))
    return RentItem(source, line_no, period, rhythm, stretches, amount, at_most)


def _whole_rent(stretches: Sequence[Stretch], period: RentPeriod) -> int | None:
    """What most periods cost: a whole month on the same terms; None: it is not so simple."""
    if len(period.months) != 1 or not period.months[0].whole:
        return None
    for each in stretches:
        if each.from_on <= period.from_on and period.until_on <= each.until_on:
            return None if each.rests or each.line.per == "day" else each.line.rent_fen
    return None


def _rent(let: Sequence[Stretch], period: RentPeriod, rhythm: Rhythm) -> int:
    pieces = _pieces(let, period, rhythm)
    return round_fen(sum((piece.exact for piece in pieces), Fraction(0)))


def days_counted(rhythm: Rhythm, from_on: date, until_on: date) -> int:
    """The days of [from_on, until_on) that count: not the first of all, where the term ends on the
    corresponding day (Civil Code §201).

    >>> day = date(2026, 3, 18)
    >>> days_counted(Rhythm(day), day, date(2026, 4, 18))
    31
    >>> days_counted(Rhythm(day, end="corresponding_day"), day, date(2026, 4, 19))
    31
    """
    uncounted = rhythm.end == "corresponding_day" and from_on <= rhythm.anchor_on < until_on
    return (until_on - from_on).days - (1 if uncounted else 0)


def months_of(rhythm: Rhythm, period: RentPeriod) -> Iterator[tuple[date, date, int]]:
    """The months of rent a period lies in, [from, until) and the days of each.

    >>> year = Rhythm(date(2026, 1, 31), "once")
    >>> whole = RentPeriod(1, date(2026, 1, 31), date(2026, 3, 31), year.parts(
    ...     date(2026, 1, 31), date(2026, 3, 31)))
    >>> [(str(a), str(b), days) for a, b, days in months_of(year, whole)]
    [('2026-01-31', '2026-02-28', 28), ('2026-02-28', '2026-03-31', 31)]
    """
    place = period.no - 1 if rhythm.billing != "once" else 0
    for part in period.months:
        month_from, month_until = rhythm.month(place)
        while month_until <= period.from_on:
            place += 1
            month_from, month_until = rhythm.month(place)
        yield month_from, month_until, part.of_days
        place += 1


def _pieces(let: Sequence[Stretch], period: RentPeriod, rhythm: Rhythm) -> list[_Piece]:
    """What each stretch costs, before rounding."""
    pieces = [_Piece(each) for each in let]
    for month_from, month_until, of_days in months_of(rhythm, period):
        inside = []
        for piece in pieces:
            begin = max(piece.stretch.from_on, month_from)
            end = min(piece.stretch.until_on, month_until)
            days = days_counted(rhythm, begin, end) if begin < end else 0
            if days > 0:
                inside.append((piece, days))
        counted = sum(days for _piece, days in inside)
        for piece, days in inside:
            piece.exact += _cost(piece.stretch, MonthPart(counted, of_days), days)
            piece.months.append((days, of_days))
    return [piece for piece in pieces if piece.months]


def _cost(stretch: Stretch, counted: MonthPart, days: int) -> Fraction:
    """Of so many days, out of those that count in the month."""
    rent_fen = stretch.line.rent_fen
    if stretch.line.per == "day":
        return Fraction(rent_fen * days)
    if counted.whole and days == counted.days:
        return Fraction(rent_fen)
    share = share_of(counted, stretch.version.terms.proration)
    return rent_fen * share * Fraction(days, counted.days)


def _drafts(
    source: Source, line_no: int, pieces: Sequence[_Piece], amount_fen: int, resting_days: int
) -> tuple[LineDraft, ...]:
    if amount_fen == 0:
        return ()
    if len(pieces) == 1:
        amounts = [amount_fen]
    else:
        scale = lcm(*(piece.exact.denominator for piece in pieces))
        amounts = allocate(amount_fen, [int(piece.exact * scale) for piece in pieces])
    return tuple(
        LineDraft(
            kind="rent",
            title=f"租金 {day_range(piece.stretch.from_on, piece.stretch.until_on)}",
            amount_fen=fen,
            source=source,
            line_no=line_no,
            vehicle_id=piece.stretch.vehicle_id,
            from_on=piece.stretch.from_on,
            until_on=piece.stretch.until_on,
            basis=_basis(piece, amount_fen if len(pieces) > 1 else None, resting_days),
        )
        for piece, fen in zip(pieces, amounts, strict=True)
        if fen != 0
    )


def _basis(piece: _Piece, whole_fen: int | None, resting_days: int) -> dict[str, Any]:
    stretch = piece.stretch
    told: dict[str, Any] = {
        "rent_fen": stretch.line.rent_fen,
        "per": stretch.line.per,
        "days": sum(days for days, _of in piece.months),
        "of_days": sum(of for _days, of in piece.months),
        "proration": stretch.version.terms.proration,
        "version": stretch.version.no,
        "rule": RULE,
    }
    if len(piece.months) > 1:
        told["months"] = [list(month) for month in piece.months]
    if whole_fen is not None:
        told["of_fen"] = whole_fen
    if resting_days:
        told["suspended_days"] = resting_days
    return told


def _resting_days(stretches: Sequence[Stretch], rhythm: Rhythm) -> int:
    return sum(days_counted(rhythm, e.from_on, e.until_on) for e in stretches if e.rests)


def day_range(from_on: date, until_on: date) -> str:
    """[from_on, until_on) as people read it: both days count.

    >>> day_range(date(2026, 3, 18), date(2026, 4, 18))
    '2026-03-18 至 2026-04-17'
    """
    return f"{from_on} 至 {until_on - ONE_DAY}"
