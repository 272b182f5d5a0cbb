"""Telemetry as ingest writes it, judged as it is committed: what becomes an alert, and of whom."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.engine import store
from fleet.registry.service import assign_operator
from ingest import jobs
from ingest.jobs import run_job
from kit import clock
from schemas.access import SYSTEM
from tests.ingest.builders import VIN_A, sample_at, telemetry, to_datetime
from tests.ingest.conftest import PLAIN_ONLY, settings_for
from tests.ingest.test_replay import register

from .conftest import COOL, HOT, Watch, set_rule


def test_a_hot_battery_is_told_and_settles_by_itself(watch: Watch) -> None:
    watch.hear(COOL, HOT, HOT)
    done = watch.cycle()
    assert (done.batches, done.samples, done.late, done.raised, done.cleared) == (1, 3, 0, 1, 0)
    assert watch.alerts() == [("east", "high_temperature", "open", 1)]
    assert watch.fires() == [("high_temperature", watch.fleet.a, 1.0)]
    [alert] = watch.fleet.find("SELECT * FROM alerts")
    assert (alert["subject_key"], alert["vehicle_id"]) == (VIN_A, watch.fleet.a)
    assert (alert["severity"], alert["facts"]["value"]) == ("critical", HOT)
    assert alert["raised_at"] == to_datetime(watch.us(1))
    watch.hear(57, COOL, at_s=10)
    done = watch.cycle()
    assert (done.batches, done.samples, done.raised, done.cleared) == (1, 2, 0, 1)
    assert watch.alerts() == [("east", "high_temperature", "resolved", 1)]
    [alert] = watch.fleet.find("SELECT cleared_at FROM alerts")
    assert alert["cleared_at"] == to_datetime(watch.us(11))
    assert watch.cycle().batches == 0


def test_history_is_no_alert(watch: Watch) -> None:
    watch.hear(COOL, at_s=100)
    watch.cycle()
    watch.hear(HOT, HOT, at_s=50)
    done = watch.cycle()
    assert (done.samples, done.late, done.raised) == (2, 2, 0)
    watch.hear(COOL, at_s=110)
    watch.hear(HOT, at_s=105)  # after the other, if read at once
    done = watch.cycle()
    assert (done.batches, done.samples, done.late, done.raised) == (2, 2, 1, 0)
    assert watch.alerts() == []


def test_many_batches_are_read_in_some_cycles(watch: Watch) -> None:
    watch.most_samples = 3
    watch.start()
    watch.at_s = 7_200
    for second in range(0, 40, 10):
        watch.hear(COOL, COOL, at_s=second)
    watch.hear(*[COOL] * 5, at_s=40)
    done = [watch.cycle() for _ in range(6)]
    assert [(each.batches, each.samples, each.more) for each in done] == [
        (1, 2, True),
        (1, 2, True),
        (1, 2, True),
        (1, 2, True),
        (1, 5, False),
        (0, 0, False),
    ]
    assert [each.lag_s > 3_000 for each in done] == [True] * 4 + [False] * 2
    assert done[-1].lag_s == 0


@PLAIN_ONLY
def test_a_vehicle_that_is_handed_over_begins_anew(watch: Watch) -> None:
    watch.hear(HOT)
    watch.cycle()
    assign_operator(
        watch.fleet.conn,
        SYSTEM,
        vin=VIN_A,
        organisation_code="west",
        at=watch.fleet.now + timedelta(seconds=5),
        now=watch.fleet.now + timedelta(seconds=5),
    )
    watch.at_s = 20
    watch.hear(HOT, at_s=20)
    watch.hear(HOT, at_s=3)  # history of east
    assert watch.cycle().late == 1
    assert watch.alerts() == [
        ("east", "high_temperature", "open", 1),
        ("west", "high_temperature", "open", 1),
    ]
    watch.tick()
    assert [state for _, _, state, _ in watch.alerts()] == ["resolved", "open"]
    watch.hear(COOL, at_s=30)
    watch.cycle()
    assert [state for _, _, state, _ in watch.alerts()] == ["resolved", "resolved"]


@PLAIN_ONLY
def test_samples_of_a_former_operator_are_judged_as_it_saw_them(watch: Watch) -> None:
    """They came after the vehicle was handed over, from a dead zone, and nothing newer did."""
    assign_operator(
        watch.fleet.conn,
        SYSTEM,
        vin=VIN_A,
        organisation_code="west",
        at=watch.fleet.now + timedelta(seconds=5),
        now=watch.fleet.now + timedelta(seconds=5),
    )
    watch.at_s = 20
    watch.hear(COOL, HOT, COOL, HOT, HOT, HOT, COOL, at_s=2)
    watch.cycle()
    assert watch.fires() == [
        ("high_temperature", watch.fleet.a, 1.0 + 2),
        ("high_temperature", watch.fleet.a, 3.0 + 2),
    ]
    assert [(code, state) for code, _, state, _ in watch.alerts()] == [
        ("east", "resolved"),
        ("west", "resolved"),
    ]


@PLAIN_ONLY
def test_of_a_time_without_an_operator_nobody_is_told(watch: Watch) -> None:
    watch.fleet.conn.execute("DELETE FROM vehicle_operators WHERE vehicle_id = %s", [watch.fleet.a])
    watch.hear(HOT)
    assert (watch.cycle().samples, watch.alerts()) == (1, [])


@PLAIN_ONLY
def test_silence_is_told_by_the_clock(watch: Watch) -> None:
    watch.hear(COOL)
    watch.cycle()
    heard_us = watch.us(3_600)
    watch.at_s = 3_600 + 1_799
    run_job(jobs.silence, settings_for(database_url=watch.fleet.url), watch.now())
    watch.tick()
    assert watch.alerts() == []
    watch.at_s += 1
    assert watch.tick().raised == 1
    assert watch.fires() == [("offline", watch.fleet.a, 3_600 + 1_800)]
    assert watch.tick().raised == 0
    watch.fleet.write(telemetry(sample_at(heard_us, seq=5)), received_us=watch.us(watch.at_s + 10))
    watch.at_s += 10
    watch.cycle()
    assert watch.tick().cleared == 0  # not online for long enough
    watch.at_s += 60
    assert watch.tick().cleared == 1
    assert watch.alerts() == [("east", "offline", "resolved", 1)]


@PLAIN_ONLY
def test_a_vehicle_that_is_new_is_judged_at_once(watch: Watch) -> None:
    watch.hear(COOL)
    watch.cycle()
    register(watch.fleet)
    watch.hear(HOT, serial="N1")
    assert watch.cycle().raised == 1


@PLAIN_ONLY
def test_a_vehicle_that_nobody_knows_is_looked_for_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bool] = []
    read_vehicles = store.read_vehicles

    def count(*arguments: Any, **named: Any) -> Any:
        read.append(True)
        return read_vehicles(*arguments, **named)

    monkeypatch.setattr(store, "read_vehicles", count)
    watch.hear(COOL)
    watch.cycle()
    conn = watch.fleet.conn
    for second in (10, 20):
        watch.hear(HOT, at_s=second)
        conn.execute("UPDATE telemetry SET vehicle_id = 999 WHERE temp_max_c = %s", [HOT])
        conn.execute(
            "UPDATE telemetry_batches SET vehicle_ids = '{999}' WHERE from_ts > %s",
            [watch.fleet.now],
        )
        conn.commit()
        assert watch.cycle().samples == 1
    assert (len(read), watch.alerts()) == (2, [])


@PLAIN_ONLY
def test_what_was_read_is_kept_until_the_checkpoint(watch: Watch) -> None:
    settings = settings_for(database_url=watch.fleet.url)

    def kept() -> int:
        run_job(jobs.forget_batches, settings, clock.now())
        return len(watch.fleet.find("SELECT FROM telemetry_batches"))

    watch.hear(COOL)
    watch.cycle()  # the first has no checkpoint before it, and takes one
    assert kept() == 0
    watch.hear(COOL, at_s=10)
    watch.at_s = 14
    watch.cycle()
    assert kept() == 1
    watch.at_s = 15
    watch.cycle()
    assert kept() == 0


@PLAIN_ONLY
def test_what_is_counted(watch: Watch) -> None:
    watch.hear(COOL, HOT)
    watch.hear(COOL, at_s=0.5)
    watch.cycle()
    assert (watch.value("batches_behind"), watch.value("lag_seconds")) == (0, 0)
    names = ("samples_judged_total", "samples_late_total", "batches_judged_total")
    assert [watch.value(name) for name in names] == [2, 1, 2]
    assert (watch.value("findings_total"), watch.value("rules_broken")) == (1, 0)
    assert watch.value("raise_delay_seconds_count") == 1
    assert watch.value("memory_bytes") > 0
    assert watch.value("checkpoint_bytes") > 0


@PLAIN_ONLY
def test_a_failed_transaction_is_not_counted(watch: Watch) -> None:
    watch.hear(HOT)
    watch.fail_cycle()
    assert (watch.value("samples_judged_total"), watch.alerts()) == (0, [])
    assert watch.cycle().raised == 1
    assert watch.value("samples_judged_total") == 1


@PLAIN_ONLY
@pytest.mark.parametrize("ago_s", [6 * 3_600 - 1, 6 * 3_600 + 1])
def test_batches_that_are_gone_are_told(watch: Watch, ago_s: int) -> None:
    for second in range(4):
        watch.hear(COOL, at_s=second)
    first = watch.fleet.find("SELECT min(id) AS id FROM telemetry_batches")[0]["id"]
    watch.cycle()
    conn = watch.fleet.conn
    conn.execute("UPDATE alert_checkpoints SET batch_id = %s", [first])
    conn.execute("DELETE FROM telemetry_batches WHERE id < %s", [first + 3])
    conn.commit()
    watch.at_s = ago_s
    watch.start()
    assert watch.cycle().batches == 1
    assert watch.value("batches_missed_total") == (2 if ago_s > 6 * 3_600 else 0)


@PLAIN_ONLY
def test_nothing_is_missed_where_nothing_came(watch: Watch) -> None:
    watch.hear(COOL)
    watch.cycle()
    watch.fleet.conn.execute("DELETE FROM telemetry_batches")
    watch.fleet.conn.commit()
    watch.at_s = 7 * 3_600
    watch.start()
    watch.cycle()
    assert watch.value("batches_missed_total") == 0


@PLAIN_ONLY
def test_a_memory_that_cannot_be_read_raises_anew_what_is_still_so(watch: Watch) -> None:
    watch.hear(HOT)
    watch.hear(HOT, serial="T2")
    watch.cycle()
    watch.fleet.conn.execute("UPDATE alert_checkpoints SET memory = 'other'")
    watch.fleet.conn.commit()
    watch.at_s = 20
    watch.start()
    watch.hear(HOT)
    watch.cycle()
    watch.tick()
    assert watch.alerts() == [
        ("east", "high_temperature", "open", 2),
        ("west", "high_temperature", "resolved", 1),
    ]


@PLAIN_ONLY
def test_rules_that_change_hold_from_then_on(watch: Watch) -> None:
    watch.hear(50)
    assert watch.cycle().raised == 0
    set_rule(
        watch.fleet, "high_temperature", "high_temperature", "info", raise_at=45, clear_below=40
    )
    watch.hear(50, at_s=5)
    assert watch.cycle().raised == 1
    assert watch.fleet.find("SELECT severity, rule_version FROM alerts") == [
        {"severity": "info", "rule_version": 2}
    ]


@PLAIN_ONLY
def test_what_no_rule_stands_for_any_more_is_cleared(watch: Watch) -> None:
    watch.hear(HOT)
    watch.cycle()
    conn = watch.fleet.conn
    conn.execute("UPDATE alert_rules SET enabled = false, version = version + 1")
    conn.commit()
    watch.hear(HOT, at_s=10)
    assert watch.cycle().cleared == 0
    watch.at_s = 20
    assert watch.tick().cleared == 1
    assert watch.alerts() == [("east", "high_temperature", "resolved", 1)]


@PLAIN_ONLY
def test_a_tick_waits_until_the_engine_has_caught_up(watch: Watch) -> None:
    """What has been over for long is still so as far as it has read."""
    hot = {"raise_at": 60, "clear_below": 55, "keep_s": 60}
    set_rule(watch.fleet, "high_temperature", "high_temperature", "critical", **hot)
    watch.hear(HOT, COOL)
    watch.cycle()
    watch.at_s = 100
    watch.hear(HOT, at_s=50)
    watch.fleet.conn.execute("UPDATE telemetry_batches SET written_at = %s", [watch.fleet.now])
    watch.fleet.conn.commit()
    assert watch.tick().cleared == 0
    watch.cycle()
    assert watch.tick().cleared == 0
    assert watch.fires() == [("high_temperature", watch.fleet.a, 0.0)]
