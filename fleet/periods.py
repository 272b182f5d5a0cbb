"""Decides when a half-open period [from, until) may end, for every slice that keeps periods."""

from datetime import datetime

from kit.errors import Invalid, Refused


class PeriodEndsBeforeStart(Refused):
    """A period would end at or before the instant it began."""

    code = "period_ends_before_start"
    field = "at"


class InstantInFuture(Invalid):
    """What is written down has happened; it cannot lie ahead."""

    code = "instant_in_future"
    field = "at"


def check_end(from_at: datetime, until_at: datetime) -> None:
    """Refuse an end that leaves nothing of the period.

    Raises:
        PeriodEndsBeforeStart: `until_at` is not after `from_at`.
    """
    if until_at <= from_at:
        raise PeriodEndsBeforeStart(
            f"a period that began at {from_at.isoformat()} cannot end at {until_at.isoformat()}",
            from_at=from_at,
            until_at=until_at,
        )


def check_aware(at: datetime) -> None:
    """Refuse an instant without its zone, which the database would read as UTC.

    Raises:
        ValueError: a fault of the caller, not of the business.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} lacks its time zone")


def check_past(at: datetime, now: datetime) -> None:
    """Refuse an instant that lies ahead: what is written down has happened.

    Raises:
        InstantInFuture: `at` is after `now`.
    """
    check_aware(at)
    if at > now:
        raise InstantInFuture(f"{at.isoformat()} lies ahead of {now.isoformat()}", at=at)
