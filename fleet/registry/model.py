"""The shapes of the registry. A period whose `until_at` is None is still running."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from fleet.registry.stages import StageName


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle and the organisation that owns it; None where that is out of sight.

    `holder_id` is who has it now: its operator, else its owner; `held` is whether the actor is
    that, stands above it, or owns it. `depot_id` is an organisation at or below the operator. To
    an owner who does not see the operator, the owner is the holder.
    """

    id: int
    vin: str
    plate: str | None
    model: str | None
    owner_code: str | None
    tenant_id: int
    version: int
    holder_id: int
    held: bool = True
    model_id: int | None = None
    depot_id: int | None = None
    tags: list[str] = field(default_factory=list)
    pooled: bool = False
    model_code: str | None = None
    depot_code: str | None = None


@dataclass(frozen=True, slots=True)
class OperatorPeriod:
    """The organisation operated the vehicle during [from_at, until_at).

    `organisation_code` is None where the organisation is out of sight.
    """

    id: int
    vin: str
    organisation_code: str | None
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stage:
    """The vehicle was at this stage of its life during [from_at, until_at).

    `reason` and `changed_by` are None where they are those of an organisation out of sight.
    """

    stage: StageName
    from_at: datetime
    until_at: datetime | None
    reason: str | None
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class VehicleEntry:
    """A vehicle with its owner and its operator, as it joins the fleet."""

    vin: str
    plate: str | None
    owner_code: str
    operator_code: str
    model: str | None = None
    stage: StageName = "in_stock"
    model_code: str | None = None


@dataclass(frozen=True, slots=True)
class TransferCheck:
    """One thing that was looked at when a vehicle was handed over."""

    item: str
    ok: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """What both sides agree on when a vehicle goes from one operator to another."""

    odometer_km: Decimal | None = None
    soc_pct: Decimal | None = None
    checks: tuple[TransferCheck, ...] = ()
    remarks: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A vehicle went to an operator at an instant. `from_code` is None where nobody operated it,
    and either is where it is out of sight.
    """

    from_code: str | None
    to_code: str | None
    transferred_at: datetime
    odometer_km: Decimal | None
    soc_pct: Decimal | None
    checks: list[dict[str, object]]
    remarks: str | None


class SavedVehicles(NamedTuple):
    """How many vehicles of a sheet were new and how many known, and the ids of all by VIN."""

    new: int
    known: int
    vehicle_ids: dict[str, int]
