"""The judge of the API's answers: right ones pass in silence, each kind of wrong one is told."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.api_oracle import (
    Sample,
    State,
    find_vins,
    judge_counts,
    judge_list,
    judge_positions,
    judge_signals,
    judge_track,
    word_of,
)
from bench.api_scene import Asker, Vehicle

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
OWN, FOREIGN = 7, 8
ASKER = Asker("depot-001", OWN, frozenset({OWN}), ["token"])


def state(vin: str = "A1", **changes: Any) -> State:
    known = State(vin, OWN, NOW, 22.5, 114.0, 0.0, 50.0, "not_charging", True, NOW)
    return known._replace(**changes)


def vehicle(vin: str, operator_id: int = OWN, model: str = "瑞驰 EC35") -> Vehicle:
    return Vehicle(1, vin, f"粤B{vin}", model, 1, operator_id, "depot-001", None)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"online": False, "speed_kmh": 40.0}, "offline"),
        ({"last_heard_at": NOW - timedelta(seconds=181)}, "offline"),
        ({"last_heard_at": NOW - timedelta(seconds=179)}, "parked"),
        ({"speed_kmh": 3.1, "charge_state": "driving_charging"}, "moving"),
        ({"speed_kmh": 3.0, "charge_state": "parked_charging"}, "charging"),
        ({}, "parked"),
    ],
)
def test_what_a_vehicle_does(changes: Mapping[str, Any], word: str) -> None:
    assert word_of(state(**changes), NOW) == word


def test_a_list_is_of_what_one_operates_now() -> None:
    fleet = [vehicle("B2"), vehicle("A1"), vehicle("C3", FOREIGN), vehicle("D4", model="K60EV")]
    states = {each.vin: state(each.vin, speed_kmh=9.0) for each in fleet}
    assert find_vins(fleet, ASKER, states, NOW) == ["A1", "B2", "D4"]
    assert find_vins(fleet, ASKER, states, NOW, word="moving", search="k60") == ["D4"]
    assert find_vins(fleet, ASKER, states, NOW, operators=frozenset({FOREIGN})) == []


def test_lists_are_judged_by_members_and_order() -> None:
    assert list(judge_list(["A", "B"], ["A", "B"])) == []
    (sentence,) = judge_list(["B", "A", "X"], ["A", "B", "C"])
    assert sentence == "a list of 3 vehicles, 1 missing, 1 foreign, in order: False"


def test_counts_are_judged_by_state() -> None:
    right = {"total": 3, "moving": 2, "parked": 0, "charging": 1, "offline": 0}
    words = ["moving", "charging", "moving"]
    assert list(judge_counts(right, words)) == []
    assert list(judge_counts({**right, "total": 4}, words)) != []
    assert list(judge_counts({**right, "moving": 1, "parked": 1}, words)) != []


COLUMNS = {"columns": {"vin": ["A1"], "lon": [114.0], "lat": [22.5]}}
FEATURES = {"features": [{"id": "A1", "geometry": {"coordinates": [114.0, 22.5]}}]}


@pytest.mark.parametrize("body", [COLUMNS, FEATURES])
def test_positions_are_judged_in_both_forms(body: Any) -> None:
    states = {"A1": state(), "B2": state("B2", lat=22.6)}
    assert list(judge_positions(body, states, ["A1"])) == []
    assert list(judge_positions(body, states, ["A1", "B2"])) == [
        "1 positions, not 2, or of other vehicles"
    ]
    moved = {"A1": state(lat=22.50001)}
    assert list(judge_positions(body, moved, ["A1"])) == ["positions that are not the stored ones"]


SAMPLES = [
    Sample(NOW + timedelta(seconds=30 * n), OWN if n else FOREIGN, 22.5 + n, 114.0, n, 80.0 - n)
    for n in range(5)
]


def point(sample: Sample) -> dict[str, Any]:
    return {"ts": sample.ts.isoformat(), "lat": sample.lat, "lon": sample.lon}


TRACK = {"points_read": 4, "points": [point(SAMPLES[n]) for n in (1, 3, 4)]}


def spoil_track(how: str) -> Any:
    track = deepcopy(TRACK)
    points: list[Any] = track["points"]  # type: ignore[assignment]
    match how:
        case "foreign":
            points.insert(0, point(SAMPLES[0]))
        case "moved":
            points[1]["lat"] += 0.00001
        case "cut":
            del points[-1]
        case "empty":
            points.clear()
        case "disorder":
            points.reverse()
        case "fewer":
            track["points_read"] = 5
    return track


def test_a_track_of_ones_own_samples_passes() -> None:
    assert list(judge_track(TRACK, SAMPLES, ASKER)) == []


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("foreign", "or were another's"),
        ("moved", "points of a track that are not stored"),
        ("cut", "a track without its ends"),
        ("empty", "a track without its ends"),
        ("disorder", "or not in order"),
        ("fewer", "a track of 5 samples, not 4"),
    ],
)
def test_a_wrong_track_is_told(how: str, said: str) -> None:
    told = list(judge_track(spoil_track(how), SAMPLES, ASKER))
    assert any(said in sentence for sentence in told), told


def signals(**changes: Any) -> Any:
    series = {
        "name": "speed_kmh",
        "from_at": [NOW.isoformat(), (NOW + timedelta(seconds=60)).isoformat()],
        "min": [1.0, 2.0],
        "avg": [1.0, 2.5],
        "max": [1.0, 3.0],
        "count": [1, 2],
    }
    return {
        "from_at": NOW.isoformat(),
        "bucket_s": 60,
        "signals": [{**series, **changes}],
    }


def test_signals_are_judged_bucket_by_bucket() -> None:
    own = SAMPLES[:4]
    assert list(judge_signals(signals(), own, ASKER)) == []
    for wrong in ({"count": [2, 2]}, {"avg": [1.0, 2.51]}, {"min": [0.0, 2.0]}):
        assert list(judge_signals(signals(**wrong), own, ASKER)) == [
            "a history of speed_kmh that is not the stored one"
        ]
    assert list(judge_signals(signals(), SAMPLES, ASKER)) != []
