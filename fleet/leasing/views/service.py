"""Tells of leases: lists, one on any day as it was known at any instant, who held a vehicle.

Leaves out what a day looks like by a book (`as_of.py`), and what stands out in terms
(`cautions.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.customers import service as customers
from fleet.lease_figures import LeaseEnding
from fleet.leasing import store
from fleet.leasing.approving import service as approving
from fleet.leasing.as_of import as_of
from fleet.leasing.books import service as books
from fleet.leasing.events import Amended, HandedOut, Signed, Swapped
from fleet.leasing.figuring import service as figuring
from fleet.leasing.model import (
    Holding,
    Lease,
    LeaseDetail,
    LeaseEvent,
    LeaseOfVehicle,
    Placed,
    Standing,
)
from fleet.leasing.shapes import RUNNING, Book, State
from fleet.leasing.term_dates import days_left, days_over
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.parameters import service as parameters
from fleet.registry import service as registry
from schemas.access import Actor


def get_lease(conn: Connection[Any], actor: Actor, *, lease_no: str) -> Lease:
    """The lease with this number.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    actor.require("lease.read")
    return books.get_lease(conn, lease_no)


def get_lease_detail(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> LeaseDetail:
    """The lease with all that belongs to it, on a day (today unless said), as it is known now.

    `known_at`: as it was known then, whatever was written down later.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    actor.require("lease.read")
    lease = books.get_lease(conn, lease_no)
    return detail_of(conn, lease, on=on, known_at=known_at, now=now)


def list_events(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    after: int = 0,
    limit: int | None = None,
) -> list[LeaseEvent]:
    """What happened to a lease, in the order it was written down, after the event of that number.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    actor.require("lease.read")
    return books.list_events(conn, books.get_lease(conn, lease_no), after=after, limit=limit)


def vins_of(conn: Connection[Any], events: Sequence[LeaseEvent]) -> dict[int, str]:
    """VINs of the vehicles that events speak of, those in sight, by id."""
    ids: set[int] = set()
    for each in events:
        match each.event:
            case HandedOut(vehicle_id=vehicle_id) | Swapped(vehicle_id=vehicle_id):
                ids.add(vehicle_id)
            case Signed(vehicles=vehicles) | Amended(vehicles=vehicles):
                ids.update(vehicles.values())
            case _:
                pass
    known = store.describe_vehicles(conn, sorted(ids))
    return {vehicle_id: vin for vehicle_id, (vin, _plate) in known.items()}


def list_leases(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    ending: bool | None = None,
    over_term: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Lease]:
    """Leases in sight, the last drafted first.

    `filters`: state, kind, customer (its number), vin, organisation (or below it), ends_before_on,
    reference, search. `ending`: about to end by the figure `lease.ending`, or not. `over_term`: a
    vehicle is out and the last day is over, or not.
    """
    actor.require("lease.read")
    wanted = _wanted(conn, actor, filters, ending=ending, over_term=over_term, now=now)
    return store.list_leases(conn, wanted, after=after, limit=limit)


def count_leases_by(
    conn: Connection[Any], actor: Actor, *, organisation_code: str | None = None, now: datetime
) -> tuple[dict[State, int], int, int]:
    """Leases in sight by state, those about to end, and those over their term."""
    actor.require("lease.read")
    given = {} if organisation_code is None else {"organisation": organisation_code}
    counted = store.count_leases(conn, given)
    sums = []
    for narrowed in ({"ending": True}, {"over_term": True}):
        wanted = _wanted(
            conn,
            actor,
            given,
            ending=narrowed.get("ending"),
            over_term=narrowed.get("over_term"),
            now=now,
        )
        sums.append(sum(store.count_leases(conn, wanted).values()))
    return counted, sums[0], sums[1]


def _wanted(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    ending: bool | None,
    over_term: bool | None,
    now: datetime,
) -> dict[str, Any]:
    """The filters as `store.py` knows them."""
    wanted = dict(filters)
    if (customer_no := wanted.pop("customer", None)) is not None:
        customer = customers.get_customer(conn, actor, customer_no=customer_no)
        wanted["customer_ids"] = customers.family_of(conn, customer.id)
    if ending is not None:
        acting = store.find_organisation(conn, actor.organisation_id or 0)
        today = local_day(now, DEFAULT_ZONE if acting is None else acting.zone)
        tenant_id = 0 if acting is None else acting.tenant_id
        until_on = today + timedelta(days=_notice_days(conn, tenant_id, today))
        wanted |= {"ending": ending, "today": today, "ending_until_on": until_on}
    if over_term is not None:
        wanted |= {"over_term": over_term, "over_at": now}
    return wanted


def _notice_days(conn: Connection[Any], tenant_id: int, on: date) -> int:
    return parameters.figures(conn, LeaseEnding, tenant_id=tenant_id, on=on).notice_days


def detail_of(
    conn: Connection[Any],
    lease: Lease,
    *,
    on: date | None = None,
    known_at: datetime | None = None,
    now: datetime,
) -> LeaseDetail:
    """The lease with all that belongs to it. Whoever calls decides who may ask."""
    today = local_day(now, lease.zone)
    book = books.find_book(conn, lease, known_at=known_at)
    day = None if book is None else as_of(book, on or today)
    terms = lease.terms if day is None else day.version.terms
    approvals = approving.list_approvals(conn, lease)
    drafted = lease.state == "draft"
    return LeaseDetail(
        lease=lease,
        on=on or today,
        known_at=known_at,
        book=book,
        day=day,
        terms=terms,
        placed=[] if book is None else place_vehicles(conn, book),
        cautions=figuring.cautions_on(conn, lease, terms, on=today),
        approvals=approvals,
        reasons=approving.reasons_of(conn, lease, now=now) if drafted else (),
        approved=drafted and approving.is_approved(approvals),
        standing=_standing(conn, lease, today=today),
        renewed_by=store.list_renewed_by(conn, lease.id),
    )


def place_vehicles(conn: Connection[Any], book: Book) -> list[Placed]:
    """The vehicles in the lines of a book, by line, one after the other."""
    known = store.describe_vehicles(conn, sorted({s.vehicle_id for s in book.segments}))
    placed = []
    for each in sorted(book.segments, key=lambda s: (s.line_no, s.from_at)):
        vin, plate = known.get(each.vehicle_id, (None, None))
        placed.append(
            Placed(each.line_no, each.vehicle_id, vin, plate, each.from_at, each.until_at)
        )
    return placed


def _standing(conn: Connection[Any], lease: Lease, *, today: date) -> Standing | None:
    """Of a lease that runs, or whose vehicles are out still."""
    if lease.state not in RUNNING and not lease.vehicles_out:
        return None
    left = days_left(lease.ends_on, today)
    over = days_over(lease.ends_on, today) if lease.vehicles_out else 0
    notice_days = _notice_days(conn, lease.tenant_id, today)
    runs = lease.state in RUNNING
    ends = runs and left is not None and not over and left <= notice_days
    return Standing(days_left=left, about_to_end=ends, days_over=over)


def held_at(conn: Connection[Any], *, vehicle_id: int, at: datetime) -> Holding | None:
    """Who held the vehicle then, by a lease in sight. Whoever calls decides who may ask."""
    return store.find_holding(conn, vehicle_id, at)


def current_holding(conn: Connection[Any], vehicle_id: int) -> Holding | None:
    """Who holds the vehicle now, by a lease in sight. Whoever calls decides who may ask."""
    return store.find_current_holding(conn, vehicle_id)


def is_held_or_promised(conn: Connection[Any], vehicle_id: int, now: datetime) -> bool:
    """Whether anybody has the vehicle, or is promised it, out of sight too."""
    return store.is_held_or_promised(conn, vehicle_id, now)


def list_vehicle_leases(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    before_at: datetime | None = None,
    limit: int = 50,
    now: datetime,
) -> list[LeaseOfVehicle]:
    """The leases in sight the vehicle was in, the latest first; those begun before an instant.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    actor.require("lease.read")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    return store.list_vehicle_leases(conn, vehicle.id, before_at=before_at, now=now, limit=limit)


def current_lease_of(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, now: datetime
) -> LeaseOfVehicle | None:
    """The lease in sight that has the vehicle now; None: there is none."""
    actor.require("lease.read")
    latest = store.list_vehicle_leases(conn, vehicle.id, now=now, limit=1)
    return next((each for each in latest if each.until_at is None), None)
