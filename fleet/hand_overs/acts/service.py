"""Hands vehicles out, swaps them and takes them back: what it asks for, and all that follows.

One act is one transaction: the event in the book of the lease, the stage of the vehicle, its
odometer, the record itself, what is proposed to be charged. Of two who hand over one vehicle at the
same moment the constraints of the book let one pass. Leaves out the book (`fleet/leasing`), what
forbids a hand-over by papers and work (`fleet/clearance`), and what is charged (`charging`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.clearance import service as clearance
from fleet.compliance import service as compliance
from fleet.customers import service as customers
from fleet.hand_overs import store
from fleet.hand_overs.charging.service import Return, bill_of, last_out, propose_bill
from fleet.hand_overs.completeness import mark_known
from fleet.hand_overs.errors import SwapInstantsDiffer
from fleet.hand_overs.evidence.service import (
    check_own_then,
    check_written,
    compare,
    look_at_driver,
)
from fleet.hand_overs.model import (
    NewWork,
    Record,
    Warned,
)
from fleet.hand_overs.moving.service import bring_in, let_out
from fleet.hand_overs.writing.service import Act, kept_block, reading_at, write_down
from fleet.leasing import service as leasing
from fleet.periods import check_past
from fleet.registry import service as registry
from schemas.access import Actor


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody hands a vehicle over in spite of what forbids it, and says why."""

    reason: str | None


@dataclass(frozen=True, slots=True)
class Cleared:
    """That a vehicle may go out: by which checklist, with whom, in spite of what."""

    checklist_id: int | None
    driver_id: int | None
    overridden: Sequence[compliance.Block]
    warnings: Sequence[Warned]


def hand_out(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    line_no: int,
    vin: str,
    record: Record,
    starts_on: date | None = None,
    override: Override | None = None,
    now: datetime,
) -> UUID:
    """The key of the hand-over of a vehicle to the lessee, who never had one in this line.

    `starts_on`: the lease begins on that day, with its first vehicle. `override` hands it over in
    spite of what forbids it.

    Raises:
        LeaseNotFound, VehicleNotFound, VehicleNotYours, DriverNotFound: one of them is not there.
        CustomerBlacklisted, CustomerMerged, CustomerErased: who leases shall lease nothing.
        HandOverBlocked, OverrideReasonMissing, PermissionMissing, StepUpRequired: `clearance`.
        HandOverStepsMissing, …, FindingIsFree: the record is not whole (`evidence`).
        VehicleOfAnotherOrganisation, VehicleHeld, VehiclePromised, LineFilled, …: the book of the
            lease does not allow it (`fleet/leasing`).
        StageNotReachable, PeriodEndsBeforeStart, InstantInFuture: not from there, or not then.
    """
    actor.require("hand_over.record")
    at = _instant(record.handed_at, now)
    lease, _book = leasing.lock_lease(conn, lease_no)
    vehicle = _lock_vehicle(conn, actor, vin)
    act = Act(actor, lease, line_no, vehicle, record, "start", at, now)
    cleared = _clear(conn, act, override)
    _book_now, event_no = leasing.hand_out(
        conn,
        actor,
        lease=lease,
        line_no=line_no,
        vehicle=vehicle,
        at=at,
        starts_on=starts_on,
        now=now,
    )
    return _go_out(conn, act, cleared, override, event_no)


def swap(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    line_no: int,
    vin: str,
    back: Record,
    out: Record,
    reason: str,
    work: NewWork | None = None,
    override: Override | None = None,
    now: datetime,
) -> tuple[UUID, UUID]:
    """换车: the keys of the return of the vehicle in the line and of the hand-over of another, at
    the same instant. `work` is what the one that came back goes into.

    Raises:
        SwapInstantsDiffer: the two records name two instants.
        As `hand_out` and `take_back`.
    """
    actor.require("hand_over.record")
    at = _instant(out.handed_at or back.handed_at, now)
    if None not in (out.handed_at, back.handed_at) and out.handed_at != back.handed_at:
        raise SwapInstantsDiffer("the one comes back when the other goes out")
    lease, book = leasing.lock_lease(conn, lease_no)
    vehicle = _lock_vehicle(conn, actor, vin)
    going = Act(actor, lease, line_no, vehicle, out, "swap", at, now)
    cleared = _clear(conn, going, override)
    had = _vehicle_of(conn, actor, book, line_no)
    book, event_no = leasing.swap(
        conn, actor, lease=lease, line_no=line_no, vehicle=vehicle, at=at, reason=reason, now=now
    )
    assert had is not None
    coming = Act(actor, lease, line_no, had, back, "swap", at, now)
    came = _come_back(conn, coming, book, event_no, work=work, final=False)
    return came, _go_out(conn, going, cleared, override, event_no)


