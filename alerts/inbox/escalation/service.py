"""Tells the next person of what nobody has acknowledged, and keeps who that is.

An organisation without an escalation of its own has the nearest one above it. What is put off,
explained by another alert, or acknowledged does not escalate; after a rest the wait for the next
step begins anew. Each step is taken once for a severity, and never two at once; one at which there
is nobody is passed over: the next is due at once.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from alerts.inbox.errors import EscalationStepWrong
from alerts.inbox.escalation import store
from alerts.inbox.escalation.steps import MAX_STEPS, Step, step_at, steps_for, steps_from
from alerts.inbox.escalation.store import Due
from alerts.inbox.history import service as history
from alerts.inbox.history.service import Happened
from alerts.inbox.model import Told
from alerts.inbox.sight import kinds_of
from alerts.model import Severity
from alerts.notify import service as notify
from alerts.rules.service import organisation_of
from kit.errors import VersionChanged
from schemas import audit
from schemas.access import Actor, permissions_of

__all__ = [
    "Escalation",
    "Step",
    "escalate_due",
    "get_escalation",
    "move_on",
    "next_step_at",
    "set_escalation",
]


@dataclass(frozen=True, slots=True)
class Escalation:
    """The steps that hold for an organisation. `set_by`: whose they are; None: there are none.

    `version` is that of the organisation's own, 0 where it has none.
    """

    organisation_code: str
    set_by: str | None
    steps: tuple[Step, ...]
    version: int


def get_escalation(
    conn: Connection[Any], actor: Actor, *, organisation: str | None = None
) -> Escalation:
    """The escalation of an organisation, its own or the one that reaches it.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("alert_rule.read")
    acted = organisation_of(conn, actor, organisation)
    return _reaching(conn, acted.id, acted.code)


def set_escalation(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    version: int,
    steps: Sequence[Step] | None,
    now: datetime,
) -> Escalation:
    """Say who is told next, for an organisation and all below that do not say so themselves.

    No steps: nobody is; None: whoever those above it say. It holds for alerts raised from now on,
    and for their next steps.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        VersionChanged: somebody changed it since `version` was read; 0 where there was none.
        EscalationStepWrong: a step names neither a role nor a person in sight, or both.
    """
    actor.require("alert_rule.change")
    acted = organisation_of(conn, actor, organisation)
    _check(conn, steps or ())
    kept = store.find_own(conn, acted.id)
    was = None if kept is None or kept[2] else kept
    if version != (0 if was is None else was[1]):
        raise _changed(acted.code)
    if was is None and steps is None:
        return _reaching(conn, acted.id, acted.code)
    said = None if steps is None else [asdict(step) for step in steps]
    row = {"organisation_id": acted.id, "tenant_id": acted.tenant_id, "by": actor.name, "now": now}
    row |= {"steps": Jsonb(said or []), "retired": said is None}
    if kept is not None:
        store.update_escalation(conn, row)
    elif not store.insert_escalation(conn, row):
        raise _changed(acted.code)
    audit.record(
        conn,
        actor,
        "alert_escalation.set",
        object_kind="organisation",
        object_key=acted.code,
        now=now,
        before=None if was is None else {"steps": was[0]},
        after={"steps": said},
        organisation_id=acted.tenant_id,
    )
    return _reaching(conn, acted.id, acted.code)


def next_step_at(
    conn: Connection[Any], organisation_id: int, severity: Severity, done: int, *, now: datetime
) -> datetime | None:
    """When somebody else is told of an alert that waits from now on, by who sees the alert."""
    found = store.find_reaching(conn, organisation_id)
    steps = steps_from(found.steps) if found is not None else []
    return step_at(steps, severity, done, since=now)


def move_on(conn: Connection[Any], ids: Sequence[int], *, now: datetime) -> None:
    """The wait for the next step of these alerts begins now: they rested until now.

    Runs where all organisations are in sight, on alerts the caller has locked and changed.
    """
    resting = store.list_resting(conn, ids)
    if not resting:
        return
    rows = []
    for each in resting:
        at = step_at(steps_from(each.steps or ()), each.severity, each.escalation, since=now)
        rows.append({"id": each.id, "escalate_at": at})
    store.mark_moved_on(conn, rows)


