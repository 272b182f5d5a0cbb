"""Rules that people write: what their expressions see, and what becomes of a broken one."""

import polars as pl
import pytest

from alerts.detectors.binding import bind

from .watching import CLOSED, OPEN, Story, Watch, named, rule, told_every_way, vehicles

SOC = pl.col("soc_pct")
STORIES = (
    Story(
        "over when it is not so, and not when nobody knows",
        rule("custom", holds=(SOC < 30) & (pl.col("speed_kmh") > 50), keep_s=0),
        (
            (0, {"soc_pct": 20, "speed_kmh": 60}, OPEN),
            (10, {"soc_pct": 20}, OPEN),
            (20, {"soc_pct": 40}, CLOSED),
            (30, {"speed_kmh": 60}, CLOSED),
        ),
    ),
    Story(
        "with an expression of its own for the end",
        rule("custom", holds=SOC < 30, ends=SOC > 50, keep_s=0),
        ((0, {"soc_pct": 20}, OPEN), (10, {"soc_pct": 40}, OPEN), (20, {"soc_pct": 51}, CLOSED)),
    ),
    Story(
        "what was before it, as last known",
        rule("custom", holds=pl.col("previous.soc_pct") - SOC >= 10, for_s=0, keep_s=0),
        (
            (0, {"soc_pct": 50}, CLOSED),  # nothing was before it
            (10, {"speed_kmh": 3}, CLOSED),
            (20, {"soc_pct": 40}, OPEN),
            (30, {"soc_pct": 39}, CLOSED),
        ),
    ),
    Story(
        "the time since the last sample, and the vehicle",
        rule(
            "custom",
            holds=(pl.col("seconds_since_previous") > 60)
            & pl.col("vehicle.plate").str.starts_with("粤B")
            & ~pl.col("vehicle.let")
            & pl.col("vehicle.groups").list.contains("north"),
            keep_s=0,
        ),
        ((0, {}, CLOSED), (60, {}, CLOSED), (121, {}, OPEN), (130, {}, CLOSED)),
        van={"plate": "粤B12345", "groups": ["north"]},
    ),
    Story(
        "what is always true",
        rule("custom", holds=pl.lit(True)),
        ((0, {}, OPEN), (1, {}, OPEN)),
    ),
)


@pytest.mark.parametrize(**named(STORIES))
def test_a_story(story: Story) -> None:
    told_every_way(story)


def test_the_reader_is_told_what_it_read() -> None:
    north = pl.col("previous.lat") > 22
    watch = Watch.of(rule("custom", holds=(SOC < 30) & ~pl.col("vehicle.let"), ends=north))
    watch.judge({"at": 0, "soc_pct": 50, "lat": 21.5, "lon": 114.0})
    watch.judge({"at": 9, "soc_pct": 12.5, "speed_kmh": 40})
    assert watch.facts() == {"soc_pct": 12.5, "vehicle_let": False, "previous_lat": 21.5}
    assert watch.said[0]["value"] is None


def test_one_that_reads_nothing_holds_of_everybody() -> None:
    watch = Watch(bind([rule("custom", holds=pl.lit(True))], vehicles({}, {"vehicle_id": 2})))
    watch.judge({"at": 0}, {"at": 0, "vehicle_id": 2})
    told = {(event["vehicle_id"], event["facts"]) for event in watch.said}
    assert told == {(1, "{}"), (2, "{}")}


def test_one_that_cannot_be_run_is_told_and_the_others_are_judged() -> None:
    broken = rule("custom", code="broken", holds=pl.col("plate_of_nobody") == 1)
    hot = rule("high_temperature")
    sound = rule("custom", code="sound", holds=SOC < 30)
    watch = Watch(bind([broken, hot, sound], vehicles()))
    judged = watch.judge({"at": 0, "soc_pct": 10, "temp_max_c": 70})
    assert [fault.rule_key for fault in judged.faults] == ["7:broken"]
    assert "plate_of_nobody" in judged.faults[0].message
    assert {event["code"] for event in watch.said} == {"high_temperature", "sound"}


def test_one_without_an_expression_judges_nothing() -> None:
    watch = Watch.of(rule("custom"))
    assert watch.judge({"at": 0, "soc_pct": 0}).faults == ()
    assert watch.said == []


def test_each_vehicle_is_seen_by_its_own_rules() -> None:
    """Two organisations with rules of their own, and one rule that both have."""
    rules = [
        rule("custom", code="low", holds=SOC < 30),
        rule("custom", code="low", holds=SOC < 20, organisation_id=8),
        rule("custom", code="full", holds=SOC > 90, organisation_id=8),
    ]
    watch = Watch(bind(rules, vehicles({}, {"vehicle_id": 2, "organisation_id": 8})))
    theirs = {"vehicle_id": 2, "organisation_id": 8}
    watch.judge({"at": 0, "soc_pct": 25}, {"at": 0, "soc_pct": 25, **theirs})
    watch.judge({"at": 9, "soc_pct": 95, **theirs})
    assert [event["rule_key"] for event in watch.said] == ["7:low", "8:full"]
