"""What cannot be judged or taken is a row; telemetry goes on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl
import psycopg
import pytest

from alerts.detectors.judge import judge
from alerts.engine import facts, judging
from alerts.expressions.service import Expression, compile_expression
from tests.ingest.builders import VIN_A
from tests.ingest.conftest import PLAIN_ONLY

from .conftest import COOL, HOT, Watch, set_rule

pytestmark = PLAIN_ONLY


def raise_for(watch: Watch, vin: str, state: str = "23514") -> None:
    """From now on the database takes no alert of this vehicle."""
    watch.fleet.conn.execute(
        "CREATE OR REPLACE FUNCTION not_this_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF NEW.subject_key = '{vin}' THEN"
        f" RAISE EXCEPTION 'not this one' USING ERRCODE = '{state}'; END IF; RETURN NEW; END $$;"
        " CREATE OR REPLACE TRIGGER not_this_one BEFORE INSERT ON alerts"
        " FOR EACH ROW EXECUTE FUNCTION not_this_one()".encode()
    )
    watch.fleet.conn.commit()


def refused(watch: Watch) -> list[tuple[Any, ...]]:
    """What, of which organisation and rule, about what, how often, whether it is over."""
    rows = watch.fleet.find(
        "SELECT r.what, o.code, r.rule_code, r.subject_key, r.times,"
        " r.settled_at IS NOT NULL AS over"
        " FROM alert_refusals r LEFT JOIN organisations o ON o.id = r.organisation_id"
        " ORDER BY r.what, o.code"
    )
    return [tuple(row.values()) for row in rows]


def counted(watch: Watch, what: str) -> float:
    found = watch.metrics.registry.get_sample_value("guanche_alerts_refused_total", {"what": what})
    assert found is not None
    return found


def test_one_vehicle_that_cannot_be_told_of_stops_no_other(watch: Watch) -> None:
    raise_for(watch, VIN_A)
    watch.hear(HOT)
    watch.hear(HOT, serial="T2")
    done = watch.cycle()
    assert (done.batches, done.raised) == (2, 1)
    assert watch.alerts() == [("west", "high_temperature", "open", 1)]
    assert refused(watch) == [("finding", "east", "high_temperature", VIN_A, 1, False)]
    assert counted(watch, "finding") == 1
    watch.hear(COOL, at_s=10)
    assert watch.cycle().batches == 1, "it goes on"
    assert refused(watch)[0][-1] is True, "it is over"
    assert watch.alerts() == [("west", "high_temperature", "open", 1)]


def test_what_passes_is_tried_again_whole(watch: Watch) -> None:
    raise_for(watch, VIN_A, state="40001")
    watch.hear(HOT)
    with pytest.raises(psycopg.errors.SerializationFailure):
        watch.cycle()
    watch.fleet.conn.rollback()
    watch.engine.forget()
    watch.fleet.conn.execute("DROP TRIGGER not_this_one ON alerts")
    watch.fleet.conn.commit()
    assert watch.cycle().raised == 1
    assert (refused(watch), counted(watch, "finding")) == ([], 0)


def test_what_is_rolled_back_is_not_counted(watch: Watch) -> None:
    raise_for(watch, VIN_A)
    watch.hear(HOT)
    watch.fail_cycle()
    assert (refused(watch), counted(watch, "finding")) == ([], 0)
    watch.cycle()
    assert (len(refused(watch)), counted(watch, "finding")) == (1, 1)


def test_an_expression_that_fails_on_odd_data_is_left_out_of_that_batch(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own expressions do not fail so; one of polars that is strict does, on a real error."""
    strict = pl.col("vehicle_state").cast(pl.Int64, strict=True) > 0

    def compiled(text: str) -> Expression:
        return replace(compile_expression(text), condition=strict)

    monkeypatch.setattr(facts, "compile_expression", compiled)
    set_rule(watch.fleet, "odd", "custom", "info", expression="speed_kmh > 10.0")
    watch.hear(HOT)  # vehicle_state is "on", which is no number
    assert watch.cycle().raised == 1
    assert refused(watch) == [("rule", "east", "odd", None, 1, False)]
    [row] = watch.fleet.find("SELECT message, reason FROM alert_refusals")
    assert row["reason"] == "rule_failed"
    assert "conversion from `str` to `i64` failed" in row["message"]
    assert (watch.value("rules_broken"), counted(watch, "rule")) == (1, 1)
    rules = {rule.code for rule in watch.engine._judging.rules}
    assert "odd" in rules, "it is judged again with the next batch"
    for second in (20, 40, 80):
        watch.at_s = second
        watch.hear(HOT, at_s=second)
        watch.cycle()
    assert refused(watch) == [("rule", "east", "odd", None, 2, False)], "once a minute"
    set_rule(watch.fleet, "odd", "custom", "info", expression="speed_kmh > 20.0")
    monkeypatch.undo()
    watch.at_s = 90
    watch.hear(COOL, at_s=90)
    watch.cycle()
    assert refused(watch) == [("rule", "east", "odd", None, 2, True)]
    assert watch.value("rules_broken") == 0


def test_a_detector_that_fails_is_tried_again_and_its_alerts_stand(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.hear(HOT)
    watch.cycle()
    failing = {"now": True}

    def fail(memory: Any, rows: Any, binding: Any) -> Any:
        if failing["now"] and any(rule.code == "high_temperature" for rule in binding.listed):
            raise ZeroDivisionError("heat over nothing")
        return judge(memory, rows, binding)

    monkeypatch.setattr(judging, "judge", fail)
    watch.at_s = 10
    watch.hear(COOL, at_s=10)
    watch.cycle()
    codes = sorted(code for _, code, rule, *_ in refused(watch) if rule == "high_temperature")
    assert codes == ["east", "head", "west"]
    watch.at_s = 20
    watch.tick()
    assert watch.alerts() == [("east", "high_temperature", "open", 1)], "nobody knows it is over"
    failing["now"] = False
    watch.at_s = 20 + judging.LEFT_OUT_FOR / timedelta(seconds=1)
    watch.hear(COOL, at_s=watch.at_s)
    assert watch.cycle().cleared == 1
    assert {over for *_, over in refused(watch)} == {True}
