"""Counts the visits that a package includes, each against the work order it was made by.

What a term includes is not taken over into the next. One more than is included is written down only
where somebody says so. Leaves out the work itself (`fleet/work_orders`).
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.local_days import local_day
from fleet.packages import store
from fleet.packages.errors import (
    VisitBeyondIncluded,
    VisitCounted,
    VisitNotIncluded,
    VisitOfNoWork,
    VisitOfOtherWork,
    VisitOutsideTerm,
)
from fleet.packages.model import Sale, SaleRow, Term, Visit
from fleet.packages.selling.service import get_row, tell
from fleet.packages.terms import term_on, visits_in
from fleet.work_orders import service as work_orders
from schemas.access import Actor

__all__ = ["get_sale", "record_visit"]


def get_sale(conn: Connection[Any], actor: Actor, *, key: UUID, now: datetime) -> Sale:
    """The sale with this key, with each of its visits.

    Raises:
        PackageSaleNotFound: there is none in sight.
    """
    actor.require("lease.read")
    return _with_visits(conn, get_row(conn, key), now)


def record_visit(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    visited_on: date | None = None,
    work_order: str | None = None,
    note: str | None = None,
    beyond: bool = False,
    now: datetime,
) -> Sale:
    """A visit was made, today unless said; back to the first day of the sale. `beyond`: also where
    all that the term includes are made.

    Raises:
        PackageSaleNotFound, WorkOrderNotFound: there is none in sight.
        VisitNotIncluded, VisitOutsideTerm: the package has no visits, the sale no term of that day.
        VisitOfNoWork, VisitOfOtherWork, VisitCounted: it is not by such a work order, or again.
        VisitBeyondIncluded: all are made, and it was not said that one more is meant.
    """
    actor.require("work_order.change")
    store.lock_sale(conn, key)
    row = get_row(conn, key)
    on = visited_on or local_day(now, row.zone)
    term = _term_of(row, on, now)
    made = store.list_visits(conn, row.id)
    if work_order is None and note is None:
        raise VisitOfNoWork("name the work order, or say where it was made")
    if work_order is not None:
        if work_order in {each["work_order_no"] for each in made}:
            raise VisitCounted(f"{work_order} was counted before", work_order=work_order)
        _check_work(conn, actor, row, work_order, now=now)
    if visits_in(row, term) >= row.visits and not beyond:
        raise VisitBeyondIncluded(
            f"term {term.no} includes {row.visits}, and all are made",
            visits=row.visits,
            term=term.no,
        )
    written = {
        "sale_id": row.id,
        "no": len(made) + 1,
        "tenant_id": row.tenant_id,
        "organisation_id": row.organisation_id,
        "visited_on": on,
        "work_order_no": work_order,
        "note": note,
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    store.insert_visit(conn, written)
    told = {"no": written["no"], "visited_on": on.isoformat()}
    audit.record(
        conn,
        actor,
        "package.visit",
        object_kind="package_sale",
        object_key=str(row.key),
        now=now,
        after={**told, "work_order": work_order, "beyond": beyond},
        organisation_id=row.tenant_id,
    )
    return _with_visits(conn, get_row(conn, key), now)


def _term_of(row: SaleRow, on: date, now: datetime) -> Term:
    if row.visits == 0:
        raise VisitNotIncluded(f"{row.package_code} includes no visits", package=row.package_code)
    term = term_on(row, on) if on <= local_day(now, row.zone) else None
    if term is None:
        raise VisitOutsideTerm(f"{on} is in no term of the sale", visited_on=on.isoformat())
    return term


def _check_work(
    conn: Connection[Any], actor: Actor, row: SaleRow, number: str, *, now: datetime
) -> None:
    order = work_orders.get_work_order(conn, actor, number=number, now=now).order
    own = (
        {row.vehicle_id}
        if row.vehicle_id is not None
        else {
            each.vehicle_id
            for each in store.list_in_lines(conn, [row.lease_id])
            if row.line_no in (None, each.line_no)
        }
    )
    if order.kind != row.visit_kind or order.vehicle_id not in own:
        raise VisitOfOtherWork(
            f"{number} is no {row.visit_kind} of a vehicle of the sale",
            work_order=number,
            kind=row.visit_kind,
        )


def _with_visits(conn: Connection[Any], row: SaleRow, now: datetime) -> Sale:
    made: list[Visit] = []
    counted: dict[int | None, int] = {}
    for each in store.list_visits(conn, row.id):
        term = term_on(row, each["visited_on"])
        no = None if term is None else term.no
        counted[no] = counted.get(no, 0) + 1
        made.append(Visit(**each, term_no=no, beyond=counted[no] > row.visits))
    return replace(tell(row, now), made=made)
