"""The leases of the bench of money: who leases what from when, and what a month of it comes to.

Every lease is told by its place alone. What it shall be billed is decided here once more, plainly
and without the code that bills: corners of months, whole rents, a part of one. Pure. Leaves out
how it is written down (`money_writing.py`).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from bench.api_fleet import depot_of

LEASES_A_CUSTOMER: Final = 5
MONTHS_RUNNING: Final = 6
REACH_DAYS: Final = 30
"""So many days before today billing begins: every lease has a rent that falls due since then."""
VAT_PCT: Final = 13


class Agreed(NamedTuple):
    """A lease at its place."""

    place: int
    today: date

    @property
    def organisation(self) -> str:
        """Whose it is."""
        return depot_of(self.place)

    @property
    def customer(self) -> int:
        """The place of its customer, who leases from one depot."""
        return self.place % (195 * 6)

    @property
    def calendar(self) -> bool:
        """By calendar months, else from its first day on."""
        return self.place % 10 in (6, 7, 8)

    @property
    def new(self) -> bool:
        """Begun since billing began, with a deposit."""
        return self.place % 10 == 8

    @property
    def swapped(self) -> bool:
        """With another vehicle since its first day of this month."""
        return self.place % 10 == 9

    @property
    def rent_fen(self) -> int:
        """A month."""
        return 200_000 + self.place * 7_919 % 150_000

    @property
    def deposit_fen(self) -> int:
        """Billed of new ones only."""
        return 2 * self.rent_fen

    @property
    def corner_on(self) -> date:
        """A day of the last month on which a period of it begins; no month lacks it."""
        day = self.today - timedelta(days=self.place // 10 % 28)
        return day.replace(day=min(day.day, 28))

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return self.corner_on if self.new else months_before(self.corner_on, MONTHS_RUNNING)

    def terms(self) -> dict[str, Any]:
        """As it was signed."""
        return {
            "kind": "long",
            "starts_on": self.starts_on,
            "term": {"count": 36, "unit": "month", "end": "day_before"},
            "rent_begins": "start_day",
            "billing": "calendar_month" if self.calendar else "anchor_month",
            "proration": "actual_days",
            "lines": [{"no": 1, "rent_fen": self.rent_fen, "deposit_fen": self.deposit_fen}],
            "late_fee": {"rate_per_day": "0.0005", "grace_days": 3, "cap_pct": None},
            "clauses": {"late_fee": "第8条", "deposit": "第5条"},
        }

    def billed(self, from_on: date) -> list[int]:
        """What its bills come to, by what is due from that day to today."""
        amounts = [self._amount(begin) for begin in self._begins(from_on)]
        return [*amounts, self.deposit_fen] if self.new else amounts

    def _begins(self, from_on: date) -> Iterator[date]:
        """The days since on which a period of rent begins."""
        day = from_on
        while day <= self.today:
            first = day == self.starts_on
            anchor = day.day == (1 if self.calendar else self.starts_on.day)
            if first or (anchor and day > self.starts_on):
                yield day
            day += timedelta(days=1)

    def _amount(self, begin: date) -> int:
        if not self.calendar or begin.day == 1:
            return self.rent_fen
        of_days = (_next_month(begin) - begin.replace(day=1)).days
        days = (_next_month(begin) - begin).days
        return (2 * self.rent_fen * days + of_days) // (2 * of_days)


def make_leases(count: int, today: date) -> list[Agreed]:
    """All of them as they are today."""
    return [Agreed(place, today) for place in range(count)]


def months_before(day: date, months: int) -> date:
    """The same day so many months before; of days that every month has.

    >>> months_before(date(2026, 3, 28), 6)
    datetime.date(2025, 9, 28)
    """
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, day.day)


def vat_of(amount_fen: int) -> int:
    """What of an amount is VAT at the rate of leasing, half a fen up.

    >>> vat_of(300_000)
    34513
    """
    return (2 * amount_fen * VAT_PCT + 100 + VAT_PCT) // (2 * (100 + VAT_PCT))


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
