"""Calendars that phones and mail programs subscribe to: making, revoking and reading them."""

import hashlib
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Header, Path

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.calendars import CalendarFeedIn, CalendarFeedMade, CalendarFeedOut
from api.operation import PREFIX, Answer, Operations, Raw, problems_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.calendar import service as calendar
from kit import db

operations = Operations("obligations")

EXPORT: Final = Export(
    Words("日历订阅", "calendars"),
    {
        "key": Words("编号", "Key"),
        "revoked_at": Words("吊销时间", "Revoked at"),
        "last_fetched_at": Words("最近读取", "Last fetched"),
    },
)
"""As a table."""
ICALENDAR: Final = "text/calendar; charset=utf-8"
DOCUMENTED: Final[dict[int | str, Any]] = {
    200: {
        "description": "The calendar, RFC 5545.",
        "content": {"text/calendar": {}},
        "headers": {"ETag": {"description": "Of this text.", "schema": {"type": "string"}}},
    },
    304: {"description": "The reader has it already."},
    404: problems_of("GET", public=False)[404],
}

FeedKey = Annotated[UUID, Path(description="Key of the calendar.")]
Token = Annotated[str, Path(max_length=100, description="The secret part of the address.")]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=1_000, description="ETags the reader has."),
]


@operations.get("/calendar-feeds", exported=EXPORT)
def list_calendar_feeds(
    call: Call, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[CalendarFeedOut]:
    """Calendars of your organisations, the newest first; without their addresses."""
    place = place_of(after, int)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    feeds = calendar.list_feeds(
        call.conn, call.actor, before_id=place[0] if place else None, limit=limit + 1
    )
    page, last = split_page(feeds, limit)
    return Page[CalendarFeedOut](
        items=[CalendarFeedOut.of(feed) for feed in page], next=last and cursor_of(last.id)
    )


@operations.post(
    "/calendar-feeds",
    status=201,
    idempotent="calendar.share",
    confidential=True,
    tells=["Location"],
)
def create_calendar_feed(call: Call, body: CalendarFeedIn) -> Answer[CalendarFeedMade]:
    """Make a calendar of what falls due. Its address is told only now, and opens it to anyone."""
    feed, secret = calendar.create_feed(
        call.conn,
        call.actor,
        name=body.name,
        organisation_code=body.organisation,
        now=call.now,
    )
    url = f"{call.settings.api_public_url.rstrip('/')}{PREFIX}/calendars/{secret}.ics"
    headers = {"Location": f"{PREFIX}/calendar-feeds/{feed.key}"}
    return Answer(CalendarFeedMade.made(feed, url), headers)


@operations.get("/calendar-feeds/{key}")
def get_calendar_feed(call: Call, key: FeedKey) -> CalendarFeedOut:
    """One calendar, without its address."""
    return CalendarFeedOut.of(calendar.get_feed(call.conn, call.actor, key=key))


@operations.post("/calendar-feeds/{key}/revoke")
def revoke_calendar_feed(call: Call, key: FeedKey) -> CalendarFeedOut:
    """Take a calendar's address back. It leads nowhere from now on."""
    return CalendarFeedOut.of(calendar.revoke_feed(call.conn, call.actor, key=key, now=call.now))


@operations.get("/calendars/{token}.ics", public=True, responses=DOCUMENTED)
def read_calendar(call: Call, token: Token, if_none_match: IfNoneMatch = None) -> Raw:
    """The calendar at a secret address, as iCalendar. A wrong or revoked address is not found.

    90 days back and 400 ahead: papers, maintenance, the care of idle vehicles; no work orders.
    """
    feed = calendar.open_feed(call.conn, secret=token)
    db.act_for(call.conn, [feed.organisation_id])
    content = calendar.read_feed(call.conn, feed, now=call.now)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag}
    if if_none_match is not None and tag in if_none_match:
        return Raw(b"", ICALENDAR, headers, status=304)
    return Raw(content, ICALENDAR, headers)
