"""Keeps what a vehicle cost, how far it has run and where it stands; tells what stands in the pool.

Every reading of an odometer is kept; one that is lower than an earlier one is told as rolled back,
never corrected. A purchase is its owner's business: the operator does not see it. Leaves out the
vehicle, its operators and stages (`fleet/registry`), and what is spent on it (`fleet/costs`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.lives import store
from fleet.lives.depreciation import METHODS, Method
from fleet.lives.errors import (
    DepotNotOfOperator,
    PoolingNotYours,
    PurchaseIncomplete,
    PurchaseNotFound,
    PurchaseNotYours,
    TagsTooMany,
)
from fleet.lives.model import (
    Odometer,
    OdometerReading,
    OdometerSource,
    PooledVehicle,
    Purchase,
    PurchaseFacts,
)
from fleet.orgs import service as orgs
from fleet.periods import check_past
from fleet.registry import service as registry
from kit.errors import VersionChanged
from schemas.access import SYSTEM, Actor

__all__ = [
    "METHODS",
    "Method",
    "Odometer",
    "OdometerReading",
    "OdometerSource",
    "PooledVehicle",
    "Purchase",
    "PurchaseFacts",
    "change_placing",
    "find_odometer",
    "find_purchase",
    "get_purchase",
    "list_odometer",
    "list_pool",
    "note_odometers",
    "record_odometer",
    "record_purchase",
    "write_odometer",
]


def record_odometer(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    odometer_km: Decimal,
    read_at: datetime,
    running_hours: Decimal | None = None,
    note: str | None = None,
    now: datetime,
) -> OdometerReading:
    """What somebody read off the odometer; told as rolled back if it lies below an earlier reading.

    Raises:
        VehicleNotFound, VehicleNotYours: there is no such vehicle, or not any more.
        OdometerReadAlready: it was written down for this instant.
        InstantInFuture: `read_at` lies ahead.
    """
    actor.require("odometer.record")
    check_past(read_at, now)
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    reading = write_odometer(
        conn,
        actor,
        vehicle=vehicle,
        odometer_km=odometer_km,
        read_at=read_at,
        running_hours=running_hours,
        source="hand",
        note=note,
    )
    told = {"odometer_km": str(odometer_km), "read_at": read_at.isoformat()}
    if reading.rolled_back_km:
        told["rolled_back_km"] = str(reading.rolled_back_km)
    registry.record_act(conn, actor, "odometer.record", vehicle, now=now, after=told)
    return reading


def write_odometer(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    odometer_km: Decimal,
    read_at: datetime,
    source: OdometerSource,
    running_hours: Decimal | None = None,
    note: str | None = None,
) -> OdometerReading:
    """A reading that is a part of something else, which asks for the permission and is audited.

    Raises:
        OdometerReadAlready: it was written down for this instant from this source.
    """
    reading_id = store.insert_odometer(
        conn,
        tenant_id=vehicle.tenant_id,
        organisation_id=vehicle.holder_id,
        vehicle_id=vehicle.id,
        read_at=read_at,
        odometer_km=odometer_km,
        running_hours=running_hours,
        source=source,
        note=note,
        recorded_by=actor.name,
    )
    [reading] = store.list_odometer(conn, vehicle.id, reading_id=reading_id, limit=1)
    return reading


def list_odometer(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[OdometerReading]:
    """The readings of the odometer in sight, newest first; those before (read_at, id).

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    return store.list_odometer(conn, vehicle.id, before=before, limit=limit)


def find_odometer(conn: Connection[Any], *, vehicle: registry.Vehicle) -> Odometer | None:
    """The newest that is known of the odometer, written down or reported; the vehicle was read."""
    return store.find_odometer(conn, vehicle.id)


def note_odometers(conn: Connection[Any], *, now: datetime) -> int:
    """Write down what vehicles report, one reading a vehicle and local day; how many were new.

    A job of the system, safe to repeat; one statement for all vehicles.
    """
    return store.note_odometers(conn, now=now, recorded_by=SYSTEM.name)


def get_purchase(conn: Connection[Any], actor: Actor, *, vin: str) -> Purchase:
    """What the vehicle was bought for.

    Raises:
        VehicleNotFound: there is no such vehicle.
        PurchaseNotFound: it is not written down, or not by anybody in sight.
    """
    actor.require("purchase.read")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    found = store.find_purchase(conn, vehicle.id)
    if found is None:
        raise PurchaseNotFound(f"no purchase of {vehicle.vin} is written down", vin=vehicle.vin)
    return found


