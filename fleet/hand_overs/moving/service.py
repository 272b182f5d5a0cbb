"""Moves a vehicle on in its life when it changes hands, and notes its odometer.

What comes back comes into stock; from there it goes to the workshop, if work keeps it off the road,
so that it is brought back into stock, and not to a lessee, when the work is done. Leaves out who
may do so: a hand-over asks for its own permission.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from fleet.compliance import service as compliance
from fleet.hand_overs.model import NewWork
from fleet.lives import service as lives
from fleet.maintenance import service as maintenance
from fleet.registry import service as registry
from fleet.service import service as work_orders
from schemas.access import Actor

AT_ONCE: Final = timedelta(microseconds=1)
"""A stage lasts for some time, be it the shortest that there is."""


def let_out(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    lease_no: str,
    at: datetime,
    now: datetime,
) -> None:
    """The vehicle is let from `at` on.

    Raises:
        StageNotReachable: it does not come there from where it is.
        PeriodEndsBeforeStart: it has come where it is at `at` or later.
    """
    stage = registry.find_stage(conn, vehicle=vehicle)
    if stage is None or stage.stage != "let":
        _stage(conn, actor, vehicle, "let", reason=lease_no, at=at, now=now)
    _refresh(conn, vehicle, now)


def bring_in(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    lease_no: str,
    work: NewWork | None,
    at: datetime,
    now: datetime,
) -> str | None:
    """The vehicle is in stock from `at` on, or goes on to the workshop; the new order's number.

    Raises:
        PermissionMissing: the actor may not open a work order.
        StageNotReachable, PeriodEndsBeforeStart: as `let_out`.
    """
    stage = registry.find_stage(conn, vehicle=vehicle)
    if stage is None or stage.stage != "in_stock":
        _stage(conn, actor, vehicle, "in_stock", reason=lease_no, at=at, now=now)
    number = None
    kept = work_orders.unfit_work(conn, vehicle=vehicle)
    if work is not None or kept:
        reason = lease_no if work is not None else kept[0].number
        on = max(now, at + AT_ONCE)
        _stage(conn, actor, vehicle, "in_service", reason=reason, at=on, now=now)
    if work is not None:
        wanted = work_orders.NewWorkOrder(
            vin=vehicle.vin,
            kind=work.kind,
            title=work.title,
            priority=work.priority,
            description=work.description,
            workshop=work.workshop,
            takes_off_road=True,
        )
        opened = work_orders.open_work_order(conn, actor, wanted=wanted, now=now)
        number = opened.order.number
    _refresh(conn, vehicle, now)
    return number


def note_odometer(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    odometer_km: Decimal | None,
    at: datetime,
) -> None:
    """What was read off the odometer is a reading like another.

    Raises:
        OdometerReadAlready: somebody wrote one down for this very instant.
    """
    if odometer_km is not None:
        lives.write_odometer(
            conn, actor, vehicle=vehicle, odometer_km=odometer_km, read_at=at, source="hand"
        )


def _stage(
    conn: Connection[Any],
    actor: Actor,
    vehicle: registry.Vehicle,
    stage: registry.StageName,
    *,
    reason: str,
    at: datetime,
    now: datetime,
) -> None:
    registry.write_stage(conn, actor, vehicle=vehicle, stage=stage, reason=reason, at=at, now=now)


def _refresh(conn: Connection[Any], vehicle: registry.Vehicle, now: datetime) -> None:
    """What is due weighs otherwise of a vehicle that is let."""
    compliance.refresh_papers(conn, vehicle_ids=[vehicle.id], now=now)
    maintenance.refresh_maintenance(conn, vehicle_ids=[vehicle.id], now=now)
