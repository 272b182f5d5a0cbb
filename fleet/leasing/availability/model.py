"""The shapes of vehicles that are free for a term."""

from dataclasses import dataclass
from datetime import date, datetime

from fleet.leasing.availability.wanted import Place, Stage
from fleet.leasing.terms import TermUnit


@dataclass(frozen=True, slots=True)
class Picked:
    """A vehicle of the list. `free_from_at`: with a lessee until then; None: in stock."""

    vehicle_id: int
    vin: str
    stage: Stage
    free_from_at: datetime | None
    distance_m: int | None

    @property
    def place(self) -> Place:
        """Its own place in the list."""
        return Place(self.distance_m, self.vin)


@dataclass(frozen=True, slots=True)
class AvailableFacts:
    """What else the list tells of a vehicle.

    `promised_from_at` is when the next lease after the term has it. The price is that of the list
    on the first day of the term, of the operator, else of the head.
    """

    model_code: str | None
    body_type: str | None
    depot_code: str | None
    tags: list[str]
    papers_until_on: date | None
    promised_from_at: datetime | None
    rent_fen: int | None
    per: TermUnit | None
    deposit_fen: int | None
