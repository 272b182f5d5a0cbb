"""Groups of vehicles over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from alerts.groups.model import Group, Member
from api.models.actors import Writer
from api.models.alert_rules import NameCode
from api.models.text import Code, Input, Name, Vin

GROUP: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "code": "night",
    "name": "夜班车辆",
    "vehicles": 12,
    "created_by": "nanshan.ops",
    "created_at": "2026-11-21T02:00:00Z",
    "retired_at": None,
    "version": 2,
}
GroupCodePath = Annotated[
    str, Path(max_length=60, description="Code of the group.", examples=["night"])
]
MOST_VINS: Final = 1_000


class VehicleGroupOut(BaseModel):
    """A set of vehicles, by the code that an organisation has given it."""

    model_config = ConfigDict(json_schema_extra={"example": GROUP})

    organisation: str
    code: str
    name: str
    vehicles: int = Field(ge=0, description="In it, as far as they are in sight.")
    created_by: Writer
    created_at: datetime
    retired_at: datetime | None
    version: int = Field(ge=1)

    @classmethod
    def of(cls, group: Group) -> "VehicleGroupOut":
        """As the service gives it."""
        return cls(**{name: getattr(group, name) for name in cls.model_fields})


class VehicleGroupIn(Input):
    """A new group."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "night",
                "name": "夜班车辆",
                "vins": ["LSGPC52U6AF102554"],
                "organisation": None,
            }
        }
    )

    code: NameCode
    name: Name
    vins: list[Vin] = Field([], max_length=MOST_VINS, description="Vehicles to begin with.")
    organisation: Code | None = Field(None, description="Whose; the one acted for unless said.")


class VehicleGroupChange(Input):
    """What a group is called."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "夜班"}})

    name: Name


class GroupVehiclesIn(Input):
    """Vehicles that join or leave."""

    model_config = ConfigDict(json_schema_extra={"example": {"vins": ["LSGPC52U6AF102554"]}})

    vins: list[Vin] = Field(max_length=MOST_VINS)


class GroupVehicleOut(BaseModel):
    """A vehicle of a group."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vin": "LSGPC52U6AF102554",
                "plate": "粤BD12345",
                "model": "瑞驰 EC35",
                "added_at": "2026-11-21T02:00:00Z",
            }
        }
    )

    vin: str
    plate: str | None
    model: str | None
    added_at: datetime

    @classmethod
    def of(cls, member: Member) -> "GroupVehicleOut":
        """As the service gives it."""
        return cls(**{name: getattr(member, name) for name in cls.model_fields})
