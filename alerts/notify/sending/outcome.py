"""What a sender is given, and what it says came of it.

Leaves out what follows from it: trying again, or giving up (`backoff.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from alerts.notify.model import Result

MOST_DETAIL = 300
"""Characters of a receiver's words that are kept."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message and where it goes. `target` is open here and nowhere else: never log it."""

    key: UUID
    kind: str
    target: Mapping[str, Any]
    subject: str
    body: str
    payload: Mapping[str, Any]
    at: datetime
    """When it is sent."""

    def __repr__(self) -> str:
        return f"Outgoing({self.key}, {self.kind})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended. `final`: trying again is of no use. `detail` holds no secret."""

    result: Result
    detail: str = ""
    final: bool = False
    retry_after_s: float | None = None


class Send(Protocol):
    """Sends messages of one kind of channel; answers, and does not raise."""

    def __call__(self, outgoing: Outgoing, /) -> Outcome:
        """Send it, within the time a receiver has."""


def detail_of(text: str) -> str:
    """A receiver's words on one line, cut.

    >>> detail_of("  no\\n such key ")
    'no such key'
    """
    shown = " ".join(text.split())
    return "".join(letter for letter in shown if letter.isprintable())[:MOST_DETAIL]


def outcome_of(status: int, text: str, retry_after: str | None = None) -> Outcome:
    """What an HTTP answer says: 2xx has it, 408, 429 and 5xx may have it later, the rest never.

    >>> outcome_of(204, "").result, outcome_of(404, "").final, outcome_of(503, "", "7")
    ('sent', True, Outcome(result='refused', detail='HTTP 503', final=False, retry_after_s=7.0))
    """
    if 200 <= status < 300:
        return Outcome("sent")
    words = detail_of(text)
    detail = f"HTTP {status}" + (f": {words}" if words else "")
    if status in (408, 429) or status >= 500:
        return Outcome("refused", detail, retry_after_s=_seconds(retry_after))
    return Outcome("refused", detail, final=True)


def _seconds(text: str | None) -> float | None:
    """Seconds of a Retry-After; a date is left to the own back-off."""
    if text is None or not text.strip().isdigit():
        return None
    return float(min(int(text.strip()[:9]), 86_400))
