"""When the next step of an escalation is due, and who sees which alerts."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.inbox.escalation.steps import Step, step_at, steps_for
from alerts.inbox.sight import kinds_of, without_places
from alerts.model import Severity
from alerts.rules.kinds import KINDS
from schemas.access import permissions_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STEPS = [
    Step("warning", 60, role="manager"),
    Step("critical", 15, role="ops"),
    Step("critical", 120, login="boss"),
]


@pytest.mark.parametrize(
    ("severity", "minutes"), [("info", []), ("warning", [60]), ("critical", [15, 60, 120])]
)
def test_graver_alerts_take_the_steps_of_lesser_ones(
    severity: Severity, minutes: list[int]
) -> None:
    assert [step.after_min for step in steps_for(STEPS, severity)] == minutes
    since, due = NOON, []
    for done in range(len(minutes)):
        at = step_at(STEPS, severity, done, since=since)
        assert at is not None
        since = at
        due.append(at)
    assert due == [NOON + timedelta(minutes=each) for each in minutes]
    assert step_at(STEPS, severity, len(minutes), since=NOON) is None


def test_the_next_step_counts_from_the_one_before() -> None:
    late = NOON + timedelta(minutes=300)
    assert step_at(STEPS, "critical", 1, since=late) == late + timedelta(minutes=45)


def test_kinds_are_seen_by_their_permission() -> None:
    sales = kinds_of(permissions_of({"sales"}))
    viewer = kinds_of(permissions_of({"viewer"}))
    assert "rent_due" in sales and "rent_due" not in viewer
    assert {"offline", "inspection_due"} <= viewer
    assert kinds_of(permissions_of({"owner"})) == KINDS.keys()
    assert kinds_of(frozenset({"vehicle.read"})) == frozenset()


def test_facts_without_places() -> None:
    facts = {
        "lat": 22.5,
        "to_lon": 114.1,
        "position": [22.5, 114.1],
        "latest": "kept",
        "moved": {"from_lat": 1.0, "distance_m": 250},
    }
    assert without_places(facts) == {"latest": "kept", "moved": {"distance_m": 250}}
