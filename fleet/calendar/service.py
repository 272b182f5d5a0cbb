"""Tells what is due when, of every vehicle in hand; and shares it as calendars.

Whether something is overdue is asked of the day in the zone of the organisation that asks. Work
orders are told to who may see them, and of vehicles one has now only. A calendar is read by whoever
has its address: as a reader of its organisation, without work orders, until it is revoked. Leaves
out when things fall due: the slices that write obligations decide that.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.calendar import store
from fleet.calendar.errors import CalendarFeedNotFound, CalendarFeedRevoked
from fleet.calendar.ics import MOST_EVENTS, Calendar, write_calendar
from fleet.calendar.model import Acting, DueCount, DueItem, DueRow, Feed, OpenedFeed, Today
from fleet.calendar.selection import DueFilter, Place
from fleet.calendar.words import days_since, overdue_since, title_of, why_blocked
from fleet.figures import IdleCare, InspectionOverdue
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.orgs import service as orgs
from fleet.parameters import service as parameters
from kit.tokens import digest_of, new_token
from schemas.access import Actor

__all__ = [
    "DueCount",
    "DueFilter",
    "DueItem",
    "Feed",
    "OpenedFeed",
    "Place",
    "Today",
    "count_obligations",
    "create_feed",
    "get_feed",
    "list_feeds",
    "list_obligations",
    "open_feed",
    "read_feed",
    "revoke_feed",
    "today_of",
]

FEED_BACK: Final = timedelta(days=90)
FEED_AHEAD: Final = timedelta(days=400)
FETCH_NOTED_EVERY: Final = timedelta(hours=1)
_NO_TENANT: Final = 0
"""The system asks for everybody: by the figures of no tenant of its own."""


def list_obligations(
    conn: Connection[Any],
    actor: Actor,
    wanted: DueFilter,
    *,
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
) -> list[DueItem]:
    """What falls due of the vehicles the actor's organisations have now, by day, no day first."""
    actor.require("paper.read")
    acting = _acting(conn, actor)
    day = _day(conn, acting, now)
    with_work = actor.may("work_order.read")
    rows = store.list_due(conn, wanted, day, with_work=with_work, after=after, limit=limit)
    return _told(conn, acting, day, rows)


def count_obligations(
    conn: Connection[Any], actor: Actor, wanted: DueFilter, *, now: datetime
) -> list[DueCount]:
    """How many of the same there are by kind and status."""
    actor.require("paper.read")
    day = _day(conn, _acting(conn, actor), now)
    return store.count_due(conn, wanted, day, with_work=actor.may("work_order.read"))


def today_of(conn: Connection[Any], actor: Actor, *, now: datetime) -> Today:
    """The day it is for the actor's organisation, and what the figures of law say on it.

    Takes no permission: it tells nothing of any vehicle.
    """
    acting = _acting(conn, actor)
    zone = DEFAULT_ZONE if acting is None else acting.time_zone
    on = local_day(now, zone)
    return Today(on, zone, _inspection_blocks(conn, acting, on))


def create_feed(
    conn: Connection[Any],
    actor: Actor,
    *,
    name: str,
    organisation_code: str,
    now: datetime,
) -> tuple[Feed, str]:
    """A calendar of the organisation and all below it, and its secret, which is told only now.

    Raises:
        OrganisationNotFound: there is none in sight.
    """
    actor.require("calendar.share")
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    secret = new_token()
    row = {
        "tenant_id": organisation.tenant_id,
        "organisation_id": organisation.id,
        "name": name,
        "token_digest": digest_of(secret),
        "created_by": actor.name,
        "created_at": now,
    }
    feed = _get(conn, store.insert_feed(conn, row))
    audit.record(
        conn,
        actor,
        "calendar.share",
        object_kind="calendar_feed",
        object_key=str(feed.key),
        now=now,
        after={"name": name, "organisation": organisation.code},
        organisation_id=organisation.tenant_id,
    )
    return feed, secret


def list_feeds(
    conn: Connection[Any], actor: Actor, *, before_id: int | None = None, limit: int = 50
) -> list[Feed]:
    """Calendars of the organisations in sight, the newest first; those before a number."""
    actor.require("calendar.share")
    return store.list_feeds(conn, before_id=before_id, limit=limit)


