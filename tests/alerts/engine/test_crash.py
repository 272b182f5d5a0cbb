"""Killed after the clock or a rule said something: what stands is cleared when it is over."""

import pytest

from alerts.engine.service import TickDone
from fleet.registry.service import assign_operator
from ingest import jobs
from ingest.jobs import run_job
from schemas.access import SYSTEM
from tests.ingest.builders import VIN_A, sample_at, telemetry
from tests.ingest.conftest import PLAIN_ONLY, settings_for

from .conftest import COOL, HOT, Watch, set_rule

pytestmark = PLAIN_ONLY
KEPT = {"raise_at": 60, "clear_below": 55, "for_s": 0, "keep_s": 60}


def fall_silent(watch: Watch) -> None:
    """Vehicle A is offline, as a tick says."""
    watch.hear(COOL)
    watch.at_s = 3_600 + 1_790
    watch.cycle()
    watch.tick()  # with a checkpoint
    watch.at_s = 3_600 + 1_801
    run_job(jobs.silence, settings_for(database_url=watch.fleet.url), watch.now())
    assert watch.tick().raised == 1


def turn_rule(watch: Watch, code: str, *, enabled: bool) -> None:
    watch.fleet.conn.execute(
        "UPDATE alert_rules SET enabled = %s, version = version + 1 WHERE code = %s",
        [enabled, code],
    )
    watch.fleet.conn.commit()


def spoil_memory(watch: Watch) -> None:
    watch.fleet.conn.execute("UPDATE alert_checkpoints SET memory = 'detectors-0'")
    watch.fleet.conn.commit()
    watch.start()


def states(watch: Watch, rule: str) -> list[tuple[str, str]]:
    return [(code, state) for code, name, state, _ in watch.alerts() if name == rule]


def test_heard_again_after_the_one_that_told_was_killed(watch: Watch) -> None:
    fall_silent(watch)
    watch.start()
    heard_us = watch.us(3_600 + 1_805)
    watch.fleet.write(telemetry(sample_at(heard_us, seq=5)), received_us=heard_us)
    for second in (1_820, 1_840, 1_900):
        watch.at_s = 3_600 + second
        watch.cycle()
        watch.tick()
    assert watch.alerts() == [("east", "offline", "resolved", 1)]


def test_what_a_tick_cleared_stays_so_after_a_kill(watch: Watch) -> None:
    set_rule(watch.fleet, "high_temperature", "high_temperature", "critical", **KEPT)
    watch.hear(HOT, COOL)
    watch.at_s = 50
    watch.cycle()
    watch.at_s = 62
    assert watch.tick().cleared == 1
    watch.hear(HOT, at_s=59)  # some seconds late: it is hot again
    watch.at_s = 63
    assert watch.cycle().raised == 1
    watch.start()
    watch.cycle()
    for second in (100, 200):
        watch.at_s = second
        watch.hear(COOL, at_s=second)
        watch.cycle()
    assert watch.alerts() == [("east", "high_temperature", "resolved", 2)]


@pytest.mark.parametrize("killed", [False, True])
def test_a_rule_that_is_changed_before_a_kill(watch: Watch, killed: bool) -> None:
    watch.hear(COOL)
    watch.cycle()
    watch.at_s = 5
    watch.hear(HOT, at_s=5)
    assert watch.cycle().raised == 1
    changed = {"raise_at": 80, "clear_below": 75, "keep_s": 0}
    set_rule(watch.fleet, "high_temperature", "high_temperature", "critical", **changed)
    if killed:
        watch.start()
    watch.at_s = 30
    watch.hear(COOL, at_s=30)
    watch.cycle()
    watch.tick()
    assert watch.alerts() == [("east", "high_temperature", "resolved", 1)]


