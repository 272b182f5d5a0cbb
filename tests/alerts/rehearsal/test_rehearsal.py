"""A rule tried on the past finds what the engine found live, and says what it did not look at."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from psycopg import Connection

from alerts.rehearsal.errors import RehearsalNotRecorded, RehearsalTooLong
from alerts.rehearsal.model import Limits, LookedAt
from alerts.rehearsal.service import Rehearsal, rehearse
from alerts.rules.service import draft_rule
from fleet.registry.service import assign_operator
from kit import db
from schemas.access import SYSTEM, Actor, PermissionMissing, permissions_of
from tests.alerts.engine.conftest import COOL, HOT, Watch, set_rule
from tests.ingest.builders import DAY_US, SECOND_US, VIN_A, VIN_B, sample_at, telemetry, to_datetime
from tests.ingest.conftest import PLAIN_ONLY

HOUR_S = 3_600
HOT_AT_ONCE = {"raise_at": 60, "clear_below": 55, "for_s": 0, "keep_s": 0}


def try_rule(
    watch: Watch,
    kind: str = "high_temperature",
    *,
    organisation: str = "head",
    scope: dict[str, Any] | None = None,
    last_days: int = 2,
    record: bool = False,
    limits: Limits | None = None,
    **parameters: Any,
) -> Rehearsal:
    """What the system finds when it tries a rule on the fleet."""
    conn = watch.fleet.conn
    draft = draft_rule(
        conn,
        SYSTEM,
        organisation=organisation,
        code=kind if kind != "custom" else "mine",
        kind=kind,
        parameters=parameters,
        scope=scope or {},
    )
    found = rehearse(
        conn,
        SYSTEM,
        draft,
        days=last_days,
        now=watch.now(),
        record=record,
        limits=limits or Limits(),
    )
    conn.commit()
    return found


def in_short(watch: Watch, found: Rehearsal) -> list[tuple[str, float, float | None]]:
    """VIN, raised and cleared, in seconds of the test."""

    def second(at: datetime | None) -> float | None:
        return None if at is None else (at - watch.fleet.now).total_seconds()

    return [
        (each.vin, second(each.raised_at) or 0.0, second(each.cleared_at)) for each in found.firings
    ]


def test_says_when_it_would_have_fired(watch: Watch) -> None:
    watch.hear(COOL, HOT, HOT, 57, COOL, HOT)
    watch.hear(COOL, HOT, COOL, serial="T2", at_s=10)
    watch.at_s = HOUR_S
    found = try_rule(watch, **HOT_AT_ONCE)
    assert in_short(watch, found) == [(VIN_A, 1, 4), (VIN_A, 5, None), (VIN_B, 11, 12)]
    assert [(each.vin, each.firings, each.alarm_s) for each in found.of_vehicles] == [
        (VIN_A, 2, 3 + HOUR_S - 5),
        (VIN_B, 1, 1),
    ]
    assert (found.count, found.samples, found.vehicles, found.cut) == (3, 9, 2, False)
    assert found.alarm_s == 4 + HOUR_S - 5
    assert [each.value for each in found.firings] == [HOT, HOT, HOT]
    assert found.looked_at == (LookedAt((VIN_B, VIN_A), watch.now()),)


@PLAIN_ONLY
@pytest.mark.parametrize("at_once", [1, 7, 1_000], ids=lambda n: f"about {n} at once")
def test_finds_what_the_engine_found_live(watch: Watch, at_once: int) -> None:
    rng = Random(7)
    expression = (
        "temp_max_c > previous.temp_max_c + 3.0 && seconds_since_previous < 5.0"
        " && vehicle.organisation in ['east', 'west'] && !vehicle.let"
    )
    parameters = {"expression": expression, "for_s": 0, "keep_s": 3, "reopen_within_s": 0}
    set_rule(watch.fleet, "mine", "custom", "warning", **parameters)
    for begin in range(0, 600, 20):
        for serial in ("T1", "T2"):
            warm = [rng.choice([30.0, 35.0, 40.0, 57.0, 62.0, 70.0]) for _ in range(8)]
            watch.hear(*warm, serial=serial, at_s=begin)
        watch.cycle()
    watch.at_s = HOUR_S
    watch.tick()
    live = watch.fires()
    limits = Limits(samples_at_once=at_once, vehicles_at_once=1 if at_once == 7 else 100)
    ids = {VIN_A: watch.fleet.a, VIN_B: watch.fleet.b}
    for code, kind, asked in (
        ("high_temperature", "high_temperature", HOT_AT_ONCE),
        ("mine", "custom", parameters),
    ):
        found = try_rule(watch, kind, limits=limits, **asked)
        tried = sorted((code, ids[vin], raised) for vin, raised, _ in in_short(watch, found))
        assert tried == [fire for fire in live if fire[0] == code]
        assert found.count == len(tried) > 5


@PLAIN_ONLY
def test_says_what_it_did_not_look_at(watch: Watch) -> None:
    watch.hear(*[HOT] * 10)
    watch.hear(*[HOT] * 10, serial="T2")
    watch.at_s = HOUR_S
    found = try_rule(watch, limits=Limits(samples=15, vehicles_at_once=1), **HOT_AT_ONCE)
    assert (found.cut, found.samples, found.count) == (True, 10, 1)
    [whole, begun] = found.looked_at
    assert whole == LookedAt((VIN_B,), watch.now())  # by VIN
    assert begun.vins == (VIN_A,)
    assert begun.until_at < watch.fleet.now
    none = try_rule(watch, limits=Limits(samples=10, vehicles_at_once=1), **HOT_AT_ONCE)
    assert (none.cut, [each.vins for each in none.looked_at]) == (True, [(VIN_B,)])


@PLAIN_ONLY
def test_looks_at_what_its_organisation_and_scope_hold(watch: Watch) -> None:
    watch.hear(COOL, HOT)
    watch.hear(COOL, HOT, serial="T2")
    watch.at_s = HOUR_S
    assert try_rule(watch, organisation="east", **HOT_AT_ONCE).vehicles == 1
    assert try_rule(watch, organisation="west", **HOT_AT_ONCE).firings[0].vin == VIN_B
    scoped = try_rule(watch, scope={"vins": [VIN_B]}, **HOT_AT_ONCE)
    assert (scoped.vehicles, scoped.firings[0].vin) == (1, VIN_B)


@PLAIN_ONLY
def test_each_operator_has_its_own_time(watch: Watch) -> None:
    """Handed over in between, a vehicle fires for whoever operated it then."""
    watch.hear(COOL, HOT)
    at, conn = watch.fleet.now + timedelta(seconds=100), watch.fleet.conn
    assign_operator(
        conn, SYSTEM, vin=VIN_A, organisation_code="west", at=at, now=at + timedelta(hours=1)
    )
    conn.commit()
    watch.hear(HOT, COOL, at_s=200)
    watch.at_s = 2 * HOUR_S
    found = try_rule(watch, **HOT_AT_ONCE)
    east, west = watch.fleet.ids["east"], watch.fleet.ids["west"]
    assert [(each.organisation_id, each.vin) for each in found.firings] == [
        (east, VIN_A),
        (west, VIN_A),
    ]
    assert in_short(watch, try_rule(watch, organisation="west", **HOT_AT_ONCE)) == [
        (VIN_A, 200, 201)
    ]


@PLAIN_ONLY
def test_silence_is_found_in_gaps(watch: Watch) -> None:
    for at_s in (0, 100, 1_000):
        us = watch.us(at_s)
        watch.fleet.write(telemetry(sample_at(us, soc_pct=50)), received_us=us + SECOND_US)
    watch.at_s = 1_101
    found = try_rule(watch, "offline", after_s=600, keep_s=60)
    assert in_short(watch, found) == [(VIN_A, 701, 1_061)]
    watch.at_s = 1_601
    found = try_rule(watch, "offline", after_s=600, keep_s=60)
    assert in_short(watch, found) == [(VIN_A, 701, 1_061), (VIN_A, 1_601, None)]


@PLAIN_ONLY
def test_days_without_a_charge_are_counted_from_the_first_sample(watch: Watch) -> None:
    for day, charge in ((-9, "not_charging"), (-5, "parked_charging"), (-1, "not_charging")):
        sample = sample_at(watch.fleet.now_us + day * DAY_US, charge_state=charge)
        watch.fleet.write(telemetry(sample))
    found = try_rule(watch, "no_charge", last_days=10, days=3)
    day_s = 86_400
    assert in_short(watch, found) == [
        (VIN_A, -6 * day_s, -5 * day_s),
        (VIN_A, -2 * day_s, None),
    ]


@PLAIN_ONLY
def test_is_recorded_as_history_once(watch: Watch) -> None:
    watch.hear(COOL, HOT, COOL, HOT)
    watch.at_s = HOUR_S
    assert try_rule(watch, record=True, **HOT_AT_ONCE).recorded == 1  # what is over
    assert try_rule(watch, record=True, **HOT_AT_ONCE).recorded == 0
    rows = watch.fleet.find("SELECT occurrence, historical, state, cleared_at, facts FROM alerts")
    assert [(row["occurrence"], row["historical"], row["state"]) for row in rows] == [
        (str(watch.us(1)), True, "resolved")
    ]
    assert rows[0]["cleared_at"] == to_datetime(watch.us(2))
    assert rows[0]["facts"]["value"] == HOT
    assert watch.fleet.find("SELECT 1 FROM notification_items") == []


@PLAIN_ONLY
def test_it_is_written_down_who_tried_what(watch: Watch) -> None:
    watch.hear(COOL, HOT)
    watch.at_s = HOUR_S
    try_rule(watch, **HOT_AT_ONCE)
    rows = watch.fleet.find(
        "SELECT object_key, after FROM audit_entries WHERE action = 'alert_rule.try'"
    )
    assert [(row["object_key"], row["after"]["count"], row["after"]["days"]) for row in rows] == [
        ("head/high_temperature", 1, 2)
    ]


@PLAIN_ONLY
def test_a_bad_span_and_recorded_reminders_are_refused(watch: Watch) -> None:
    for days in (0, 31):
        with pytest.raises(RehearsalTooLong) as refused:
            try_rule(watch, last_days=days)
        assert refused.value.facts == {"days": days, "most": 30}
    with pytest.raises(RehearsalNotRecorded):
        try_rule(watch, "inspection_due", record=True)


@PLAIN_ONLY
def test_reminders_to_come_are_counted_by_day(watch: Watch) -> None:
    found = try_rule(watch, "inspection_due", last_days=30)
    assert found.count == sum(found.per_day.values()) == len(found.reminders)
    assert found.until_at == watch.now() + timedelta(days=30)


def acting(watch: Watch, app_conn: Connection[Any], code: str, role: Any) -> Actor:
    """Somebody of an organisation, and the application's connection seeing what they see."""
    watch.fleet.conn.commit()
    organisation_id = watch.fleet.ids[code]
    db.act_for(app_conn, [organisation_id])
    return Actor("person", f"{code}.{role}", organisation_id, code, permissions_of({role}))


