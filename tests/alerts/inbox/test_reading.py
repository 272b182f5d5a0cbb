"""Lists of the inbox: in one order over all organisations, and found by what people know."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.service import apply
from fleet.registry.service import assign_operator
from kit import db
from schemas.access import SYSTEM, Actor, permissions_of
from tests.alerts.inbox.conftest import NOON, VIN_A, VIN_B, Land, at

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@pytest.fixture
def mixed(land: Land, conn: Connection[Any]) -> Land:
    """Each minute an alert, of east and west by turns; every third is over."""
    found = [
        land.finding("towed", n, vin=vin, organisation=code, occurrence=f"{n}")
        for n, (vin, code) in enumerate([(VIN_A, "east"), (VIN_B, "west")] * 4)
    ]
    apply(conn, found, [], now=NOON)
    over = [
        land.clearing("towed", 30, f"{n}", vin=(VIN_A, VIN_B)[n % 2], organisation=code)
        for n, code in ((0, "east"), (3, "west"), (6, "east"))
    ]
    apply(conn, [], over, now=at(30))
    conn.commit()
    return land


def seeing(land: Land, app_conn: Connection[Any], code: str) -> Actor:
    """Somebody of ops, in whose name the connection looks."""
    organisation_id = land.organisations[code]
    db.act_for(app_conn, [organisation_id])
    return Actor("person", f"{code}.ops", organisation_id, code, permissions_of({"ops"}))


def pages(conn: Connection[Any], actor: Actor, **filters: Any) -> list[str]:
    """The occurrences of all pages of three."""
    told: list[str] = []
    after = None
    while page := inbox.list_alerts(conn, actor, filters, after=after, limit=3):
        told += [each.occurrence for each in page]
        after = page[-1].last_raised_at, page[-1].id
    return told


@pytest.mark.parametrize(
    ("code", "filters", "expected"),
    [
        ("head", {}, "76543210"),
        ("head", {"unresolved": True}, "75421"),
        ("head", {"unresolved": False}, "630"),
        ("head", {"organisation": "east"}, "6420"),
        ("east", {}, "6420"),
        ("east", {"vehicle": VIN_B}, ""),
        ("head", {"vehicle": VIN_B}, "7531"),
        ("head", {"search": "d12345"}, "6420"),
        ("head", {"search": VIN_B[-6:]}, "7531"),
        ("head", {"search": "%"}, ""),
        ("head", {"lease": "none"}, ""),
        ("head", {"from_at": at(2), "until_at": at(5)}, "432"),
    ],
    ids=str,
)
def test_the_last_raised_is_the_first(
    mixed: Land, app_conn: Connection[Any], code: str, filters: dict[str, Any], expected: str
) -> None:
    assert pages(app_conn, seeing(mixed, app_conn, code), **filters) == list(expected)


def test_a_vehicle_that_was_handed_away_is_found_by_its_vin(
    mixed: Land, conn: Connection[Any], app_conn: Connection[Any]
) -> None:
    """By who operated it: the alerts are theirs, the vehicle is out of sight."""
    conn.execute("UPDATE vehicles SET owner_id = %s", [mixed.organisations["head"]])
    given: dict[str, Any] = {"vin": VIN_A, "organisation_code": "west"}
    assign_operator(conn, SYSTEM, **given, at=at(60), now=at(60) + timedelta(hours=1))
    conn.commit()
    east = seeing(mixed, app_conn, "east")
    assert pages(app_conn, east, vehicle=VIN_A) == ["6", "4", "2", "0"]
    assert [each.vin for each in inbox.list_alerts(app_conn, east, {"vehicle": VIN_A})] == [
        None
    ] * 4


def test_one_is_found_by_its_number(mixed: Land, conn: Connection[Any]) -> None:
    [first] = inbox.list_alerts(conn, SYSTEM, {}, limit=1)
    again = inbox.list_alerts(conn, SYSTEM, {"alert_no": first.alert_no}, limit=1)
    assert [each.id for each in again] == [first.id]
    assert inbox.list_alerts(conn, SYSTEM, {"alert_no": "A2611-NONE"}) == []
