"""Puts notices for customers into the outbox, within the hours in which one is reminded of money.

Only what was made within the last days: an installation that begins to send does not send what lay
about. Leaves out the words, which are the notice's own, and writing down that it was sent, which
dunning does (`ReminderDelivered`).
"""

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from alerts.notify.model import Options
from alerts.notify.reminders import store
from alerts.notify.reminders.ways import remind_at

__all__ = ["enqueue_reminders"]

FRESH: Final = timedelta(days=3)
MOST: Final = 5_000


def enqueue_reminders(conn: Connection[Any], *, now: datetime, options: Options) -> int:
    """How many notices were put into the outbox; each is once, whatever the down-time."""
    if not (options.email or options.sms):
        return 0
    kinds = ("reminder", "demand") if options.demands else ("reminder",)
    found = store.list_unsent(
        conn, kinds, since=now - FRESH, email=options.email, sms=options.sms, most=MOST
    )
    rows = [
        {
            "id": each.id,
            "tenant_id": each.tenant_id,
            "organisation_id": each.organisation_id,
            "not_before": remind_at(now, each.zone).isoformat(),
        }
        for each in found
    ]
    return store.insert_items(conn, rows, now=now) if rows else 0
