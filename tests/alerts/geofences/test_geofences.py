"""Places in the database: drawn, drawn anew, taken back, listed, by whom and for whom."""

from typing import Any, Final

import pytest

from alerts.errors import AlertCodeMalformed, NameInUse, OrganisationNotFound
from alerts.geofences.errors import GeofenceExists, GeofenceNotFound
from alerts.geofences.on_maps import on_earth
from alerts.geofences.service import (
    Geofence,
    Shape,
    change_geofence,
    circle,
    create_geofence,
    get_geofence,
    list_geofences,
    polygon,
    retire_geofence,
)
from alerts.rules.service import all_rules, retire_rule
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.alerts.rules.land import NOW, Conn, acting, settle, trail
from tests.alerts.rules.test_rules import put
from tests.fleet.conftest import refused

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
ROUND: Final = circle(22.5, 114.0, 800)
TRIANGLE: Final = polygon([(22.5, 114.0), (22.6, 114.0), (22.6, 114.1)])


@pytest.fixture
def land(conn: Conn) -> Conn:
    """The land as the system sees it."""
    settle(conn)
    return conn


def drawn(
    conn: Conn, organisation: str | None, code: str = "city", actor: Actor = SYSTEM, **given: Any
) -> Geofence:
    """A new place."""
    said: dict[str, Any] = {"name": "城", "shape": ROUND} | given
    return create_geofence(conn, actor, organisation=organisation, code=code, now=NOW, **said)


def codes(conn: Conn, filters: dict[str, Any], **page: Any) -> list[tuple[str, str]]:
    """(organisation, code) of a list."""
    found = list_geofences(conn, SYSTEM, filters, **page)
    return [(each.organisation, each.code) for each in found]


def test_drawn_drawn_anew_and_taken_back(land: Conn) -> None:
    made = drawn(land, "east")
    assert (made.organisation, made.shape, made.version, made.created_by) == (
        "east",
        ROUND,
        1,
        "guanche",
    )
    told: dict[str, Any] = {"organisation": "east", "code": "city", "now": NOW}
    changed = change_geofence(land, SYSTEM, version=1, name="新城", shape=TRIANGLE, **told)
    assert (changed.name, changed.shape, changed.version) == ("新城", TRIANGLE, 2)
    with refused(land, VersionChanged):
        change_geofence(land, SYSTEM, version=1, name="旧城", shape=ROUND, **told)
    with refused(land, VersionChanged):
        retire_geofence(land, SYSTEM, version=1, **told)
    gone = retire_geofence(land, SYSTEM, version=2, **told)
    assert (gone.retired_at, gone.version) == (NOW, 3)
    with refused(land, GeofenceNotFound):
        retire_geofence(land, SYSTEM, version=3, **told)
    with refused(land, GeofenceExists):
        drawn(land, "east")
    assert trail(land) == [
        ("geofence.create", "east/city"),
        ("geofence.change", "east/city"),
        ("geofence.retire", "east/city"),
    ]
    kept = land.execute(
        "SELECT after FROM audit_entries WHERE action = 'geofence.change'"
    ).fetchone()
    assert kept == (
        {
            "name": "新城",
            "version": 2,
            "datum": "wgs84",
            "shape": "polygon",
            "lat": None,
            "lon": None,
            "radius_m": None,
            "corners": 3,
        },
    )


@pytest.mark.parametrize("shape", [ROUND, TRIANGLE], ids=["round", "pointed"])
def test_drawn_on_a_chinese_map(land: Conn, app_conn: Conn, shape: Shape) -> None:
    """Kept as drawn, beside what is judged; drawn anew on another map, both are of that one."""
    east = acting(land, app_conn, "east", "ops")
    made = drawn(app_conn, None, "city", east, shape=shape, datum="gcj02")
    judged = on_earth(shape, "gcj02")
    assert (made.datum, made.drawn, made.shape) == ("gcj02", shape, judged)
    assert judged != shape
    told: dict[str, Any] = {"organisation": None, "code": "city", "now": NOW, "name": "城"}
    again = change_geofence(app_conn, east, version=1, shape=shape, datum="bd09", **told)
    assert (again.datum, again.drawn) == ("bd09", shape)
    assert again.shape == on_earth(shape, "bd09")
    plain = change_geofence(app_conn, east, version=2, shape=shape, **told)
    assert (plain.datum, plain.drawn, plain.shape) == ("wgs84", shape, shape)


def test_rules_judge_it_on_earth_and_the_trail_tells_its_map(land: Conn) -> None:
    made = drawn(land, "east", datum="gcj02")
    assert all_rules(land).geofences[made.organisation_id, "city"] == on_earth(ROUND, "gcj02")
    kept = land.execute("SELECT after FROM audit_entries WHERE action = 'geofence.create'")
    told = [(after["datum"], after["lat"], after["lon"]) for (after,) in kept]
    assert told == [("gcj02", 22.5, 114.0)]


def test_a_place_that_a_rule_is_about_stays(land: Conn) -> None:
    drawn(land, "head")
    put(land, "yard", "geofence", parameters={"geofence": "city"})
    told: dict[str, Any] = {"organisation": "head", "code": "city", "version": 1, "now": NOW}
    with pytest.raises(NameInUse) as raised:
        retire_geofence(land, SYSTEM, **told)
    assert raised.value.facts["rules"] == ["yard/geofence"]
    retire_rule(land, SYSTEM, organisation="yard", code="geofence", version=1, now=NOW)
    assert retire_geofence(land, SYSTEM, **told).retired_at == NOW


def test_lists(land: Conn) -> None:
    for organisation, code in (("head", "city"), ("east", "city"), ("yard", "gate")):
        drawn(land, organisation, code, name=f"{organisation} 地")
    retire_geofence(land, SYSTEM, organisation="east", code="city", version=1, now=NOW)
    everything = [("head", "city"), ("east", "city"), ("yard", "gate")]
    assert codes(land, {}) == everything
    assert codes(land, {"organisation": "east"}) == everything[1:]
    assert codes(land, {"retired": False}) == [everything[0], everything[2]]
    assert codes(land, {"search": "YARD"}) == everything[2:]
    first = list_geofences(land, SYSTEM, {}, limit=2)
    assert codes(land, {}, after=(first[1].code, first[1].id), limit=2) == everything[2:]


def test_an_operator_draws_for_itself_and_below(land: Conn, app_conn: Conn) -> None:
    drawn(land, "head")
    east = acting(land, app_conn, "east", "ops")
    assert drawn(app_conn, None, "own", east).organisation == "east"
    assert drawn(app_conn, "yard", "gate", east).organisation == "yard"
    assert [each.code for each in list_geofences(app_conn, east, {})] == ["gate", "own"]
    with refused(app_conn, GeofenceNotFound):
        get_geofence(app_conn, east, code="city", organisation=None)
    for organisation in ("head", "west", "other"):
        with refused(app_conn, OrganisationNotFound):
            drawn(app_conn, organisation, "own", east)
    with refused(app_conn, AlertCodeMalformed):
        drawn(app_conn, None, "9", east)


def test_who_may(land: Conn, app_conn: Conn) -> None:
    viewer = acting(land, app_conn, "east", "viewer")
    assert list_geofences(app_conn, viewer, {}) == []
    with refused(app_conn, PermissionMissing):
        drawn(app_conn, None, "own", viewer)
