"""Takes alerts on: seen, begun with, given to somebody, spoken of, put off.

Leaves out how they end (`settling`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.inbox.acts.lifecycle import MAX_AT_ONCE, may_snooze
from alerts.inbox.acts.service import carry_out, hold, hold_open, seen
from alerts.inbox.errors import AlertAssigneeUnknown, AlertSnoozeWrong, AlertsTooMany
from alerts.inbox.escalation.service import next_step_at
from alerts.inbox.handling import store
from alerts.inbox.model import Alert
from alerts.inbox.reading.service import alert_of
from alerts.inbox.sight import kinds_of
from schemas.access import Actor, permissions_of

__all__ = ["acknowledge", "acknowledge_many", "assign", "comment", "snooze", "start"]


def acknowledge(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    note: str | None = None,
    now: datetime,
) -> Alert:
    """Somebody has seen it; nobody else is told any more.

    Raises:
        AlertNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        AlertStateRefused: it is not open.
    """
    was = hold(conn, actor, alert_no, "acknowledge", version)
    act = [(was, seen(was, actor, now))]
    carry_out(conn, actor, "acknowledge", act, note=note, now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def start(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    note: str | None = None,
    now: datetime,
) -> Alert:
    """The actor begins to deal with it; theirs, unless it is given to somebody.

    Raises: as `acknowledge`.
    """
    was = hold(conn, actor, alert_no, "start", version)
    theirs = was.assignee or (actor.name if actor.kind == "person" else None)
    after = replace(seen(was, actor, now), assignee=theirs)
    act = [(was, after)]
    carry_out(conn, actor, "start", act, note=note, now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def assign(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    assignee: str | None,
    note: str | None = None,
    now: datetime,
) -> Alert:
    """Give it to a person who sees it and may deal with it; None: to nobody.

    Raises:
        AlertAssigneeUnknown: no such person in sight.
        others: as `acknowledge`.
    """
    was = hold(conn, actor, alert_no, "assign", version)
    if assignee is not None:
        roles = store.find_assignee(conn, assignee, was.organisation_id)
        may = permissions_of(set(roles or ()))
        if "alert.handle" not in may or was.kind not in kinds_of(may):
            raise AlertAssigneeUnknown(f"{assignee!r} cannot deal with it", assignee=assignee[:64])
    after = replace(seen(was, actor, now), assignee=assignee)
    told = {"assignee": assignee}
    act = [(was, after)]
    carry_out(conn, actor, "assign", act, note=note, facts=told, now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def comment(
    conn: Connection[Any], actor: Actor, *, alert_no: str, note: str, now: datetime
) -> Alert:
    """Add words to its history.

    Raises:
        AlertNotFound: there is none in sight.
    """
    was = hold(conn, actor, alert_no, "comment", None)
    act = [(was, was)]
    carry_out(conn, actor, "comment", act, note=note, now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def snooze(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_no: str,
    version: int,
    until_at: datetime | None,
    note: str | None = None,
    now: datetime,
) -> Alert:
    """Put it off: until then nobody is told of it, and it does not escalate. None wakes it.

    Its next step counts from when it is woken.

    Raises:
        AlertSnoozeWrong: not a later moment within 30 days.
        others: as `acknowledge`.
    """
    if not may_snooze(until_at, now):
        raise AlertSnoozeWrong("it can be put off until later, within 30 days")
    was = hold(conn, actor, alert_no, "snooze", version)
    told = {"until_at": None if until_at is None else until_at.isoformat()}
    after = replace(was, snoozed_until=until_at)
    if until_at is None and was.snoozed_until is not None and was.escalate_at is not None:
        at = next_step_at(conn, was.organisation_id, was.severity, was.escalation, now=now)
        after = replace(after, escalate_at=at)
    act = [(was, after)]
    carry_out(conn, actor, "snooze", act, note=note, facts=told, now=now)
    return alert_of(conn, actor, alert_no=alert_no)


def acknowledge_many(
    conn: Connection[Any],
    actor: Actor,
    *,
    alert_nos: Sequence[str],
    note: str | None = None,
    now: datetime,
) -> list[str]:
    """Somebody has seen them; the numbers of those that were open. The others stay as they are.

    Raises:
        AlertsTooMany: more than 500.
    """
    if len(alert_nos) > MAX_AT_ONCE:
        raise AlertsTooMany(f"at most {MAX_AT_ONCE} at once", at_most=MAX_AT_ONCE)
    found = hold_open(conn, actor, alert_nos, "acknowledge")
    acts = [(was, seen(was, actor, now)) for was in found]
    carry_out(conn, actor, "acknowledge", acts, note=note, now=now)
    return [was.alert_no for was in found]
