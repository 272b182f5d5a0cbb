"""Decides what goes by age: messages and what they told of, resolved alerts, refusals.

In portions, the oldest first, so that nobody waits for long. What is unresolved stays, however old;
so do reminders that were told while they may fall due again, and messages that are the proof of a
delivery. The audit trail is none of this. Announced batches are deleted by ingest, once read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from psycopg import Connection

from alerts.refusals import service as refusals
from alerts.retention import store

__all__ = ["PORTION", "Kept", "deletions"]

PORTION: Final = 500
"""Rows deleted at once, and with them what belongs to them."""

Delete = Callable[[Connection[Any]], int]
"""Deletes a portion; how many."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long what is over is kept [days]."""

    alerts_days: int
    messages_days: int
    refusals_days: int


def deletions(kept: Kept, *, now: datetime) -> dict[str, Delete]:
    """What deletes a portion of each, by name, in the order it must be done: the first leads on."""
    messages, alerts, refused = (
        now - timedelta(days=days)
        for days in (kept.messages_days, kept.alerts_days, kept.refusals_days)
    )
    return {
        "messages": partial(store.delete_messages, before=messages, most=PORTION),
        "items": partial(store.delete_dropped, before=messages, most=PORTION),
        "alerts": partial(store.delete_alerts, before=alerts, most=PORTION),
        "refusals": partial(refusals.delete_old, before=refused, most=PORTION),
    }
