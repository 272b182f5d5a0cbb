"""Who operates a vehicle, and transfers between operators.

A change happens at an instant `at` and closes the period before it, so that periods adjoin and
never overlap; the database enforces the latter. What is written down has happened: `at` does not
lie after `now`.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.orgs import service as orgs
from fleet.periods import check_end, check_past
from fleet.registry.errors import OperatorUnchanged, TransferNotYours
from fleet.registry.model import OperatorPeriod, Transfer, TransferRecord, Vehicle
from fleet.registry.operating import store
from fleet.registry.vehicles.service import get_vehicle, record_act
from schemas.access import Actor

__all__ = ["assign_operator", "begin_operating", "list_operator_periods", "list_transfers"]


def assign_operator(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    organisation_code: str,
    at: datetime,
    record: TransferRecord | None = None,
    now: datetime,
) -> OperatorPeriod:
    """The organisation operates the vehicle from `at` on; whoever did so before ends there.

    `record` is what both sides agree on. The vehicle stands at no depot until it is given one.

    Raises:
        VehicleNotFound, OrganisationNotFound: one of the two is unknown.
        TransferNotYours: the actor sees neither the owner nor the present operator.
        OperatorUnchanged: the organisation operates it already.
        PeriodEndsBeforeStart: the present operator began at `at` or later.
        OperatorPeriodsOverlap: somebody operated it after `at`.
        InstantInFuture: `at` lies ahead.
    """
    actor.require("vehicle.transfer")
    check_past(at, now)
    vehicle = get_vehicle(conn, actor, vin=vin)
    organisation = orgs.get_organisation(conn, actor, code=organisation_code)
    running = store.find_running_operator_period(conn, vehicle.id)
    if running is None and vehicle.owner_code is None:
        raise TransferNotYours(f"{vehicle.vin} is not yours to hand on", vin=vehicle.vin)
    if running is not None:
        if running.organisation_code == organisation.code:
            raise OperatorUnchanged(
                f"{organisation.code} operates {vehicle.vin} already",
                vin=vehicle.vin,
                organisation_code=organisation.code,
            )
        check_end(running.from_at, at)
    store.insert_transfer(
        conn,
        vehicle,
        organisation_id=organisation.id,
        transferred_at=at,
        record=record or TransferRecord(),
        recorded_by=actor.name,
    )
    store.clear_depot(conn, vehicle.id)
    if running is not None:
        store.mark_operator_period_ended(conn, running.id, until_at=at)
    period_id = begin_operating(conn, vehicle, organisation_id=organisation.id, at=at)
    before = {"operator": running.organisation_code if running else None}
    after = {"operator": organisation.code, "at": at.isoformat()}
    record_act(conn, actor, "vehicle.transfer", vehicle, now=now, before=before, after=after)
    return OperatorPeriod(period_id, vehicle.vin, organisation.code, at, None)


def list_operator_periods(conn: Connection[Any], actor: Actor, *, vin: str) -> list[OperatorPeriod]:
    """Everyone who operated the vehicle, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_operator_periods(conn, get_vehicle(conn, actor, vin=vin).id)


def list_transfers(conn: Connection[Any], actor: Actor, *, vin: str) -> list[Transfer]:
    """The transfers of the vehicle that the actor's organisations had a part in, oldest first.

    Raises:
        VehicleNotFound: there is no such vehicle.
    """
    return store.list_transfers(conn, get_vehicle(conn, actor, vin=vin).id)


def begin_operating(
    conn: Connection[Any], vehicle: Vehicle, *, organisation_id: int, at: datetime
) -> int:
    """The id of the period in which the organisation operates the vehicle, from `at` on."""
    return store.insert_operator_period(
        conn, vehicle=vehicle, organisation_id=organisation_id, from_at=at
    )