@PLAIN_ONLY
def test_one_finds_no_more_than_one_may_see(watch: Watch, app_conn: Connection[Any]) -> None:
    watch.hear(COOL, HOT, COOL)
    watch.hear(COOL, HOT, COOL, serial="T2")
    watch.at_s = HOUR_S
    actor = acting(watch, app_conn, "west", "manager")

    def draft(kind: str, **parameters: Any) -> Any:
        code = "mine" if kind == "custom" else kind
        asked = {"code": code, "kind": kind, "parameters": parameters, "scope": {}}
        return draft_rule(app_conn, actor, organisation=None, **asked)

    hot = draft("high_temperature", **HOT_AT_ONCE)
    found = rehearse(app_conn, actor, hot, days=1, now=watch.now(), record=True)
    assert [each.vin for each in found.firings] == [VIN_B]
    assert (found.vehicles, found.recorded) == (1, 1)
    assert rehearse(app_conn, actor, draft("rent_due"), days=9, now=watch.now()).count == 0

    auditor = acting(watch, app_conn, "west", "auditor")
    place = draft("custom", expression="lat > 22.5 && speed_kmh > 10.0")
    with pytest.raises(PermissionMissing, match=r"location\.read"):
        rehearse(app_conn, auditor, place, days=1, now=watch.now())
    with pytest.raises(PermissionMissing, match=r"alert_rule\.change"):
        rehearse(app_conn, auditor, hot, days=1, now=watch.now(), record=True)
    viewer = acting(watch, app_conn, "west", "viewer")
    with pytest.raises(PermissionMissing, match=r"alert_rule\.try"):
        rehearse(app_conn, viewer, hot, days=1, now=watch.now())
