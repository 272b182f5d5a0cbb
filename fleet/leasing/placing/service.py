"""Puts vehicles into lines, swaps them and takes them back, for who records a hand-over.

Asks for no permission and writes no trail: `fleet/hand_overs` does both, and has locked the lease
(`lock_lease`). Leaves out papers, licences and the stage of the vehicle.
"""

from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.leasing.books import service as books
from fleet.leasing.errors import LeaseNotSigned
from fleet.leasing.events import Event, HandedOut, Swapped, TakenBack
from fleet.leasing.model import Lease
from fleet.leasing.refusals import VehicleOfAnotherOrganisation
from fleet.leasing.shapes import Book
from fleet.registry import service as registry
from schemas.access import Actor


def hand_out(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease: Lease,
    line_no: int,
    vehicle: registry.Vehicle,
    at: datetime,
    starts_on: date | None = None,
    now: datetime,
) -> tuple[Book, int]:
    """A vehicle fills a line from that instant on; the book after it, and the event's number.

    `starts_on`: the lease begins on another day than was agreed; with its first hand-over only.

    Raises:
        VehicleOfAnotherOrganisation: the lease's organisation does not have it.
        LeaseNotSigned, LeaseOver, LineFilled, … (`errors.py`): it may not follow.
        VehicleHeld: a lessee has it then.
        VehiclePromised: another lease has a promise of it.
    """
    check_own(lease, vehicle)
    event = HandedOut(happened_at=at, line_no=line_no, vehicle_id=vehicle.id, starts_on=starts_on)
    return _happen(conn, actor, lease, event, now=now)


def swap(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease: Lease,
    line_no: int,
    vehicle: registry.Vehicle,
    at: datetime,
    reason: str,
    now: datetime,
) -> tuple[Book, int]:
    """换车: the vehicle takes the place of the one in the line; the book, and the event's number.

    Raises:
        As `hand_out`; LineEmpty, SameVehicle: there is nothing to swap.
    """
    check_own(lease, vehicle)
    event = Swapped(happened_at=at, line_no=line_no, vehicle_id=vehicle.id, reason=reason)
    return _happen(conn, actor, lease, event, now=now)


def take_back(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease: Lease,
    line_no: int,
    at: datetime,
    now: datetime,
) -> tuple[Book, int]:
    """The vehicle of a line came back for good; the book after it, and the event's number.

    Raises:
        LeaseOver, LineEmpty, HandOverNotAfterLast, … (`errors.py`): it may not follow.
    """
    event = TakenBack(happened_at=at, line_no=line_no)
    return _happen(conn, actor, lease, event, now=now)


def _happen(
    conn: Connection[Any], actor: Actor, lease: Lease, event: Event, *, now: datetime
) -> tuple[Book, int]:
    book = books.find_book(conn, lease)
    if book is None:
        raise LeaseNotSigned(
            f"{lease.lease_no} is not signed", lease_no=lease.lease_no, state=lease.state
        )
    return books.happen(conn, actor, lease, book, event, now=now)


def check_own(lease: Lease, vehicle: registry.Vehicle) -> None:
    """Let pass a vehicle that the lease's organisation has.

    Raises:
        VehicleOfAnotherOrganisation: another has it.
    """
    if not vehicle.held or vehicle.holder_id != lease.organisation_id:
        raise VehicleOfAnotherOrganisation(
            f"{vehicle.vin} is not with {lease.organisation_code}", vin=vehicle.vin
        )
