"""Which rule looks at which vehicle: by operator and scope."""

from typing import Any

import pytest

from alerts.detectors.binding import bind
from alerts.detectors.custom import KIND
from alerts.detectors.judge import ON_SAMPLES, ON_THE_CLOCK
from alerts.rules.kinds import KINDS
from alerts.rules.model import Scope

from .watching import rule, vehicles

FLEET = (
    {"vehicle_id": 1, "vin": "V1", "model": "T3", "groups": ["north", "cold"]},
    {"vehicle_id": 2, "vin": "V2", "model": "T3", "groups": ["south"], "lease_no": "L-9"},
    {"vehicle_id": 3, "vin": "V3", "model": "E5", "groups": []},
    {"vehicle_id": 4, "vin": "V4", "groups": None},
    {"vehicle_id": 5, "vin": "V5", "model": "T3", "groups": ["north"], "organisation_id": 8},
    {"vehicle_id": 6, "vin": "V6", "model": "T3", "organisation_id": None},
)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, {1, 2, 3, 4}),
        ({"organisation_id": 8}, {5}),
        ({"organisation_id": 9}, set()),
        ({"scope": Scope(groups=("north", "south"))}, {1, 2}),
        ({"scope": Scope(groups=("north",)), "members": frozenset({3, 5})}, {3}),
        ({"scope": Scope(groups=("north",)), "members": frozenset()}, set()),
        ({"scope": Scope(models=("T3",))}, {1, 2}),
        ({"scope": Scope(vins=("V4", "V5"))}, {4}),
        ({"scope": Scope(lease_no="L-9")}, {2}),
        ({"scope": Scope(models=("T3",), groups=("south",))}, {2}),
        ({"scope": Scope(models=("E5",), groups=("south",))}, set()),
    ],
    ids=[
        *("all of its organisation", "another's", "of nobody"),
        *("one of the groups", "members as they were looked up", "groups without members"),
        *("models", "VINs, not another's", "a lease", "all must hold", "and none does"),
    ],
)
def test_who_is_looked_at(given: dict[str, Any], seen: set[int]) -> None:
    binding = bind([rule("over_speed", **given)], vehicles(*FLEET))
    applies = binding.applies.get("over_speed")
    assert set(applies["vehicle_id"].to_list() if applies is not None else ()) == seen


def test_parameters_of_each_rule_and_how_long() -> None:
    fast = rule("over_speed", code="fast", raise_at=120, clear_below=110, for_s=2.5, keep_s=0)
    binding = bind([rule("odometer_rollback"), rule("over_speed"), fast], vehicles())
    parameters = binding.parameters["over_speed"].select("rule_no", "p_raise_at").rows()
    assert parameters == [(1, 90.0), (2, 120.0)]
    lasting = binding.rules.select("rule_key", "for_us", "keep_us").rows()
    assert lasting == [
        ("7:odometer_rollback", 0, 86_400_000_000),
        ("7:over_speed", 20_000_000, 60_000_000),
        ("7:fast", 2_500_000, 0),
    ]
    assert binding.rule("7:fast") is fast
    assert binding.rule("7:slow") is None


def test_there_is_a_detector_for_every_kind_that_looks_at_vehicles() -> None:
    by_source = {
        "telemetry": {KIND, *(detector.kind for detector in ON_SAMPLES)},
        "clock": {detector.kind for detector in ON_THE_CLOCK},
    }
    for source, kinds in by_source.items():
        assert kinds == {kind.name for kind in KINDS.values() if kind.source == source}
