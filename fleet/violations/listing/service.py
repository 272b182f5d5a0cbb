"""Lists violations, one of them, and how many each vehicle has.

Days are told by the figures in force today. Lease and customer are told to who may read leases.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.calendar import service as calendar
from fleet.lease_figures import ViolationHandling
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from fleet.violations import store
from fleet.violations.errors import ViolationNotFound
from fleet.violations.handling import (
    UNSETTLED,
    due_on,
    may_transfer_from_on,
    overdue_if_known_before,
    transferable_if_ended_before,
)
from fleet.violations.model import VehicleCount, Violation, ViolationRow
from schemas.access import Actor

__all__ = [
    "count_violations",
    "figures_of",
    "find",
    "get_violation",
    "list_violations",
    "tell",
]


def list_violations(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    overdue: bool = False,
    may_transfer: bool = False,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Violation]:
    """Violations in sight, the latest first.

    `filters`: state, settled, vin, lease_no, leased, customer_no, organisation (or below it),
    search. `overdue`: unsettled, and the last day is over. `may_transfer`: unsettled, and its lease
    ended long enough ago.
    """
    actor.require("violation.read")
    figures, today = figures_of(conn, actor, now)
    wanted = dict(filters)
    if overdue:
        wanted["overdue_if_before"] = overdue_if_known_before(
            today.on, handle_within_days=figures.handle_within_days
        )
    if may_transfer:
        wanted["transferable_if_before"] = transferable_if_ended_before(
            today.on, transfer_after_end_days=figures.transfer_after_end_days
        )
    rows = store.list_violations(conn, wanted, after=after, limit=limit)
    return [tell(actor, row, figures, now) for row in rows]


def get_violation(
    conn: Connection[Any], actor: Actor, *, violation_no: str, now: datetime
) -> Violation:
    """The violation with this number.

    Raises:
        ViolationNotFound: there is none in sight.
    """
    actor.require("violation.read")
    return tell(actor, find(conn, violation_no), figures_of(conn, actor, now)[0], now)


def count_violations(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    at_least: int = 1,
    after: tuple[int, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[VehicleCount]:
    """The unsettled violations of each vehicle that has `at_least` so many, the most first.

    As far as they are in sight: of an earlier operator's time they are not. `filters`: vin,
    organisation. Any of them stands against the vehicle's inspection (机动车登记规定 §54); from
    NOTICE_PROCEDURE_FROM on the notice procedure begins.
    """
    actor.require("violation.read")
    figures, today = figures_of(conn, actor, now)
    return store.count_by_vehicle(
        conn,
        filters,
        overdue_if_before=overdue_if_known_before(
            today.on, handle_within_days=figures.handle_within_days
        ),
        at_least=max(1, at_least),
        after=after,
        limit=limit,
    )


def figures_of(
    conn: Connection[Any], actor: Actor, now: datetime
) -> tuple[ViolationHandling, calendar.Today]:
    """The figures in force today for the actor's tenant, and the day it is there."""
    today = calendar.today_of(conn, actor, now=now)
    tenant_id = store.find_tenant(conn, actor.organisation_id)
    return parameters.figures(conn, ViolationHandling, tenant_id=tenant_id, on=today.on), today


def tell(actor: Actor, row: ViolationRow, figures: ViolationHandling, now: datetime) -> Violation:
    """With its days; lease and customer to who may read leases."""
    today = local_day(now, row.time_zone)
    unsettled = row.state in UNSETTLED
    last_on = due_on(row.known_on, handle_within_days=figures.handle_within_days)
    from_on = may_transfer_from_on(
        row.lease_ended_on, transfer_after_end_days=figures.transfer_after_end_days
    )
    if not actor.may("lease.read"):
        row = replace(row, lease_no=None, line_no=None, customer_no=None, customer_name=None)
    return Violation(
        row=row,
        due_on=last_on,
        overdue=unsettled and last_on < today,
        may_transfer_from_on=from_on,
        may_transfer=unsettled and from_on is not None and from_on <= today,
    )


def find(conn: Connection[Any], violation_no: str) -> ViolationRow:
    """The violation with this number; whoever calls decides who may ask.

    Raises:
        ViolationNotFound: there is none in sight.
    """
    found = store.find_violation(conn, violation_no)
    if found is None:
        raise ViolationNotFound(
            f"no violation has the number {violation_no!r}", violation_no=violation_no[:40]
        )
    return found
