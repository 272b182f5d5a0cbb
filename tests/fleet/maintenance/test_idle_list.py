"""The list of idle vehicles: its order and filters are those of the pure rules."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from fleet.figures import IdleCare
from fleet.maintenance.idle_care import CONDITIONS, IdleStanding
from fleet.maintenance.service import list_idle_care, place_of_idle, record_done
from fleet.models.service import ModelFacts, create_model
from fleet.orgs.service import create_organisation
from fleet.parameters.service import figures
from fleet.registry.service import VehicleEntry, add_vehicles
from fleet.registry.vin import compute_check_digit
from schemas.access import SYSTEM

Conn = Connection[Any]
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
SOCS = (None, 0.0, 19.0, 19.9, 20.0, 38.0, 39.9, 40.0, 55.0, 100.0)
AGES_D = (0, 6, 7.001, 30)
CARE: tuple[dict[str, Any], ...] = ({}, {"warn_below_pct": 56, "check_every_days": 7})


def vin_of(number: int) -> str:
    vin = f"LNB00000{0}{number:08d}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


@pytest.fixture
def yard(conn: Conn) -> Conn:
    """Sixty vehicles of head, east and west: of two models, idle since then and then, let or not,
    with every charge told now or long ago, looked at or not.
    """
    create_organisation(conn, SYSTEM, code="head", name="总部", now=NOW)
    for code in ("east", "west"):
        create_organisation(conn, SYSTEM, code=code, name=code, parent_code="head", now=NOW)
    for number, care in enumerate(CARE):
        facts = ModelFacts(f"型{number}", "厂", "微型封闭货车", care=care)
        create_model(conn, SYSTEM, code=f"m{number}", facts=facts, head_code="head", now=NOW)
    random = Random(11)
    entries = [
        VehicleEntry(vin_of(number), None, "head", random.choice(("head", "east", "west")), None)
        for number in range(60)
    ]
    add_vehicles(conn, SYSTEM, entries, at=NOW - timedelta(days=90))
    for entry in entries:
        about = {"vin": entry.vin, "model": random.choice((None, "m0", "m1"))}
        stage = random.choice(("in_stock", "in_stock", "in_stock", "for_sale", "let"))
        since = NOW - timedelta(days=random.choice((0, 3, 29, 30, 31, 80)))
        conn.execute(
            "UPDATE vehicles SET model_id = (SELECT id FROM vehicle_models WHERE code = %(model)s)"
            " WHERE vin = %(vin)s",
            about,
        )
        conn.execute(
            "UPDATE vehicle_stages SET stage = %s, staged_period = tstzrange(%s, NULL)"
            " WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)",
            [stage, since, entry.vin],
        )
        conn.execute(
            "INSERT INTO vehicle_state (vehicle_id, ts, soc_pct)"
            " SELECT id, %s, %s FROM vehicles WHERE vin = %s",
            [NOW - timedelta(days=random.choice(AGES_D)), random.choice(SOCS), entry.vin],
        )
        if random.random() < 0.4:
            day = date(2026, 11, 21) - timedelta(days=random.choice((0, 20, 40)))
            record_done(conn, SYSTEM, vin=entry.vin, code="idle-care", done_on=day, now=NOW)
    return conn


def listed(conn: Conn, limit: int = 200, **filters: Any) -> list[IdleStanding]:
    return list_idle_care(conn, SYSTEM, filters, limit=limit, now=NOW)


def test_the_order_is_that_of_the_rules(yard: Conn) -> None:
    rows = listed(yard)
    assert 30 < len(rows) < 60
    assert {row.condition for row in rows} == set(CONDITIONS)
    keys = [(CONDITIONS.index(r.condition), r.next_check_on, r.vehicle.vin) for r in rows]
    assert keys == sorted(keys)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_database_and_the_rules_say_the_same(yard: Conn, condition: str) -> None:
    by_rules = [row for row in listed(yard) if row.condition == condition]
    assert listed(yard, condition=condition) == by_rules
    assert len(by_rules) >= 2


def test_what_is_let_waits_for_nothing(yard: Conn) -> None:
    stages = {row.vehicle.stage for row in listed(yard)}
    assert stages == {"in_stock", "for_sale"}
    for_sale = [row for row in listed(yard) if row.vehicle.stage == "for_sale"]
    assert listed(yard, stage="for_sale") == for_sale


def test_pages_go_on_where_they_ended(yard: Conn) -> None:
    whole, pages, place = listed(yard), [], None
    while page := list_idle_care(yard, SYSTEM, {}, after=place, limit=7, now=NOW):
        pages += page
        place = place_of_idle(page[-1])
    assert pages == whole


def test_a_place_nobody_was_given_leads_nowhere(yard: Conn) -> None:
    after = ("splendid", date(2026, 1, 1), "A")
    assert list_idle_care(yard, SYSTEM, {}, after=after, now=NOW) == []


def test_filters_leave_what_they_say(yard: Conn) -> None:
    whole = listed(yard)
    day = date(2026, 11, 22)
    assert listed(yard, check_until_on=day) == [r for r in whole if r.next_check_on <= day]
    early = date(2026, 10, 23)
    assert listed(yard, idle_from_on=early) == [
        r for r in whole if r.vehicle.idle_since_on <= early
    ]
    assert listed(yard, organisation="east") == [
        r for r in whole if r.vehicle.organisation_code == "east"
    ]
    assert listed(yard, organisation="head") == whole
    vin = whole[3].vehicle.vin
    assert [row.vehicle.vin for row in listed(yard, search=vin.lower())] == [vin]


def test_a_check_puts_it_at_the_end(yard: Conn) -> None:
    first = listed(yard, condition="ok")[0]
    vin = first.vehicle.vin
    record_done(yard, SYSTEM, vin=vin, code="idle-care", done_on=date(2026, 11, 22), now=NOW)
    [now_is] = [row for row in listed(yard) if row.vehicle.vin == vin]
    assert now_is.vehicle.last_checked_on == date(2026, 11, 22)
    assert now_is.next_check_on > first.next_check_on


def test_a_tenant_s_own_figures_count(yard: Conn) -> None:
    base = figures(yard, IdleCare, tenant_id=0, on=NOW.date())
    assert (base.warn_below_pct, base.critical_below_pct) == (40, 20)
    yard.execute(
        "INSERT INTO parameters (name, valid_from_on, content, source, recorded_by, recorded_at)"
        " VALUES ('care.idle', '2026-11-01', %s, '总部规定', 'lin', %s)",
        [Jsonb(base.model_dump() | {"critical_below_pct": 40}), NOW],
    )
    assert listed(yard, condition="critical")[0].condition == "critical"
    assert {row.vehicle.model for row in listed(yard, condition="warn")} == {None}
    assert [row for row in listed(yard) if row.condition == "warn"] == listed(
        yard, condition="warn"
    )
