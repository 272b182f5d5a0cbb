"""Answers which vehicles are free for a term: promised to nobody, back in time, fit to be let.

A vehicle in stock is free where no promise overlaps the term. One that is with a lessee is, where
that lease has a last day before the term, which is not over yet: one that stays out past its last
day is promised to nobody and comes back nobody knows when. Papers are read from what falls due as
it is kept, so that thirty thousand vehicles are one question; the hand-over itself asks the papers
(`fleet/clearance`). How far off a vehicle is, is told to who may see exact positions only.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.calendar import service as calendar
from fleet.leasing.availability import store
from fleet.leasing.availability.model import AvailableFacts, Picked
from fleet.leasing.availability.wanted import Near, Place, Wanted, check_wanted, near_of
from fleet.local_days import begin_of, last_day_before, local_day
from fleet.stock import service as stock
from fleet.usage import service as usage
from schemas.access import Actor

__all__ = ["Available", "AvailablePage", "Near", "Place", "Wanted", "find_available", "near_of"]

EXACT = "location.read"
"""The verb that tells exact positions."""


@dataclass(frozen=True, slots=True)
class Available:
    """A vehicle that is free for the term, how it is, and what it costs by the list.

    `free_from_on` is the first day after the lease it is in; None: it stands in stock.
    `free_until_on` is the day on which it is promised to the next; None: to nobody.
    """

    picked: Picked
    facts: AvailableFacts
    state: usage.VehicleRow
    free_from_on: date | None
    free_until_on: date | None


@dataclass(frozen=True, slots=True)
class AvailablePage:
    """Some vehicles of the list, and the place after which it goes on, if it does."""

    vehicles: list[Available]
    next: Place | None
    location_masked: bool


def find_available(
    conn: Connection[Any],
    actor: Actor,
    wanted: Wanted,
    *,
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
    offline_after: timedelta = usage.OFFLINE_AFTER,
) -> AvailablePage:
    """Vehicles free for the term, by VIN; with a place, those whose own is known, nearest first.

    Raises:
        WantedPeriodPast, WantedPeriodEmpty: the term cannot be asked for.
        PermissionMissing: also where a place is given, and exact positions are not the actor's to
            see.
    """
    for verb in ("lease.read", "vehicle.read", "paper.read"):
        actor.require(verb)
    if wanted.near is not None:
        actor.require(EXACT)
    today = calendar.today_of(conn, actor, now=now)
    check_wanted(wanted, today=today.on)
    asked = store.Asked(
        from_at=max(now, begin_of(wanted.from_on, today.zone)),
        until_at=None if wanted.until_on is None else begin_of(wanted.until_on, today.zone),
        blocking=stock.blocking_kinds(inspection_blocks=today.inspection_blocks),
        needed=stock.needed_kinds(inspection_blocks=today.inspection_blocks),
        now=now,
    )
    picked = store.pick_available(conn, wanted, asked, after=after, limit=limit + 1)
    page = picked[:limit]
    ids = [each.vehicle_id for each in page]
    states = usage.describe_vehicles(
        conn, actor, vehicle_ids=ids, now=now, offline_after=offline_after
    )
    facts = store.describe_available(conn, ids, wanted, asked)
    vehicles = [
        Available(
            each,
            fact,
            state,
            free_from_on=_next_day(each.free_from_at, today.zone),
            free_until_on=_day(fact.promised_from_at, today.zone),
        )
        for each, fact, state in zip(page, facts, states.rows, strict=True)
    ]
    following = page[-1].place if len(picked) > limit else None
    return AvailablePage(vehicles, following, states.location_masked)


def _day(at: datetime | None, zone: str) -> date | None:
    return None if at is None else local_day(at, zone)


def _next_day(at: datetime | None, zone: str) -> date | None:
    """The first day that is free as a whole."""
    return None if at is None else last_day_before(at, zone) + timedelta(days=1)
