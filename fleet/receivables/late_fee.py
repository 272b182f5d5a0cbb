"""Decides what a bill that is paid late costs in late fees (滞纳金, 逾期付款违约金), and how.

As the contract says (LEASING.md §3; `fleet/contracts/phrases.late_fee_rule`): nothing if all was
paid within the grace; else so much a day of what is open that day, from the day after it was due up
to and including the day of payment, simple, up to the cap. A bill that was issued after its due day
is late from its issue on. Leaves out whether a court would cut it (`fleet/leasing/cautions.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from kit.money import allocate, round_fen

ONE_DAY: Final = timedelta(days=1)
Settled = tuple[date, int]
"""On which day how much of the principal was settled; below zero: undone (a payment bounced)."""


@dataclass(frozen=True, slots=True)
class FeeRule:
    """What was agreed: see `fleet.lease_book.LateFee`."""

    rate_per_day: Decimal | Fraction
    grace_days: int = 0
    cap_pct: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Days, [from_on, until_on), on which the same was open; the pieces add up to the fee."""

    from_on: date
    until_on: date
    open_fen: int
    amount_fen: int = 0

    @property
    def days(self) -> int:
        return (self.until_on - self.from_on).days

    def told(self) -> dict[str, str | int]:
        """As a basis tells it: both days count."""
        return {
            "from_on": self.from_on.isoformat(),
            "to_on": (self.until_on - ONE_DAY).isoformat(),
            "days": self.days,
            "open_fen": self.open_fen,
            "amount_fen": self.amount_fen,
        }


@dataclass(frozen=True, slots=True)
class LateFeeDue:
    """The late fee of a bill to a day. `capped`: without the cap it would be more."""

    days: int
    pieces: tuple[Piece, ...]
    amount_fen: int
    capped: bool = False


NOTHING: Final = LateFeeDue(0, (), 0)


def fee(
    rule: FeeRule,
    *,
    principal_fen: int,
    due_on: date,
    issued_on: date,
    settled: Sequence[Settled],
    on: date,
) -> LateFeeDue:
    """The late fee up to and including a day, of a bill of so much principal.

    3,000 yuan, due on 2026-05-01, paid on the 31st: 30 days at 0.05 % are 45.00.

    >>> agreed = FeeRule(Decimal("0.0005"), grace_days=3)
    >>> facts = {"principal_fen": 300_000, "due_on": date(2026, 5, 1),
    ...     "issued_on": date(2026, 4, 24), "on": date(2026, 6, 10)}
    >>> late = fee(agreed, settled=[(date(2026, 5, 31), 300_000)], **facts)
    >>> late.days, late.amount_fen
    (30, 4500)

    Paid on the last day of the grace it costs nothing; in pieces, what is open day by day: 6 days
    of 3,000 (9.00) and 24 days of 1,000 (12.00).

    >>> fee(agreed, settled=[(date(2026, 5, 4), 300_000)], **facts).amount_fen
    0
    >>> parts = [(date(2026, 5, 7), 200_000), (date(2026, 5, 31), 100_000)]
    >>> [(p.days, p.open_fen, p.amount_fen) for p in fee(agreed, settled=parts, **facts).pieces]
    [(6, 300000, 900), (24, 100000, 1200)]
    """
    late_since = max(due_on, issued_on)
    pieces = open_pieces(principal_fen, settled, late_since + ONE_DAY, on + ONE_DAY)
    grace_until = late_since + timedelta(days=rule.grace_days)
    if not any(piece.until_on > grace_until + ONE_DAY for piece in pieces):
        return NOTHING
    rate = Fraction(rule.rate_per_day)
    exact = sum((piece.open_fen * piece.days * rate for piece in pieces), Fraction(0))
    amount_fen = round_fen(exact)
    capped = False
    if rule.cap_pct is not None:
        most_fen = round_fen(Fraction(max(p.open_fen for p in pieces) * rule.cap_pct, 100))
        capped, amount_fen = amount_fen > most_fen, min(amount_fen, most_fen)
    shares = allocate(amount_fen, [piece.open_fen * piece.days for piece in pieces])
    told = tuple(replace(p, amount_fen=fen) for p, fen in zip(pieces, shares, strict=True))
    return LateFeeDue(sum(piece.days for piece in told), told, amount_fen, capped)


def open_pieces(
    principal_fen: int, settled: Sequence[Settled], from_on: date, until_on: date
) -> list[Piece]:
    """What was open on days of [from_on, until_on), alike days together; none with nothing open.

    The day of a payment still counts with what was open before it; what is undone is open again
    from its own day on. What comes in and is undone on one day is set off.

    >>> bounced = [(date(2026, 5, 2), 100), (date(2026, 5, 5), -100)]
    >>> for piece in open_pieces(100, bounced, date(2026, 5, 1), date(2026, 5, 8)):
    ...     print(piece.from_on, piece.days, piece.open_fen)
    2026-05-01 2 100
    2026-05-05 3 100
    """
    by_day: dict[date, int] = {}
    for day, fen in settled:
        by_day[day] = by_day.get(day, 0) + fen
    changes: dict[date, int] = {}
    for day, fen in by_day.items():
        counts_on = day + ONE_DAY if fen > 0 else day
        changes[counts_on] = changes.get(counts_on, 0) + fen
    open_fen = principal_fen - sum(fen for day, fen in changes.items() if day <= from_on)
    found: list[Piece] = []
    bounds = sorted(day for day in changes if from_on < day < until_on)
    for begin, end in zip([from_on, *bounds], [*bounds, until_on], strict=True):
        if begin != from_on:
            open_fen -= changes[begin]
        if open_fen <= 0 or begin >= end:
            continue
        if found and found[-1].until_on == begin and found[-1].open_fen == open_fen:
            found[-1] = replace(found[-1], until_on=end)
        else:
            found.append(Piece(begin, end, open_fen))
    return found


def rate_from_year(pct_a_year: Decimal) -> Fraction:
    """A yearly rate in per cent as one a day of 365, not rounded.

    At 12 % a year 3,000 yuan cost 29.59 in 30 days.

    >>> round_fen(300_000 * 30 * rate_from_year(Decimal("12")))
    2959
    """
    return Fraction(pct_a_year) / 100 / 365
