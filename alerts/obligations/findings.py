"""Decides what is told of something that is due: which reminders, how urgent.

The name of a reminder is its occurrence and the day or the step it belongs to, so that each is told
once whatever the rule says in between; what was settled and is due again has a name for each time.
Of very many that are due few cases differ: each is decided once, here, and the database puts it to
all of them. Leaves out what is due (`sources`) and what becomes of it (`alerts/inbox`).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from alerts.model import Clearing, Severity
from alerts.obligations.model import Asked, Case, Decided, Due, NoLonger, Reminder
from alerts.obligations.stages import Ladder, steps_taken

MOST_FIRES: Final = 50
"""Of reminders that were missed, so many are written down: of a daily one the last seven weeks."""
URGENT: Final = {-1.0: "warn", -2.0: "critical"}
CRITICAL: Final = -2.0


def decided(case: Case, rule: Asked) -> Decided:
    """What is told of such a case.

    Of what is due again the last reminder alone.
    """
    ladder = Ladder(rule.offsets_days, rule.every_days, rule.critical_from_days)
    most = 1 if case.again else MOST_FIRES
    days = ladder.crossed(case.told_days_left, case.days_left, most=most)
    steps = rule.steps[case.told_taken : case.taken]
    names = [f"#{left}" for left in days] + [_step_name(rule.kind, step) for step in steps]
    urgent = rule.kind == "idle_care" and CRITICAL in rule.steps[: case.taken]
    grave = urgent or ladder.is_critical(case.days_left)
    return Decided(
        case_no=case.case_no,
        stage=ladder.stage(case.days_left) + case.taken,
        severity="critical" if grave else rule.severity,
        names=tuple(names[-1:] if case.again else names),
        begun_days=days[-1] if days else None,
    )


def clearing_of(gone: NoLonger, *, now: datetime) -> Clearing:
    """That it holds no longer, and why."""
    facts: dict[str, Any] = {"because": gone.because}
    if gone.now_due_on is not None:
        facts["now_due_on"] = gone.now_due_on.isoformat()
    return Clearing(
        organisation_id=gone.organisation_id,
        rule_code=gone.rule_code,
        subject_kind=gone.subject_kind,
        subject_id=gone.subject_id,
        cleared_at=now,
        occurrence=gone.occurrence,
        facts=facts,
    )


def reminders_of(due: Due, from_on: date, until_on: date) -> Iterator[Reminder]:
    """The days in [from_on, until_on] on which one is reminded of it, as its rule stands.

    What has no day, but a step it has reached, is told today.
    """
    if due.due_on is not None and due.days_left is not None:
        then, now = ((due.due_on - day).days for day in (from_on - timedelta(days=1), until_on))
        days = (until_on - from_on).days + 1
        for left in _ladder(due).crossed(then, now, most=days):
            yield _reminder(due, due.due_on - timedelta(days=left), left)
    elif from_on <= due.today <= until_on and _stage(due):
        yield _reminder(due, due.today, None)


def _reminder(due: Due, on: date, days_left: int | None) -> Reminder:
    return Reminder(
        on=on,
        subject_kind=due.subject_kind,
        subject_key=due.subject_key,
        organisation_id=due.organisation_id,
        due_on=due.due_on,
        days_left=days_left,
        stage=_stage(due) if days_left is None else _ladder(due).stage(days_left),
        severity=_severity(due, days_left),
        occurrence=due.occurrence,
    )


def _ladder(due: Due) -> Ladder:
    return Ladder(due.offsets_days, due.every_days, due.critical_from_days)


def _stage(due: Due) -> int:
    return _ladder(due).stage(due.days_left) + steps_taken(due.steps, due.remaining)


def _severity(due: Due, days_left: int | None) -> Severity:
    urgent = due.kind == "idle_care" and due.remaining is not None and due.remaining <= CRITICAL
    return "critical" if urgent or _ladder(due).is_critical(days_left) else due.severity


def _step_name(kind: str, step: float) -> str:
    if kind == "maintenance_due":
        return f"#{step:g}km"
    if kind == "mileage_allowance":
        return f"#{-step:g}pct"
    return f"#{URGENT[step]}" if kind == "idle_care" else ""
