"""Decides when a message is tried again, and when it is given up.

Waits double from half a minute to an hour, each a little by chance, so that many do not come back
at once. A receiver that names a time is not asked before it. What would come in quiet hours comes
at their end. Given up after so many attempts, or a day after it was written, whichever is first.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from alerts.notify.outbox.timing import Hours, tell_at

FIRST_S: Final = 30.0
LONGEST_S: Final = 3_600.0
MOST_ATTEMPTS: Final = 20
GIVEN_UP_AFTER: Final = timedelta(hours=24)
SPREAD: Final = 0.2
"""A wait is longer or shorter by up to this share."""


def try_again_at(
    attempts: int,
    *,
    created_at: datetime,
    now: datetime,
    retry_after_s: float | None,
    rng: Random,
) -> datetime | None:
    """The next attempt after so many that failed; None: there is none."""
    if attempts >= MOST_ATTEMPTS:
        return None
    wait_s = min(LONGEST_S, FIRST_S * 2 ** (attempts - 1)) * rng.uniform(1 - SPREAD, 1 + SPREAD)
    again_at = now + timedelta(seconds=max(wait_s, retry_after_s or 0.0))
    return None if again_at > created_at + GIVEN_UP_AFTER else again_at


def after_quiet(at: datetime, told: Iterable[tuple[Hours, bool]]) -> datetime:
    """That time, or the end of the quiet hours it lies in.

    `told`: the hours of each subscriber that a message is for, and whether what it tells them is
    critical. As when it was sent first, one who may hear it is enough.
    """
    return min((tell_at(at, hours, critical=critical) for hours, critical in told), default=at)