def escalate_due(conn: Connection[Any], *, now: datetime) -> int:
    """Take the next step of what nobody acknowledged in time; how many. By the clock.

    Runs where all organisations are in sight; safe to repeat, and beside others that do the same.
    """
    due = store.list_due(conn, now=now)
    taken = [(each, steps_for(steps_from(each.steps or ()), each.severity)) for each in due]
    stepping = [(each, steps) for each, steps in taken if each.escalation < len(steps)]
    people = _people(conn, [(each, steps[each.escalation]) for each, steps in stepping])
    told, happened, passed = [], [], set()
    for place, (each, _) in enumerate(stepping):
        logins = people.get(place, ())
        facts = {"step": each.escalation + 1, "to": list(logins)}
        happened.append(Happened(each.tenant_id, each.organisation_id, each.id, "escalated", facts))
        if logins:
            told.append(_told(each, logins))
        else:
            passed.add(each.id)
    if due:
        rows = [_after(each, steps, now, passed=each.id in passed) for each, steps in taken]
        store.mark_escalated(conn, rows)
    history.write_down(conn, happened, at=now)
    notify.enqueue(conn, told, now=now)
    return len(stepping)


def _after(due: Due, steps: list[Step], now: datetime, *, passed: bool) -> dict[str, Any]:
    """How far it is, and when the step after that is due, counted from the one just taken."""
    done = min(due.escalation + 1, len(steps))
    then = step_at(steps, due.severity, done, since=now)
    if passed and then is not None:
        then = now
    return {"id": due.id, "escalation": done, "escalate_at": then}


def _people(
    conn: Connection[Any], stepping: Sequence[tuple[Due, Step]]
) -> dict[int, tuple[str, ...]]:
    """By place: who is told, of those who see such alerts."""
    if not stepping:
        return {}
    wanted = [
        {
            "place": place,
            "organisation_id": due.organisation_id,
            "tenant_id": due.tenant_id,
            "levels_up": step.levels_up,
            "role": step.role,
            "login": step.login,
        }
        for place, (due, step) in enumerate(stepping)
    ]
    found: dict[int, tuple[str, ...]] = {}
    for place, login, roles in store.list_people(conn, wanted):
        if stepping[place][0].kind in kinds_of(permissions_of(set(roles))):
            found[place] = (*found.get(place, ()), login)
    return found


def _told(due: Due, logins: tuple[str, ...]) -> Told:
    return Told(
        tenant_id=due.tenant_id,
        organisation_id=due.organisation_id,
        alert_id=due.id,
        alert_no=due.alert_no,
        kind=due.kind,
        rule_code=due.rule_code,
        severity=due.severity,
        purpose="escalated",
        occasion=f"escalated:{due.reopened}:{due.severity}:{due.escalation + 1}",
        to_logins=logins,
    )


def _check(conn: Connection[Any], steps: Sequence[Step]) -> None:
    if len(steps) > MAX_STEPS:
        raise EscalationStepWrong(f"at most {MAX_STEPS} steps", at_most=MAX_STEPS)
    for no, step in enumerate(steps, 1):
        if (step.role is None) == (step.login is None):
            raise EscalationStepWrong("a step names a role or a person", step=no)
        if step.login is not None and not store.is_person(conn, step.login):
            raise EscalationStepWrong(f"nobody in sight is {step.login!r}", step=no)


def _changed(code: str) -> VersionChanged:
    return VersionChanged("the escalation was changed", organisation_code=code)


def _shown(conn: Connection[Any], steps: Sequence[Step]) -> list[Step]:
    """The steps without log-ins of people out of sight; they are taken all the same."""
    named = store.list_in_sight(conn, [step.login for step in steps if step.login is not None])
    return [step if step.login in named else replace(step, login=None) for step in steps]


def _reaching(conn: Connection[Any], organisation_id: int, code: str) -> Escalation:
    found = store.find_reaching(conn, organisation_id)
    if found is None:
        return Escalation(code, None, (), 0)
    own = found.organisation_id == organisation_id
    steps = tuple(_shown(conn, steps_from(found.steps)))
    return Escalation(code, found.organisation_code, steps, found.version if own else 0)
