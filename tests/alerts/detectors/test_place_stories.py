"""Places a vehicle must not be in, or must not leave, told as stories."""

import pytest

from alerts.detectors.binding import bind
from alerts.geofences.model import Circle, Polygon

from .watching import (
    CLOSED,
    OPEN,
    ORGANISATION,
    Story,
    Watch,
    named,
    rule,
    told_every_way,
    vehicles,
)

YARD = Circle(lat=22.5, lon=114.0, radius_m=1_000)
SQUARE = Polygon(((22.4, 113.9), (22.6, 113.9), (22.6, 114.1), (22.4, 114.1)))
HORSESHOE = Polygon(
    ((0.0, 0.0), (0.0, 3.0), (3.0, 3.0), (3.0, 2.0), (1.0, 2.0), (1.0, 1.0), (3.0, 1.0), (3.0, 0.0))
)
STORIES = (
    Story(
        "it leaves the yard and comes back",
        rule("geofence", when="outside", keep_s=0, shape=YARD),
        (
            (0, {"lat": 22.5, "lon": 114.0}, CLOSED),
            (10, {"lat": 22.5089, "lon": 114.0}, CLOSED),  # 990 m
            (20, {"lat": 22.5091, "lon": 114.0}, OPEN),  # 1,012 m
            (30, {"lat": 22.5, "lon": 114.0097}, CLOSED),  # 997 m
            (40, {"lat": 22.5, "lon": 114.0098}, OPEN),  # 1,007 m
        ),
    ),
    Story(
        "without a sure place nothing is known",
        rule("geofence", when="outside", keep_s=0, shape=YARD),
        (
            (0, {"lat": 23.0, "lon": 114.0, "fix": False}, CLOSED),
            (10, {}, CLOSED),
            (20, {"lat": 0.0, "lon": 0.0}, CLOSED),
            (30, {"lat": 23.0, "lon": 114.0}, OPEN),
            (40, {"lat": 22.5, "lon": 114.0, "fix": False}, OPEN),
            (50, {"lat": 22.5, "lon": 114.0, "fix": True}, CLOSED),
        ),
    ),
    Story(
        "it enters a square for longer than a minute",
        rule("geofence", when="inside", for_s=60, keep_s=60, shape=SQUARE),
        (
            (0, {"lat": 22.39, "lon": 114.0}, CLOSED),
            (10, {"lat": 22.41, "lon": 114.0}, CLOSED),
            (20, {"lat": 22.5, "lon": 114.11}, CLOSED),  # it cut a corner
            (30, {"lat": 22.5, "lon": 114.0}, CLOSED),
            (90, {"lat": 22.5, "lon": 114.0}, OPEN),
            (100, {"lat": 22.61, "lon": 114.0}, OPEN),
            (130, {"lat": 22.59, "lon": 114.0}, OPEN),
            (140, {"lat": 22.61, "lon": 114.0}, OPEN),
            (200, {"lat": 22.61, "lon": 114.0}, CLOSED),
        ),
    ),
    Story(
        "between the arms of a horseshoe is outside",
        rule("geofence", when="inside", keep_s=0, shape=HORSESHOE),
        (
            (0, {"lat": 2.0, "lon": 1.5}, CLOSED),
            (10, {"lat": 2.0, "lon": 0.5}, OPEN),
            (20, {"lat": 2.0, "lon": 1.5}, CLOSED),
            (30, {"lat": 2.0, "lon": 2.5}, OPEN),
        ),
    ),
)


@pytest.mark.parametrize(**named(STORIES))
def test_a_story(story: Story) -> None:
    told_every_way(story)


def test_many_places_at_once_each_for_its_own() -> None:
    """Circles and polygons, of two organisations, and a rule that has lost its place."""
    rules = [
        rule("geofence", code="yard", shape=YARD),
        rule("geofence", code="square", shape=SQUARE),
        rule("geofence", code="lost", shape=None),
        rule("geofence", code="theirs", when="inside", shape=YARD, organisation_id=8),
    ]
    theirs = {"vehicle_id": 2, "organisation_id": 8}
    watch = Watch(bind(rules, vehicles({}, theirs)))
    here, away = {"lat": 22.5, "lon": 114.0}, {"lat": 22.55, "lon": 114.0}
    watch.judge({"at": 0, **away}, {"at": 0, **theirs, **here})
    found = {(event["code"], event["vehicle_id"]) for event in watch.said}
    assert found == {("yard", 1), ("theirs", 2)}
    facts = {"lat": 22.55, "lon": 114.0, "geofence": "", "when": "outside"}
    assert {event["organisation_id"] for event in watch.said} == {ORGANISATION, 8}
    assert facts in [watch.facts(number) for number in range(2)]
