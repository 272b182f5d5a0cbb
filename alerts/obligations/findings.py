"""Decides what is told of something that is due: which reminders, how urgent, since when.

The name of a reminder is its occurrence and the day or the step it belongs to, so that each is told
once whatever the rule says in between; what was settled and is due again has a name for each time.
Leaves out what is due (`queries.sql`) and what becomes of it (`alerts/inbox`).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from alerts.model import Clearing, Finding, Links, Severity, Subject
from alerts.obligations.model import Due, NoLonger, Reminder
from alerts.obligations.stages import Ladder, steps_taken

MOST_FIRES: Final = 50
"""Of reminders that were missed, so many are written down: of a daily one the last seven weeks."""
URGENT: Final = {-1.0: "warn", -2.0: "critical"}
CRITICAL: Final = -2.0


def finding_of(due: Due, *, now: datetime) -> Finding:
    """What is told of it now."""
    days = _days(due)
    return Finding(
        tenant_id=due.tenant_id,
        organisation_id=due.organisation_id,
        rule_code=due.code,
        kind=due.kind,
        rule_version=due.version,
        severity=_severity(due, due.days_left),
        subject=Subject(due.subject_kind, due.subject_id, due.subject_key),
        occurrence=due.occurrence,
        raised_at=_raised_at(due, days, now),
        facts=_facts(due),
        links=Links(
            vehicle_id=due.vehicle_id,
            lease_id=due.lease_id,
            bill_id=due.bill_id,
            customer_id=due.customer_id,
            contract_id=due.contract_id,
            work_order_id=due.work_order_id,
        ),
        fire_keys=_fire_keys(due, days),
        due_on=None if due.facts.get("missing") else due.due_on,
        stage=_stage(due),
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


def _days(due: Due) -> list[int]:
    """How many days were left at each reminder that was not told; of what is due again the last."""
    most = 1 if due.again else MOST_FIRES
    return _ladder(due).crossed(due.told_days_left, due.days_left, most=most)


def _stage(due: Due) -> int:
    return _ladder(due).stage(due.days_left) + steps_taken(due.steps, due.remaining)


def _severity(due: Due, days_left: int | None) -> Severity:
    urgent = due.kind == "idle_care" and due.remaining is not None and due.remaining <= CRITICAL
    return "critical" if urgent or _ladder(due).is_critical(days_left) else due.severity


def _fire_keys(due: Due, days: list[int]) -> tuple[str, ...]:
    told = steps_taken(due.steps, due.told_remaining)
    steps = due.steps[told : steps_taken(due.steps, due.remaining)]
    names = [f"#{left}" for left in days] + [_step_name(due.kind, step) for step in steps]
    if due.again:
        return (f"{due.occurrence}{names[-1]}@{due.again}",)
    return tuple(due.occurrence + name for name in names)


def _step_name(kind: str, step: float) -> str:
    if kind == "maintenance_due":
        return f"#{step:g}km"
    if kind == "mileage_allowance":
        return f"#{-step:g}pct"
    return f"#{URGENT[step]}" if kind == "idle_care" else ""


def _raised_at(due: Due, days: list[int], now: datetime) -> datetime:
    """When it came to be so by the calendar; what is due again, or due by use, is so now."""
    if due.again:
        return now
    if due.since_at is not None:
        return min(due.since_at, now)
    if not days or due.due_on is None:
        return now
    begun_on = due.due_on - timedelta(days=days[-1])
    return min(datetime.combine(begun_on, time(), ZoneInfo(due.zone)).astimezone(UTC), now)


def _facts(due: Due) -> dict[str, Any]:
    facts = dict(due.facts)
    if facts.get("missing") and due.due_on is not None:
        facts["missing_since_on"] = (due.due_on + timedelta(days=1)).isoformat()
    elif due.due_on is not None:
        facts |= {"due_on": due.due_on.isoformat(), "days_left": due.days_left}
    told = {"days_left": due.days_left, "remaining": due.remaining}
    return facts | {
        "stage": _stage(due),
        "told": {name: figure for name, figure in told.items() if figure is not None},
    }
