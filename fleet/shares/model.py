"""The shapes of revenue shares: agreements, what a month comes to, settlements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, get_args
from uuid import UUID

from fleet.shares.amounts import Due, Rule

Basis = Literal["earned", "received"]
BASES: Final[tuple[Basis, ...]] = get_args(Basis)


@dataclass(frozen=True, slots=True)
class Agreement:
    """分成协议. Codes are None where the organisation is out of sight.

    [valid_from_on, valid_until_on): whole months; None: without an end.
    """

    id: int
    key: UUID
    tenant_id: int
    organisation_id: int
    operator_id: int
    owner_code: str | None
    owner_name: str | None
    operator_code: str | None
    operator_name: str | None
    operator_zone: str | None
    basis: Basis
    share_pct: Decimal
    floor_fen: int
    valid_from_on: date
    valid_until_on: date | None
    recorded_by: str | None
    recorded_at: datetime
    ended_by: str | None

    @property
    def rule(self) -> Rule:
        """What is owed for a vehicle and month."""
        return Rule(self.share_pct, self.floor_fen)


@dataclass(frozen=True, slots=True)
class HeldVehicle:
    """A vehicle of the owner and its days with the operator."""

    vehicle_id: int
    vin: str
    plate: str | None
    days: int


@dataclass(frozen=True, slots=True)
class VehicleShare:
    """What is owed for a vehicle and month."""

    vin: str
    plate: str | None
    days: int
    of_days: int
    basis_fen: int
    due: Due


@dataclass(frozen=True, slots=True)
class Correction:
    """A vehicle and month that was settled otherwise than it is now."""

    month_on: date
    vin: str
    was_fen: int
    is_fen: int

    @property
    def amount_fen(self) -> int:
        """What is paid more, or less."""
        return self.is_fen - self.was_fen


@dataclass(frozen=True, slots=True)
class Statement:
    """What a month comes to, by what is known now."""

    agreement: Agreement
    month_on: date
    vehicles: tuple[VehicleShare, ...]
    corrections: tuple[Correction, ...]
    carried_in_fen: int
    amount_fen: int
    carried_out_fen: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """分成结算单, frozen. `content` is what is printed."""

    id: int
    key: UUID
    agreement_key: UUID
    organisation_id: int
    operator_id: int
    owner_code: str | None
    operator_code: str | None
    month_on: date
    amount_fen: int
    content: Mapping[str, Any]
    content_sha256: bytes
    settled_by: str | None
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class SettledShare:
    """What was settled for a vehicle in a month, corrections of earlier ones included."""

    month_on: date
    organisation_id: int
    operator_id: int
    vin: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class UnsettledMonth:
    """A month of an agreement that is not settled: whose vehicles, and with whom they were."""

    month_on: date
    owner_id: int
    holder_ids: list[int]