def test_what_was_found_is_compared_once_all_was_read_again(watch: Watch) -> None:
    watch.hear(COOL)
    watch.cycle()
    watch.hear(HOT, at_s=5)
    watch.hear(HOT, at_s=6)
    watch.at_s = 7
    assert watch.cycle().raised == 1
    watch.most_samples = 1
    watch.start()
    watch.cycle()
    assert watch.tick().cleared == 0
    watch.cycle()
    assert watch.tick().cleared == 0
    assert watch.alerts() == [("east", "high_temperature", "open", 1)]


def test_before_all_was_read_again_nothing_is_cleared(watch: Watch) -> None:
    watch.hear(COOL)
    watch.cycle()
    watch.hear(COOL, at_s=5)
    watch.hear(HOT, at_s=6)
    watch.at_s = 7
    assert watch.cycle().raised == 1
    watch.most_samples = 1
    watch.start()
    watch.cycle()  # the first of two
    assert watch.tick().cleared == 0
    assert watch.alerts() == [("east", "high_temperature", "open", 1)]


def test_offline_is_told_again_where_its_rule_was_off(watch: Watch) -> None:
    set_rule(watch.fleet, "offline", "offline", "warning", after_s=1_800)
    fall_silent(watch)
    watch.at_s += 20
    turn_rule(watch, "offline", enabled=False)
    assert watch.tick().cleared == 1
    watch.at_s += 20
    turn_rule(watch, "offline", enabled=True)
    assert watch.tick().raised == 1
    assert states(watch, "offline") == [("east", "open")]


def test_offline_is_told_again_where_it_comes_back_from_another(watch: Watch) -> None:
    fall_silent(watch)
    for code, seconds in (("west", 10), ("east", 100)):
        watch.at_s += seconds
        now = watch.now()
        assign_operator(
            watch.fleet.conn, SYSTEM, vin=VIN_A, organisation_code=code, at=now, now=now
        )
        watch.fleet.conn.commit()
        watch.at_s += 20
        watch.tick()
    assert states(watch, "offline") == [("east", "open"), ("west", "resolved")]


def test_offline_without_a_memory_is_the_same_silence(watch: Watch) -> None:
    fall_silent(watch)
    spoil_memory(watch)
    watch.at_s += 20
    watch.cycle()
    assert watch.tick() == TickDone()
    assert watch.alerts() == [("east", "offline", "open", 1)]
    heard_us = watch.us(watch.at_s)
    watch.fleet.write(telemetry(sample_at(heard_us, seq=5)), received_us=heard_us)
    for _ in range(3):
        watch.at_s += 40
        watch.cycle()
        watch.tick()
    assert watch.alerts() == [("east", "offline", "resolved", 1)]


def test_who_was_not_charged_is_not_forgotten_with_the_memory(watch: Watch) -> None:
    set_rule(watch.fleet, "no_charge", "no_charge", "info", days=0.1)
    set_rule(watch.fleet, "offline", "offline", "info")
    turn_rule(watch, "offline", enabled=False)
    watch.hear(COOL)
    watch.cycle()
    watch.at_s = 3 * 3_600
    assert watch.tick().raised == 1
    spoil_memory(watch)
    watch.at_s += 60
    watch.hear(COOL)
    watch.cycle()
    assert watch.tick() == TickDone()
    assert states(watch, "no_charge") == [("east", "open")]
    watch.at_s += 60
    now_us = watch.us(watch.at_s)
    charging = sample_at(now_us, seq=9, vehicle_state="off", charge_state="parked_charging")
    watch.fleet.write(telemetry(charging), received_us=now_us)
    watch.cycle()
    assert watch.tick().cleared == 1


def test_without_a_memory_what_was_raised_since_its_place_goes_on(watch: Watch) -> None:
    """It is found again, and known: it must not have been cleared before."""
    watch.hear(COOL)
    watch.cycle()
    watch.hear(HOT, at_s=5)
    watch.at_s = 7
    assert watch.cycle().raised == 1
    spoil_memory(watch)
    watch.cycle()
    watch.tick()
    assert watch.alerts() == [("east", "high_temperature", "open", 1)]
    watch.hear(COOL, at_s=9)
    assert watch.cycle().cleared == 1
