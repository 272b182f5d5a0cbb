"""The book as engines read it from the database, and how they know that it is another."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from psycopg import Connection

from alerts.geofences.model import Circle, Polygon
from alerts.geofences.service import change_geofence, circle, create_geofence, polygon
from alerts.groups.service import add_vehicles, create_group, remove_vehicles
from alerts.rules.kinds import KINDS
from alerts.rules.service import BookShelf, all_rules, book_revision, retire_rule
from fleet.orgs.service import create_organisation, move_organisation
from schemas.access import SYSTEM
from tests.alerts.rules.land import NOW, VIN_A, VIN_B, Conn, id_of, vehicle_id_of
from tests.alerts.rules.test_rules import put

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def test_the_book_has_rules_places_and_groups_of_everybody(land: Conn) -> None:
    put(land, "head", "motorway", kind="over_speed")
    put(land, "east", "motorway", enabled=False)
    corners = [(22.5, 114.0), (22.6, 114.0), (22.6, 114.1)]
    place: dict[str, Any] = {"name": "城", "now": NOW}
    create_geofence(land, SYSTEM, organisation="head", code="city", shape=polygon(corners), **place)
    shape = circle(22.5, 114, 300)
    create_geofence(land, SYSTEM, organisation="yard", code="gate", shape=shape, **place)
    create_group(
        land, SYSTEM, organisation="head", code="vans", name="货车", vins=[VIN_A, VIN_B], now=NOW
    )
    create_group(land, SYSTEM, organisation="east", code="none", name="空", now=NOW)
    remove_vehicles(land, SYSTEM, organisation="head", code="vans", vins=[VIN_B], now=NOW)
    book = all_rules(land)
    ids = {code: id_of(land, code) for code in ("head", "east", "yard", "west", "other")}
    assert book.revision == book_revision(land)
    assert {one.code: one.above for one in book.organisations.values()} == {
        "head": (ids["head"],),
        "east": (ids["east"], ids["head"]),
        "yard": (ids["yard"], ids["east"], ids["head"]),
        "west": (ids["west"], ids["head"]),
        "other": (ids["other"],),
    }
    on = [rule.organisation_id for rule in book.enabled("over_speed") if rule.code == "motorway"]
    assert on == sorted([ids["head"], ids["west"]])
    assert book.geofences[ids["west"], "city"] == Polygon(tuple(corners))
    assert book.geofences[ids["yard"], "gate"] == Circle(22.5, 114, 300)
    assert book.geofences.get((ids["east"], "gate")) is None
    assert book.groups[ids["yard"], "vans"] == {vehicle_id_of(land, VIN_A)}
    assert book.groups[ids["yard"], "none"] == frozenset()
    assert book.unreadable == ()


def test_a_row_of_another_release_is_told_and_does_not_hold(land: Conn) -> None:
    put(land, "head")
    land.execute("UPDATE alert_rules SET parameters = '{}'")
    book = all_rules(land)
    assert [(each.code, each.problem) for each in book.unreadable] == [
        ("over_speed", "raise_at: Field required")
    ]
    assert book.of(id_of(land, "head"))["over_speed"].set_by is None


CHANGES: Final[dict[str, Callable[[Conn], object]]] = {
    "a rule is set": lambda conn: put(conn, "east"),
    "a rule is set otherwise": lambda conn: put(conn, "head", enabled=False),
    "a rule is taken back": lambda conn: retire_rule(
        conn, SYSTEM, organisation="head", code="over_speed", version=None, now=NOW
    ),
    "a group is made": lambda conn: create_group(
        conn, SYSTEM, organisation="east", code="g", name="组", now=NOW
    ),
    "a vehicle joins a group": lambda conn: add_vehicles(
        conn, SYSTEM, organisation="head", code="vans", vins=[VIN_B], now=NOW
    ),
    "a vehicle leaves a group": lambda conn: remove_vehicles(
        conn, SYSTEM, organisation="head", code="vans", vins=[VIN_A], now=NOW
    ),
    "a place is drawn": lambda conn: create_geofence(
        conn,
        SYSTEM,
        organisation="east",
        code="p",
        name="地",
        shape=circle(0, 0, 50),
        now=NOW,
    ),
    "a place is drawn anew": lambda conn: change_geofence(
        conn,
        SYSTEM,
        organisation="head",
        code="city",
        version=1,
        name="城",
        shape=circle(0, 0, 50),
        now=NOW,
    ),
    "an organisation is founded": lambda conn: create_organisation(
        conn, SYSTEM, code="new", name="新", parent_code="east", now=NOW
    ),
    "an organisation moves": lambda conn: move_organisation(
        conn, SYSTEM, code="yard", parent_code="west", now=NOW
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_makes_another_revision(land: Conn, change: str) -> None:
    put(land, "head")
    create_group(land, SYSTEM, organisation="head", code="vans", name="车", vins=[VIN_A], now=NOW)
    create_geofence(
        land, SYSTEM, organisation="head", code="city", name="城", shape=circle(1, 1, 50), now=NOW
    )
    before = book_revision(land)
    assert book_revision(land) == before
    CHANGES[change](land)
    assert book_revision(land) != before


def test_what_changes_nothing_makes_no_other_revision(land: Conn) -> None:
    create_group(land, SYSTEM, organisation="head", code="vans", name="车", vins=[VIN_A], now=NOW)
    before = book_revision(land)
    add_vehicles(land, SYSTEM, organisation="head", code="vans", vins=[VIN_A], now=NOW)
    remove_vehicles(land, SYSTEM, organisation="head", code="vans", vins=[VIN_B], now=NOW)
    assert book_revision(land) == before


class Counting(Connection[Any]):
    """A connection that counts what is asked over it."""

    asked = 0

    def cursor(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        self.asked += 1
        return super().cursor(*args, **kwargs)


@pytest.fixture
def counting(database_url: str) -> Iterator[Counting]:
    """A connection that counts."""
    with Counting.connect(database_url) as conn:
        yield conn


def test_many_operators_take_no_more_queries_than_few(land: Conn, counting: Counting) -> None:
    for number in range(30):
        code = f"op-{number}"
        create_organisation(land, SYSTEM, code=code, name=code, parent_code="east", now=NOW)
        put(land, code)
    land.commit()
    book = all_rules(counting)
    assert counting.asked == 5
    assert len(book.organisations) == 35
    assert len(book.enabled("over_speed")) == 35
    assert len(book.of(id_of(land, "op-7"))) == len(KINDS)


def test_a_book_is_read_anew_when_something_changed_and_two_seconds_passed(land: Conn) -> None:
    now = [100.0]
    shelf = BookShelf(lambda: now[0])
    first = shelf.book(land)
    put(land, "head")
    now[0] = 101.9
    assert shelf.book(land) is first
    now[0] = 102.0
    second = shelf.book(land)
    assert second.of(id_of(land, "head"))["over_speed"].set_by == "head"
    now[0] = 104.0
    assert shelf.book(land) is second
    put(land, "west")
    now[0] = 105.9
    assert shelf.book(land) is second
    now[0] = 106.0
    assert shelf.book(land).revision == book_revision(land) != second.revision