def find_purchase(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle
) -> Purchase | None:
    """What a vehicle that was read was bought for, if that is in sight."""
    actor.require("purchase.read")
    return store.find_purchase(conn, vehicle.id)


def record_purchase(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    version: int,
    facts: PurchaseFacts,
    now: datetime,
) -> Purchase:
    """Write down what the vehicle was bought for; version 0 says that nothing is there yet.

    Raises:
        VehicleNotFound, VehicleNotYours: there is no such vehicle, or not any more.
        PurchaseNotYours: its owner is out of sight.
        PurchaseIncomplete: it is to be written off, and nothing says how.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("purchase.change")
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    if vehicle.owner_code is None:
        raise PurchaseNotYours(f"{vehicle.vin} is another's property", vin=vehicle.vin)
    if facts.depreciation_method != "none" and None in (
        facts.useful_life_months,
        facts.residual_pct,
    ):
        raise PurchaseIncomplete("say over how many months, and what is left", vin=vehicle.vin)
    was = store.find_purchase(conn, vehicle.id)
    if not store.save_purchase(conn, vehicle.id, version=version, facts=facts):
        known = 0 if was is None else was.version
        raise VersionChanged(f"the purchase is at version {known}", vin=vehicle.vin)
    before = None if was is None else _told(was)
    registry.record_act(
        conn, actor, "purchase.change", vehicle, now=now, before=before, after=_told(facts)
    )
    found = store.find_purchase(conn, vehicle.id)
    assert found is not None
    return found


def change_placing(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    version: int,
    depot_code: str | None,
    tags: Sequence[str],
    pooled: bool,
    now: datetime,
) -> registry.Vehicle:
    """Where the vehicle stands, what it is marked with, and whether its owner offers it below.

    Raises:
        VehicleNotFound, VehicleNotYours: there is no such vehicle, or not any more.
        OrganisationNotFound: there is no such depot.
        DepotNotOfOperator: the depot stands elsewhere.
        TagsTooMany: more than 20, or one longer than 30 characters.
        PoolingNotYours: another's property is offered, or withdrawn.
        VersionChanged: somebody changed the vehicle since `version` was read.
    """
    actor.require("vehicle.change")
    was = registry.get_held_vehicle(conn, actor, vin=vin)
    tidy = registry.tidy_tags(tags)
    if not registry.tags_fit(tidy):
        raise TagsTooMany("at most 20 tags of 30 characters")
    if pooled != was.pooled and was.owner_code is None:
        raise PoolingNotYours(f"{was.vin} is another's property", vin=was.vin)
    depot_id = None
    if depot_code is not None:
        depot_id = orgs.get_organisation(conn, actor, code=depot_code).id
        if not store.stands_below_operator(conn, was.id, depot_id):
            raise DepotNotOfOperator(
                f"{depot_code} does not stand below the operator of {was.vin}", depot=depot_code
            )
    if not store.update_placing(
        conn, was.id, version=version, depot_id=depot_id, tags=tidy, pooled=pooled
    ):
        raise VersionChanged(f"vehicle {was.vin} is at version {was.version}", vin=was.vin)
    now_is = replace(
        was,
        depot_id=depot_id,
        depot_code=depot_code,
        tags=tidy,
        pooled=pooled,
        version=version + 1,
    )
    registry.record_act(
        conn,
        actor,
        "vehicle.change",
        was,
        now=now,
        before=_told_place(was),
        after=_told_place(now_is),
    )
    return now_is


def list_pool(
    conn: Connection[Any],
    actor: Actor,
    *,
    model_code: str | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> list[PooledVehicle]:
    """What the actor's organisation and those above offer to those below, by VIN; not who else has
    what. `search` is a part of VIN, plate or model.
    """
    actor.require("vehicle.read")
    return store.list_pool(conn, model_code=model_code, search=search, after=after, limit=limit)


def _told(facts: PurchaseFacts) -> dict[str, Any]:
    return {
        "purchased_on": facts.purchased_on.isoformat(),
        "price_fen": facts.price_fen,
        "supplier": facts.supplier,
        "depreciation_method": facts.depreciation_method,
        "useful_life_months": facts.useful_life_months,
        "residual_pct": None if facts.residual_pct is None else str(facts.residual_pct),
    }


def _told_place(vehicle: registry.Vehicle) -> dict[str, Any]:
    return {"depot": vehicle.depot_code, "tags": vehicle.tags, "pooled": vehicle.pooled}
