"""Lists and counts of vehicles are what a plain reading of the same facts says, page by page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from psycopg import Connection

from fleet.orgs.service import create_organisation
from fleet.usage.model import SelectedCounts
from fleet.usage.selection import SORTS, STATES, Place, Sort, VehicleFilter
from fleet.usage.service import count_vehicles_by, list_vehicles
from kit import db
from schemas.access import PERMISSIONS, SYSTEM, Actor, PermissionMissing

from .known import KNOWN, ORGANISATIONS, Known, insert_known, one
from .seen import NOW


@pytest.fixture
def known(conn: Connection[Any]) -> list[Known]:
    """Eighty vehicles of head, of every kind, committed."""
    ids = {}
    for code, parent in ORGANISATIONS:
        made = create_organisation(conn, SYSTEM, code=code, name=code, parent_code=parent, now=NOW)
        ids[code] = made.id
    for each in KNOWN:
        insert_known(conn, each, ids)
    conn.commit()
    return KNOWN


@pytest.fixture
def asked(
    known: list[Known], conn: Connection[Any], app_conn: Connection[Any]
) -> Iterator[tuple[Connection[Any], Actor]]:
    """The application's connection while a member of head asks."""
    (head,) = one(conn, "SELECT id FROM organisations WHERE code = %(code)s", {"code": "head"})
    with app_conn.transaction():
        db.act_for(app_conn, [head])
        yield app_conn, Actor("person", "head.ops", head, "head", frozenset(PERMISSIONS))


def matches(each: Known, wanted: VehicleFilter) -> bool:
    """What the filter says in words."""
    below = {"head": {"head", "east", "east-depot", "west"}, "east": {"east", "east-depot"}}
    soc = each.soc_pct
    texts = (each.vin, each.plate or "", each.model or "")
    return all(
        (
            wanted.organisation_code is None
            or each.operator in below.get(wanted.organisation_code, {wanted.organisation_code}),
            wanted.state is None or each.state == wanted.state,
            wanted.online is None or each.is_online == wanted.online,
            wanted.soc_min_pct is None or (soc is not None and soc >= wanted.soc_min_pct),
            wanted.soc_below_pct is None
            or (soc is not None and (soc < wanted.soc_below_pct or wanted.soc_below_pct == 100)),
            wanted.alarm_min is None
            or (each.alarm_level is not None and each.alarm_level >= wanted.alarm_min),
            wanted.search is None or any(wanted.search.lower() in text.lower() for text in texts),
        )
    )


def in_order(vehicles: list[Known], sort: Sort) -> list[str]:
    """Vehicles by the sort key, the unknown last, then by VIN."""
    name = sort.removeprefix("-")
    by_vin = sorted(vehicles, key=lambda each: each.vin)
    told = [each for each in by_vin if getattr(each, name) is not None]
    untold = [each for each in by_vin if getattr(each, name) is None]
    told.sort(key=lambda each: getattr(each, name), reverse=sort.startswith("-"))
    if sort.startswith("-"):  # reverse keeps the order of equals, as the database does by VIN
        assert [e.vin for e in told] == [
            e.vin for e in sorted(told, key=lambda e: (-ordinal(getattr(e, name)), e.vin))
        ]
    return [each.vin for each in told + untold]


def ordinal(key: Any) -> float:
    return key.timestamp() if isinstance(key, datetime) else key


def walk(
    conn: Connection[Any], actor: Actor, wanted: VehicleFilter, sort: Sort, limit: int
) -> list[str]:
    """The whole list, page by page."""
    vins: list[str] = []
    after: Place | None = None
    for _ in range(100):
        page = list_vehicles(conn, actor, wanted, sort=sort, after=after, limit=limit, now=NOW)
        assert len(page.rows) <= limit
        vins += [row.vin for row in page.rows]
        after = page.next
        if after is None:
            return vins
    raise AssertionError("the list does not end")


FILTERS: dict[str, VehicleFilter] = {
    "all": VehicleFilter(),
    **{state: VehicleFilter(state=state) for state in STATES},
    "online": VehicleFilter(online=True),
    "not online": VehicleFilter(online=False),
    "an organisation and below": VehicleFilter(organisation_code="east"),
    "the lowest organisation": VehicleFilter(organisation_code="east-depot"),
    "an unknown organisation": VehicleFilter(organisation_code="nowhere"),
    "a band of charge": VehicleFilter(soc_min_pct=20, soc_below_pct=50),
    "the full ones, too": VehicleFilter(soc_min_pct=80, soc_below_pct=100),
    "no round number": VehicleFilter(soc_min_pct=62.3, soc_below_pct=62.4),
    "charge is known": VehicleFilter(soc_min_pct=0),
    "alarm level is known": VehicleFilter(alarm_min=0),
    "a high alarm": VehicleFilter(alarm_min=3),
    "a part of the model, any case": VehicleFilter(search="EC35"),
    "a part of the VIN": VehicleFilter(search="lsgpc52u0"),
    "a part of the plate": VehicleFilter(search="粤B0"),
    "a wildcard is a character": VehicleFilter(search="%"),
    "several": VehicleFilter(organisation_code="head", online=True, soc_min_pct=20, search="5"),
}


