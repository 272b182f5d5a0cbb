"""The vehicle book of the assets' bench: what is on record of each vehicle, from its place alone.

Papers and stage are the demo's (`guanche/seed_papers.py`) for a fleet of any size; here is decided
what the demo does by hand: charge and odometer, what was maintained when, work in hand. Pure.
Leaves out how it is written (`assets_writing.py`) and what falls due (`assets_oracle.py`).
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from guanche.seed_models import PLAN, SeedItem
from guanche.seed_papers import SeedVehicle, papers_of
from simulators.roster import fleet_roster

WORK_EVERY: Final = 12
"""One vehicle of so many has a work order of the past, beside those that are worked on."""
UNFINISHED_DAYS: Final = 40
"""The days of work in hand are spread over so many, from five days ago on."""
JOINED_DAYS: Final = 88
"""Stages begin within the time the vehicles are on record for."""


class Booked(NamedTuple):
    """A vehicle at its place of the fleet."""

    place: int
    papers: SeedVehicle

    @property
    def vin(self) -> str:
        """Its VIN."""
        return self.papers.vin

    @property
    def odometer_km(self) -> int:
        """What its terminal told last."""
        return 9_000 + self.place * 7_919 % 81_000

    @property
    def soc_pct(self) -> int:
        """What is in its battery."""
        return 5 + self.place * 31 % 95

    @property
    def staged_days_ago(self) -> int:
        """Since when it is at its stage."""
        return min(self.papers.staged_days_ago, JOINED_DAYS)


class Done(NamedTuple):
    """An item of the plan as it was done last."""

    vin: str
    code: str
    done_on: date
    odometer_km: int


def make_book(vehicles: int, seed: int, today: date) -> list[Booked]:
    """The whole fleet as it is today."""
    return [
        Booked(place, papers_of(place, entry.vin, today))
        for place, entry in enumerate(fleet_roster(vehicles, seed))
    ]


def done_of(one: Booked, today: date) -> Iterator[Done]:
    """What was done last to a vehicle: mostly in time, every ninth is late."""
    for item in PLAN:
        days = 30 * (item.every_months or 12)
        late = one.place % 9 == 0 and item.code == "service"
        done_on = today - timedelta(days=days + 25 if late else one.place * 7 % days)
        if done_on > one.papers.registered_on:
            yield Done(one.vin, item.code, done_on, one.odometer_km - _driven_km(one, item))


def _driven_km(one: Booked, item: SeedItem) -> int:
    """Since it was done; never more than has been driven at all."""
    return min(one.place * 37 % ((item.every_km or 9_000) + 900), one.odometer_km)


def reference_of(one: Booked, *, over: bool) -> str:
    """By what its work order is known to whoever keeps the book.

    >>> from datetime import date
    >>> reference_of(make_book(1, 1, date(2026, 11, 22))[0], over=False)
    'B-000000'
    """
    return f"{'A' if over else 'B'}-{one.place:06d}"


def work_of(book: Iterable[Booked], today: date) -> Iterator[dict[str, Any]]:
    """Work orders as rows of a sheet: what is over, and what is worked on."""
    for one in book:
        if one.place % WORK_EVERY == 0:
            done_on = today - timedelta(days=20 + one.place % 300)
            yield {
                "reference": reference_of(one, over=True),
                "vin": one.vin,
                "kind": "repair",
                "state": "closed",
                "title": "空调不制冷",
                "opened_on": done_on - timedelta(days=one.place % 5),
                "finished_on": done_on,
                "workshop": "南山新能源维修",
                "odometer_km": Decimal(one.odometer_km - 500),
                "cost_fen": 20_000 + one.place % 90_000,
            }
        if one.papers.stage == "in_service":
            yield {
                "reference": reference_of(one, over=False),
                "vin": one.vin,
                "kind": "accident" if one.place % 2 else "repair",
                "state": "in_progress",
                "title": "右后门剐蹭，定损维修",
                "opened_on": today - timedelta(days=one.staged_days_ago),
            }


def work_due_on(one: Booked, today: date) -> date | None:
    """By when what is worked on shall be done."""
    if one.papers.stage != "in_service":
        return None
    return today + timedelta(days=one.place % UNFINISHED_DAYS - 5)
