"""Decides what a list of what falls due is of, and its order.

Without a month it is all that is open. With one it is what falls due in it; `overdue` adds what is
overdue or missing, whatever its day: it does not go away because one looks at another month. What
has no day comes first, then by day.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple, get_args

from fleet.due import DueStatus

DueKind = Literal[
    "inspection",
    "compulsory",
    "commercial",
    "permit",
    "permit_review",
    "permit_technical",
    "service_life",
    "scrap_risk",
    "battery_test",
    "maintenance",
    "work_order",
    "idle_care",
]
DUE_KINDS: Final[tuple[DueKind, ...]] = get_args(DueKind)
PAPER_KINDS: Final[frozenset[DueKind]] = frozenset(DUE_KINDS) - {"work_order", "idle_care"}
"""Those that are written down as obligations; the others follow from orders and stages."""
STATUSES: Final[tuple[DueStatus, ...]] = get_args(DueStatus)


class Place(NamedTuple):
    """A place in the list: after this item."""

    due_on: date | None
    vehicle_id: int
    kind: str
    reference: str


@dataclass(frozen=True, slots=True)
class DueFilter:
    """What of all that falls due; None or nothing is all.

    Days are in [from_on, until_on). `organisation_code` is that of the present operator, or of one
    above it. `search` is a part of the VIN, the plate or the model.
    """

    from_on: date | None = None
    until_on: date | None = None
    overdue: bool = False
    kinds: tuple[DueKind, ...] = field(default=())
    statuses: tuple[DueStatus, ...] = field(default=())
    organisation_code: str | None = None
    search: str | None = None
    vehicle_id: int | None = None

    @property
    def of_a_time(self) -> bool:
        """Whether it is of certain days."""
        return self.from_on is not None or self.until_on is not None

    def wants(self, kinds: frozenset[DueKind]) -> bool:
        """Whether any of these kinds is asked for."""
        return not self.kinds or not kinds.isdisjoint(self.kinds)