def test_a_filter_selects_what_it_says(
    known: list[Known], asked: tuple[Connection[Any], Actor]
) -> None:
    conn, actor = asked
    for name, wanted in FILTERS.items():
        selected = [each for each in known if matches(each, wanted)]
        listed = list_vehicles(conn, actor, wanted, limit=200, now=NOW)
        assert [row.vin for row in listed.rows] == in_order(selected, "vin"), name
        assert listed.next is None, name
        assert count_vehicles_by(conn, actor, wanted, now=NOW) == count(selected), name


def test_the_filters_part_the_fleet() -> None:
    empty = {"an unknown organisation", "a wildcard is a character"}
    for name, wanted in FILTERS.items():
        selected = sum(matches(each, wanted) for each in KNOWN)
        assert (selected == 0) == (name in empty), name
        assert selected < len(KNOWN) or name == "all", name


def count(selected: list[Known]) -> SelectedCounts:
    states = [each.state for each in selected]
    alarms = [each.alarm_level for each in selected]
    socs = [each.soc_pct for each in selected]
    known_socs = [soc for soc in socs if soc is not None]
    return SelectedCounts(
        vehicles=len(selected),
        online=sum(each.is_online for each in selected),
        moving=states.count("moving"),
        parked=states.count("parked"),
        charging=states.count("charging"),
        offline=states.count("offline"),
        never_heard=states.count("never_heard"),
        alarm_1=alarms.count(1),
        alarm_2=alarms.count(2),
        alarm_3=alarms.count(3),
        alarm_4=alarms.count(4),
        soc_0_20=sum(soc < 20 for soc in known_socs),
        soc_20_50=sum(20 <= soc < 50 for soc in known_socs),
        soc_50_80=sum(50 <= soc < 80 for soc in known_socs),
        soc_80_100=sum(soc >= 80 for soc in known_socs),
        soc_unknown=socs.count(None),
    )


@pytest.mark.parametrize("name", ["all", "online", "an organisation and below"])
def test_pages_make_up_the_list(
    known: list[Known], asked: tuple[Connection[Any], Actor], name: str
) -> None:
    conn, actor = asked
    wanted = FILTERS[name]
    for sort in SORTS:
        selected = in_order([each for each in known if matches(each, wanted)], sort)
        assert len(selected) > 7
        for limit in (1, 7, len(selected)):
            assert walk(conn, actor, wanted, sort, limit) == selected, (sort, limit)


def test_the_made_fleet_has_every_case() -> None:
    assert {each.state for each in KNOWN} == set(STATES)
    for name in ("plate", "last_heard_at", "soc_pct", "odometer_km"):
        keys = [getattr(each, name) for each in KNOWN]
        assert keys.count(None) > 2, f"{name} is unknown for some"
    assert len({each.odometer_km for each in KNOWN}) < 6, "there are ties"


def test_a_row_tells_what_is_known(
    known: list[Known], asked: tuple[Connection[Any], Actor]
) -> None:
    conn, actor = asked
    rows = {
        row.vin: row for row in list_vehicles(conn, actor, VehicleFilter(), limit=200, now=NOW).rows
    }
    for each in known:
        row = rows[each.vin]
        assert (row.plate, row.model, row.owner_code) == (each.plate, each.model, "head")
        assert (row.operator_code, row.state, row.online) == (
            each.operator,
            each.state,
            each.is_online,
        )
        assert (row.last_heard_at, row.soc_pct, row.speed_kmh) == (
            each.last_heard_at,
            each.soc_pct,
            each.speed_kmh,
        )
        assert (row.charge_state, row.alarm_level) == (each.charge_state, each.alarm_level)
        assert (row.odometer_km, row.age_s) == (each.odometer_km, 90 if each.has_state else None)
        assert (row.device_serial, row.lat, row.lon) == (None, None, None)


def test_listing_takes_its_verb(asked: tuple[Connection[Any], Actor]) -> None:
    conn, _actor = asked
    nobody = Actor("person", "nobody", 1, "head", frozenset())
    with pytest.raises(PermissionMissing):
        list_vehicles(conn, nobody, VehicleFilter(), now=NOW)
    with pytest.raises(PermissionMissing):
        count_vehicles_by(conn, nobody, VehicleFilter(), now=NOW)
