"""Each fault does what it says, as often as it says, and loses nothing but what it counts."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from simulators.faults import FaultLayer, Marked
from simulators.scenario import Faults

START_US = 1_764_043_200_000_000
COUNT = 2_000
STEP_MS = 10_000


def clean_sample(number: int) -> dict[str, Any]:
    return {
        "ts": START_US // 1_000 + number * STEP_MS,
        "seq": number,
        "lat": 22.6,
        "lon": 114.0,
        "speed_kmh": 30.0,
        "soc_pct": 60.0,
        "alarm_level": 0,
        "alarm_bits": 0,
        "power_source": "main",
    }


def passed(
    *, seed: int = 1, count: int = COUNT, **faults: Any
) -> tuple[list[Marked], Counter[str], FaultLayer]:
    """What leaves a layer that `count` clean samples, one every 10 s, have entered."""
    counts: Counter[str] = Counter()
    layer = FaultLayer(Faults(**faults), Random(seed), START_US, counts)
    leaving = [marked for n in range(count) for marked in layer.add(clean_sample(n))]
    return leaving + layer.finish(), counts, layer


def numbers_of(leaving: list[Marked]) -> list[int]:
    return [marked.sample["seq"] for marked in leaving]


def test_without_faults_nothing_happens() -> None:
    leaving, counts, _ = passed()
    assert [marked.sample for marked in leaving] == [clean_sample(n) for n in range(COUNT)]
    assert counts == Counter()


def test_loss_takes_samples_away() -> None:
    leaving, counts, _ = passed(loss=0.1)
    assert len(leaving) == COUNT - counts["loss"]
    assert counts["loss"] == pytest.approx(200, abs=50)
    assert numbers_of(leaving) == sorted(set(numbers_of(leaving)))


def test_a_duplicate_is_the_same_sample_again() -> None:
    leaving, counts, _ = passed(duplicate=0.1)
    assert counts["duplicate"] == pytest.approx(200, abs=50)
    assert len(leaving) == COUNT + counts["duplicate"]
    copies = [n for n, marked in enumerate(leaving) if "duplicate" in marked.faults]
    assert len(copies) == counts["duplicate"]
    for n in copies:
        assert leaving[n].sample == leaving[n - 1].sample


def test_reorder_lets_later_samples_overtake() -> None:
    leaving, counts, _ = passed(reorder=0.1, reorder_depth=4)
    numbers = numbers_of(leaving)
    assert sorted(numbers) == list(range(COUNT))
    assert counts["reorder"] == pytest.approx(200, abs=50)
    assert counts["reorder"] == sum("reorder" in marked.faults for marked in leaving)
    overtaken = [
        sum(later > number for later in numbers[:at])
        for at, number in enumerate(numbers)
        if "reorder" in leaving[at].faults
    ]
    assert max(overtaken) <= 4
    # A held sample whose successors are all held too may still come in its turn.
    assert sum(behind >= 1 for behind in overtaken) > 0.9 * len(overtaken)


def test_offline_samples_come_later_as_a_backlog() -> None:
    leaving, counts, _ = passed(offline_per_h=2.0, offline_s=(300.0, 300.0))
    assert sorted(numbers_of(leaving)) == list(range(COUNT))
    backlog = [marked for marked in leaving if "backlog" in marked.faults]
    assert len(backlog) == counts["backlog"] > 100
    first = next(n for n, marked in enumerate(leaving) if "backlog" in marked.faults)
    # 300 s at one sample every 10 s; the live sample goes out before the past.
    episode = numbers_of(leaving[first : first + 30])
    assert episode == list(range(episode[0], episode[0] + 30))
    assert leaving[first - 1].sample["seq"] == episode[0] + 30
    assert leaving[first - 1].faults == ()


def test_an_unfinished_backlog_comes_with_the_end() -> None:
    leaving, counts, _ = passed(count=50, offline_per_h=3_600.0, offline_s=(9_000.0, 9_000.0))
    assert counts["backlog"] == 49  # the first sample is the beginning of time: nothing can begin
    assert numbers_of(leaving) == list(range(50))


def test_gps_drift_moves_the_position_and_nothing_else() -> None:
    leaving, counts, _ = passed(
        gps_drift_per_h=5.0, gps_drift_s=(60.0, 60.0), gps_drift_m=(100.0, 100.0)
    )
    moved = [marked for marked in leaving if "gps_drift" in marked.faults]
    assert len(moved) == counts["gps_drift"] > 50
    for marked in moved:
        sample = marked.sample
        north_m = (sample["lat"] - 22.6) * 110_750
        east_m = (sample["lon"] - 114.0) * 102_850
        assert 55 < (north_m**2 + east_m**2) ** 0.5 < 101
        assert {**sample, "lat": 22.6, "lon": 114.0} == clean_sample(sample["seq"])


def test_a_cut_terminal_runs_on_its_battery_and_knows_only_its_position() -> None:
    leaving, counts, _ = passed(power_cut_per_h=2.0, power_cut_s=(120.0, 120.0))
    cut = [marked.sample for marked in leaving if "power_cut" in marked.faults]
    assert len(cut) == counts["power_cut"] > 50
    assert {sample["power_source"] for sample in cut} == {"backup"}
    assert set(cut[0]) == set(clean_sample(0)) - {"speed_kmh", "soc_pct"}
    rest = [marked.sample for marked in leaving if "power_cut" not in marked.faults]
    assert {sample["power_source"] for sample in rest} == {"main"}


def test_an_alarm_lasts_and_is_marked_with_its_name() -> None:
    leaving, counts, _ = passed(alarm_per_h=2.0, alarm_s=(100.0, 100.0), alarms=("insulation",))
    raised = [marked for marked in leaving if marked.faults == ("alarm:insulation",)]
    assert len(raised) == counts["alarm:insulation"] > 50
    assert {marked.sample["alarm_bits"] for marked in raised} == {1 << 11}
    assert {marked.sample["alarm_level"] for marked in raised} == {3}
    first = raised[0].sample["seq"]
    assert numbers_of(raised[:10]) == list(range(first, first + 10))


@pytest.mark.parametrize(
    ("alarm", "urgent"),
    [("soc_low", False), ("motor_temperature", False), ("brakes", True), ("thermal_event", True)],
)
def test_alarms_from_level_three_are_urgent(alarm: str, urgent: bool) -> None:
    _, _, layer = passed(count=10, alarm_per_h=3_600.0, alarm_s=(9_000.0, 9_000.0), alarms=(alarm,))
    assert layer.urgent is urgent


@pytest.mark.parametrize(
    ("skew", "first_ts_ms"),
    [
        pytest.param(-90, START_US // 1_000 - 90_000, id="slow by 90 s"),
        pytest.param(3_600.5, START_US // 1_000 + 3_600_500, id="fast by an hour"),
        pytest.param("1970-01-01T00:00:00Z", 0, id="never set"),
        pytest.param("2038-01-19T03:14:07Z", 2_147_483_647_000, id="the last second of 32 bits"),
    ],
)
def test_a_wrong_clock_is_wrong_all_the_time(skew: float | str, first_ts_ms: int) -> None:
    leaving, counts, _ = passed(count=20, clock_skew=1.0, clock_skews=(skew,))
    assert [m.sample["ts"] - first_ts_ms for m in leaving] == [n * STEP_MS for n in range(20)]
    assert counts == {"clock_skew": 20}


def test_the_share_of_wrong_clocks_is_of_vehicles() -> None:
    wrong = sum(passed(seed=seed, count=1, clock_skew=0.3)[1]["clock_skew"] for seed in range(300))
    assert wrong == pytest.approx(90, abs=25)


def test_malformed_samples_name_their_kind() -> None:
    kinds = ("bad_json", "too_large")
    leaving, counts, _ = passed(malformed=0.1, malformed_kinds=kinds)
    broken = Counter(marked.breakage for marked in leaving if marked.breakage is not None)
    assert numbers_of(leaving) == list(range(COUNT))
    assert set(broken) == set(kinds)
    assert counts == {f"malformed:{kind}": count for kind, count in broken.items()}
    assert broken.total() == pytest.approx(200, abs=50)


@pytest.mark.parametrize("seed", range(5))
def test_every_sample_is_accounted_for_with_everything_at_once(seed: int) -> None:
    leaving, counts, _ = passed(
        seed=seed,
        loss=0.05,
        duplicate=0.1,
        reorder=0.1,
        malformed=0.05,
        offline_per_h=3.0,
        gps_drift_per_h=2.0,
        power_cut_per_h=1.0,
        alarm_per_h=3.0,
    )
    assert len(leaving) == COUNT - counts["loss"] + counts["duplicate"]
    assert len(set(numbers_of(leaving))) == COUNT - counts["loss"]


def test_the_same_seed_does_the_same() -> None:
    faults: dict[str, Any] = {"loss": 0.1, "reorder": 0.2, "offline_per_h": 2.0, "alarm_per_h": 2.0}
    assert passed(seed=4, **faults)[0] == passed(seed=4, **faults)[0]
    assert passed(seed=4, **faults)[0] != passed(seed=5, **faults)[0]
