"""The stages of a vehicle's life, from its order to its disposal.

As with operators, a change at `at` closes the stage before it. What stands against a hand-over is
not asked here.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.periods import check_end, check_past
from fleet.registry.errors import VehicleNotYours
from fleet.registry.model import Stage, Vehicle
from fleet.registry.stages import StageName, check_step
from fleet.registry.staging import store
from fleet.registry.vehicles.service import get_vehicle, record_act
from schemas.access import Actor

__all__ = ["begin_life", "change_stage", "find_stage", "list_stages", "write_stage"]


def change_stage(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: Vehicle,
    stage: StageName,
    reason: str | None = None,
    at: datetime,
    now: datetime,
) -> Stage:
    """The vehicle is at `stage` from `at` on; what stands against a hand-over is not asked here.

    Raises:
        VehicleNotYours: it is in sight as one operated in the past.
        StageUnchanged: it is there already.
        StageNotReachable: it does not come there from where it is.
        StageReasonMissing: it is disposed of without a word.
        PeriodEndsBeforeStart: it has come where it is at `at` or later.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("vehicle.change_stage")
    check_past(at, now)
    return write_stage(conn, actor, vehicle=vehicle, stage=stage, reason=reason, at=at, now=now)


def write_stage(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: Vehicle,
    stage: StageName,
    reason: str | None,
    at: datetime,
    now: datetime,
) -> Stage:
    """As `change_stage`, as a part of something else, which asks for permission and checks `at`."""
    if not vehicle.held:
        raise VehicleNotYours(f"{vehicle.vin} is not yours any more", vin=vehicle.vin)
    store.lock_stage(conn, vehicle.id)
    was = find_stage(conn, vehicle=vehicle)
    check_step(None if was is None else was.stage, stage, reason=reason, vin=vehicle.vin)
    if was is not None:
        check_end(was.from_at, at)
        store.mark_stage_ended(conn, vehicle.id, until_at=at)
    store.insert_stage(conn, vehicle, stage=stage, from_at=at, reason=reason, changed_by=actor.name)
    before = {"stage": None if was is None else was.stage}
    after = {"stage": stage, "reason": reason, "at": at.isoformat()}
    record_act(conn, actor, "vehicle.change_stage", vehicle, now=now, before=before, after=after)
    return Stage(stage, at, None, reason, actor.name)


def find_stage(conn: Connection[Any], *, vehicle: Vehicle) -> Stage | None:
    """The stage the vehicle is at; None where it is out of sight. The vehicle was read before."""
    return store.find_running_stage(conn, vehicle.id)


def list_stages(conn: Connection[Any], actor: Actor, *, vin: str) -> list[Stage]:
    """The stages the vehicle went through, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    return store.list_stages(conn, get_vehicle(conn, actor, vin=vin).id)


def begin_life(
    conn: Connection[Any], actor: Actor, vehicle: Vehicle, *, stage: StageName, at: datetime
) -> None:
    """The first stage of a new vehicle."""
    store.insert_stage(conn, vehicle, stage=stage, from_at=at, reason=None, changed_by=actor.name)
