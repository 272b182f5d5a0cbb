"""Who is told of what, and when at the earliest."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from alerts.inbox.model import Told
from alerts.notify import service as notify
from alerts.notify.outbox.timing import Hours, tell_at
from tests.alerts.notify.conftest import QUIET, Office, acting, after

ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
NIGHT = (time(22), time(7))
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("now", "hours", "critical", "told"),
    [
        pytest.param("22T12:00", Hours(SHANGHAI), False, "22T12:00", id="at once"),
        pytest.param("22T23:30", Hours(SHANGHAI, NIGHT), False, "23T07:00", id="quiet evening"),
        pytest.param("23T06:59", Hours(SHANGHAI, NIGHT), False, "23T07:00", id="quiet morning"),
        pytest.param("23T07:00", Hours(SHANGHAI, NIGHT), False, "23T07:00", id="quiet is over"),
        pytest.param("22T21:59", Hours(SHANGHAI, NIGHT), False, "22T21:59", id="not quiet yet"),
        pytest.param("22T22:00", Hours(SHANGHAI, NIGHT), False, "23T07:00", id="quiet begins"),
        pytest.param("22T23:30", Hours(SHANGHAI, NIGHT), True, "22T23:30", id="critical passes"),
        pytest.param(
            "22T23:30",
            Hours(SHANGHAI, NIGHT, critical_anyway=False),
            True,
            "23T07:00",
            id="critical waits if so wished",
        ),
        pytest.param(
            "22T12:30", Hours(SHANGHAI, (time(12), time(14))), False, "22T14:00", id="siesta"
        ),
        pytest.param(
            "22T12:30", Hours(SHANGHAI, (time(9), time(9))), False, "22T12:30", id="no hours"
        ),
        pytest.param(
            "22T12:05", Hours(SHANGHAI, digest="hourly"), False, "22T13:00", id="hourly digest"
        ),
        pytest.param(
            "22T12:00", Hours(SHANGHAI, digest="hourly"), False, "22T13:00", id="on the hour"
        ),
        pytest.param(
            "22T21:30",
            Hours(SHANGHAI, NIGHT, digest="hourly"),
            False,
            "23T07:00",
            id="hourly digest in quiet hours",
        ),
        pytest.param(
            "22T08:00", Hours(SHANGHAI, digest="daily"), False, "22T08:30", id="digest today"
        ),
        pytest.param(
            "22T08:30", Hours(SHANGHAI, digest="daily"), False, "23T08:30", id="digest tomorrow"
        ),
        pytest.param(
            "22T12:00", Hours(SHANGHAI, digest="daily"), True, "22T12:00", id="critical, no digest"
        ),
        pytest.param(
            "22T12:30",
            Hours("Europe/Berlin", (time(12), time(14))),
            False,
            "22T14:00",
            id="by another clock",
        ),
    ],
)
def test_when_a_channel_is_told(now: str, hours: Hours, critical: bool, told: str) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo(hours.zone))

    assert tell_at(instant(now), hours, critical=critical) == instant(told)


@ONE_STORAGE
class TestWhoIsTold:
    """By subscriptions, or by name."""

    def test_an_organisation_and_all_above_it(self, office: Office) -> None:
        for organisation in ("head", "east", "west"):
            office.subscribe(office.channel(organisation=organisation), organisation=organisation)
        assert office.tell(office.alert(organisation="east")) == 2

    def test_the_same_once(self, office: Office) -> None:
        channel = office.channel()
        office.subscribe(channel)
        office.subscribe(channel, organisation="head")
        told = office.alert()
        assert [office.tell(told, told), office.tell(told)] == [1, 0]

    def test_two_subscriptions_of_a_channel_tell_at_the_earlier_time(self, office: Office) -> None:
        channel = office.channel()
        office.subscribe(channel, digest="daily")
        office.subscribe(channel, digest="hourly")
        office.tell(office.alert())
        assert office.conn.execute("SELECT not_before FROM notification_items").fetchall() == [
            (after(hours=1),)
        ]

    def test_grave_enough_and_of_a_kind_asked_for(self, office: Office) -> None:
        office.subscribe(office.channel(), least_severity="warning", kinds=("offline", "towed"))
        kinds = [("offline", "info"), ("offline", "warning"), ("towed", "critical")]
        kinds.append(("over_speed", "critical"))
        told = [office.tell(office.alert(kind, severity=grave)) for kind, grave in kinds]  # type: ignore[arg-type]
        assert told == [0, 1, 1, 0]

    def test_a_person_hears_of_what_their_roles_allow(self, office: Office) -> None:
        ops = office.person("li", "ops")
        office.subscribe(office.channel(actor=ops), actor=ops)
        told = [office.tell(office.alert(kind)) for kind in ("offline", "rent_due")]
        assert told == [1, 0]

    def test_nobody_who_has_left(self, office: Office) -> None:
        ops = office.person("li", "ops")
        office.subscribe(office.channel(actor=ops), actor=ops)
        office.conn.execute("UPDATE users SET disabled_at = now() WHERE login = 'li'")
        assert office.tell(office.alert()) == 0

    @pytest.mark.parametrize("what", ["channel", "subscription"])
    def test_not_what_is_off(self, office: Office, what: str) -> None:
        office.subscribe(office.channel())
        office.conn.execute(f"UPDATE notification_{what}s SET enabled = false".encode())
        assert office.tell(office.alert()) == 0

    def test_of_which_organisations_anybody_hears(
        self, office: Office, app_conn: Connection[Any]
    ) -> None:
        """A sweep takes only those out of the database."""
        of = office.organisations
        assert notify.list_hearing(office.conn) == []
        office.subscribe(office.channel(organisation="west"), organisation="west")
        assert notify.list_hearing(office.conn) == [of["west"]]
        office.subscribe(office.channel(organisation="head"), organisation="head")
        assert sorted(notify.list_hearing(office.conn) or []) == sorted(of.values())
        office.conn.execute("UPDATE notification_channels SET enabled = false")
        assert notify.list_hearing(office.conn) == []
        acting(app_conn, office.person("li", "manager"))
        assert notify.list_hearing(app_conn) is None, "who does not see all does not know"

    def test_escalation_names_people_whatever_they_subscribe(self, office: Office) -> None:
        for login in ("li", "wang"):
            office.channel(actor=office.person(login, "ops"))
        office.channel(actor=office.person("zhao", "ops", organisation="west"), organisation="west")
        office.subscribe(office.channel())
        told = office.alert(purpose="escalated", to_logins=("li", "zhao"))
        assert office.tell(told) == 1
        assert office.conn.execute(
            "SELECT c.owner FROM notification_items i"
            " JOIN notification_channels c ON c.id = i.channel_id"
        ).fetchall() == [("li",)]

    def test_what_is_over_is_told_to_who_heard_of_it(self, office: Office) -> None:
        office.subscribe(office.channel(), tells_resolved=True)
        office.subscribe(office.channel(), tells_resolved=False)
        told = office.alert()
        office.tell(told)
        over = _over(told)
        assert office.tell(over) == 0, "nobody was told yet"
        office.wait(minutes=1)
        office.gather()
        assert office.tell(over) == 1

    def test_many_at_once(self, office: Office) -> None:
        office.subscribe(office.channel(), **QUIET)
        tolds = [office.alert() for _ in range(300)]
        assert office.tell(*tolds) == 300

    def test_a_narrower_sight_leaves_it_to_who_sees_all(
        self, office: Office, app_conn: Connection[Any]
    ) -> None:
        """A person of east acts; the head office's channel hears of it all the same."""
        person = office.person("li", "manager")
        office.subscribe(office.channel(organisation="head"), organisation="head")
        office.subscribe(office.channel(organisation="east"), organisation="east")
        told = office.alert(purpose="reopened")
        office.conn.commit()
        acting(app_conn, person)
        assert notify.enqueue(app_conn, [told], now=office.clock) == 1
        assert notify.enqueue(app_conn, [told], now=office.clock) == 0
        app_conn.commit()
        assert [office.gather(), office.gather()] == [0, 0], "the group wait"
        office.wait(minutes=1)
        assert office.gather() == 2
        assert office.items() == [
            ("reopened", "dropped", "spread"),
            ("reopened", "gathered", None),
            ("reopened", "gathered", None),
        ]

    def test_the_owner_of_the_tables_need_be_no_superuser(self, office: Office) -> None:
        """The processes of an installation log in as that: what is told is spread at once."""
        boss = office.person("boss", "manager", organisation="head")
        office.channel(actor=boss, organisation="head")
        office.subscribe(office.channel())
        named = office.alert(purpose="escalated", to_logins=("boss",))
        other = office.alert()
        for statement in (
            "CREATE ROLE guanche_test_owner IN ROLE guanche_system",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO guanche_test_owner",
            "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO guanche_test_owner",
            "SET LOCAL ROLE guanche_test_owner",
        ):
            office.conn.execute(statement)
        assert office.tell(named, other) == 2
        assert notify.list_hearing(office.conn) == [office.organisations["east"]]
        office.conn.execute("RESET ROLE")
        told = office.conn.execute(
            "SELECT i.purpose, i.state, c.owner FROM notification_items i"
            " LEFT JOIN notification_channels c ON c.id = i.channel_id ORDER BY i.purpose"
        ).fetchall()
        assert told == [("escalated", "waiting", "boss"), ("raised", "waiting", None)]
        assert office.conn.execute(
            "SELECT count(*) FROM notification_items WHERE channel_id IS NULL"
        ).fetchone() == (0,)


def _over(told: Told) -> Told:
    return replace(told, purpose="resolved", occasion="resolved:1")


def test_hours_by_the_sun_when_clocks_are_set_back() -> None:
    """02:30 comes twice that night; an hour is an hour."""
    twice = datetime.fromisoformat("2026-10-25T00:30:00+00:00")
    told = tell_at(twice, Hours("Europe/Berlin", digest="hourly"), critical=False)
    assert told - twice == timedelta(minutes=30)