def get_feed(conn: Connection[Any], actor: Actor, *, key: UUID) -> Feed:
    """The calendar with this key.

    Raises:
        CalendarFeedNotFound: there is none in sight.
    """
    actor.require("calendar.share")
    return _get(conn, key)


def revoke_feed(conn: Connection[Any], actor: Actor, *, key: UUID, now: datetime) -> Feed:
    """The calendar, whose address leads nowhere from now on.

    Raises:
        CalendarFeedNotFound: there is none in sight.
        CalendarFeedRevoked: it was revoked before.
    """
    actor.require("calendar.share")
    feed = _get(conn, key)
    if feed.revoked_at is not None:
        raise CalendarFeedRevoked(f"calendar {key} was revoked before", key=str(key))
    store.mark_feed_revoked(conn, feed.id, now=now)
    organisation = orgs.get_organisation(conn, actor, code=feed.organisation_code)
    audit.record(
        conn,
        actor,
        "calendar.revoke",
        object_kind="calendar_feed",
        object_key=str(key),
        now=now,
        before={"name": feed.name, "organisation": feed.organisation_code},
        organisation_id=organisation.tenant_id,
    )
    return _get(conn, key)


def open_feed(conn: Connection[Any], *, secret: str) -> OpenedFeed:
    """The calendar a secret opens; takes no permission: the secret is one.

    Raises:
        CalendarFeedNotFound: it opens none, or not any more; which of the two is not told.
    """
    found = store.find_feed_by_secret(conn, digest_of(secret))
    if found is None:
        raise CalendarFeedNotFound("there is no such calendar")
    return found


def read_feed(conn: Connection[Any], feed: OpenedFeed, *, now: datetime) -> bytes:
    """The calendar as iCalendar; the transaction acts for its organisation.

    From FEED_BACK before today to FEED_AHEAD after it, at most MOST_EVENTS, the earliest.
    """
    acting = Acting(feed.organisation_id, feed.organisation_code, feed.tenant_id, feed.time_zone)
    day = _day(conn, acting, now)
    wanted = DueFilter(from_on=day.on - FEED_BACK, until_on=day.on + FEED_AHEAD)
    rows = store.list_due(conn, wanted, day, with_work=False, after=None, limit=MOST_EVENTS)
    store.mark_feed_fetched(conn, feed.id, now=now, unless_since=now - FETCH_NOTED_EVERY)
    name = f"{feed.name} · {feed.organisation_name}"
    return write_calendar(Calendar(name, feed.time_zone, day.on, _told(conn, acting, day, rows)))


def _get(conn: Connection[Any], key: UUID) -> Feed:
    found = store.find_feed(conn, key)
    if found is None:
        raise CalendarFeedNotFound(f"no calendar has the key {key}", key=str(key))
    return found


def _acting(conn: Connection[Any], actor: Actor) -> Acting | None:
    """The organisation acted for; the system acts for none."""
    if actor.organisation_id is None:
        return None
    return store.find_acting(conn, actor.organisation_id)


def _day(conn: Connection[Any], acting: Acting | None, now: datetime) -> store.Day:
    zone = DEFAULT_ZONE if acting is None else acting.time_zone
    today = local_day(now, zone)
    tenant_id = _NO_TENANT if acting is None else acting.tenant_id
    care = parameters.figures(conn, IdleCare, tenant_id=tenant_id, on=today)
    return store.Day(now, today, zone, care.check_every_days)


def _inspection_blocks(conn: Connection[Any], acting: Acting | None, on: date) -> bool:
    tenant_id = _NO_TENANT if acting is None else acting.tenant_id
    law = parameters.figures(conn, InspectionOverdue, tenant_id=tenant_id, on=on)
    return law.blocks_hand_over


def _told(
    conn: Connection[Any], acting: Acting | None, day: store.Day, rows: Sequence[DueRow]
) -> list[DueItem]:
    """The rows with their vehicles and what they mean today."""
    if not rows:
        return []
    blocks = _inspection_blocks(conn, acting, day.on)
    vehicles = store.describe_vehicles(conn, list({row.vehicle_id for row in rows}))
    return [
        DueItem(
            row=row,
            vehicle=vehicles[row.vehicle_id],
            title=title_of(row),
            overdue_since_on=overdue_since(row, on=day.on),
            days_overdue=days_since(row, on=day.on),
            blocked_by=why_blocked(row, on=day.on, inspection_blocks=blocks),
        )
        for row in rows
    ]
