"""Decides how much history is read at once. Leaves out how much of it is told."""

from datetime import datetime, timedelta
from typing import Final

from fleet.usage.errors import PeriodEmpty, PeriodTooLong

MAX_SPAN: Final = timedelta(days=31)
"""A month of one vehicle: a quarter of a million samples at one per ten seconds."""


def check_span(from_at: datetime, until_at: datetime) -> None:
    """Let pass a period that is not empty and not longer than MAX_SPAN.

    Raises:
        PeriodEmpty, PeriodTooLong: it is.
    """
    if from_at >= until_at:
        raise PeriodEmpty("the period ends at or before its begin")
    if until_at - from_at > MAX_SPAN:
        raise PeriodTooLong(
            f"at most {MAX_SPAN.days} days are read at once", max_days=MAX_SPAN.days
        )
