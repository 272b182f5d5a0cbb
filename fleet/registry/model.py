"""The shapes of the registry. A period whose `until_at` is None is still running."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle and the organisation that owns it."""

    id: int
    vin: str
    plate: str | None
    owner_code: str


@dataclass(frozen=True, slots=True)
class Device:
    """A vehicle terminal; its serial is its MQTT user name."""

    id: int
    serial: str


@dataclass(frozen=True, slots=True)
class DeviceBinding:
    """The device sat in the vehicle during [from_at, until_at)."""

    id: int
    serial: str
    vin: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class OperatorPeriod:
    """The organisation operated the vehicle during [from_at, until_at)."""

    id: int
    vin: str
    organisation_code: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class FleetEntry:
    """A vehicle with its device and its operator, as it joins the fleet."""

    vin: str
    plate: str | None
    serial: str
    owner_code: str
    operator_code: str
