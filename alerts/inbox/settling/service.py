"""Settles alerts by hand, opens them again, and has a work order deal with one.

Who asked to be told of what is resolved is told of that, too; and that it is open again, whoever
was told of it. What the resolved one explained is told by the clock (`waking`): it may be none of
the actor's sight.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.inbox.acts.service import Held, carry_out, hold, seen
from alerts.inbox.errors import AlertHasWorkOrder, AlertWorkOrderNotFound
from alerts.inbox.escalation.service import next_step_at
from alerts.inbox.model import Alert, Purpose, Told
from alerts.inbox.reading.service import alert_of
from alerts.inbox.settling import store
from alerts.notify import service as notify
from schemas.access import Actor

__all__ = ["hold_for_work", "link_work_order", "reopen", "resolve"]


def resolve(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    resolution: str,
    now: datetime,
) -> Alert:
    """It is settled, and how. The next reminder of the same matter opens it again.

    Raises: as `acknowledge`.
    """
    was = hold(conn, actor, alert_no, "resolve", version)
    after = replace(
        was,
        snoozed_until=None,
        escalate_at=None,
        resolved_at=now,
        resolved_by=actor.name,
        resolution=resolution,
    )
    carry_out(conn, actor, "resolve", [(was, after)], note=resolution, now=now)
    if was.inhibited_by_id is None:
        notify.enqueue(conn, [_told(was, "resolved", f"resolved:{was.reopened}")], now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def reopen(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    note: str | None = None,
    now: datetime,
) -> Alert:
    """It is not settled after all; it begins anew, with whom it was given to.

    Whether it still is so its rule judges again: a due that is settled ends with the next sweep;
    what telemetry found, with its next end, or when the engine starts again.

    Raises: as `acknowledge`.
    """
    was = hold(conn, actor, alert_no, "reopen", version)
    after = replace(
        was,
        acknowledged_at=None,
        acknowledged_by=None,
        escalation=0,
        escalate_at=next_step_at(conn, was.organisation_id, was.severity, 0, now=now),
        cleared_at=None,
        resolved_at=None,
        resolved_by=None,
        resolution=None,
        reopened=was.reopened + 1,
    )
    act = [(was, after)]
    carry_out(conn, actor, "reopen", act, note=note, now=now)
    if was.inhibited_by_id is None:
        notify.enqueue(conn, [_told(was, "reopened", f"reopened:{after.reopened}")], now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def hold_for_work(conn: Connection[Any], actor: Actor, *, alert_no: str, version: int) -> Alert:
    """The alert a work order is about to be made of; nobody changes it until the commit.

    Raises:
        AlertHasWorkOrder: one was made before.
        others: as `acknowledge`.
    """
    was = hold(conn, actor, alert_no, "link_work_order", version)
    if was.work_order_id is not None:
        raise AlertHasWorkOrder(f"{alert_no} has its work order", alert_no=alert_no)
    return alert_of(conn, actor, alert_no=alert_no)


def link_work_order(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    work_order_no: str,
    note: str | None = None,
    now: datetime,
) -> Alert:
    """A work order deals with it; it is in progress from then on.

    Raises:
        AlertWorkOrderNotFound: no order in sight has the number.
        AlertHasWorkOrder: another one was made before.
        others: as `acknowledge`.
    """
    was = hold(conn, actor, alert_no, "link_work_order", version)
    order_id = store.find_work_order(conn, work_order_no)
    if order_id is None:
        raise AlertWorkOrderNotFound(f"no order is {work_order_no!r}", number=work_order_no[:40])
    if was.work_order_id not in (None, order_id):
        raise AlertHasWorkOrder(f"{alert_no} has its work order", alert_no=alert_no)
    after = replace(seen(was, actor, now), work_order_id=order_id)
    told = {"work_order_no": work_order_no}
    act = [(was, after)]
    carry_out(conn, actor, "link_work_order", act, note=note, facts=told, now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def _told(was: Held, purpose: Purpose, occasion: str) -> Told:
    return Told(
        tenant_id=was.tenant_id,
        organisation_id=was.organisation_id,
        alert_id=was.id,
        alert_no=was.alert_no,
        kind=was.kind,
        rule_code=was.rule_code,
        severity=was.severity,
        purpose=purpose,
        occasion=occasion,
    )
