"""A trial agrees with the engine: places and groups by organisation, hand-overs, silence, charging;
and it tells nobody what they may not see."""

import json
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from alerts.geofences import service as geofences
from alerts.groups import service as groups
from alerts.rehearsal.service import rehearse
from alerts.rules.service import draft_rule
from fleet.registry.service import assign_operator
from schemas.access import SYSTEM
from tests.alerts.engine.conftest import COOL, HOT, Watch, set_rule
from tests.alerts.rehearsal.test_rehearsal import HOT_AT_ONCE, acting, in_short, try_rule
from tests.ingest.builders import DAY_US, SECOND_US, VIN_A, VIN_B, sample_at, telemetry

pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
HOUR_S = 3_600
AT_ONCE: dict[str, Any] = dict(HOT_AT_ONCE)
IN_THE_YARD: dict[str, Any] = {"geofence": "yard", "when": "inside", "for_s": 0, "keep_s": 0}


def say(watch: Watch, *at_s: float, serial: str = "T1", **said: Any) -> None:
    """Samples at these seconds, each heard a second later."""
    for second in at_s:
        us = watch.us(second)
        watch.fleet.write(
            telemetry(sample_at(us, **said), serial=serial), received_us=us + SECOND_US
        )


def live(watch: Watch, code: str) -> list[tuple[str, float]]:
    """What the engine found: vehicle, and since which second."""
    vins = {watch.fleet.a: VIN_A, watch.fleet.b: VIN_B}
    return sorted((vins[vehicle], at_s) for rule, vehicle, at_s in watch.fires() if rule == code)


def tried(watch: Watch, kind: str, **given: Any) -> list[tuple[str, float]]:
    """What a trial finds, alike."""
    return sorted((vin, at_s) for vin, at_s, _ in in_short(watch, try_rule(watch, kind, **given)))


def test_a_place_is_the_nearest_to_each_organisation(watch: Watch) -> None:
    """East has a yard of its own; the head office's is west's."""
    conn = watch.fleet.conn
    for organisation, lat in (("head", 22.5), ("east", 30.5)):
        geofences.create_geofence(
            conn,
            SYSTEM,
            organisation=organisation,
            code="yard",
            name="场",
            shape=geofences.Circle(lat, 114.0, 1_000.0),
            now=watch.now(),
        )
    conn.commit()
    set_rule(watch.fleet, "geofence", "geofence", "warning", **IN_THE_YARD)
    for serial in ("T1", "T2"):
        say(watch, 0, 1, serial=serial, lat=22.5, lon=114.0, fix=True)
        say(watch, 5, 6, serial=serial, lat=30.5, lon=114.0, fix=True)
    watch.cycle()
    watch.at_s = 60
    assert live(watch, "geofence") == [(VIN_B, 0), (VIN_A, 5)]
    assert tried(watch, "geofence", **IN_THE_YARD) == live(watch, "geofence")


def test_a_group_is_the_nearest_to_each_organisation(watch: Watch) -> None:
    """East has a group of the same name, and nobody in it."""
    conn = watch.fleet.conn
    for organisation, vins in (("head", [VIN_A, VIN_B]), ("east", [])):
        groups.create_group(
            conn,
            SYSTEM,
            organisation=organisation,
            code="night",
            name="夜班",
            vins=vins,
            now=watch.now(),
        )
    conn.execute(
        'UPDATE alert_rules SET scope = \'{"groups": ["night"]}\', version = version + 1'
        " WHERE code = 'high_temperature'"
    )
    conn.commit()
    for serial in ("T1", "T2"):
        watch.hear(COOL, HOT, serial=serial)
    watch.cycle()
    watch.at_s = 60
    assert live(watch, "high_temperature") == [(VIN_B, 1)]
    scoped = {"scope": {"groups": ["night"]}, **AT_ONCE}
    assert tried(watch, "high_temperature", **scoped) == [(VIN_B, 1)]


