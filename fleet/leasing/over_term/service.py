"""Tells which vehicles are to come back soon, and which are out after the last day of their lease.

"If the lessee goes on using the leased thing after the term and the lessor does not object, the
original contract stays in force, its term being indefinite" (民法典 §734). So whoever lets must
know in time, and say no or agree on more: what the vehicles themselves tell is shown beside. Leaves
out that anything follows from it by itself: a lease is extended, renewed or taken back by people.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.calendar import service as calendar
from fleet.lease_figures import LeaseEnding
from fleet.leasing.over_term import store
from fleet.leasing.over_term.driven import driven_km
from fleet.leasing.over_term.model import Place, Use, UsedAfterExpiry, VehicleOut
from fleet.local_days import begin_of
from fleet.parameters import service as parameters
from fleet.usage import service as usage
from schemas.access import Actor

__all__ = [
    "OPEN_ENDED_BY_USE",
    "Place",
    "Use",
    "UsedAfterExpiry",
    "VehicleOut",
    "list_after_expiry",
    "list_ending",
]

OPEN_ENDED_BY_USE: Final = "民法典 §734"
MOVING_ABOVE_KMH: Final = 3.0
"""As `fleet/usage` says what moves."""


def list_ending(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    within_days: int | None = None,
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
) -> list[VehicleOut]:
    """Vehicles out whose last day is today or at most so many days ahead, by the figure
    `lease.ending` unless said; the first to end first.

    `filters`: organisation (or below it), customer, vin, kind.
    """
    actor.require("lease.read")
    if within_days is None:
        within_days = _notice_days(conn, actor, now)
    return store.list_out(
        conn, "ahead", filters, within_days=within_days, after=after, limit=limit, now=now
    )


def list_after_expiry(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
    offline_after: timedelta = usage.OFFLINE_AFTER,
) -> list[UsedAfterExpiry]:
    """Vehicles out after the last day of their lease, the longest first, and what they did since.

    `filters` as above. What a vehicle did is told to who may see vehicles.
    """
    actor.require("lease.read")
    actor.require("vehicle.read")
    found = store.list_out(conn, "over", filters, within_days=0, after=after, limit=limit, now=now)
    asked = [
        (each.vehicle_id, begin_of(each.last_on + timedelta(days=1), each.time_zone))
        for each in found
    ]
    used = store.list_use(
        conn, asked, heard_since=now - offline_after, moving_above_kmh=MOVING_ABOVE_KMH
    )
    return [
        UsedAfterExpiry(each, -each.days_left, use, driven_km(use.then_km, use.now_km))
        for each, use in zip(found, used, strict=True)
    ]


def _notice_days(conn: Connection[Any], actor: Actor, now: datetime) -> int:
    today = calendar.today_of(conn, actor, now=now).on
    tenant_id = store.find_tenant(conn, actor.organisation_id)
    return parameters.figures(conn, LeaseEnding, tenant_id=tenant_id, on=today).notice_days