def take_back(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    line_no: int,
    record: Record,
    work: NewWork | None = None,
    now: datetime,
) -> UUID:
    """The key of the return of the vehicle in the line: into stock, or into a work order.

    What is proposed to be charged follows from the record.

    Raises:
        LeaseNotFound: there is none in sight.
        LineEmpty, …: no vehicle is out in the line (`fleet/leasing`).
        HandOverStepsMissing, …, FindingIsFree: the record is not whole (`evidence`).
        PeriodEndsBeforeStart, InstantInFuture: not then.
    """
    actor.require("hand_over.record")
    at = _instant(record.handed_at, now)
    lease, book = leasing.lock_lease(conn, lease_no)
    had = _vehicle_of(conn, actor, book, line_no)
    book, event_no = leasing.take_back(conn, actor, lease=lease, line_no=line_no, at=at, now=now)
    assert had is not None
    coming = Act(actor, lease, line_no, had, record, "return", at, now)
    return _come_back(conn, coming, book, event_no, work=work, final=True)


def _instant(wanted: datetime | None, now: datetime) -> datetime:
    check_past(wanted or now, now)
    return wanted or now


def _lock_vehicle(conn: Connection[Any], actor: Actor, vin: str) -> registry.Vehicle:
    """The vehicle as it is once nobody else can hand it out, or hand it to another operator."""
    found = registry.get_held_vehicle(conn, actor, vin=vin)
    leasing.lock_vehicles(conn, [found.id])
    return registry.get_held_vehicle(conn, actor, vin=vin)


def _vehicle_of(
    conn: Connection[Any], actor: Actor, book: leasing.Book, line_no: int
) -> registry.Vehicle | None:
    """The vehicle that is out in the line; None: the book refuses what is asked of it."""
    segment = book.current(line_no)
    vin = None if segment is None else store.find_vin(conn, segment.vehicle_id)
    return None if vin is None else registry.get_held_vehicle(conn, actor, vin=vin)


def _clear(conn: Connection[Any], act: Act, override: Override | None) -> Cleared:
    """Let pass a vehicle that may go out to this lessee with this driver."""
    customers.require_leasable(conn, customer_id=act.lease.customer_id)
    leasing.check_own(act.lease, act.vehicle)
    check_own_then(conn, act.actor, lease=act.lease, vehicle=act.vehicle, at=act.at)
    driver = look_at_driver(
        conn,
        act.actor,
        vehicle=act.vehicle,
        customer_id=act.lease.customer_id,
        record=act.record,
        at=act.at,
        zone=act.lease.zone,
    )
    checklist_id = check_written(
        conn, tenant_id=act.lease.tenant_id, kind="hand_over", record=act.record
    )
    overridden = clearance.check_clear(
        conn,
        act.actor,
        vehicle=act.vehicle,
        extra=driver.blocks,
        override=override is not None,
        reason=None if override is None else override.reason,
        at=act.at,
        now=act.now,
    )
    return Cleared(checklist_id, driver.driver_id, overridden, driver.warnings)


def _go_out(
    conn: Connection[Any], act: Act, cleared: Cleared, override: Override | None, event_no: int
) -> UUID:
    let_out(
        conn,
        act.actor,
        vehicle=act.vehicle,
        lease_no=act.lease.lease_no,
        at=act.at,
        now=act.now,
    )
    compared = compare(
        conn, vehicle=act.vehicle, typed=act.record.typed, at=act.at, zone=act.lease.zone
    )
    more = {
        "driver_id": cleared.driver_id,
        "checklist_id": cleared.checklist_id,
        "told": compared.told,
        "differences": compared.differences,
        "overridden": [kept_block(block) for block in cleared.overridden],
        "override_reason": override.reason if override and cleared.overridden else None,
        "warnings": [*cleared.warnings, *compared.warnings],
        "work_order_no": None,
    }
    return write_down(conn, act, "out", event_no, more, findings=act.record.findings)


def _come_back(
    conn: Connection[Any],
    act: Act,
    book: leasing.Book,
    event_no: int,
    *,
    work: NewWork | None,
    final: bool,
) -> UUID:
    lease, record = act.lease, act.record
    checklist_id = check_written(conn, tenant_id=lease.tenant_id, kind="return", record=record)
    gone = last_out(conn, lease_id=lease.id, line_no=act.line_no, vehicle_id=act.vehicle.id)
    before = [] if gone is None else store.list_findings(conn, gone.id)
    findings = mark_known(record.findings, before)
    work_order_no = bring_in(
        conn,
        act.actor,
        vehicle=act.vehicle,
        lease_no=lease.lease_no,
        work=work,
        at=act.at,
        now=act.now,
    )
    compared = compare(conn, vehicle=act.vehicle, typed=record.typed, at=act.at, zone=lease.zone)
    came = Return(
        lease=lease,
        book=book,
        line_no=act.line_no,
        vehicle=act.vehicle,
        at=act.at,
        gone=gone,
        odometer=reading_at(act, compared, "odometer_km"),
        soc=reading_at(act, compared, "soc_pct"),
        findings=findings,
        final=final,
    )
    bill = bill_of(conn, act.actor, came)
    more = {
        "driver_id": None,
        "checklist_id": checklist_id,
        "told": compared.told,
        "differences": compared.differences,
        "overridden": [],
        "override_reason": None,
        "warnings": [*compared.warnings, *bill.warnings],
        "work_order_no": work_order_no,
    }
    key = write_down(conn, act, "back", event_no, more, findings=findings)
    propose_bill(conn, act.actor, came, bill, key=key, now=act.now)
    return key
