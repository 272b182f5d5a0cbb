"""The shapes of the figures: what was asked, and what each answer holds. Amounts are fen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from fleet.kpis.definitions import Definition
from fleet.kpis.ratios import share_bp
from fleet.kpis.spans import Span


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation that is asked about."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is of: organisations, the zone of its days, and as known when.

    `organisation_code` None: all in sight. `as_known` is None where everything known counts.
    """

    organisation_code: str | None
    members: Mapping[int, Member]
    zone: str
    today: date
    known_at: datetime
    as_known: datetime | None
    tenant_id: int | None

    @property
    def scope(self) -> list[int]:
        """The ids of the organisations."""
        return sorted(self.members)


@dataclass(frozen=True, slots=True)
class Figure:
    """An answer: what it is, of whom, as known when."""

    definition: Definition
    asked: Asked


@dataclass(frozen=True, slots=True)
class DaysOf:
    """Vehicle-days of an organisation, or of all (`code` None)."""

    code: str | None
    vehicles: int
    fleet_days: int
    leased_days: int
    away_days: int

    @property
    def utilisation(self) -> int | None:
        """Leased of fleet days, in basis points."""
        return share_bp(self.leased_days, self.fleet_days)

    @property
    def utilisation_of_lettable(self) -> int | None:
        """The same without days on which an unlet vehicle was not to be let."""
        return share_bp(self.leased_days, self.fleet_days - self.away_days)


@dataclass(frozen=True, slots=True)
class Utilisation(Figure):
    span: Span
    total: DaysOf
    organisations: tuple[DaysOf, ...]


@dataclass(frozen=True, slots=True)
class CollectedOf:
    """Bills due and what was collected of them; `due_fen` is billed less credited."""

    code: str | None
    bills: int = 0
    billed_fen: int = 0
    credited_fen: int = 0
    collected_fen: int = 0
    from_deposits_fen: int = 0
    written_off_fen: int = 0

    @property
    def due_fen(self) -> int:
        """What was to be paid."""
        return self.billed_fen - self.credited_fen

    @property
    def collection(self) -> int | None:
        """Collected of due, in basis points."""
        return share_bp(self.collected_fen, self.due_fen)


@dataclass(frozen=True, slots=True)
class Collection(Figure):
    span: Span
    on: date
    total: CollectedOf
    cumulative: CollectedOf
    organisations: tuple[CollectedOf, ...]


@dataclass(frozen=True, slots=True)
class AgedOf:
    """What is open, by bucket; the first is what is not overdue. Deposits asked for stand apart."""

    key: str | None
    name: str | None
    buckets_fen: tuple[int, ...]
    deposits_fen: int = 0

    @property
    def open_fen(self) -> int:
        """All buckets."""
        return sum(self.buckets_fen)

    @property
    def overdue_fen(self) -> int:
        """All but the first."""
        return sum(self.buckets_fen[1:])


@dataclass(frozen=True, slots=True)
class Ageing(Figure):
    """By organisation, or by customer of a page."""

    on: date
    labels: tuple[str, ...]
    total: AgedOf
    parts: tuple[AgedOf, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class DepositsOf:
    """Deposits of an organisation, or of all: held is what is owed; held back is a part of it."""

    code: str | None
    held_fen: int = 0
    applied_fen: int = 0
    refunded_fen: int = 0
    held_back_fen: int = 0

    @property
    def received_fen(self) -> int:
        """What came in, less what became credit by a credit note."""
        return self.held_fen + self.applied_fen + self.refunded_fen


@dataclass(frozen=True, slots=True)
class Deposits(Figure):
    on: date
    total: DepositsOf
    organisations: tuple[DepositsOf, ...]


@dataclass(frozen=True, slots=True)
class CreditOf:
    """Credit of a customer, of an organisation's customers, or of all."""

    key: str | None
    name: str | None
    credit_fen: int
    unclaimed_fen: int = 0


@dataclass(frozen=True, slots=True)
class Credits(Figure):
    on: date
    total: CreditOf
    parts: tuple[CreditOf, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class IdleVehicle:
    """A vehicle without a lease, for how many days."""

    vin: str
    plate: str | None
    model: str | None
    organisation_code: str
    stage: str
    since_on: date
    days: int
    sellable: bool


@dataclass(frozen=True, slots=True)
class Idle(Figure):
    on: date
    sellable: int
    sellable_days: int
    not_sellable: int
    not_sellable_days: int
    vehicles: tuple[IdleVehicle, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class RevenueOf:
    """Earned in a month by an operator with a model, net of VAT."""

    month_on: date
    organisation_code: str
    model: str | None
    rent_fen: int = 0
    recharges_fen: int = 0
    purchases_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All of it."""
        return self.rent_fen + self.recharges_fen + self.purchases_fen


@dataclass(frozen=True, slots=True)
class Revenue(Figure):
    span: Span
    rows: tuple[RevenueOf, ...] = field(default_factory=tuple)
