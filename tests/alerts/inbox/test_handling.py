"""What people do with alerts, as the role of the application: who may, what is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.errors import (
    AlertAssigneeUnknown,
    AlertHasWorkOrder,
    AlertNotFound,
    AlertSnoozeWrong,
    AlertStateRefused,
    AlertWorkOrderNotFound,
)
from alerts.inbox.model import Alert
from alerts.inbox.service import apply
from alerts.model import Subject
from fleet.identity.service import create_user
from kit import db
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor, PermissionMissing, Role, permissions_of
from tests.alerts.inbox.conftest import BEFORE, NOON, VIN_A, VIN_B, Land, at
from tests.api.world import KEY

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
Acting = Callable[..., Actor]
PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("east.ops", "east", "ops"),
    ("east.viewer", "east", "viewer"),
    ("west.ops", "west", "ops"),
    ("head.ops", "head", "ops"),
    ("head.finance", "head", "finance"),
)


@pytest.fixture
def people(land: Land, conn: Connection[Any]) -> Land:
    for login, organisation, role in PEOPLE:
        create_user(
            conn,
            SYSTEM,
            login=login,
            name=login,
            organisation_code=organisation,
            roles=[role],
            phone=None,
            id_card=None,
            key=KEY,
            now=BEFORE,
        )
    return land


@pytest.fixture
def acting(people: Land, conn: Connection[Any], app_conn: Connection[Any]) -> Acting:
    """Lets the application's connection act for somebody; what was made is committed first."""
    roles = {login: (organisation, role) for login, organisation, role in PEOPLE}

    def act(login: str) -> Actor:
        conn.commit()
        app_conn.commit()
        organisation, role = roles[login]
        organisation_id = people.organisations[organisation]
        db.act_for(app_conn, [organisation_id])
        return Actor("person", login, organisation_id, organisation, permissions_of({role}))

    return act


def one(land: Land, conn: Connection[Any], rule: str = "offline", **said: Any) -> str:
    """The number of a new alert of vehicle A, of east."""
    applied = apply(conn, [land.finding(rule, **said)], [], now=NOON)
    return applied.told[0].alert_no


def kinds_of(conn: Connection[Any], actor: Actor, alert_no: str) -> list[tuple[str, str]]:
    events = inbox.get_alert(conn, actor, alert_no=alert_no).events
    return [(event.kind, event.actor) for event in events]


