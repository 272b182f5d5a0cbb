"""Moves a vehicle on, changes its card, hands it to another operator, with all that is due of it.

By hand a vehicle is let only if nothing forbids it (`fleet/clearance`), and moved on only as far as
no lease is in the way (`lease_rules.py`). Refreshes what falls due where a change of the vehicle
moves it. What a lease does to its vehicles is done by `fleet/hand_overs`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.assets import store
from fleet.assets.errors import VehicleOnLease
from fleet.assets.lease_rules import may_move
from fleet.clearance import service as clearance
from fleet.compliance import service as compliance
from fleet.leasing import service as leasing
from fleet.maintenance import service as maintenance
from fleet.registry import service as registry
from schemas.access import Actor

__all__ = ["add_vehicle", "assign_operator", "blocked_moves", "change_card", "change_stage"]


def change_stage(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    stage: registry.StageName,
    reason: str | None = None,
    override: bool = False,
    at: datetime | None = None,
    now: datetime,
) -> registry.Stage:
    """The vehicle is at `stage` from `at` on, now unless said; to `let` only if nothing forbids it.

    `override` hands it over all the same, by who may, with a reason; what was overridden is written
    down.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to move on.
        VehicleOnLease: a lease has it, or is promised it, and stands in the way.
        HandOverBlocked: it is to be let, and something forbids it.
        OverrideReasonMissing: it is overridden without a word.
        StageUnchanged, StageNotReachable, StageReasonMissing, PeriodEndsBeforeStart,
            InstantInFuture: it does not come there from where it is, or not then.
    """
    actor.require("vehicle.change_stage")
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    leasing.lock_vehicles(conn, [vehicle.id])
    if blocked_moves(conn, {vehicle.vin: stage}, now=now):
        raise _on_lease(conn, vehicle)
    if stage == "let":
        clearance.check_clear(
            conn, actor, vehicle=vehicle, override=override, reason=reason, now=now
        )
    changed = registry.change_stage(
        conn, actor, vehicle=vehicle, stage=stage, reason=reason, at=at or now, now=now
    )
    _refresh(conn, vehicle, now)
    return changed


def add_vehicle(
    conn: Connection[Any], actor: Actor, *, now: datetime, **card: Any
) -> registry.Vehicle:
    """As `registry.add_vehicle`; what the new vehicle lacks falls due at once.

    Raises:
        As `registry.add_vehicle`.
    """
    added = registry.add_vehicle(conn, actor, now=now, **card)
    _refresh(conn, added, now)
    return added


def change_card(
    conn: Connection[Any], actor: Actor, *, now: datetime, **card: Any
) -> registry.Vehicle:
    """As `registry.change_vehicle`; what falls due follows from another model anew.

    Raises:
        As `registry.change_vehicle`.
    """
    changed = registry.change_vehicle(conn, actor, now=now, **card)
    _refresh(conn, changed, now)
    return changed


def assign_operator(
    conn: Connection[Any], actor: Actor, *, vin: str, now: datetime, **handed: Any
) -> registry.OperatorPeriod:
    """As `registry.assign_operator`; days are from now on those of the new operator's zone.

    Raises:
        VehicleOnLease: somebody has it, or is promised it.
        As `registry.assign_operator`.
    """
    actor.require("vehicle.transfer")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    leasing.lock_vehicles(conn, [vehicle.id])
    if leasing.is_held_or_promised(conn, vehicle.id, now):
        raise _on_lease(conn, vehicle)
    period = registry.assign_operator(conn, actor, vin=vin, now=now, **handed)
    _refresh(conn, registry.get_vehicle(conn, actor, vin=vin), now)
    return period


def blocked_moves(
    conn: Connection[Any], wanted: Mapping[str, registry.StageName], *, now: datetime
) -> set[str]:
    """VINs of those vehicles in sight that a lease keeps from coming to the stage beside them.

    Of a lease out of sight no more is known than that there is one: it counts as having the
    vehicle. Takes no permission: it tells nothing of any lease.
    """
    found = store.list_promises(conn, sorted(wanted), now=now)
    return {
        vin
        for vin, told in found.items()
        if not may_move(
            wanted[vin],
            held=told.held or (told.any_lease and not told.promised),
            promised=told.promised,
        )
    }


def _on_lease(conn: Connection[Any], vehicle: registry.Vehicle) -> VehicleOnLease:
    holding = leasing.current_holding(conn, vehicle.id)
    return VehicleOnLease(
        f"a lease has {vehicle.vin}, or is promised it: hand it over and take it back under it",
        vin=vehicle.vin,
        lease_no=None if holding is None else holding.lease_no,
    )


def _refresh(conn: Connection[Any], vehicle: registry.Vehicle, now: datetime) -> None:
    compliance.refresh_papers(conn, vehicle_ids=[vehicle.id], now=now)
    maintenance.refresh_maintenance(conn, vehicle_ids=[vehicle.id], now=now)
