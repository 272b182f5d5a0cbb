"""Decides which signals have a history that can be told, and into how many buckets it is cut.

A signal is a measured field that is a number. Left out are where the vehicle was (`lat`, `lon`;
that is a track) and where it headed, which is withheld with the position, and the alarm flags,
whose mean says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from fleet.usage.errors import SignalUnknown, TooManyBuckets, TooManySignals
from schemas.telemetry import FIELDS, Field

MAX_SIGNALS: Final = 8
MAX_BUCKETS: Final = 2_000
USUAL_BUCKETS: Final = 500
"""As many as a chart on a screen can show."""
ROUND_BUCKETS_S: Final = (10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 86_400)

MEAN_DECIMALS: Final = 3

_LEFT_OUT: Final = frozenset({"lat", "lon", "heading_deg", "alarm_bits"})
SIGNALS: Final[Mapping[str, Field]] = {
    each.name: each
    for each in FIELDS
    if each.kind in ("number", "integer") and each.name not in _LEFT_OUT
}
"""By name, in the order of the contract."""


@dataclass(frozen=True, slots=True)
class SignalSeries:
    """One signal over time, a list a quantity, all of one length.

    A bucket lasts from its `from_at` for the bucket's length; those without a reading are left out.
    `readings` counts what the others are made of.
    """

    name: str
    unit: str
    from_at: list[datetime] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    mean: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    readings: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SignalHistory:
    """Signals of a vehicle in [from_at, until_at), in buckets of `bucket_s` that begin there."""

    vin: str
    from_at: datetime
    until_at: datetime
    bucket_s: int
    series: list[SignalSeries]


def check_signals(names: Sequence[str]) -> list[str]:
    """The names, each once, in the order given.

    Raises:
        SignalUnknown: one of them has no history.
        TooManySignals: more than MAX_SIGNALS.
    """
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in SIGNALS:
            raise SignalUnknown(f"{name!r} is not a signal", signal=name, known=list(SIGNALS))
    if len(wanted) > MAX_SIGNALS:
        raise TooManySignals(f"at most {MAX_SIGNALS} signals at once", max_signals=MAX_SIGNALS)
    return wanted


def choose_bucket_s(span: timedelta, bucket_s: int | None) -> int:
    """The length of a bucket as asked for, else the shortest round one that fits a chart [s].

    Raises:
        TooManyBuckets: as asked for there would be more than MAX_BUCKETS.

    >>> choose_bucket_s(timedelta(days=1), None), choose_bucket_s(timedelta(days=1), 60)
    (300, 60)
    """
    span_s = span.total_seconds()
    if bucket_s is None:
        fitting = (each for each in ROUND_BUCKETS_S if ceil(span_s / each) <= USUAL_BUCKETS)
        return next(fitting, ROUND_BUCKETS_S[-1])
    if ceil(span_s / bucket_s) > MAX_BUCKETS:
        least_s = ceil(span_s / MAX_BUCKETS)
        raise TooManyBuckets(
            f"more than {MAX_BUCKETS} buckets; make them {least_s} s or longer",
            max_buckets=MAX_BUCKETS,
            least_bucket_s=least_s,
        )
    return bucket_s


def as_series(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[SignalSeries]:
    """One series a signal; rows are `from_at`, then low, mean, high and readings of each signal."""
    series = [SignalSeries(name, SIGNALS[name].unit) for name in names]
    for from_at, *columns in rows:
        for one, first in zip(series, range(0, len(columns), 4), strict=True):
            low, mean, high, readings = columns[first : first + 4]
            if readings:
                one.from_at.append(from_at)
                one.low.append(low)
                one.mean.append(round(mean, MEAN_DECIMALS))
                one.high.append(high)
                one.readings.append(readings)
    return series
