"""Answers what can be let today, and what stands idle and since when.

Positions are told as elsewhere: exactly to who may see them. What forbids a hand-over is read from
what falls due as it is kept, so that thirty thousand vehicles are one question; the hand-over
itself asks the papers (`fleet/clearance`). Leaves out what is free for a term that is to come
(`fleet/leasing`), how an idle vehicle is cared for (`fleet/maintenance`), and the pool
(`fleet/lives`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.calendar import service as calendar
from fleet.local_days import local_day
from fleet.stock import store
from fleet.stock.model import Picked, StockFacts
from fleet.stock.selection import (
    Order,
    Place,
    StockFilter,
    Want,
    blocking_kinds,
    needed_kinds,
    wants_of,
)
from fleet.usage import service as usage
from schemas.access import Actor

__all__ = [
    "Place",
    "StockFilter",
    "StockPage",
    "StockVehicle",
    "Want",
    "blocking_kinds",
    "list_stock",
    "needed_kinds",
]


@dataclass(frozen=True, slots=True)
class StockVehicle:
    """A vehicle in stock, how it is, for how many days it stands, and what blocks it.

    `free_until_on`: the day a lease is promised it from; None: none is.
    """

    picked: Picked
    facts: StockFacts
    state: usage.VehicleRow
    days: int
    wants: tuple[Want, ...]
    free_until_on: date | None


@dataclass(frozen=True, slots=True)
class StockPage:
    """Some vehicles of a list, and the place after which it goes on, if it does."""

    vehicles: list[StockVehicle]
    next: Place | None
    location_masked: bool


def list_stock(
    conn: Connection[Any],
    actor: Actor,
    wanted: StockFilter,
    *,
    order: Order = "vin",
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
    offline_after: timedelta = usage.OFFLINE_AFTER,
) -> StockPage:
    """Vehicles in hand that stand in stock or for sale, and what stands against letting them."""
    actor.require("vehicle.read")
    actor.require("paper.read")
    today = calendar.today_of(conn, actor, now=now)
    law = store.Law(
        blocking=blocking_kinds(inspection_blocks=today.inspection_blocks),
        needed=needed_kinds(inspection_blocks=today.inspection_blocks),
        on=today.on,
        now=now,
    )
    picked = store.pick_stock(conn, wanted, law, order=order, after=after, limit=limit + 1)
    page = picked[:limit]
    ids = [each.vehicle_id for each in page]
    facts = store.describe_stock(conn, ids, law)
    states = usage.describe_vehicles(
        conn, actor, vehicle_ids=ids, now=now, offline_after=offline_after
    )
    vehicles = [
        StockVehicle(
            picked=each,
            facts=fact,
            state=state,
            days=max(0, (today.on - local_day(each.since_at, today.zone)).days),
            wants=_wants(fact, law),
            free_until_on=fact.promised_from_at and local_day(fact.promised_from_at, today.zone),
        )
        for each, fact, state in zip(page, facts, states.rows, strict=True)
    ]
    following = page[-1].place if len(picked) > limit else None
    return StockPage(vehicles, following, states.location_masked)


def _wants(facts: StockFacts, law: store.Law) -> tuple[Want, ...]:
    return wants_of(
        lapsed=facts.lapsed,
        unrecorded=facts.unrecorded,
        on_record=facts.on_record,
        needed=law.needed,
        off_the_road=facts.off_the_road,
        promised=facts.promised_from_at is not None and facts.promised_from_at <= law.now,
    )
