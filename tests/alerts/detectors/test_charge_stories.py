"""Little charge, told as stories: when, what it says, and whether the alert is open after it."""

import pytest

from .watching import CLOSED, OPEN, ROAD, YARD, Story, named, rule, told_every_way

STORIES = (
    Story(
        "little charge on the road",
        rule("low_soc_driving", keep_s=60),
        (
            (0, {"soc_pct": 40}, CLOSED),
            (10, {"soc_pct": 15.1}, CLOSED),
            (20, {"soc_pct": 15}, OPEN),
            (30, {"soc_pct": 12}, OPEN),
            (40, {"soc_pct": 20}, OPEN),  # between the two nothing changes
            (50, {"soc_pct": 20.5}, OPEN),  # over, and not yet for a minute
            (109, {"soc_pct": 30}, OPEN),
            (110, {"soc_pct": 30}, CLOSED),
        ),
        always=ROAD,
    ),
    Story(
        "flapping on the threshold is one alert",
        rule("low_soc_driving", keep_s=0),
        (
            (0, {"soc_pct": 15}, OPEN),
            (10, {"soc_pct": 16}, OPEN),
            (20, {"soc_pct": 15}, OPEN),
            (30, {"soc_pct": 16}, OPEN),
            (40, {"soc_pct": 21}, CLOSED),
        ),
        always=ROAD,
    ),
    Story(
        "an unknown charge says nothing, neither that it is low nor that it is well",
        rule("low_soc_driving", keep_s=0),
        (
            (0, {"soc_pct": None}, CLOSED),
            (10, {"soc_pct": 10}, OPEN),
            (20, {"soc_pct": None}, OPEN),
            (30, {"soc_pct": 50}, CLOSED),
        ),
        always=ROAD,
    ),
    Story(
        "that it is on the road holds as last told",
        rule("low_soc_driving", keep_s=0),
        (
            (0, {"soc_pct": 10}, CLOSED),  # nobody has said that it drives
            (10, ROAD, CLOSED),  # and nobody says how full it is
            (20, {"soc_pct": 10}, OPEN),
            (30, {"vehicle_state": "off"}, CLOSED),
        ),
    ),
    Story(
        "a plug is the remedy",
        rule("low_soc_driving", keep_s=0),
        (
            (0, {"soc_pct": 10, **ROAD}, OPEN),
            (10, {"soc_pct": 10, **ROAD, "charge_state": "driving_charging"}, OPEN),
            (20, {"soc_pct": 10, **ROAD, "charge_state": "parked_charging"}, CLOSED),
        ),
    ),
    Story(
        "little charge while parked for ten minutes",
        rule("low_soc_parked", keep_s=0),
        (
            (0, {"soc_pct": 20}, CLOSED),
            (599, {"soc_pct": 20}, CLOSED),
            (600, {"soc_pct": 20}, OPEN),
            (700, {"soc_pct": 20, "vehicle_state": "on"}, CLOSED),
        ),
        always=YARD,
    ),
    Story(
        "a gap says nothing: who was low and is low was low",
        rule("low_soc_parked", keep_s=0),
        ((0, {"soc_pct": 20}, CLOSED), (7_200, {"soc_pct": 19}, OPEN)),
        always=YARD,
    ),
    Story(
        "well in between begins it anew",
        rule("low_soc_parked"),
        (
            (0, {"soc_pct": 20}, CLOSED),
            (500, {"soc_pct": 30}, CLOSED),
            (600, {"soc_pct": 20}, CLOSED),
            (1_199, {"soc_pct": 20}, CLOSED),
            (1_200, {"soc_pct": 20}, OPEN),
        ),
        always=YARD,
    ),
)


@pytest.mark.parametrize(**named(STORIES))
def test_a_story(story: Story) -> None:
    told_every_way(story)