def test_what_is_handed_to_somebody_else_ends_there(watch: Watch) -> None:
    watch.hear(COOL, HOT)
    at, conn = watch.fleet.now + timedelta(seconds=100), watch.fleet.conn
    hand_over: dict[str, Any] = {"vin": VIN_A, "organisation_code": "west", "at": at}
    assign_operator(conn, SYSTEM, **hand_over, now=at + timedelta(hours=1))
    conn.commit()
    watch.at_s = 2 * HOUR_S
    found = try_rule(watch, organisation="east", **AT_ONCE)
    assert in_short(watch, found) == [(VIN_A, 1, 100)]
    assert found.alarm_s == 99


def test_what_is_handed_over_and_back_is_raised_again(watch: Watch) -> None:
    watch.hear(COOL, HOT)
    conn = watch.fleet.conn
    for at_s, code in ((100, "west"), (200, "east")):
        at = watch.fleet.now + timedelta(seconds=at_s)
        assign_operator(
            conn, SYSTEM, vin=VIN_A, organisation_code=code, at=at, now=at + timedelta(hours=1)
        )
    conn.commit()
    watch.hear(HOT, COOL, at_s=300)
    watch.at_s = 2 * HOUR_S
    found = try_rule(watch, organisation="east", **AT_ONCE)
    assert in_short(watch, found) == [(VIN_A, 1, 100), (VIN_A, 300, 301)]


@pytest.mark.parametrize(
    ("given", "heard_s", "expected"),
    [
        ({"for_s": 600}, (0, 900), []),
        ({"for_s": 600}, (0, 1_300), [(VIN_A, 601, 1_301)]),
        ({"keep_s": 900}, (0, 700, 1_400, 1_500), [(VIN_A, 601, None)]),
        ({"keep_s": 100}, (0, 700, 1_400, 1_500), [(VIN_A, 601, 801), (VIN_A, 1_301, 1_501)]),
    ],
    ids=["back in time", "silent for longer", "silent again before its end", "and after it"],
)
def test_silence_lasts_as_the_rule_says(
    watch: Watch, given: dict[str, Any], heard_s: tuple[int, ...], expected: list[Any]
) -> None:
    say(watch, *heard_s, soc_pct=50)
    watch.at_s = heard_s[-1] + 100
    asked = {"after_s": 600, "for_s": 0, "keep_s": 0} | given
    found = try_rule(watch, "offline", **asked)
    assert in_short(watch, found) == expected


@pytest.mark.parametrize(
    ("charge_state", "soc_pct", "expected"),
    [
        ("full", 50, []),
        ("not_charging", 90, []),
        ("driving_charging", 50, [(VIN_A, -3 * 86_400, None)]),
        ("not_charging", 50, [(VIN_A, -3 * 86_400, None)]),
    ],
    ids=["on a plug, and full", "it has more than before", "the brakes' doing", "nothing of it"],
)
def test_what_counts_as_charged(
    watch: Watch, charge_state: str, soc_pct: float, expected: list[Any]
) -> None:
    """By the same signs as live."""
    days = ((-9, "not_charging", 50), (-5, charge_state, soc_pct), (-1, "not_charging", 40))
    for day, state, soc in days:
        sample = sample_at(watch.fleet.now_us + day * DAY_US, charge_state=state, soc_pct=soc)
        watch.fleet.write(telemetry(sample))
    found = try_rule(watch, "no_charge", last_days=10, days=6)
    assert in_short(watch, found) == expected


def test_places_are_told_to_who_may_know_them(watch: Watch, app_conn: Connection[Any]) -> None:
    say(watch, 0, 1, serial="T2", speed_kmh=50, lat=22.5, lon=114.0, fix=True)
    watch.at_s = 60
    told = {}
    for role in ("manager", "auditor"):
        actor = acting(watch, app_conn, "west", role)
        draft = draft_rule(
            app_conn,
            actor,
            organisation=None,
            code="over_speed",
            kind=None,
            parameters={"raise_at": 1, "clear_below": 1, "for_s": 0},
            scope={},
        )
        [firing] = rehearse(app_conn, actor, draft, days=1, now=watch.now()).firings
        told[role] = json.loads(firing.facts or "")
    assert told["manager"] == {"speed_kmh": 50, "raise_at": 1, "lat": 22.5, "lon": 114}
    assert told["auditor"] == {"speed_kmh": 50, "raise_at": 1}
