"""Scenario files are checked, and a wrong key is named with its file."""

from pathlib import Path

import pytest

from simulators.scenario import BadScenario, Faults, list_scenarios, load_scenario, read_scenario


def test_the_scenarios_that_come_along() -> None:
    assert set(list_scenarios()) == {
        "alarms",
        "calm",
        "city_day",
        "rough_network",
        "worst_day",
    }


def test_calm_has_no_faults() -> None:
    assert load_scenario("calm").faults == Faults()


def test_the_worst_day_has_every_fault() -> None:
    faults = load_scenario("worst_day").faults
    rates = {name: value for name, value in faults if isinstance(value, float)}
    assert [name for name, rate in rates.items() if rate == 0] == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[faults]\nlos = 0.1", "faults.los: unknown key", id="misspelt key"),
        pytest.param("[fault]\nloss = 0.1", "fault: unknown key", id="misspelt table"),
        pytest.param(
            "[faults]\nloss = 2", "faults.loss: input should be less than or equal to 1", id="share"
        ),
        pytest.param(
            "[faults]\noffline_s = [900, 60]",
            "faults.offline_s: the first number must not be greater than the second",
            id="span upside down",
        ),
        pytest.param("[faults]\nalarms = ['tyres']", "faults.alarms.0: no such alarm", id="alarm"),
        pytest.param(
            "[faults]\nmalformed_kinds = ['ugly']", "faults.malformed_kinds.0: ", id="kind"
        ),
        pytest.param(
            "[vehicles]\ninterval_driving_s = 0", "vehicles.interval_driving_s: ", id="interval"
        ),
        pytest.param(
            "[faults]\nclock_skews = [1970-01-01T00:00:00]",
            "faults.clock_skews.0",
            id="an instant without its zone",
        ),
        pytest.param("[faults\n", "(at line 2, column 8)", id="not TOML"),
    ],
)
def test_errors_name_file_and_key(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "mine"\n' + text, encoding="utf-8")
    with pytest.raises(BadScenario) as error:
        load_scenario(str(path))
    assert error.value.message.startswith(f"{path}: ")
    assert problem in error.value.message


def test_a_title_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(BadScenario, match=r"mine\.toml: title: field required"):
        read_scenario(path)


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(BadScenario, match="no scenario 'nope'; there are alarms, calm, city_day"):
        load_scenario("nope")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadScenario, match=r"gone\.toml: No such file"):
        load_scenario("gone.toml")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "mine"\n[faults]\nloss = -1\nlos = 1\n', encoding="utf-8")
    with pytest.raises(BadScenario, match=r"faults\.loss: .*; faults\.los: unknown key"):
        read_scenario(path)
