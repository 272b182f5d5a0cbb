"""Terminals and bindings over HTTP."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Code, Input, Instant, Serial, Vin
from fleet.devices.model import Device, DeviceBinding, DevicePlace


class DeviceOut(BaseModel):
    """A terminal and where it sits now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "serial": "TBOX-0001",
                "owner": "qingfan",
                "vin": "LSGPC52U6AF102554",
                "bound_from": "2026-11-01T00:00:00Z",
            }
        }
    )

    serial: str
    owner: str | None
    vin: str | None = Field(description="The vehicle it sits in; null: in none.")
    bound_from: datetime | None

    @classmethod
    def of(cls, place: DevicePlace) -> "DeviceOut":
        """As the service gives it."""
        return cls(
            serial=place.serial,
            owner=place.owner_code,
            vin=place.vin,
            bound_from=place.bound_from,
        )


class DeviceCard(BaseModel):
    """A terminal as property."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"serial": "TBOX-0001", "owner": "qingfan"}}
    )

    serial: str
    owner: str | None

    @classmethod
    def of(cls, device: Device) -> "DeviceCard":
        """As the service gives it."""
        return cls(serial=device.serial, owner=device.owner_code)


class DeviceIn(Input):
    """A new terminal."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"serial": "TBOX-0001", "owner": "qingfan"}}
    )

    serial: Serial
    owner: Code


class BindingOut(BaseModel):
    """The device sat in the vehicle during [from_at, until_at); null: it still does."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "serial": "TBOX-0001",
                "vin": "LSGPC52U6AF102554",
                "from_at": "2026-11-01T00:00:00Z",
                "until_at": None,
            }
        }
    )

    serial: str
    vin: str
    from_at: datetime
    until_at: datetime | None

    @classmethod
    def of(cls, binding: DeviceBinding) -> "BindingOut":
        """As the service gives it."""
        return cls(
            serial=binding.serial,
            vin=binding.vin,
            from_at=binding.from_at,
            until_at=binding.until_at,
        )


class Bind(Input):
    """Put a terminal into a vehicle."""

    model_config = ConfigDict(json_schema_extra={"example": {"vin": "LSGPC52U6AF102554"}})

    vin: Vin
    at: Instant | None = Field(None, description="Since when [now]; not in the future.")


class Unbind(Input):
    """Take a terminal out."""

    model_config = ConfigDict(json_schema_extra={"example": {"at": "2026-11-21T08:00:00+08:00"}})

    at: Instant | None = Field(None, description="Since when [now]; not in the future.")


class Swap(Input):
    """Put another terminal in place of the one there."""

    model_config = ConfigDict(json_schema_extra={"example": {"serial": "TBOX-0002"}})

    serial: Serial
    at: Instant | None = Field(None, description="Since when [now]; not in the future.")
