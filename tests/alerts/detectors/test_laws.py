"""Laws of judging, for any samples of three vehicles under rules of all kinds.

The values lie around the thresholds, and the times around `for` and `keep`.
"""

from collections import defaultdict
from typing import Any, Final

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detectors.binding import bind
from alerts.geofences.model import Circle, Polygon
from alerts.rules.kinds import KINDS

from .watching import Watch, rule, vehicles

SHORT: Final = {"for_s": 20, "keep_s": 30}
OWN: Final = {
    "temperature_rise": {"over_s": 20, **SHORT},
    "soc_implausible": {"window_s": 300, "raise_at_pct": 5, "clear_below_pct": 2, **SHORT},
    "odometer_rollback": {"keep_s": 30},
    "no_charge": {},
    "moved_at_night": {"from_hour": 23, "until_hour": 1, **SHORT},
}
SQUARE: Final = Polygon(((22.4, 113.9), (22.505, 113.9), (22.505, 114.1), (22.4, 114.1)))
ON_SAMPLES: Final = sorted(
    {kind.name for kind in KINDS.values() if kind.source == "telemetry"} - {"geofence", "custom"}
)
RULES: Final = [
    *(rule(kind, **OWN.get(kind, SHORT)) for kind in ON_SAMPLES),
    rule("geofence", code="circle", when="inside", shape=Circle(22.5, 114.0, 500), **SHORT),
    rule("geofence", code="square", when="outside", shape=SQUARE, for_s=0, keep_s=0),
    rule("over_speed", code="at_once", for_s=0, keep_s=0),
    rule(
        "custom",
        holds=pl.col("soc_pct") < pl.col("previous.soc_pct"),
        ends=pl.col("vehicle.let") & (pl.col("seconds_since_previous") > 15),
        **SHORT,
    ),
]
VANS: Final = {
    1: {"vehicle_id": 1, "capacity_kwh": 60.0},
    2: {"vehicle_id": 2, "capacity_kwh": 10.0, "lease_id": 9},
    3: {"vehicle_id": 3, "utc_offset_s": 28_800},
}


def either(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


says = st.fixed_dictionaries(
    {
        "vehicle_id": st.sampled_from([1, 1, 2, 3]),
        "later_s": st.sampled_from([0, 5, 10, 20, 35, 120, 700]),
        "speed_kmh": either(0, 4, 8, 60, 95.0),
        "soc_pct": either(12, 15, 18, 22, 40.0),
        "vehicle_state": either("on", "off", "off"),
        "charge_state": either("parked_charging", "not_charging"),
        "pack_voltage_v": st.sampled_from([400.0, 400.0, None]),
        "pack_current_a": st.sampled_from([-200.3, 0.0, 33.3, 250.7]),
        "temp_max_c": either(30, 31, 33, 40, 61.0),
        "odometer_km": either(100, 101, 150.0),
        "alarm_level": either(0, 3),
        "alarm_bits": either(0, 1, 6),
        "insulation_kohm": either(90, 120, 200.0),
        "cell_voltage_max_v": either(3.5, 3.7),
        "cell_voltage_min_v": either(3.2, 3.4),
        "power_source": either("main", "backup"),
        "lat": st.sampled_from([22.5, 22.5, 22.501, 22.51]),
        "lon": st.sampled_from([114.0, 114.0, 114.003]),
        "fix": either(True, False),
        "batch": st.sampled_from([0, 0, 0, 1]),
    }
)


@st.composite
def tracks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Samples in order of time, the first near midnight; two may be of one instant."""
    given_samples, at = [], 86_000.0
    for number, said in enumerate(draw(st.lists(says, min_size=4, max_size=25))):
        at += said.pop("later_s")
        given_samples.append({**said, "at": at, "seq": number})
    return given_samples


def batched(samples: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """In batches in which each vehicle's samples are in order, and one may lag behind another."""
    batches, furthest = defaultdict(list), defaultdict(int)
    for sample in samples:
        vehicle = sample["vehicle_id"]
        furthest[vehicle] += sample["batch"]
        batches[furthest[vehicle]].append(sample)
    return [batches[number] for number in sorted(batches)]


def watching(*vans: int) -> Watch:
    return Watch(bind(RULES, vehicles(*(VANS[van] for van in vans))))


def by_pair(said: list[dict[str, Any]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    pairs = defaultdict(list)
    for event in said:
        pairs[event["rule_key"], event["vehicle_id"]].append(event)
    return dict(pairs)


@settings(max_examples=15, deadline=None)
@given(tracks())
def test_how_samples_come_together_changes_nothing(samples: list[dict[str, Any]]) -> None:
    """At once, or in batches with the memory on disk between them; heard again, no word more."""
    whole, parts = watching(1, 2, 3), watching(1, 2, 3)
    whole.judge(*reversed(samples))
    for batch in batched(samples):
        parts.judge(*batch)
        parts.restart()
    assert by_pair(parts.said) == by_pair(whole.said)
    for pair in by_pair(whole.said).values():
        assert [event["what"] for event in pair] == (["raise", "clear"] * len(pair))[: len(pair)]
        assert [e["at_us"] for e in pair] == sorted(e["at_us"] for e in pair)
    before = len(parts.said)
    assert parts.judge(*samples).late == len(samples)
    assert len(parts.said) == before


@settings(max_examples=10, deadline=None)
@given(tracks())
def test_vehicles_do_not_concern_one_another(samples: list[dict[str, Any]]) -> None:
    together = watching(1, 2, 3)
    together.judge(*samples)
    alone = []
    for van in VANS:
        watch = watching(van)
        watch.judge(*samples)  # of others nothing is known here
        alone += watch.said
    assert by_pair(alone) == by_pair(together.said)


@settings(max_examples=8, deadline=None)
@given(tracks(), st.integers(0, 25))
def test_a_stroke_of_the_clock_changes_no_word(samples: list[dict[str, Any]], cut: int) -> None:
    """What was over is cleared at one instant, whether the clock or the next sample says so."""
    whole, struck = watching(1, 2, 3), watching(1, 2, 3)
    whole.judge(*samples)
    first, then = samples[:cut], samples[cut:]
    struck.judge(*first)
    struck.tick(first[-1]["at"] if first else 0)
    struck.judge(*then)
    for watch in (whole, struck):
        watch.tick(samples[-1]["at"] + 30)
    assert by_pair(struck.said) == by_pair(whole.said)
    assert whole.memory.episodes.filter(phase="clearing").height == 0
