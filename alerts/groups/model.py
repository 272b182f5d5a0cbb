"""Groups of vehicles."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Group:
    """A set of vehicles, by the code that an organisation has given it."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation: str
    """Its code."""
    code: str
    name: str
    vehicles: int
    """How many are in it, as far as they are in sight."""
    created_by: str | None
    created_at: datetime
    retired_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Member:
    """A vehicle of a group."""

    vin: str
    plate: str | None
    model: str | None
    added_at: datetime
