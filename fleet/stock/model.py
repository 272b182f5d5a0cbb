"""The shapes of vehicles in stock."""

from dataclasses import dataclass
from datetime import date, datetime

from fleet.stock.selection import BlockingKind, IdleStage, Place


@dataclass(frozen=True, slots=True)
class Picked:
    """A vehicle of a list, and since when it has been at its stage."""

    vehicle_id: int
    vin: str
    stage: IdleStage
    since_at: datetime

    @property
    def place(self) -> Place:
        """Its own place in a list."""
        return Place(self.since_at, self.vin)


@dataclass(frozen=True, slots=True)
class StockFacts:
    """What else a list tells of a vehicle.

    `lapsed`, `unrecorded` and `on_record` are kinds that forbid a hand-over; `papers_until_on` is
    the earliest last good day of them. `promised_from_at` is since when, or from when on, a lease
    is promised the vehicle; None: none is.
    """

    model_code: str | None
    depot_code: str | None
    tags: list[str]
    papers_until_on: date | None
    lapsed: list[BlockingKind]
    unrecorded: list[BlockingKind]
    on_record: list[BlockingKind]
    promised_from_at: datetime | None
    off_the_road: bool
