"""The inbox, as everybody else asks for it.

Alerts are raised and cleared by rules (`raising`) and come back by the clock (`waking`,
`escalation`); people take them on (`handling`), settle them (`settling`), silence them for a while
(`silences`), and look into all of it (`reading`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.inbox.escalation.service import (
    Escalation,
    Step,
    escalate_due,
    get_escalation,
    set_escalation,
)
from alerts.inbox.handling.service import (
    acknowledge,
    acknowledge_many,
    assign,
    comment,
    snooze,
    start,
)
from alerts.inbox.model import Alert, AlertDetail, Applied, Storm, Told
from alerts.inbox.raising import service as raising
from alerts.inbox.raising import store as raising_store
from alerts.inbox.reading.service import (
    AlertChange,
    LiveAlert,
    Summary,
    find_far_change,
    get_alert,
    list_alerts,
    list_changed,
    storms,
    summary,
)
from alerts.inbox.settling.service import hold_for_work, link_work_order, reopen, resolve
from alerts.inbox.sight import kinds_seen
from alerts.inbox.silences.service import (
    Matching,
    Silence,
    end_silence,
    list_silences,
    silence,
)
from alerts.inbox.waking.service import wake_due
from alerts.model import Clearing, Finding
from alerts.notify import service as notify

__all__ = [
    "Alert",
    "AlertChange",
    "AlertDetail",
    "Applied",
    "Escalation",
    "LiveAlert",
    "Matching",
    "Silence",
    "Step",
    "Storm",
    "Summary",
    "Told",
    "acknowledge",
    "acknowledge_many",
    "apply",
    "assign",
    "comment",
    "end_silence",
    "escalate_due",
    "find_far_change",
    "get_alert",
    "get_escalation",
    "hold_for_work",
    "kinds_seen",
    "link_work_order",
    "list_alerts",
    "list_changed",
    "list_silences",
    "raise_found",
    "refresh_statistics",
    "reopen",
    "resolve",
    "set_escalation",
    "silence",
    "snooze",
    "start",
    "storms",
    "summary",
    "wake_due",
]


def apply(
    conn: Connection[Any],
    findings: Sequence[Finding],
    clearings: Sequence[Clearing],
    *,
    now: datetime,
) -> Applied:
    """Make alerts of findings, resolve what is so no longer, and put what is told in the outbox.

    In sets, once, and safe to repeat (`raising`). Runs in READ COMMITTED.
    """
    applied = raising.apply(conn, findings, clearings, now=now)
    notify.enqueue(conn, applied.told, now=now)
    return applied


def raise_found(conn: Connection[Any], *, first: int, last: int, now: datetime) -> Applied:
    """As `apply`, of findings that are new and lie in the database (`raising`).

    Very many leave it only for organisations of which somebody hears.
    """
    hearing = notify.list_hearing(conn)
    applied = raising.raise_found(conn, first=first, last=last, hearing=hearing, now=now)
    notify.enqueue(conn, applied.told, now=now)
    return applied


def refresh_statistics(conn: Connection[Any]) -> None:
    """Between portions of very many findings: let the database know how many alerts there are."""
    raising_store.refresh_statistics(conn)
