"""Wakes what was put off, and lets be told what nothing explains any more. By the clock.

Runs where all organisations are in sight; safe to repeat, and beside others that do the same.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.inbox.escalation import service as escalation
from alerts.inbox.history import service as history
from alerts.inbox.history.service import Happened
from alerts.inbox.inhibition import service as inhibition
from alerts.inbox.model import Told
from alerts.inbox.waking import store
from alerts.notify import service as notify

__all__ = ["wake_due"]


def wake_due(conn: Connection[Any], *, now: datetime) -> int:
    """Tell again of what was put off until now, and of what was held back; how many."""
    woken = [each for each in store.list_snoozed_out(conn, now=now) if each.state != "resolved"]
    if woken:
        store.mark_woken(conn, [each.id for each in woken])
        escalation.move_on(conn, [each.id for each in woken], now=now)
        happened = [Happened(e.tenant_id, e.organisation_id, e.id, "woken") for e in woken]
        history.write_down(conn, happened, at=now)
    told = [_told(each) for each in woken if each.inhibited_by_id is None]
    told += inhibition.release(conn, None, now=now)
    notify.enqueue(conn, told, now=now)
    return len(told)


def _told(sleeper: store.Sleeper) -> Told:
    return Told(
        tenant_id=sleeper.tenant_id,
        organisation_id=sleeper.organisation_id,
        alert_id=sleeper.id,
        alert_no=sleeper.alert_no,
        kind=sleeper.kind,
        rule_code=sleeper.rule_code,
        severity=sleeper.severity,
        purpose="reminded",
        occasion=f"woken:{sleeper.version}",
    )
