"""Looks into the inbox: lists, one alert with its history, numbers, and what changed.

An alert is found by who has the permission of its kind, in organisations in sight; places in its
facts by who may know them (`alerts/inbox/sight.py`).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.inbox.errors import AlertNotFound
from alerts.inbox.model import Alert, AlertDetail, Counted, Storm
from alerts.inbox.reading import store
from alerts.inbox.reading.model import AlertChange, LiveAlert, Summary
from alerts.inbox.sight import facts_for, kinds_seen
from schemas.access import Actor

__all__ = [
    "AlertChange",
    "LiveAlert",
    "Summary",
    "alert_of",
    "find_far_change",
    "get_alert",
    "list_alerts",
    "list_changed",
    "storms",
    "summary",
]

STORM_OF: Final = 5
"""So many unresolved alerts of a rule in one organisation are a storm."""
MOST_STORMS: Final = 100


def list_alerts(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[Alert]:
    """Alerts in sight, the last raised first.

    `filters`: unresolved, state, severity, kind, rule, vehicle (VIN), lease, bill, customer (their
    numbers), assignee (log-in), snoozed, inhibited, historical, from_at, until_at (last raised),
    organisation (or below it), search. `after`: when the last one of the page before was raised
    last, and its id.
    """
    seen = {"kinds": sorted(kinds_seen(actor))}
    rows = store.list_alerts(conn, {**filters, **seen}, after=after, limit=limit)
    return [_shown(row, actor) for row in rows]


def alert_of(conn: Connection[Any], actor: Actor, *, alert_no: str) -> Alert:
    """The alert with this number.

    Raises:
        AlertNotFound: there is none in sight.
    """
    asked = {"alert_no": alert_no, "kinds": sorted(kinds_seen(actor))}
    found = store.list_alerts(conn, asked, limit=1)
    if not found:
        raise AlertNotFound(f"no alert has the number {alert_no!r}", alert_no=alert_no[:40])
    return _shown(found[0], actor)


def get_alert(conn: Connection[Any], actor: Actor, *, alert_no: str) -> AlertDetail:
    """The alert with what fired, what happened, and the messages in sight that told of it.

    Raises:
        AlertNotFound: there is none in sight.
    """
    alert = alert_of(conn, actor, alert_no=alert_no)
    told = actor.may("notification.read")
    return AlertDetail(
        alert=alert,
        fires=store.list_fires(conn, alert.id),
        events=[
            replace(each, facts=facts_for(actor, each.facts))
            for each in store.list_events(conn, alert.id)
        ],
        messages=store.list_messages(conn, alert.id) if told else [],
    )


def summary(
    conn: Connection[Any], actor: Actor, *, organisation: str | None = None, now: datetime
) -> Summary:
    """Unresolved alerts in sight in numbers, of an organisation and below it if it is named."""
    rows = store.count_alerts(
        conn, kinds_seen(actor), organisation=organisation, login=actor.name, now=now
    )
    counts = [Counted(**{name: row[name] for name in Counted.__slots__}) for row in rows]
    totals = {name: sum(row[name] for row in rows) for name in ("mine", "snoozed", "inhibited")}
    return Summary(counts, sum(each.alerts for each in counts), **totals)


def storms(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    at_least: int = STORM_OF,
) -> list[Storm]:
    """Rules of which many alerts of one organisation are unresolved at once, the most first."""
    return store.list_storms(
        conn, kinds_seen(actor), organisation=organisation, at_least=at_least, limit=MOST_STORMS
    )


def find_far_change(conn: Connection[Any], *, xmin: int, most: int) -> int | None:
    """The last transaction since when more than so many alerts in sight have changed, if any has.

    Asked of what changed from `xmin` on. Who begins there would be told of too many.
    """
    return store.find_far_change(conn, xmin=xmin, most=most)


def list_changed(
    conn: Connection[Any],
    *,
    xmin: int,
    xmax: int,
    running: Collection[int],
    organisation_ids: Collection[int],
) -> list[AlertChange]:
    """Alerts whose last change a snapshot did not see, for readers of these organisations.

    On behalf of readers whose `kinds_seen` was asked: who tells them leaves out other kinds. Run
    in a transaction that acts for the organisations.
    """
    return store.list_changed(
        conn, xmin=xmin, xmax=xmax, running=running, organisation_ids=organisation_ids
    )


def _shown(alert: Alert, actor: Actor) -> Alert:
    return replace(alert, facts=facts_for(actor, alert.facts))
