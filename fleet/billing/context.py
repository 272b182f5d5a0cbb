"""What is known of a lease when its bills are planned: all that `plan` (`plan.py`) looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from fleet.billing.model import Billed, LineKind
from fleet.lease_book import Book


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """From which day on an organisation bills, and how many days ahead it drafts and issues."""

    bills_from_on: date
    draft_days: int = 10
    issue_days: int = 7


@dataclass(frozen=True, slots=True)
class AcceptedCharge:
    """A charge that somebody accepted, and that is on no bill yet."""

    key: str
    kind: LineKind
    title: str
    amount_fen: int
    incurred_on: date
    line_no: int | None = None
    vehicle_id: int | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


class PackageDue(Protocol):
    """A term of a service package that is to be billed, as `fleet/packages` tells it."""

    @property
    def sale_key(self) -> str: ...
    @property
    def no(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...
    @property
    def from_on(self) -> date: ...
    @property
    def until_on(self) -> date: ...
    @property
    def line_no(self) -> int | None: ...
    @property
    def vehicle_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class ReadingPoint:
    """Where an odometer is wanted: of a vehicle, the latest reading at or before an instant."""

    vehicle_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """An odometer as it was read: how much, when, and who said so."""

    odometer_km: Decimal
    read_at: datetime
    source: Literal["hand", "telemetry"]

    def told(self) -> dict[str, str]:
        """As a basis tells it."""
        return {
            "odometer_km": str(self.odometer_km),
            "read_at": self.read_at.isoformat(),
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class LateFeeItem:
    """What a bill that was settled late has cost in late fees, all together to this day."""

    bill_no: str
    amount_fen: int
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanContext:
    """A lease as it is known today, what is to be billed beside its rent, and what is billed.

    `today` is the day in the zone of the lease. `issued_purposes` are those of its issued bills,
    discarded ones not among them. `by_hand`: somebody wants the bills now, nothing waits for the
    next rent.
    """

    book: Book
    today: date
    settings: PlanSettings
    charges: Sequence[AcceptedCharge] = ()
    packages: Sequence[PackageDue] = ()
    readings: Mapping[ReadingPoint, Reading] = field(default_factory=dict)
    late_fees: Sequence[LateFeeItem] = ()
    billed: Sequence[Billed] = ()
    issued_purposes: frozenset[str] = frozenset()
    by_hand: bool = False
