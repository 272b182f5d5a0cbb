"""Writes down what is to be told, in the transaction that found it.

Subscriptions of the alert's organisation and of all above decide, unless the telling names people:
then their own channels. A person is told only of kinds that their roles allow. A session that does
not see the organisations above (a person at the API) leaves a row without a channel, which is
spread when messages are gathered; a telling that names people is never left, as a row says no
names. Leaves out composing and sending.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from psycopg import Connection

from alerts.inbox.model import Told
from alerts.model import SEVERITIES
from alerts.notify.outbox import store
from alerts.notify.outbox.store import Subscribed
from alerts.notify.outbox.timing import Hours, tell_at
from alerts.rules.kinds import KINDS
from schemas.access import PERMISSIONS

__all__ = ["enqueue", "list_hearing", "roles_for", "spread_left"]

_LEFT: Final = "told"
MOST_AT_ONCE: Final = 2_000
"""Tellings that are spread by who finds them; more are spread by and by."""
MOST_LEFT: Final = 5_000


def enqueue(conn: Connection[Any], tolds: Sequence[Told], *, now: datetime) -> int:
    """Put into the outbox whom each telling is for; how many entries are new.

    Safe to repeat: the same occasion of an alert is told to a channel once. Very many at once, as
    of a first sweep, are left to be spread, so that what found them can commit.
    """
    if not tolds:
        return 0
    named = [told for told in tolds if told.to_logins]
    others = [told for told in tolds if not told.to_logins]
    if not store.sees_all(conn):
        return _spread(conn, named, now) + _leave(conn, others, now)
    if len(others) > MOST_AT_ONCE:
        return _spread(conn, named, now) + _leave(conn, others, now)
    return _spread(conn, tolds, now)


def list_hearing(conn: Connection[Any]) -> list[int] | None:
    """The organisations of which any subscription hears; None: that is not known to this session.

    What is found of others is told to nobody, but to people whom it names.
    """
    return store.list_hearing(conn) if store.sees_all(conn) else None


def _leave(conn: Connection[Any], tolds: Sequence[Told], now: datetime) -> int:
    return store.insert_items(conn, [_left(told, now) for told in tolds], now=now)


def _spread(conn: Connection[Any], tolds: Sequence[Told], now: datetime) -> int:
    roles = {told.kind: sorted(roles_for(told.kind)) for told in tolds}
    rows = {row["dedup_key"]: row for row in _subscribed(conn, tolds, roles, now)}
    named = [_asked(place, told) for place, told in enumerate(tolds) if told.to_logins]
    for person in store.list_named(conn, named, roles) if named else ():
        row = _item(tolds[person.place], person.channel_id, person.organisation_id, now)
        rows[row["dedup_key"]] = row
    return store.insert_items(conn, rows.values(), now=now) if rows else 0


def _subscribed(
    conn: Connection[Any], tolds: Sequence[Told], roles: Mapping[str, list[str]], now: datetime
) -> Iterator[dict[str, Any]]:
    """What subscriptions are told, each channel once of each, in the order it was found.

    Whom something reaches depends on its organisation, kind and severity: alike are asked for once.
    """
    alike: dict[tuple[Any, ...], list[int]] = {}
    for place, told in enumerate(tolds):
        if not told.to_logins:
            of_its_own = told.alert_id if told.purpose == "resolved" else None
            key = (told.organisation_id, told.kind, told.severity, of_its_own)
            alike.setdefault(key, []).append(place)
    first = {places[0]: places for places in alike.values()}
    asked = [_asked(place, tolds[place]) for place in first]
    hours: dict[tuple[int, bool], datetime] = {}
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for reached in store.list_subscribed(conn, asked, roles) if asked else ():
        critical = tolds[reached.place].severity == "critical"
        known = (reached.subscription_id, critical)
        if known not in hours:
            hours[known] = tell_at(now, _hours(reached), critical=critical)
        for place in first[reached.place]:
            row = _item(tolds[place], reached.channel_id, reached.organisation_id, hours[known])
            row["subscription_id"] = reached.subscription_id
            was = rows.get((place, reached.channel_id))
            if was is None or row["not_before"] < was["not_before"]:
                rows[place, reached.channel_id] = row
    # Of one place by channel in the order found: only places are sorted.
    yield from (rows[at] for at in sorted(rows, key=lambda at: at[0]))


def spread_left(conn: Connection[Any], *, now: datetime) -> int:
    """Enter by channel what sessions with a narrower sight left; how many entries are new."""
    left = store.take_left(conn, most=MOST_LEFT)
    if not left:
        return 0
    tolds = [
        Told(
            tenant_id=each.tenant_id,
            organisation_id=each.organisation_id,
            alert_id=each.alert_id,
            alert_no=each.alert_no,
            kind=each.kind,
            rule_code=each.rule_code,
            severity=each.severity,  # type: ignore[arg-type]
            purpose=each.purpose,  # type: ignore[arg-type]
            occasion=each.dedup_key.split(":", 2)[2],
        )
        for each in left
    ]
    store.mark_spread(conn, [each.id for each in left])
    return _spread(conn, tolds, now)


@cache
def roles_for(kind: str) -> frozenset[str]:
    """The roles that may see alerts of a kind."""
    allowed = PERMISSIONS["alert.read"].roles
    known = KINDS.get(kind)
    return frozenset(allowed if known is None else allowed & PERMISSIONS[known.verb].roles)


def _asked(place: int, told: Told) -> dict[str, Any]:
    return {
        "place": place,
        "organisation_id": told.organisation_id,
        "alert_id": told.alert_id,
        "kind": told.kind,
        "rank": SEVERITIES.index(told.severity) + 1,  # type: ignore[arg-type,unused-ignore]
        "over": told.purpose == "resolved",
        "logins": list(told.to_logins),
    }


def _item(
    told: Told, channel_id: int, organisation_id: int, not_before: datetime
) -> dict[str, Any]:
    return {
        "tenant_id": told.tenant_id,
        "organisation_id": organisation_id,
        "channel_id": channel_id,
        "subscription_id": None,
        "alert_id": told.alert_id,
        "purpose": told.purpose,
        "dedup_key": f"{channel_id}:{told.alert_id}:{told.occasion}",
        "not_before": not_before.isoformat(),
    }


def _left(told: Told, now: datetime) -> dict[str, Any]:
    row = _item(told, 0, told.organisation_id, now)
    return row | {"channel_id": None, "dedup_key": f"{_LEFT}:{told.alert_id}:{told.occasion}"}


def _hours(reached: Subscribed) -> Hours:
    quiet = None
    if reached.quiet_from is not None and reached.quiet_until is not None:
        quiet = (reached.quiet_from, reached.quiet_until)
    return Hours(reached.zone, quiet, reached.digest, reached.digest_at, reached.critical_anyway)
