"""Decides when a channel is told of something: now, after its quiet hours, or with its digest.

Hours are of the clock of the subscription's organisation and may span midnight. What is critical
and passes anyway waits for neither. Leaves out waiting for what belongs together and the limit an
hour: both are of the channel (`alerts/notify/gathering`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Digest = Literal["none", "hourly", "daily"]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a subscriber wants to hear. `quiet` is from and until; the same twice is never."""

    zone: str
    quiet: tuple[time, time] | None = None
    digest: Digest = "none"
    digest_at: time = time(8, 30)
    critical_anyway: bool = True


def tell_at(now: datetime, hours: Hours, *, critical: bool) -> datetime:
    """The earliest instant, in UTC.

    >>> night = Hours("Asia/Shanghai", quiet=(time(22), time(7)))
    >>> evening = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    >>> tell_at(evening, night, critical=False).isoformat()
    '2026-11-22T23:00:00+00:00'
    >>> tell_at(evening, night, critical=True) == evening
    True
    """
    if critical and hours.critical_anyway:
        return now
    local = now.astimezone(ZoneInfo(hours.zone))
    if hours.digest == "hourly":
        local = _later(local.replace(minute=0, second=0, microsecond=0), timedelta(hours=1))
    elif hours.digest == "daily":
        local = _next(local, hours.digest_at)
    if hours.quiet is not None and is_within(local.time(), *hours.quiet):
        local = _next(local, hours.quiet[1])
    return local.astimezone(UTC)


def is_within(at: time, begins: time, ends: time) -> bool:
    """Whether a time of day lies in [begins, ends), which may span midnight.

    >>> is_within(time(23), time(22), time(7)), is_within(time(7), time(22), time(7))
    (True, False)
    """
    if begins <= ends:
        return begins <= at < ends
    return at >= begins or at < ends


def _next(local: datetime, at: time) -> datetime:
    """The next such time of day, strictly later."""
    found = datetime.combine(local.date(), at, local.tzinfo)
    if found <= local:
        found = datetime.combine(local.date() + timedelta(days=1), at, local.tzinfo)
    return found


def _later(local: datetime, by: timedelta) -> datetime:
    """So much later by the sun, not by a clock that is set back."""
    return (local.astimezone(UTC) + by).astimezone(local.tzinfo)
