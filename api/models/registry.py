"""Vehicles as property and their operators over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Code, Input, Instant, Line, Plate, Vin
from fleet.registry.model import OperatorPeriod, Vehicle

VEHICLE_EXAMPLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "model": "瑞驰 EC35",
    "owner": "qingfan",
    "version": 1,
}


class VehicleCard(BaseModel):
    """A vehicle as property."""

    model_config = ConfigDict(json_schema_extra={"example": VEHICLE_EXAMPLE})

    vin: str
    plate: str | None
    model: str | None
    owner: str | None = Field(description="Code of its owner; null where out of your sight.")
    version: int = Field(ge=1)

    @classmethod
    def of(cls, vehicle: Vehicle) -> "VehicleCard":
        """As the service gives it."""
        return cls(
            vin=vehicle.vin,
            plate=vehicle.plate,
            model=vehicle.model,
            owner=vehicle.owner_code,
            version=vehicle.version,
        )


class VehicleIn(Input):
    """A new vehicle."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vin": "LSGPC52U6AF102554",
                "plate": "粤BD12345",
                "model": "瑞驰 EC35",
                "owner": "qingfan",
                "operator": "shenzhen-nanshan",
            }
        }
    )

    vin: Vin
    plate: Plate | None = Field(None, description="Null until it is issued.")
    model: Line | None = Field(None, description="As the maker calls it.", examples=["瑞驰 EC35"])
    owner: Code
    operator: Code | None = Field(
        None, description="Who operates it from now on [the owner]. What it reports is theirs."
    )


class VehicleChange(Input):
    """Plate and model as they are to be; null for none."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"plate": "粤BD12345", "model": "瑞驰 EC35"}}
    )

    plate: Plate | None
    model: Line | None


class OperatorOut(BaseModel):
    """The organisation operated the vehicle during [from_at, until_at); null: it still does."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation": "shenzhen-nanshan",
                "from_at": "2026-11-01T00:00:00Z",
                "until_at": None,
            }
        }
    )

    organisation: str | None = Field(description="Null where out of your sight.")
    from_at: datetime
    until_at: datetime | None

    @classmethod
    def of(cls, period: OperatorPeriod) -> "OperatorOut":
        """As the service gives it."""
        return cls(
            organisation=period.organisation_code,
            from_at=period.from_at,
            until_at=period.until_at,
        )


class Transfer(Input):
    """Hand the vehicle to an operator."""

    model_config = ConfigDict(json_schema_extra={"example": {"organisation": "shenzhen-nanshan"}})

    organisation: Code
    at: Instant | None = Field(None, description="Since when [now]; not in the future.")