def test_from_open_to_resolved_and_back(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    no = one(people, conn)
    lin = acting("east.ops")
    seen = inbox.acknowledge(app_conn, lin, alert_no=no, version=1, note="看到了", now=at(1))
    assert (seen.state, seen.acknowledged_by, seen.acknowledged_at, seen.version) == (
        "acknowledged",
        "east.ops",
        at(1),
        2,
    )
    begun = inbox.start(app_conn, lin, alert_no=no, version=2, now=at(2))
    assert (begun.state, begun.assignee) == ("in_progress", "east.ops")
    put_off = inbox.snooze(app_conn, lin, alert_no=no, version=3, until_at=at(90), now=at(3))
    assert (put_off.state, put_off.snoozed_until) == ("in_progress", at(90))
    inbox.comment(app_conn, lin, alert_no=no, note="车在维修厂", now=at(4))
    done = inbox.resolve(app_conn, lin, alert_no=no, version=4, resolution="已修", now=at(5))
    assert (done.state, done.resolved_by, done.resolution) == ("resolved", "east.ops", "已修")
    assert (done.snoozed_until, done.cleared_at) == (None, None)
    again = inbox.reopen(app_conn, lin, alert_no=no, version=5, now=at(6))
    assert (again.state, again.assignee, again.acknowledged_by) == ("open", "east.ops", None)
    assert (again.reopened, again.resolution, again.version) == (1, None, 6)
    assert kinds_of(app_conn, lin, no) == [
        ("raised", "system"),
        *(
            (kind, "east.ops")
            for kind in (
                "acknowledged",
                "started",
                "snoozed",
                "commented",
                "resolved",
                "reopened",
            )
        ),
    ]
    app_conn.commit()
    entries = conn.execute(
        "SELECT action, object_key, before, after FROM audit_entries"
        " WHERE object_kind = 'alert' ORDER BY no"
    ).fetchall()
    assert [action for action, *_ in entries] == [
        f"alert.{verb}"
        for verb in ("acknowledge", "start", "snooze", "comment", "resolve", "reopen")
    ]
    assert entries[0][1:] == (no, {"state": "open"}, {"state": "acknowledged"})


def test_who_may_not(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    no = one(people, conn)
    bill = people.finding("rent_due", occurrence="2026-11-30", subject=Subject("bill", 1, "B1"))
    rent = apply(conn, [bill], [], now=NOON).told[0].alert_no
    with pytest.raises(PermissionMissing):
        inbox.acknowledge(app_conn, acting("east.viewer"), alert_no=no, version=1, now=at(1))
    with pytest.raises(AlertNotFound):  # of a sibling
        inbox.acknowledge(app_conn, acting("west.ops"), alert_no=no, version=1, now=at(1))
    ops = acting("east.ops")
    with pytest.raises(AlertNotFound):  # of a kind that ops may not see
        inbox.acknowledge(app_conn, ops, alert_no=rent, version=1, now=at(1))
    assert [a.alert_no for a in inbox.list_alerts(app_conn, ops, {})] == [no]
    finance = acting("head.finance")
    assert {a.alert_no for a in inbox.list_alerts(app_conn, finance, {})} == {no, rent}
    inbox.acknowledge(app_conn, finance, alert_no=rent, version=1, now=at(1))


def test_what_is_refused(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    no = one(people, conn)
    lin = acting("east.ops")
    with pytest.raises(VersionChanged):
        inbox.start(app_conn, lin, alert_no=no, version=2, now=at(1))
    with pytest.raises(AlertStateRefused) as refused:
        inbox.reopen(app_conn, lin, alert_no=no, version=1, now=at(1))
    assert refused.value.facts == {"alert_no": no, "state": "open"}
    for until in (at(1), at(1) + timedelta(days=31)):
        with pytest.raises(AlertSnoozeWrong):
            inbox.snooze(app_conn, lin, alert_no=no, version=1, until_at=until, now=at(1))
    with pytest.raises(AlertWorkOrderNotFound):
        inbox.link_work_order(
            app_conn, lin, alert_no=no, version=1, work_order_no="W2611-AAAAAA", now=at(1)
        )


def test_to_whom_an_alert_can_be_given(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    no = one(people, conn)
    boss = acting("head.ops")
    for login in ("west.ops", "east.viewer", "nobody"):
        with pytest.raises(AlertAssigneeUnknown):
            inbox.assign(app_conn, boss, alert_no=no, version=1, assignee=login, now=at(1))
    alert = inbox.assign(app_conn, boss, alert_no=no, version=1, assignee="east.ops", now=at(1))
    assert (alert.assignee, alert.state, alert.acknowledged_by) == (
        "east.ops",
        "acknowledged",
        "head.ops",
    )
    nobodys = inbox.assign(app_conn, boss, alert_no=no, version=2, assignee=None, now=at(2))
    assert (nobodys.assignee, nobodys.state) == (None, "acknowledged")


def test_many_are_acknowledged_at_once(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    mine = [one(people, conn, rule) for rule in ("offline", "towed", "over_speed")]
    others = one(people, conn, "towed", vin=VIN_B, organisation="west")
    lin = acting("east.ops")
    inbox.start(app_conn, lin, alert_no=mine[0], version=1, now=at(1))
    done = inbox.acknowledge_many(
        app_conn, lin, alert_nos=[*mine, others, "A2611-NOWHERE2"], now=at(2)
    )
    assert done == mine[1:]
    states = {a.alert_no: a.state for a in inbox.list_alerts(app_conn, lin, {})}
    assert states == {mine[0]: "in_progress", mine[1]: "acknowledged", mine[2]: "acknowledged"}
    assert inbox.acknowledge_many(app_conn, lin, alert_nos=mine, now=at(3)) == []


def test_a_work_order_is_linked_once(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    no = one(people, conn)
    for number in ("W2611-AAAAAA", "W2611-BBBBBB"):
        conn.execute(
            "INSERT INTO work_orders (tenant_id, organisation_id, number, vehicle_id, kind, state,"
            " priority, title, opened_by, opened_at) SELECT %s, %s, %s, id, 'repair', 'open',"
            " 'normal', 'x', 'x', now() FROM vehicles WHERE vin = %s",
            [people.organisations["head"], people.organisations["east"], number, VIN_A],
        )
    lin = acting("east.ops")
    held = inbox.hold_for_work(app_conn, lin, alert_no=no, version=1)
    assert (held.vin, held.work_order_no) == (VIN_A, None)
    linked = inbox.link_work_order(
        app_conn, lin, alert_no=no, version=1, work_order_no="W2611-AAAAAA", now=at(1)
    )
    assert (linked.state, linked.work_order_no) == ("in_progress", "W2611-AAAAAA")
    with pytest.raises(AlertHasWorkOrder):
        inbox.hold_for_work(app_conn, lin, alert_no=no, version=2)
    with pytest.raises(AlertHasWorkOrder):
        inbox.link_work_order(
            app_conn, lin, alert_no=no, version=2, work_order_no="W2611-BBBBBB", now=at(1)
        )


def test_places_are_for_who_may_know_them(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    no = one(people, conn, "towed", facts={"lat": 22.5, "lon": 114.1, "speed_kmh": 30})
    seen: dict[str, Alert] = {}
    for login in ("east.ops", "head.finance"):
        seen[login] = inbox.get_alert(app_conn, acting(login), alert_no=no).alert
    assert seen["east.ops"].facts == {"lat": 22.5, "lon": 114.1, "speed_kmh": 30}
    assert seen["head.finance"].facts == {"speed_kmh": 30}


def test_numbers_and_storms(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    storm = [people.finding("over_speed", n, occurrence=f"{n}", severity="info") for n in range(4)]
    storm += [people.finding("over_speed", 9, severity="critical")]
    storm += [people.finding("towed", n, occurrence=f"{n}") for n in range(4)]
    apply(conn, storm, [], now=NOON)
    lin = acting("east.ops")
    no = inbox.list_alerts(app_conn, lin, {"rule": "towed"})[0].alert_no
    inbox.start(app_conn, lin, alert_no=no, version=1, now=at(1))
    told = inbox.summary(app_conn, lin, now=at(1))
    assert (told.unresolved, told.mine, told.snoozed, told.inhibited) == (9, 1, 0, 0)
    by_state = {(c.kind, c.severity, c.state): c.alerts for c in told.counts}
    assert by_state == {
        ("over_speed", "critical", "open"): 1,
        ("over_speed", "info", "open"): 4,
        ("towed", "warning", "in_progress"): 1,
        ("towed", "warning", "open"): 3,
    }
    (storming,) = inbox.storms(app_conn, lin)
    assert (storming.rule_code, storming.alerts, storming.severity) == ("over_speed", 5, "critical")
    assert (storming.first_raised_at, storming.last_raised_at) == (NOON, at(9))
    boss = acting("head.ops")
    assert inbox.summary(app_conn, boss, organisation="west", now=at(1)).unresolved == 0
    assert inbox.summary(app_conn, boss, organisation="east", now=at(1)).unresolved == 9


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["towed", "offline"]),
    ({"unresolved": False}, ["over_speed"]),
    ({"unresolved": True}, ["towed", "offline"]),
    ({"state": "acknowledged"}, ["towed"]),
    ({"severity": "critical"}, ["towed"]),
    ({"kind": "offline"}, ["offline"]),
    ({"rule": "nothing"}, []),
    ({"vehicle": VIN_A}, ["towed", "offline"]),
    ({"vehicle": VIN_B}, []),
    ({"assignee": "east.ops"}, ["towed"]),
    ({"snoozed": True}, ["offline"]),
    ({"inhibited": True}, []),
    ({"historical": True}, []),
    ({"from_at": at(2)}, ["towed"]),
    ({"until_at": at(2)}, ["offline"]),
    ({"organisation": "head"}, []),
    ({"organisation": "east"}, ["towed", "offline"]),
    ({"search": "粤bd"}, ["towed", "offline"]),
    ({"search": "nothing"}, []),
    ({"lease": "L2611-AAAAAA"}, []),
    ({"bill": "B2026-1-000001"}, []),
    ({"customer": "C2611-AAAAAA"}, []),
]


def test_every_filter(
    people: Land, conn: Connection[Any], app_conn: Connection[Any], acting: Acting
) -> None:
    offline = one(people, conn)
    towed = one(people, conn, "towed", minutes=2, severity="critical")
    apply(conn, [people.finding("over_speed", 1, cleared_at=at(2))], [], now=NOON)
    lin = acting("east.ops")
    inbox.assign(app_conn, lin, alert_no=towed, version=1, assignee="east.ops", now=at(3))
    inbox.snooze(app_conn, lin, alert_no=offline, version=1, until_at=at(60), now=at(3))
    for filters, expected in FILTERS:
        asked = {"unresolved": True} | filters if "unresolved" not in filters else filters
        found = [a.rule_code for a in inbox.list_alerts(app_conn, lin, asked)]
        assert found == expected, filters
    first = inbox.list_alerts(app_conn, lin, {}, limit=2)
    place = (first[-1].last_raised_at, first[-1].id)
    rest = inbox.list_alerts(app_conn, lin, {}, after=place, limit=2)
    assert [a.rule_code for a in (*first, *rest)] == ["towed", "over_speed", "offline"]
