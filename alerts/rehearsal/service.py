"""Tries a rule on the past: how often it would have fired, on which vehicles, for how long.

Decides who may ask, how much is read, and what is said of what was not looked at. As the engine
would have found it live, save that samples which came late stand in their place, and that the rule
holds for all below its organisation, whatever is set there. Leaves out judging (`judging.py`) and
checking the draft (`alerts/rules`).
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import polars as pl
from psycopg import Connection

from alerts.engine.findings import to_us
from alerts.expressions.service import compile_expression
from alerts.inbox import service as inbox
from alerts.inbox.sight import facts_for
from alerts.model import Finding, Links, Subject
from alerts.obligations.service import due_between
from alerts.rehearsal import store
from alerts.rehearsal.errors import RehearsalNotRecorded, RehearsalTooLong
from alerts.rehearsal.model import (
    MOST_DAYS,
    MOST_SHOWN,
    Firing,
    Limits,
    LookedAt,
    OfVehicle,
    Rehearsal,
)
from alerts.rehearsal.running.service import Run
from alerts.rules.model import Rule, RuleDraft
from schemas.access import Actor
from schemas.audit import record as write_down

__all__ = [
    "Firing",
    "Limits",
    "LookedAt",
    "OfVehicle",
    "Rehearsal",
    "RehearsalNotRecorded",
    "RehearsalTooLong",
    "rehearse",
]

_PLACES: Final = frozenset({"lat", "lon", "previous.lat", "previous.lon"})
_AS_USUAL: Final = Limits()


def rehearse(
    conn: Connection[Any],
    actor: Actor,
    draft: RuleDraft,
    *,
    days: int,
    now: datetime,
    record: bool = False,
    limits: Limits = _AS_USUAL,
) -> Rehearsal:
    """What the draft would have found in the last `days`; of reminders, those of as many to come.

    With `record`, what telemetry showed and is over goes into the inbox as history.

    Raises:
        PermissionMissing: trying takes alert_rule.try and the verb of the kind; where its answer
            tells of places, location.read; recording, alert_rule.change.
        RehearsalTooLong: more days than are looked at, or none.
        RehearsalNotRecorded: reminders are not history.
        ExpressionInvalid: the expression of a custom rule cannot be read.
    """
    actor.require("alert_rule.try")
    actor.require(draft.kind.verb)
    if _tells_places(draft):
        actor.require("location.read")
    if record:
        actor.require("alert_rule.change")
    if not 1 <= days <= MOST_DAYS:
        raise RehearsalTooLong(f"1 to {MOST_DAYS} days, not {days}", days=days, most=MOST_DAYS)
    if draft.kind.source == "obligation":
        if record:
            raise RehearsalNotRecorded("reminders are told when they are due", kind=draft.kind.name)
        found = _reminders(conn, draft, days=days, now=now)
    else:
        found = _telemetry(conn, draft, days=days, now=now, record=record, limits=limits)
        found = replace(found, firings=tuple(_shown(actor, each) for each in found.firings))
    write_down(
        conn,
        actor,
        "alert_rule.try",
        object_kind="alert_rule",
        object_key=f"{draft.acted.code}/{draft.code}",
        now=now,
        after={
            "days": days,
            "count": found.count,
            "recorded": found.recorded,
            **draft.content(),
        },
        organisation_id=draft.acted.tenant_id,
    )
    return found


def _tells_places(draft: RuleDraft) -> bool:
    """Whether trying rules until they fire would tell where a vehicle is."""
    if draft.kind.name != "custom":
        return draft.kind.name == "geofence"
    asked = draft.parameters
    texts = (asked.expression, asked.clear)
    return any(compile_expression(text).fields & _PLACES for text in texts if text is not None)


def _reminders(conn: Connection[Any], draft: RuleDraft, *, days: int, now: datetime) -> Rehearsal:
    organisations = store.read_organisations(conn, draft.acted.id)
    own = organisations.filter(pl.col("organisation_id") == draft.acted.id)
    today = now.astimezone(ZoneInfo(own["time_zone"][0])).date()
    until_on = today + timedelta(days=days - 1)
    rule = Rule(
        organisation_id=draft.acted.id,
        set_by=draft.acted.code,
        code=draft.code,
        kind=draft.kind,
        name=draft.name,
        enabled=True,
        severity=draft.severity,
        parameters=draft.parameters,
        scope=draft.scope,
        version=None,
    )
    members = _members(conn, draft, organisations, now) if draft.scope.groups else None
    found = due_between(conn, rule, from_on=today, until_on=until_on, members=members, now=now)
    per_day = Counter(reminder.on for reminder in found)
    return Rehearsal(
        kind=draft.kind.name,
        from_at=now,
        until_at=now + timedelta(days=days),
        count=len(found),
        reminders=tuple(found[:MOST_SHOWN]),
        per_day=dict(sorted(per_day.items())),
    )


def _members(
    conn: Connection[Any], draft: RuleDraft, organisations: pl.DataFrame, now: datetime
) -> frozenset[int]:
    ids = organisations["organisation_id"].to_list()
    soon = now + timedelta(seconds=1)
    members = store.read_members(conn, ids, draft.scope.groups, from_at=now, until_at=soon)
    return frozenset().union(*members.values())


def _telemetry(
    conn: Connection[Any],
    draft: RuleDraft,
    *,
    days: int,
    now: datetime,
    record: bool,
    limits: Limits,
) -> Rehearsal:
    from_at = now - timedelta(days=days)
    run = Run(conn, draft, from_at=from_at, until_at=now, limits=limits)
    run.go()
    tally = run.tally
    firings = sorted(tally.firings.values(), key=lambda each: (each.raised_at, each.vin))
    of_vehicles = tally.of_vehicles()
    return Rehearsal(
        kind=draft.kind.name,
        from_at=run.from_at,
        until_at=now,
        count=tally.counts.total(),
        alarm_s=sum(each.alarm_s for each in of_vehicles),
        firings=tuple(firings[:MOST_SHOWN]),
        of_vehicles=of_vehicles,
        vehicles=len(run.vehicles),
        samples=run.samples,
        cut=run.cut,
        looked_at=tuple(run.looked_at),
        faults=tuple(sorted(run.faults)),
        recorded=_record(conn, draft, firings, run.tenants, now) if record else None,
    )


def _record(
    conn: Connection[Any],
    draft: RuleDraft,
    firings: list[Firing],
    tenants: dict[int, int],
    now: datetime,
) -> int:
    """Tell the inbox what was and is over, as history; what was told before is there already."""
    findings = [
        Finding(
            tenant_id=tenants[each.vehicle_id],
            organisation_id=each.organisation_id,
            rule_code=draft.code,
            kind=draft.kind.name,
            rule_version=None,
            severity=draft.severity,
            subject=Subject("vehicle", each.vehicle_id, each.vin),
            occurrence=str(to_us(each.raised_at)),
            raised_at=each.raised_at,
            facts={"value": each.value, **_told(each)},
            links=Links(vehicle_id=each.vehicle_id),
            historical=True,
            cleared_at=each.cleared_at,
        )
        for each in firings
        if each.cleared_at is not None
    ]
    return inbox.apply(conn, findings, [], now=now).raised


def _shown(actor: Actor, firing: Firing) -> Firing:
    """Without what this actor may not know: as the inbox shows it."""
    if firing.facts is None:
        return firing
    return replace(firing, facts=msgspec.json.encode(facts_for(actor, _told(firing))).decode())


def _told(firing: Firing) -> dict[str, Any]:
    told: dict[str, Any] = {} if firing.facts is None else msgspec.json.decode(firing.facts)
    return told
