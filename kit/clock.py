"""Reads the clock; no other module does.

Everything else takes `now` as an argument, so that rules can be tested at any date.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def now_us() -> int:
    """The current instant in microseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1000


def monotonic() -> float:
    """Seconds on a clock that never goes back, for measuring waits."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Let the calling thread rest for so many seconds."""
    time.sleep(seconds)
