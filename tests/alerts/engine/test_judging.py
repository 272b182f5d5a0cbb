"""A rule that cannot be judged is left out and named; the others go on."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from alerts.detectors.judge import judge
from alerts.engine import judging
from tests.ingest.conftest import PLAIN_ONLY

from .conftest import COOL, HOT, Watch, set_rule

pytestmark = PLAIN_ONLY


def broken_logs(logs: list[Any]) -> list[str]:
    return [entry["rule"] for entry in logs if entry["event"] == "rule_broken"]


def test_a_detector_that_fails_stops_no_other(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(memory: Any, rows: Any, binding: Any) -> Any:
        if any(rule.code == "too_fast" for rule in binding.listed):
            raise ZeroDivisionError("speed over nothing")
        return judge(memory, rows, binding)

    monkeypatch.setattr(judging, "judge", fail)
    set_rule(watch.fleet, "too_fast", "over_speed", "info", raise_at=10, clear_below=5)
    watch.hear(HOT)
    with capture_logs() as logs:
        assert watch.cycle().raised == 1
        watch.hear(COOL, at_s=5)
        assert watch.cycle().cleared == 1
    east, head, west = (watch.fleet.ids[code] for code in ("east", "head", "west"))
    assert sorted(broken_logs(logs)) == sorted(f"{one}:too_fast" for one in (east, head, west))
    assert watch.value("rules_broken") == 3
    kinds = {rule.kind for rule in watch.engine._judging.rules}
    assert "over_speed" in kinds  # the shipped one goes on


def test_an_expression_that_is_none_is_left_out(watch: Watch) -> None:
    set_rule(watch.fleet, "odd", "custom", "info", expression="speed_kmh >")
    watch.hear(HOT)
    with capture_logs() as logs:
        assert watch.cycle().raised == 1
        watch.at_s = 60
        watch.hear(COOL, at_s=60)
        watch.cycle()
        set_rule(watch.fleet, "odd", "custom", "info", expression="speed_kmh > 10")
        watch.hear(COOL, at_s=70)
        watch.cycle()
    assert len(broken_logs(logs)) == 3
    assert watch.value("rules_broken") == 0


def test_what_no_rule_is_to_blame_for_is_not_hidden(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def fail_once(memory: Any, rows: Any, binding: Any) -> Any:
        calls.append(len(binding.listed))
        if len(calls) == 1:
            raise MemoryError
        return judge(memory, rows, binding)

    monkeypatch.setattr(judging, "judge", fail_once)
    watch.hear(HOT)
    with pytest.raises(MemoryError):
        watch.cycle()
    watch.fleet.conn.rollback()
    watch.engine.forget()
    assert watch.cycle().raised == 1
    assert watch.value("rules_broken") == 0
