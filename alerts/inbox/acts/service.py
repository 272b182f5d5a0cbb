"""Carries out an act on an alert: locked, from a state that allows it, written down and audited.

Who acts names the version they saw, so that two do not settle the same matter differently. Leaves
out what each act changes (`handling`, `settling`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox.acts import store
from alerts.inbox.acts.lifecycle import Verb, next_state
from alerts.inbox.acts.model import Held
from alerts.inbox.errors import AlertNotFound, AlertStateRefused
from alerts.inbox.history import service as history
from alerts.inbox.history.service import Happened
from alerts.inbox.model import EventKind, State
from alerts.inbox.sight import kinds_seen
from kit.errors import VersionChanged
from schemas import audit
from schemas.access import Actor

__all__ = ["Held", "carry_out", "hold", "hold_open", "seen"]

EVENT_OF: Final[dict[Verb, EventKind]] = {
    "acknowledge": "acknowledged",
    "start": "started",
    "assign": "assigned",
    "comment": "commented",
    "snooze": "snoozed",
    "resolve": "resolved",
    "reopen": "reopened",
    "link_work_order": "work_order_made",
}


def hold(
    conn: Connection[Any], actor: Actor, alert_no: str, verb: Verb, version: int | None
) -> Held:
    """The alert, locked, as the actor saw it, and in a state from which the verb leads on.

    Raises:
        AlertNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        AlertStateRefused: the verb leads nowhere from its state.
    """
    actor.require("alert.handle")
    found = store.lock_alerts(conn, [alert_no], kinds_seen(actor))
    if not found:
        raise AlertNotFound(f"no alert has the number {alert_no!r}", alert_no=alert_no[:40])
    was = found[0]
    if version is not None and was.version != version:
        raise VersionChanged(f"the alert is at version {was.version}", alert_no=alert_no)
    if next_state(was.state, verb, historical=was.historical) is None:
        raise AlertStateRefused(f"{alert_no} is {was.state}", alert_no=alert_no, state=was.state)
    return was


def hold_open(
    conn: Connection[Any], actor: Actor, alert_nos: Sequence[str], verb: Verb
) -> list[Held]:
    """Those of these alerts in sight that the verb leads on, locked."""
    actor.require("alert.handle")
    found = store.lock_alerts(conn, alert_nos, kinds_seen(actor))
    return [was for was in found if next_state(was.state, verb, historical=was.historical)]


def seen(was: Held, actor: Actor, now: datetime) -> Held:
    """Acknowledged, if it was not before: it escalates no further."""
    if was.acknowledged_at is not None:
        return replace(was, escalate_at=None)
    return replace(was, acknowledged_at=now, acknowledged_by=actor.name, escalate_at=None)


def carry_out(
    conn: Connection[Any],
    actor: Actor,
    verb: Verb,
    acts: Sequence[tuple[Held, Held]],
    *,
    note: str | None = None,
    facts: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Write what became of alerts, each as it was and is; the words stand in their history only."""
    told = dict(facts or {})
    after = [replace(made, state=_state(was, verb)) for was, made in acts]
    if verb != "comment":
        store.update_alerts(conn, after)
    happened = [
        Happened(was.tenant_id, was.organisation_id, was.id, EVENT_OF[verb], told, note, actor.name)
        for was, _ in acts
    ]
    history.write_down(conn, happened, at=now)
    for (was, _), made in zip(acts, after, strict=True):
        audit.record(
            conn,
            actor,
            f"alert.{verb}",
            object_kind="alert",
            object_key=was.alert_no,
            now=now,
            before={"state": was.state},
            after={"state": made.state, **told},
            organisation_id=was.tenant_id,
        )


def _state(was: Held, verb: Verb) -> State:
    state = next_state(was.state, verb, historical=was.historical)
    assert state is not None
    return state
