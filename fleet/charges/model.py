"""The shapes of charges: what somebody proposes that a customer pays, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

ChargeKind = Literal[
    "damage",
    "missing",
    "cleaning",
    "energy",
    "mileage",
    "violation",
    "early_end",
    "late_return",
    "other",
]
CHARGE_KINDS: Final[tuple[ChargeKind, ...]] = get_args(ChargeKind)
ChargeState = Literal["proposed", "accepted", "waived", "billed"]
CHARGE_STATES: Final[tuple[ChargeState, ...]] = get_args(ChargeState)
OPEN: Final[frozenset[ChargeState]] = frozenset({"proposed", "accepted"})
"""Not waived, and on no bill yet."""
SourceKind = Literal["hand_over", "violation", "lease", "hand"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed to be charged on a lease, and how the amount comes about (`basis`).

    The source says what it follows from: the same source, kind and title is the same charge.
    """

    lease_id: int
    tenant_id: int
    organisation_id: int
    kind: ChargeKind
    title: str
    amount_fen: int
    incurred_on: date
    source_kind: SourceKind
    source_key: str
    line_no: int | None = None
    vehicle_id: int | None = None
    basis: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as it stands. `accepted_fen` is None until it is accepted."""

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    organisation_code: str
    lease_id: int
    lease_no: str
    customer_no: str
    line_no: int | None
    vin: str | None
    kind: ChargeKind
    title: str
    amount_fen: int
    basis: dict[str, Any]
    incurred_on: date
    source_kind: SourceKind
    source_key: str
    state: ChargeState
    accepted_fen: int | None
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str | None
    proposed_by: str | None
    proposed_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class AcceptedCharge:
    """A charge that was accepted, for `amount_fen`, and stands on no bill yet."""

    lease_id: int
    key: str
    kind: ChargeKind
    title: str
    amount_fen: int
    incurred_on: date
    line_no: int | None
    vehicle_id: int | None
    basis: dict[str, Any]
