"""The terminal, the odometer, and what flowed against the gauge, told as stories."""

import pytest

from .watching import CLOSED, OPEN, Story, Watch, named, rule, told_every_way

FLOW = {"pack_voltage_v": 400.0}
"""With 90 A for ten minutes: 6 kWh, a tenth of a battery of 60 kWh."""
VAN_60 = {"capacity_kwh": 60.0}


def minutes(
    *given: tuple[float, float, float, str],
) -> tuple[tuple[float, dict[str, float], str], ...]:
    """Rows of (minute, current, charge, open or closed)."""
    return tuple(
        (minute * 60, {**FLOW, "pack_current_a": current_a, "soc_pct": soc_pct}, state)
        for minute, current_a, soc_pct, state in given
    )


STORIES = (
    Story(
        "the terminal is cut off for a minute",
        rule("power_cut", keep_s=0),
        (
            (0, {"power_source": "main"}, CLOSED),
            (10, {"power_source": "backup"}, CLOSED),
            (40, {}, CLOSED),
            (70, {"power_source": "backup"}, OPEN),
            (80, {}, OPEN),
            (90, {"power_source": "main"}, CLOSED),
        ),
    ),
    Story(
        "what flowed out is missing on the gauge",
        rule("soc_implausible", window_s=600, most_gap_s=300, keep_s=0),
        minutes(
            (0, 90, 80, CLOSED),
            (5, 90, 75, CLOSED),
            (10, 90, 70, CLOSED),  # as it should be
            (15, 90, 55, CLOSED),
            (20, 90, 40, OPEN),  # ten flowed out, thirty are gone
            (25, 90, 35, OPEN),
            (30, 90, 30, CLOSED),
        ),
        van=VAN_60,
    ),
    Story(
        "charging counts as well",
        rule("soc_implausible", window_s=600, most_gap_s=300, keep_s=0),
        minutes(
            (0, -90, 20, CLOSED),
            (5, -90, 25, CLOSED),
            (10, -90, 30, CLOSED),
            (15, -90, 30, CLOSED),
            (20, -90, 20, OPEN),  # ten flowed in, ten are gone
        ),
        van=VAN_60,
    ),
    Story(
        "a window that has hardly begun when it ends is left out",
        rule("soc_implausible", window_s=600, most_gap_s=300, keep_s=0),
        minutes(
            (6, 90, 80, CLOSED),
            (10, 90, 30, CLOSED),
            (15, 90, 25, CLOSED),
            (20, 90, 0, OPEN),  # this one was whole
        ),
        van=VAN_60,
    ),
    Story(
        "a window with a gap is left out",
        rule("soc_implausible", window_s=600, most_gap_s=300, keep_s=0),
        minutes(
            (0, 90, 80, CLOSED),
            (6, 90, 75, CLOSED),  # a minute more than the longest gap
            (10, 90, 30, CLOSED),
            (19, 90, 30, CLOSED),
            (24, 0, 0, CLOSED),
        ),
        van=VAN_60,
    ),
    Story(
        "of a battery whose capacity nobody knows nothing is known",
        rule("soc_implausible", window_s=600, most_gap_s=300),
        minutes((0, 90, 80, CLOSED), (5, 90, 50, CLOSED), (10, 90, 0, CLOSED)),
    ),
    Story(
        "samples that lack one of the three count as none",
        rule("soc_implausible", window_s=600, most_gap_s=300, keep_s=0),
        (
            *minutes((0, 90, 80, CLOSED)),
            (120, {"soc_pct": 10.0, "pack_current_a": 90.0}, CLOSED),
            (240, {"pack_voltage_v": 400.0, "pack_current_a": 3_000.0}, CLOSED),
            *minutes((5, 90, 75, CLOSED), (10, 90, 50, OPEN)),
        ),
        van=VAN_60,
    ),
)


@pytest.mark.parametrize(**named(STORIES))
def test_a_story(story: Story) -> None:
    told_every_way(story)


def test_an_odometer_that_goes_back_is_a_record() -> None:
    story = Story(
        "raised and over at once",
        rule("odometer_rollback", by_km=1, keep_s=0),
        (
            (0, {"odometer_km": 500.0}, CLOSED),
            (10, {"odometer_km": 499.5}, CLOSED),  # within what is allowed
            (20, {}, CLOSED),
            (30, {"odometer_km": 90.0}, CLOSED),
            (40, {"odometer_km": 91.0}, CLOSED),
            (50, {"odometer_km": 10.0}, CLOSED),
        ),
    )
    watch = told_every_way(story)
    assert watch.in_short() == [
        ("raise", 30, 30),
        ("clear", 30, 30),
        ("raise", 50, 50),
        ("clear", 50, 50),
    ]
    facts = {"odometer_km": 90.0, "before_km": 499.5, "raise_at_km": 1.0}
    assert [watch.facts(0), watch.facts(1)] == [facts, facts]
    assert watch.memory.episodes.height == 0


def test_a_terminal_that_alternates_between_two_odometers_is_one_alert_for_a_day() -> None:
    """As shipped it stays open for a day after the last time, and is not told anew meanwhile."""
    watch = Watch.of(rule("odometer_rollback"))
    for at in range(0, 400, 10):  # the last time at 390 s
        watch.judge({"at": at, "odometer_km": 90.0 if at // 10 % 2 else 500.0})
    watch.tick(390 + 86_399)
    assert watch.in_short() == [("raise", 10, 10)]
    watch.tick(390 + 86_400)
    assert watch.in_short() == [("raise", 10, 10), ("clear", 390 + 86_400, 10)]
