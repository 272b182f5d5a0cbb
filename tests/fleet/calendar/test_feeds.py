"""Calendars are opened by their secret alone, until it is revoked, and are read back as written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from icalendar import Calendar
from psycopg import Connection

from fleet.audit import service as audit
from fleet.calendar.errors import CalendarFeedNotFound, CalendarFeedRevoked
from fleet.calendar.service import (
    FEED_AHEAD,
    FEED_BACK,
    create_feed,
    get_feed,
    list_feeds,
    open_feed,
    read_feed,
    revoke_feed,
)
from fleet.orgs.errors import OrganisationNotFound
from kit import db
from kit.tokens import new_token
from schemas.access import PERMISSIONS, SYSTEM, PermissionMissing

from ..seen import VINS, Fleet
from .conftest import ASKED_AT, Papers, day

MADE: Final[dict[str, Any]] = {"name": "车务到期", "now": ASKED_AT}


@contextmanager
def feed_of(fleet: Fleet, code: str) -> Iterator[tuple[str, Connection[Any]]]:
    """The secret of a new calendar, and a connection in the state a stranger has it."""
    with fleet.as_member(code) as conn:
        _, secret = create_feed(conn, fleet.actor(code), organisation_code=code, **MADE)
    with fleet.app_conn.transaction():
        yield secret, fleet.app_conn


def fetch(conn: Connection[Any], secret: str, now: datetime = ASKED_AT) -> Any:
    """The calendar as the route reads it; its library types it loosely."""
    feed = open_feed(conn, secret=secret)
    db.act_for(conn, [feed.organisation_id])
    calendar = Calendar.from_ical(read_feed(conn, feed, now=now))
    assert isinstance(calendar, Calendar)
    return calendar


def test_an_event_tells_the_vehicle_and_what_falls_due(fleet: Fleet, papers: Papers) -> None:
    facts = {"policy_no": "PDZA2026", "insurer": "人保", "rule": "条例 §20"}
    papers.owe("B", "compulsory", day(20), window_from_on=day(-10), facts=facts)
    with feed_of(fleet, "west") as (secret, conn):
        calendar = fetch(conn, secret)
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar.calendar_name == "车务到期 · 名 west"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=6)
    assert calendar["X-PUBLISHED-TTL"] == "PT6H"
    assert calendar["X-WR-TIMEZONE"] == "Asia/Shanghai"
    [event] = calendar.events
    assert (event.start, event.end) == (day(20), day(21))
    assert event["SUMMARY"] == "粤BD12342 交强险到期"
    assert event["UID"] == f"{VINS['B']}.compulsory@guanche"
    assert event["DESCRIPTION"].split("\n") == [
        f"车架号：{VINS['B']}",
        "车型：Model B",
        "运营商：west",
        "保单号：PDZA2026",
        "保险公司：人保",
        "依据：条例 §20",
        f"可办理：{day(-10)}起",
    ]
    [alarm] = event.alarms.times
    assert alarm.trigger == datetime.combine(day(13), time(9))


def test_what_is_overdue_says_so_and_reminds_no_more(fleet: Fleet, papers: Papers) -> None:
    papers.owe("B", "inspection", day(-3))
    with feed_of(fleet, "west") as (secret, conn):
        [event] = fetch(conn, secret).events
    assert event["SUMMARY"] == "粤BD12342 年审已逾期"
    assert "已逾期：3天" in event["DESCRIPTION"]
    assert f"不得交车：年审自{day(-2)}起逾期。" in event["DESCRIPTION"]
    assert event.alarms.times == []


def test_a_renewal_moves_the_event(fleet: Fleet, papers: Papers) -> None:
    papers.owe("B", "permit", day(5))
    with feed_of(fleet, "west") as (secret, conn):
        [before] = fetch(conn, secret).events
    fleet.conn.execute("UPDATE obligations SET due_on = %s", [day(370)])
    fleet.conn.commit()
    with fleet.app_conn.transaction():
        [after] = fetch(fleet.app_conn, secret).events
    assert before["UID"] == after["UID"]
    assert (before.start, after.start) == (day(5), day(370))


def test_the_same_facts_are_the_same_bytes_all_day(fleet: Fleet, papers: Papers) -> None:
    papers.owe("B", "permit", day(5))
    with feed_of(fleet, "west") as (secret, conn):
        feed = open_feed(conn, secret=secret)
        db.act_for(conn, [feed.organisation_id])
        morning = read_feed(conn, feed, now=ASKED_AT)
        evening = read_feed(conn, feed, now=ASKED_AT + timedelta(hours=10))
        tomorrow = read_feed(conn, feed, now=ASKED_AT + timedelta(hours=24))
    assert morning == evening
    assert morning != tomorrow


def test_a_calendar_reaches_back_and_ahead_so_far(fleet: Fleet, papers: Papers) -> None:
    edges = (-FEED_BACK.days - 1, -FEED_BACK.days, FEED_AHEAD.days - 1, FEED_AHEAD.days)
    for offset in edges:
        papers.owe("B", "maintenance", day(offset), reference=f"r{offset}")
    papers.owe("B", "inspection", None)
    with feed_of(fleet, "west") as (secret, conn):
        days = [event.start for event in fetch(conn, secret).events]
    assert days == [day(edges[1]), day(edges[2])]


def test_it_is_read_as_a_reader_of_its_organisation(fleet: Fleet, papers: Papers) -> None:
    """East has W and, at its depot, C; A was east's once. Work orders are in none."""
    for vehicle in VINS:
        papers.owe(vehicle, "inspection", day(9))
    papers.order("C", "W2026-EAST01", "east", day(2))
    seen = {}
    for code in ("head", "east", "east-depot", "other"):
        with feed_of(fleet, code) as (secret, conn):
            uids = {event["UID"].partition(".")[0] for event in fetch(conn, secret).events}
            seen[code] = "".join(letter for letter, vin in VINS.items() if vin in uids)
    assert seen == {"head": "ABCW", "east": "CW", "east-depot": "C", "other": "X"}


