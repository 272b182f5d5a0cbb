"""Writes down a hand-over: the record, the reading of the odometer, the entry in the trail.

Leaves out everything that has to be so before (`acts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.compliance import service as compliance
from fleet.hand_overs import store
from fleet.hand_overs.evidence.service import Compared
from fleet.hand_overs.model import Direction, Finding, Occasion, Record
from fleet.hand_overs.moving.service import note_odometer
from fleet.hand_overs.proposals import Reading
from fleet.leasing import service as leasing
from fleet.registry import service as registry
from schemas.access import Actor


@dataclass(frozen=True, slots=True)
class Act:
    """What one hand-over is about: who writes down what of which vehicle, when."""

    actor: Actor
    lease: leasing.Lease
    line_no: int
    vehicle: registry.Vehicle
    record: Record
    occasion: Occasion
    at: datetime
    now: datetime


def reading_at(
    act: Act, compared: Compared, what: Literal["odometer_km", "soc_pct"]
) -> Reading | None:
    """What people read, else what the vehicle said around that minute."""
    typed: Decimal | None = getattr(act.record, what)
    if typed is not None:
        return Reading(act.at, typed, "hand")
    told = compared.told
    said: Decimal | None = None if told is None else getattr(told.readings, what)
    return None if told is None or said is None else Reading(told.at, said, "telemetry")


def write_down(
    conn: Connection[Any],
    act: Act,
    direction: Direction,
    event_no: int,
    more: Mapping[str, Any],
    *,
    findings: Sequence[Finding],
) -> UUID:
    """The record itself, the reading of the odometer, and the entry in the trail."""
    lease, record = act.lease, act.record
    row = {
        "tenant_id": lease.tenant_id,
        "organisation_id": lease.organisation_id,
        "lease_id": lease.id,
        "line_no": act.line_no,
        "event_no": event_no,
        "vehicle_id": act.vehicle.id,
        "direction": direction,
        "occasion": act.occasion,
        "handed_at": act.at,
        "odometer_km": record.odometer_km,
        "soc_pct": record.soc_pct,
        "lat": record.lat,
        "lon": record.lon,
        "place": record.place,
        "received_by": record.received_by,
        "remarks": record.remarks,
        "recorded_by": act.actor.name,
        "recorded_at": act.now,
    }
    key = store.insert_hand_over(conn, {**row, **more}, checks=record.checks, findings=findings)
    note_odometer(conn, act.actor, vehicle=act.vehicle, odometer_km=record.odometer_km, at=act.at)
    audit.record(
        conn,
        act.actor,
        "hand_over.record",
        object_kind="hand_over",
        object_key=str(key),
        now=act.now,
        after={
            "lease_no": lease.lease_no,
            "line_no": act.line_no,
            "vin": act.vehicle.vin,
            "direction": direction,
            "occasion": act.occasion,
            "handed_at": act.at.isoformat(),
            "differences": [each.field for each in more["differences"]],
            "overridden": [each["kind"] for each in more["overridden"]],
            "findings": len(findings),
            "work_order_no": more["work_order_no"],
        },
        organisation_id=lease.tenant_id,
    )
    return key


def kept_block(block: compliance.Block) -> dict[str, Any]:
    """A block as JSON keeps it."""
    since_on = None if block.since_on is None else block.since_on.isoformat()
    return {**asdict(block), "since_on": since_on}
