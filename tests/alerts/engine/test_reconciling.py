"""What stands in the inbox against what is remembered."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl

from alerts.detectors.frames import CARRIED, EPISODES
from alerts.detectors.memory import Memory
from alerts.engine.reconciling import reconcile, remember
from alerts.engine.store import Standing
from alerts.model import Clearing

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def stands(occurrence: str, vehicle_id: int = 7, **told: Any) -> Standing:
    given = {"organisation_id": 2, "rule_code": "hot", "kind": "high_temperature"}
    return Standing(
        **{**given, "vehicle_id": vehicle_id, "occurrence": occurrence, "charged_us": None} | told
    )


def remembering(*episodes: tuple[int, str, int]) -> Memory:
    """Vehicle, phase and since when."""
    rows = [
        {
            "rule_key": "2:hot",
            "organisation_id": 2,
            "code": "hot",
            "kind": "high_temperature",
            "vehicle_id": vehicle_id,
            "phase": phase,
            "since_us": since_us,
        }
        for vehicle_id, phase, since_us in episodes
    ]
    return replace(Memory.empty(), episodes=pl.DataFrame(rows, schema=EPISODES))


def cleared(occurrence: str, vehicle_id: int = 7) -> Clearing:
    return Clearing(2, "hot", "vehicle", vehicle_id, NOW, occurrence=occurrence)


def test_what_is_not_remembered_is_cleared() -> None:
    memory = remembering((7, "pending", 50), (8, "firing", 50), (9, "clearing", 60))
    standing = [stands("50"), stands("50", 8), stands("60", 9), stands("50", 8, rule_code="fast")]
    same, clearings = reconcile(memory, standing, now=NOW)
    assert same is memory
    assert clearings == [cleared("50"), replace(cleared("50", 8), rule_code="fast")]


def test_of_another_organisation_it_is_another() -> None:
    _, clearings = reconcile(
        remembering((7, "firing", 50)), [stands("50", organisation_id=3)], now=NOW
    )
    assert clearings == [replace(cleared("50"), organisation_id=3)]


def test_an_alert_of_another_occurrence_goes_on_as_that() -> None:
    memory, clearings = reconcile(
        remembering((7, "firing", 50), (8, "pending", 50)),
        [stands("60"), stands("9"), stands("7", 8)],
        now=NOW,
    )
    assert clearings == [cleared("9"), cleared("7", 8)]
    assert memory.episodes.select("vehicle_id", "since_us").rows() == [(7, 60), (8, 50)]
    assert memory.episodes.schema == pl.Schema(EPISODES)


def test_of_two_that_stand_the_remembered_one_goes_on() -> None:
    memory = remembering((7, "firing", 50))
    same, clearings = reconcile(memory, [stands("60"), stands("50")], now=NOW)
    assert (same is memory, clearings) == (True, [cleared("60")])


def test_an_empty_memory_takes_over_what_the_clock_told() -> None:
    silent = {"rule_code": "silent", "kind": "offline"}
    idle = {"rule_code": "no_charge", "kind": "no_charge"}
    memory = remember(
        Memory.empty(),
        [
            stands("50"),
            stands("60", **silent),
            stands("70", 8, charged_us=5, **idle),
            stands("80", 8, charged_us=6, **idle),
        ],
    )
    told = memory.episodes.sort("since_us")
    assert told.select("rule_key", "vehicle_id", "phase", "since_us").rows() == [
        ("2:silent", 7, "firing", 60),
        ("2:no_charge", 8, "firing", 80),
    ]
    known = memory.carried.select("vehicle_id", "organisation_id", "ts_us", "charged_us")
    assert known.rows() == [(8, 2, 6, 6)]
    assert memory.carried.schema == pl.Schema(CARRIED)
    assert Memory.from_bytes(memory.to_bytes()).episodes.equals(memory.episodes)