def test_a_wrong_or_revoked_secret_opens_nothing(fleet: Fleet, papers: Papers) -> None:
    with fleet.as_member("west") as conn:
        feed, secret = create_feed(conn, fleet.actor("west"), organisation_code="west", **MADE)
        assert open_feed(conn, secret=secret).organisation_code == "west"
    with fleet.as_member("west") as conn:
        revoked = revoke_feed(conn, fleet.actor("west"), key=feed.key, now=ASKED_AT)
        assert revoked.revoked_at == ASKED_AT
        with pytest.raises(CalendarFeedRevoked):
            revoke_feed(conn, fleet.actor("west"), key=feed.key, now=ASKED_AT)
    with fleet.app_conn.transaction():
        for wrong in (secret, new_token(), "", "x" * 5_000):
            with pytest.raises(CalendarFeedNotFound):
                open_feed(fleet.app_conn, secret=wrong)


def test_only_the_digest_is_kept(fleet: Fleet) -> None:
    with fleet.as_member("west") as conn:
        _, secret = create_feed(conn, fleet.actor("west"), organisation_code="west", **MADE)
    kept = fleet.conn.execute("SELECT calendar_feeds::text FROM calendar_feeds").fetchall()
    assert len(kept) == 1
    assert secret not in kept[0][0]


def test_calendars_of_siblings_and_those_above_are_out_of_sight(fleet: Fleet) -> None:
    keys = {}
    for code in ("head", "east", "west", "other"):
        with fleet.as_member(code) as conn:
            feed, _ = create_feed(conn, fleet.actor(code), organisation_code=code, **MADE)
            keys[code] = feed.key

    def seen(code: str) -> list[str]:
        with fleet.as_member(code) as conn:
            return [feed.organisation_code for feed in list_feeds(conn, fleet.actor(code))]

    assert seen("head") == ["west", "east", "head"]
    assert seen("east") == ["east"]
    for stranger in ("head", "west"):
        with fleet.as_member("east") as conn, pytest.raises(CalendarFeedNotFound):
            revoke_feed(conn, fleet.actor("east"), key=keys[stranger], now=ASKED_AT)
    with fleet.as_member("east") as conn, pytest.raises(OrganisationNotFound):
        create_feed(conn, fleet.actor("east"), organisation_code="west", **MADE)


