"""Decides in which bucket of ageing 账龄 a bill stands: by the days since it was due.

Bucket 0 is what is not overdue: the due day itself belongs to it. The others follow the figure
`receivable.ageing`; the last one holds whatever is older.
"""

from collections.abc import Sequence
from datetime import date


def first_days(up_to_days: Sequence[int]) -> list[int]:
    """From how many days overdue on each bucket begins, those of bucket 0 apart.

    >>> first_days([30, 60, 90, 180, 365])
    [1, 31, 61, 91, 181, 366]
    """
    return [1, *(days + 1 for days in up_to_days)]


def bucket_of(due_on: date, on: date, up_to_days: Sequence[int]) -> int:
    """The place of the bucket, 0 where it is not overdue.

    >>> bucket_of(date(2026, 11, 1), date(2026, 11, 21), [30, 60]), bucket_of(
    ...     date(2026, 11, 21), date(2026, 11, 21), [30, 60])
    (1, 0)
    """
    overdue = (on - due_on).days
    return sum(1 for first in first_days(up_to_days) if overdue >= first)


def labels(up_to_days: Sequence[int]) -> list[str]:
    """What the buckets are called, in days overdue.

    >>> labels([30, 60])
    ['not_due', '1-30', '31-60', '>60']
    """
    begins = first_days(up_to_days)
    spans = [f"{first}-{last}" for first, last in zip(begins, up_to_days, strict=False)]
    return ["not_due", *spans, f">{up_to_days[-1]}"]
