"""The shape of a cost."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

CostKind = Literal[
    "inspection",
    "insurance",
    "permit",
    "battery_test",
    "repair",
    "maintenance",
    "care",
    "accident",
    "other",
]


@dataclass(frozen=True, slots=True)
class Cost:
    """Money spent on a vehicle, in fen, and the record it was spent by."""

    id: int
    kind: CostKind
    amount_fen: int
    incurred_on: date
    subject_kind: str
    subject_key: str
    organisation_code: str | None


@dataclass(frozen=True, slots=True)
class CostEntry:
    """A cost of a vehicle as a sheet brings it."""

    vin: str
    kind: CostKind
    amount_fen: int
    incurred_on: date
    subject_kind: str
    subject_key: str
