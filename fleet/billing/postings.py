"""Decides what a bill, and a credit note, does to the book: which accounts, how much, on which day.

What is earned day by day is deferred at issue and recognised month by month, on the last of its
days in each month. VAT is pending until its tax point (增值税法 §28). Pure; leaves out who posts,
and what payments do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from fleet.billing.model import LineKind
from fleet.months import add_months
from kit.money import allocate

EventKind = Literal["bill", "vat_due", "credit_note"]
Account = Literal[
    "receivable",
    "deposit_receivable",
    "paid_for_others",
    "customer_credit",
    "deferred_revenue",
    "vat_payable",
    "vat_pending",
    "deposit_due",
    "opening",
    "rent_revenue",
    "mileage_revenue",
    "service_revenue",
    "energy_revenue",
    "purchase_revenue",
    "penalty_revenue",
    "damage_revenue",
]
ACCOUNT_OF: Final[Mapping[LineKind, Account]] = {
    "rent": "rent_revenue",
    "late_return": "rent_revenue",
    "mileage": "mileage_revenue",
    "damage": "damage_revenue",
    "missing": "damage_revenue",
    "early_end": "penalty_revenue",
    "late_fee": "penalty_revenue",
    "cleaning": "service_revenue",
    "package": "service_revenue",
    "other": "service_revenue",
    "energy": "energy_revenue",
    "violation": "paid_for_others",
    "collection_cost": "paid_for_others",
    "down_payment": "purchase_revenue",
    "buy_out": "purchase_revenue",
    "reclaim": "customer_credit",
    "opening": "opening",
    "deposit": "deposit_due",
}
"""What each kind of line is credited to, without VAT."""
EARNED_BY_DAY: Final = frozenset({"rent_revenue", "service_revenue"})
"""Of these, what is for days is deferred until they come."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an entry: a debit above zero, a credit below."""

    account: Account
    amount_fen: int
    vehicle_id: int | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the event; its sides sum to zero."""

    event_kind: EventKind
    part: int
    happened_on: date
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class BookedLine:
    """What the book wants to know of a line. [from_on, until_on): the days it is for."""

    kind: LineKind
    amount_fen: int
    net_fen: int
    vat_fen: int
    vehicle_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None


def month_shares(amount_fen: int, from_on: date, until_on: date) -> list[tuple[date, int]]:
    """An amount for [from_on, until_on) by calendar month: its last day there, and its share.

    2,654.87 of 15 March to 14 April: 17 of 31 days are of March.

    >>> for day, fen in month_shares(265_487, date(2026, 3, 15), date(2026, 4, 15)):
    ...     print(day, fen)
    2026-03-31 145590
    2026-04-14 119897
    """
    days: list[tuple[date, int]] = []
    begin = from_on
    while begin < until_on:
        end = min(until_on, add_months(begin.replace(day=1), 1))
        days.append((end - timedelta(days=1), (end - begin).days))
        begin = end
    shares = allocate(amount_fen, [count for _last, count in days])
    return [(last, share) for (last, _count), share in zip(days, shares, strict=True)]


def bill_movements(
    lines: Sequence[BookedLine], *, issued_on: date, vat_due_on: date
) -> list[Movement]:
    """What the issue of a bill books, days to come included."""
    sides = _Sides()
    for line in lines:
        sides.add(_owed(line.kind), line.amount_fen)
        sides.add("vat_pending", -line.vat_fen)
        sides.add(*_credited(line, -line.net_fen))
    movements = [Movement("bill", 0, issued_on, sides.told())]
    recognised = _by_day(lines, not_before=issued_on, sign=1)
    movements += [Movement("bill", part, on, each) for part, (on, each) in enumerate(recognised, 1)]
    vat_fen = sum(line.vat_fen for line in lines)
    if vat_fen:
        due = (Side("vat_pending", vat_fen), Side("vat_payable", -vat_fen))
        movements.append(Movement("vat_due", 0, vat_due_on, due))
    return [each for each in movements if each.sides]


def credit_movements(
    lines: Sequence[BookedLine], *, issued_on: date, vat_due_on: date
) -> list[Movement]:
    """What a credit note books: the mirror of what it takes off.

    Days that were recognised are taken back on the day of the note, later ones on their own. VAT
    that was due is owed no more; what was still pending never becomes due. Leaves out what the
    customer had paid of it already: that becomes credit (`fleet/receivables`).
    """
    sides = _Sides()
    vat_was_due = vat_due_on <= issued_on
    for line in lines:
        sides.add(_owed(line.kind), -line.amount_fen)
        sides.add("vat_payable" if vat_was_due else "vat_pending", line.vat_fen)
        sides.add(*_credited(line, line.net_fen))
    movements = [Movement("credit_note", 0, issued_on, sides.told())]
    for part, (on, each) in enumerate(_by_day(lines, not_before=issued_on, sign=-1), 1):
        movements.append(Movement("credit_note", part, on, each))
    vat_fen = sum(line.vat_fen for line in lines)
    if vat_fen and not vat_was_due:
        never = (Side("vat_payable", vat_fen), Side("vat_pending", -vat_fen))
        movements.append(Movement("credit_note", len(movements), vat_due_on, never))
    return [each for each in movements if each.sides]


class _Sides:
    """Adds up by account and vehicle, in the order they came."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Account, int | None], int] = {}

    def add(self, account: Account, amount_fen: int, vehicle_id: int | None = None) -> None:
        key = (account, vehicle_id)
        self._sums[key] = self._sums.get(key, 0) + amount_fen

    def told(self) -> tuple[Side, ...]:
        return tuple(Side(a, fen, v) for (a, v), fen in self._sums.items() if fen)


def _owed(kind: LineKind) -> Account:
    return "deposit_receivable" if kind == "deposit" else "receivable"


def _is_deferred(line: BookedLine) -> bool:
    return line.from_on is not None and ACCOUNT_OF[line.kind] in EARNED_BY_DAY


def _credited(line: BookedLine, net_fen: int) -> tuple[Account, int, int | None]:
    """Account, amount and vehicle of what a line is without VAT."""
    if _is_deferred(line):
        return "deferred_revenue", net_fen, None
    return ACCOUNT_OF[line.kind], net_fen, line.vehicle_id


def _by_day(
    lines: Iterable[BookedLine], *, not_before: date, sign: int
) -> Iterator[tuple[date, tuple[Side, ...]]]:
    """Day by day what is recognised of deferred lines, or (sign -1) taken back."""
    by_day: dict[date, _Sides] = {}
    for line in lines:
        if not _is_deferred(line) or line.from_on is None or line.until_on is None:
            continue
        for last, share_fen in month_shares(sign * line.net_fen, line.from_on, line.until_on):
            sides = by_day.setdefault(max(last, not_before), _Sides())
            sides.add("deferred_revenue", share_fen)
            sides.add(ACCOUNT_OF[line.kind], -share_fen, line.vehicle_id)
    for on in sorted(by_day):
        yield on, by_day[on].told()
