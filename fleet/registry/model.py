"""The shapes of the registry. A period whose `until_at` is None is still running."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle and the organisation that owns it; None where that is out of sight.

    `holder_id` is who has it now: its operator, else its owner; `held` is whether the actor is
    that, stands above it, or owns it. `depot_id` is an organisation at or below the operator.
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
class VehicleEntry:
    """A vehicle with its owner and its operator, as it joins the fleet."""

    vin: str
    plate: str | None
    owner_code: str
    operator_code: str
    model: str | None = None