def test_a_list_of_calendars_goes_on_after_a_number(fleet: Fleet) -> None:
    with fleet.as_member("east") as conn:
        actor = fleet.actor("east")
        made = [create_feed(conn, actor, organisation_code="east", **MADE)[0] for _ in range(3)]
        first = list_feeds(conn, actor, limit=2)
        rest = list_feeds(conn, actor, before_id=first[-1].id)
    assert [feed.key for feed in (*first, *rest)] == [feed.key for feed in reversed(made)]


def test_that_it_was_fetched_is_noted_to_the_hour(fleet: Fleet) -> None:
    with feed_of(fleet, "west") as (secret, conn):
        for minutes in (0, 30, 61):
            fetch(conn, secret, ASKED_AT + timedelta(minutes=minutes))
            [feed] = list_feeds(conn, fleet.actor("west"))
            noted = timedelta(minutes=0 if minutes < 60 else minutes)
            assert feed.last_fetched_at == ASKED_AT + noted


def test_making_and_revoking_are_written_down(fleet: Fleet) -> None:
    with fleet.as_member("west") as conn:
        feed, secret = create_feed(conn, fleet.actor("west"), organisation_code="west", **MADE)
        revoke_feed(conn, fleet.actor("west"), key=feed.key, now=ASKED_AT)
    told = audit.list_entries(fleet.conn, SYSTEM, {"object_kind": "calendar_feed"})
    assert [(entry.action, entry.object_key) for entry in told] == [
        ("calendar.revoke", str(feed.key)),
        ("calendar.share", str(feed.key)),
    ]
    assert told[1].after == {"name": "车务到期", "organisation": "west"}
    assert secret not in str([(entry.before, entry.after) for entry in told])


def test_it_takes_calendar_share(fleet: Fleet) -> None:
    lacking = fleet.actor("west", sorted(frozenset(PERMISSIONS) - {"calendar.share"}))
    with fleet.as_member("west") as conn:
        for ask in (
            lambda: create_feed(conn, lacking, organisation_code="west", **MADE),
            lambda: list_feeds(conn, lacking),
            lambda: get_feed(conn, lacking, key=uuid4()),
            lambda: revoke_feed(conn, lacking, key=uuid4(), now=ASKED_AT),
        ):
            with pytest.raises(PermissionMissing):
                ask()


def test_days_in_a_calendar_are_days_of_no_zone(fleet: Fleet, papers: Papers) -> None:
    papers.owe("B", "permit", date(2026, 12, 31))
    with feed_of(fleet, "west") as (secret, conn):
        text = fetch(conn, secret).to_ical().decode()
    assert "DTSTART;VALUE=DATE:20261231" in text
    assert "DTEND;VALUE=DATE:20270101" in text


def test_who_made_it_is_told_where_they_are_in_sight(fleet: Fleet) -> None:
    head, west = fleet.organisation_ids["head"], fleet.organisation_ids["west"]
    for login, organisation_id in (("head.anybody", head), ("west.anybody", west)):
        fleet.insert(
            "users",
            login=login,
            name="人",
            tenant_id=head,
            organisation_id=organisation_id,
            roles=["owner"],
            created_at=ASKED_AT,
        )
    for code in ("head", "west"):
        with fleet.as_member(code) as conn:
            create_feed(conn, fleet.actor(code), organisation_code="west", **MADE)
    told = {}
    for code in ("head", "west"):
        with fleet.as_member(code) as conn:
            told[code] = [feed.created_by for feed in list_feeds(conn, fleet.actor(code))]
    assert told == {
        "head": ["west.anybody", "head.anybody"],
        "west": ["west.anybody", None],
    }
