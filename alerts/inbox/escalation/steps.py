"""Decides which step of an escalation comes next, and when.

A step is for alerts of its severity and graver ones. Steps are taken in the order of their time
since the alert was raised, each once; those done are counted. The time between two is kept, also
when the first of them was late. Leaves out who then has the role.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from alerts.model import SEVERITIES, Severity
from schemas.access import Role

MAX_STEPS: Final = 10
MAX_AFTER_MIN: Final = 7 * 24 * 60
MAX_LEVELS_UP: Final = 9


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told after so many minutes: those with a role, so many levels up, or one log-in."""

    severity: Severity
    after_min: int
    role: Role | None = None
    levels_up: int = 0
    login: str | None = None


def steps_for(steps: Sequence[Step], severity: Severity) -> list[Step]:
    """The steps that an alert of this severity takes, in their order.

    >>> early, late = Step("warning", 60, "manager"), Step("critical", 15, "ops")
    >>> steps_for([early, late], "critical") == [late, early]
    True
    >>> steps_for([early, late], "warning") == [early]
    True
    """
    grave = SEVERITIES.index(severity)
    taken = [step for step in steps if SEVERITIES.index(step.severity) <= grave]
    return sorted(taken, key=lambda step: step.after_min)


def step_at(
    steps: Sequence[Step], severity: Severity, done: int, *, since: datetime
) -> datetime | None:
    """When the step after those done is due; None where there is no further one.

    `since`: when the last of those done was taken, or the alert was raised.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> step_at([Step("info", 15, "ops")], "info", 0, since=noon).isoformat()
    '2026-11-22T12:15:00+00:00'
    """
    taken = steps_for(steps, severity)
    if done >= len(taken):
        return None
    before_min = taken[done - 1].after_min if done else 0
    return since + timedelta(minutes=taken[done].after_min - before_min)


def steps_from(stored: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Steps as the database keeps them."""
    return [Step(**step) for step in stored]
