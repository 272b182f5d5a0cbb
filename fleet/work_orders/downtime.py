"""Decides how long a vehicle was off the road: hours, and the days touched by it.

Times of several orders that overlap count once. Leaves out why it was off the road.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from fleet.local_days import last_day_before, local_day
from fleet.work_orders.model import Downtime

Span = tuple[datetime, datetime]


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order; empty spans are left out."""
    merged: list[Span] = []
    for from_at, until_at in sorted(spans):
        if merged and from_at <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until_at))
        elif from_at < until_at:
            merged.append((from_at, until_at))
    return merged


def downtime_of(spans: Iterable[Span], *, zone: str) -> Downtime:
    """How long all of it is; a day counts where a part of it does.

    >>> from datetime import UTC
    >>> at = lambda day, hour: datetime(2026, 11, day, hour, tzinfo=UTC)
    >>> downtime_of([(at(20, 1), at(20, 4)), (at(20, 3), at(21, 2))], zone="Asia/Shanghai")
    Downtime(hours=Decimal('25.0'), days=2)
    """
    merged = merge_spans(spans)
    whole = sum((until_at - from_at for from_at, until_at in merged), timedelta())
    hours = Decimal(whole // timedelta(seconds=1)) / 3600
    touched = [(local_day(begin, zone), last_day_before(end, zone)) for begin, end in merged]
    days = sum((last - first).days + 1 for first, last in touched)
    # Two spans may lie on one day.
    days -= sum(1 for (_, last), (first, _) in pairwise(touched) if first == last)
    return Downtime(hours.quantize(Decimal("0.1"), ROUND_HALF_UP), days)
