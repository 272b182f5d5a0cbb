"""The shapes of devices. A period whose `until_at` is None is still running."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Device:
    """A vehicle terminal; its serial is its MQTT user name."""

    id: int
    serial: str
    owner_code: str | None
    tenant_id: int


@dataclass(frozen=True, slots=True)
class DevicePlace:
    """A device and the vehicle it sits in now, since when; None: it lies on a shelf."""

    serial: str
    owner_code: str | None
    vin: str | None
    bound_from: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceBinding:
    """The device sat in the vehicle during [from_at, until_at)."""

    id: int
    serial: str
    vin: str
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
    model: str | None = None
