"""What moves, told as stories: when, what it says, and whether the alert is open after it."""

from typing import Final

import pytest

from alerts.detectors.binding import bind

from .watching import (
    AWAY,
    CLOSED,
    FAR,
    HERE,
    NEAR,
    OPEN,
    Story,
    Watch,
    named,
    rule,
    told_every_way,
    vehicles,
)

H: Final = 3_600

STORIES = (
    Story(
        "too fast for twenty seconds",
        rule("over_speed", keep_s=60),
        (
            (0, {"speed_kmh": 95}, CLOSED),
            (10, {"speed_kmh": 100}, CLOSED),
            (20, {"speed_kmh": 91}, OPEN),
            (30, {"speed_kmh": 84}, OPEN),
            (60, {"speed_kmh": 90}, OPEN),
            (70, {"speed_kmh": 60}, OPEN),
            (130, {"speed_kmh": 60}, CLOSED),
        ),
    ),
    Story(
        "too fast before and after a gap is not too fast all the while",
        rule("over_speed"),
        (
            (0, {"speed_kmh": 95}, CLOSED),
            (601, {"speed_kmh": 95}, CLOSED),
            (621, {"speed_kmh": 95}, OPEN),
        ),
    ),
    Story(
        "what must go on for an hour may be heard of twice in it",
        rule("over_speed", for_s=3_600),
        (
            (0, {"speed_kmh": 95}, CLOSED),
            (1_800, {"speed_kmh": 95}, CLOSED),
            (3_600, {"speed_kmh": 95}, OPEN),
        ),
    ),
    Story(
        "what nobody leases drives off",
        rule("moved_without_lease", for_s=60, keep_s=0),
        (
            (0, {**HERE, "speed_kmh": 0}, CLOSED),
            (10, {**HERE, "speed_kmh": 5}, CLOSED),
            (69, {**HERE, "speed_kmh": 9}, CLOSED),
            (70, {**HERE, "speed_kmh": 9}, OPEN),
            (80, {**HERE, "speed_kmh": None, "fix": False}, OPEN),
            (90, {**HERE, "speed_kmh": 0}, CLOSED),
        ),
    ),
    Story(
        "a leased vehicle may move",
        rule("moved_without_lease", for_s=0),
        ((0, {"speed_kmh": 60}, CLOSED), (10, {"speed_kmh": 60}, CLOSED)),
        van={"lease_id": 5},
    ),
    Story(
        "without a speed, it has moved when it is somewhere else",
        rule("moved_without_lease", for_s=60, keep_s=0),
        (
            (0, HERE, CLOSED),
            (300, NEAR, CLOSED),  # within what a receiver errs by
            (1_800, AWAY, OPEN),  # it went off while nothing was heard
            (2_000, AWAY, OPEN),  # of the same five minutes
            (2_200, AWAY, CLOSED),  # and stands there since
        ),
    ),
    Story(
        "a stray fix among many is not a move",
        rule("moved_without_lease", for_s=60, keep_s=0),
        (
            (280, HERE, CLOSED),
            (290, HERE, CLOSED),
            (300, AWAY, CLOSED),
            (310, HERE, CLOSED),
            (600, HERE, CLOSED),
            (660, HERE, CLOSED),
            (900, HERE, CLOSED),
        ),
        always={"speed_kmh": 0},
    ),
    Story(
        "zero degrees of both are no place",
        rule("moved_without_lease", for_s=0, keep_s=0),
        (
            (0, HERE, CLOSED),
            (300, {"lat": 0.0, "lon": 0.0}, CLOSED),
            (600, {"lat": 22.51, "lon": None}, CLOSED),
            (900, {**AWAY, "fix": False}, CLOSED),
            (1_200, AWAY, OPEN),
        ),
    ),
    Story(
        "a distance of 0 is not looked at",
        rule("moved_without_lease", for_s=0, distance_m=0),
        ((0, HERE, CLOSED), (1_800, AWAY, CLOSED), (3_600, FAR, CLOSED)),
    ),
    Story(
        "it moves at night",
        rule("moved_at_night", from_hour=23, until_hour=5, for_s=0, keep_s=0),
        (
            (22 * H - 1, {"speed_kmh": 30}, CLOSED),
            (23 * H - 1, {"speed_kmh": 30}, CLOSED),
            (23 * H, {"speed_kmh": 30}, OPEN),
            (24 * H + 1, {"speed_kmh": 30}, OPEN),
            (29 * H - 1, {"speed_kmh": 30}, OPEN),
            (29 * H, {"speed_kmh": 30}, CLOSED),  # day is cleared, however fast it goes
            (47 * H, {"speed_kmh": 4}, CLOSED),
            (48 * H, {"speed_kmh": 5}, OPEN),
            (49 * H, {"speed_kmh": None}, OPEN),
            (50 * H, {"speed_kmh": 0}, CLOSED),
        ),
    ),
    Story(
        "night is by the clock of the organisation",
        rule("moved_at_night", from_hour=0, until_hour=5, for_s=0, keep_s=0),
        (
            (15 * H, {"speed_kmh": 30}, CLOSED),
            (16 * H, {"speed_kmh": 30}, OPEN),  # midnight in Shanghai
            (21 * H, {"speed_kmh": 30}, CLOSED),
        ),
        van={"utc_offset_s": 8 * H},
    ),
    Story(
        "from an hour to the same is the whole day",
        rule("moved_at_night", from_hour=3, until_hour=3, for_s=0, keep_s=0),
        ((3 * H, {"speed_kmh": 30}, OPEN), (14 * H, {"speed_kmh": 30}, OPEN)),
    ),
    Story(
        "who arrived before the night stands in it",
        rule("moved_at_night", from_hour=1, until_hour=5, for_s=0, keep_s=0),
        (
            (H - 300, {**HERE, "speed_kmh": 40}, CLOSED),
            (H - 1, {**AWAY, "speed_kmh": 0}, CLOSED),
            (H, {**AWAY, "speed_kmh": 0}, CLOSED),
            (H + 300, {**AWAY, "speed_kmh": 0}, CLOSED),
        ),
    ),
    Story(
        "switched off, and it moves",
        rule("towed", speed_kmh=8, for_s=30, keep_s=0),
        (
            (0, {**HERE, "vehicle_state": "on", "speed_kmh": 30}, CLOSED),
            (10, {**HERE, "vehicle_state": "off", "speed_kmh": 0}, CLOSED),
            (20, {**HERE, "speed_kmh": 12}, CLOSED),  # off, as last told
            (50, {**HERE, "speed_kmh": 12}, OPEN),
            (60, {**HERE, "speed_kmh": 12, "fix": False}, OPEN),  # a guess says nothing
            (70, {**HERE, "speed_kmh": 0}, CLOSED),
        ),
    ),
    Story(
        "a guess of the receiver does not raise it",
        rule("towed", for_s=0),
        ((0, {"vehicle_state": "off", "speed_kmh": 40, "fix": False, **HERE}, CLOSED),),
    ),
    Story(
        "who parks has not been towed to where it stands",
        rule("towed", for_s=0),
        (
            (0, {**HERE, "vehicle_state": "off", "speed_kmh": 0}, CLOSED),
            (200, {**HERE, "vehicle_state": "on", "speed_kmh": 50}, CLOSED),
            (400, {**AWAY, "vehicle_state": "off", "speed_kmh": 0}, CLOSED),
            (500, {**AWAY, "speed_kmh": 0}, CLOSED),
            (700, {**AWAY, "speed_kmh": 0}, CLOSED),
        ),
    ),
    Story(
        "off, silent, and somewhere else",
        rule("towed", for_s=30, keep_s=0),
        (
            (0, {**HERE, "vehicle_state": "off"}, CLOSED),
            (300, HERE, CLOSED),
            (7_200, FAR, OPEN),
            (7_300, {"vehicle_state": "on"}, CLOSED),
        ),
    ),
)


@pytest.mark.parametrize(**named(STORIES))
def test_a_story(story: Story) -> None:
    told_every_way(story)


def test_who_drove_it_here_and_gave_it_back_did_not_steal_it() -> None:
    """The vehicle stands where its lease ended; only what it does from then on counts."""
    moved = rule("moved_without_lease", for_s=0, keep_s=0)
    watch = Watch.of(moved, van={"lease_id": 5})
    watch.judge({"at": 0, **HERE, "speed_kmh": 0}, {"at": 300, **AWAY, "speed_kmh": 40})
    watch.binding = bind([moved], vehicles())
    watch.judge({"at": 400, **FAR, "speed_kmh": 0}, {"at": 700, **FAR, "speed_kmh": 0})
    assert watch.said == []
    watch.judge({"at": 1_000, **HERE, "speed_kmh": 0})
    assert watch.in_short() == [("raise", 1_000, 700)]
    assert (watch.facts()["moved_m"], watch.facts()["lat"]) == (2_224, 22.5)
