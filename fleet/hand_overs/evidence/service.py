"""Gathers what speaks for and against a hand-over: its checklist, what the vehicle said at that
minute, the driver's licence, whose the vehicle was, what warns.

Leaves out what forbids it by the vehicle's papers and work (`fleet/clearance`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from psycopg import Connection

from fleet.checklists import service as checklists
from fleet.compliance import service as compliance
from fleet.customers import service as customers
from fleet.hand_overs.completeness import check_findings, check_steps
from fleet.hand_overs.differences import Difference, Readings, Told, differences_of
from fleet.hand_overs.driving import RULE, Shown, Want, what_wants
from fleet.hand_overs.errors import HandOverChecklistNotChosen
from fleet.hand_overs.model import Record, StepAsked, Warned
from fleet.lease_figures import HandOverTolerance
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from fleet.registry import service as registry
from fleet.usage import service as usage
from schemas.access import Actor

NO_TELEMETRY = Warned(
    "no_telemetry",
    "The vehicle said nothing around that minute: what was typed is not compared.",
    "该时间前后没有车辆上报数据，录入读数未经比对。",
)
NO_CONSENT = Warned(
    "location_consent_missing",
    "No consent to the processing of its location is on record (PIPL §29).",
    "未登记承租人对位置信息处理的单独同意（个人信息保护法 §29）。",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What the vehicle said at that minute, and where what was typed differs from it."""

    told: Told | None
    differences: list[Difference]
    warnings: list[Warned]


@dataclass(frozen=True, slots=True)
class Driver:
    """Who takes the vehicle, what forbids them to drive it, what warns."""

    driver_id: int | None
    blocks: list[compliance.Block]
    warnings: list[Warned]


def check_written(
    conn: Connection[Any], *, tenant_id: int, kind: Literal["hand_over", "return"], record: Record
) -> int | None:
    """The id of the edition of the checklist that the record answers; None: the tenant has none.

    Raises:
        ChecklistUnknown, HandOverChecklistNotChosen: there is no such checklist, or several.
        HandOverStepsMissing, HandOverStepUnknown, HandOverFaultNotDescribed: not all answered.
        FindingIsFree: what is never charged is to cost something.
    """
    checklist = _checklist(conn, tenant_id=tenant_id, kind=kind, code=record.checklist)
    steps = [] if checklist is None else checklist.steps
    check_steps([StepAsked(step.no, step.text, step.photo) for step in steps], record.checks)
    check_findings(record.findings)
    return None if checklist is None else checklist.id


def _checklist(
    conn: Connection[Any], *, tenant_id: int, kind: Literal["hand_over", "return"], code: str | None
) -> checklists.Checklist | None:
    if code is not None:
        return checklists.latest_for(conn, tenant_id=tenant_id, code=code, kind=kind)
    found = checklists.latest_of_kind(conn, tenant_id=tenant_id, kind=kind)
    if len(found) > 1:
        codes = [each.code for each in found]
        raise HandOverChecklistNotChosen(f"say which of {', '.join(codes)}", checklists=codes)
    return found[0] if found else None


def compare(
    conn: Connection[Any], *, vehicle: registry.Vehicle, typed: Readings, at: datetime, zone: str
) -> Compared:
    """What was typed beside what the vehicle said nearest to `at`."""
    tolerance = parameters.figures(
        conn, HandOverTolerance, tenant_id=vehicle.tenant_id, on=local_day(at, zone)
    )
    within = timedelta(minutes=tolerance.within_minutes)
    near = usage.reading_near(conn, vehicle_id=vehicle.id, at=at, within=within)
    if near is None:
        return Compared(None, [], [NO_TELEMETRY])
    readings = Readings(_exact(near.odometer_km), _exact(near.soc_pct), near.lat, near.lon)
    return Compared(Told(near.ts, readings), differences_of(typed, readings, tolerance), [])


def _exact(told: float | None) -> Decimal | None:
    return None if told is None else round(Decimal(str(told)), 1)


def look_at_driver(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    customer_id: int,
    record: Record,
    at: datetime,
    zone: str,
) -> Driver:
    """Whether the driver may drive the vehicle, and what else warns: insurance, consent.

    Raises:
        DriverNotFound: the customer has no such driver.
    """
    papers = compliance.vehicle_papers(conn, actor, vehicle=vehicle, now=at)
    found = None
    if record.driver is not None:
        found = customers.get_driver(conn, customer_id=customer_id, key=record.driver)
    shown = None if found is None else Shown(found.classes, found.valid_to_on)
    vehicle_type = None if papers.licence is None else papers.licence.vehicle_type
    wants = what_wants(shown, vehicle_type, on=local_day(at, zone))
    warnings = [Warned(each.kind, each.message_en, each.message_zh) for each in papers.warnings]
    warnings += [
        Warned("driving_class_unknown", each.message_en, each.message_zh)
        for each in wants
        if not each.forbids
    ]
    if not customers.has_consent(conn, customer_id=customer_id, kind="location", at=at):
        warnings.append(NO_CONSENT)
    return Driver(None if found is None else found.id, _blocks(wants), warnings)


def check_own_then(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease: leasing.Lease,
    vehicle: registry.Vehicle,
    at: datetime,
) -> None:
    """Let pass a vehicle that its organisation had already when it was handed out.

    Raises:
        VehicleOfAnotherOrganisation: it came later.
    """
    periods = registry.list_operator_periods(conn, actor, vin=vehicle.vin)
    since = next((each.from_at for each in periods if each.until_at is None), None)
    if since is not None and at < since:
        raise leasing.VehicleOfAnotherOrganisation(
            f"{vehicle.vin} is with {lease.organisation_code} since {since.isoformat()}",
            vin=vehicle.vin,
            since_at=since.isoformat(),
        )


def _blocks(wants: Sequence[Want]) -> list[compliance.Block]:
    return [
        compliance.Block(
            kind="driving_licence",
            rule=RULE,
            paper="driving_licence",
            since_on=each.since_on,
            message_en=each.message_en,
            message_zh=each.message_zh,
        )
        for each in wants
        if each.forbids
    ]
