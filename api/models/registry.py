"""Vehicles as property and their operators over HTTP."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import Kilometres, Percent, exact_or_none, plain
from api.models.catalogue import ModelCode
from api.models.text import Code, Input, Instant, Line, Name, Plate, Vin
from fleet.registry import service as registry
from fleet.registry.model import OperatorPeriod, Stage, Vehicle
from fleet.registry.stages import StageName
from fleet.registry.vin import VinCheck

VEHICLE_EXAMPLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "vin_check": "right",
    "model": "瑞驰 EC35",
    "model_code": "ruichi-ec35",
    "owner": "qingfan",
    "depot": "shenzhen-nanshan",
    "tags": ["冷链"],
    "pooled": False,
    "version": 1,
}
RECORD_EXAMPLE: dict[str, Any] = {
    "odometer_km": 18342.6,
    "soc_pct": 62.5,
    "checks": [{"item": "三角牌", "ok": True, "note": "在后备箱"}],
    "remarks": "右后门有划痕",
}


class VehicleCard(BaseModel):
    """A vehicle as property."""

    model_config = ConfigDict(json_schema_extra={"example": VEHICLE_EXAMPLE})

    vin: str
    vin_check: VinCheck = Field(
        description="`wrong`: the check digit does not fit, a typing slip is likely."
    )
    plate: str | None
    model: str | None
    model_code: str | None = Field(description="The model of the catalogue, where it has one.")
    owner: str | None = Field(description="Code of its owner; null where out of your sight.")
    depot: str | None = Field(description="Null, too, where it is out of your sight.")
    tags: list[str]
    pooled: bool
    version: int = Field(ge=1)

    @classmethod
    def of(cls, vehicle: Vehicle) -> "VehicleCard":
        """As the service gives it."""
        return cls(
            vin=vehicle.vin,
            vin_check=registry.check_of(vehicle.vin),
            plate=vehicle.plate,
            model=vehicle.model,
            model_code=vehicle.model_code,
            owner=vehicle.owner_code,
            depot=vehicle.depot_code,
            tags=vehicle.tags,
            pooled=vehicle.pooled,
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
    model_code: ModelCode | None = Field(
        None, description="A model of the catalogue; then the vehicle bears its name."
    )
    owner: Code
    operator: Code | None = Field(
        None, description="Who operates it from now on [the owner]. What it reports is theirs."
    )
    stage: Literal["ordered", "in_stock"] = Field("in_stock", description="Where its life begins.")


class VehicleChange(Input):
    """Plate and model as they are to be; null for none."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"plate": "粤BD12345", "model": "瑞驰 EC35"}}
    )

    plate: Plate | None
    model: Line | None
    model_code: ModelCode | None = Field(
        None, description="A model of the catalogue; then the vehicle bears its name."
    )


class StageOut(BaseModel):
    """A stage of a vehicle's life, during [from_at, until_at); null: it is there still."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "stage": "in_stock",
                "from_at": "2026-11-01T00:00:00Z",
                "until_at": None,
                "reason": "退车",
                "changed_by": "ops",
            }
        }
    )

    stage: StageName
    from_at: datetime
    until_at: datetime | None
    reason: str | None = Field(description="Null, too, where it is another's.")
    changed_by: str | None = Field(description="Null for the system, and out of your sight.")

    @classmethod
    def of(cls, stage: Stage) -> "StageOut":
        """As the service gives it."""
        return cls(
            stage=stage.stage,
            from_at=stage.from_at,
            until_at=stage.until_at,
            reason=stage.reason,
            changed_by=stage.changed_by,
        )


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


class CheckIn(Input):
    """One thing that was looked at when a vehicle was handed over."""

    item: Name
    ok: bool
    note: Line | None = None


class RecordIn(Input):
    """What both sides agree on when a vehicle is handed over. Both see it."""

    model_config = ConfigDict(json_schema_extra={"example": RECORD_EXAMPLE})

    odometer_km: Kilometres | None = None
    soc_pct: Percent | None = None
    checks: list[CheckIn] = Field(default_factory=list, max_length=100)
    remarks: Line | None = None

    def record(self) -> registry.TransferRecord:
        """As the service takes it."""
        checks = (registry.TransferCheck(each.item, each.ok, each.note) for each in self.checks)
        return registry.TransferRecord(
            odometer_km=exact_or_none(self.odometer_km, 1),
            soc_pct=exact_or_none(self.soc_pct, 1),
            checks=tuple(checks),
            remarks=self.remarks,
        )


class Transfer(Input):
    """Hand the vehicle to an operator."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"organisation": "shenzhen-nanshan", "record": RECORD_EXAMPLE}
        }
    )

    organisation: Code
    at: Instant | None = Field(None, description="Since when [now]; not in the future.")
    record: RecordIn | None = None


class CheckOut(BaseModel):
    """One thing that was looked at when a vehicle was handed over."""

    item: str
    ok: bool
    note: str | None


class TransferOut(BaseModel):
    """A vehicle went to an operator, with what both sides agreed on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from_organisation": "shenzhen-qianxing",
                "to_organisation": "shenzhen-nanshan",
                "transferred_at": "2026-11-01T00:00:00Z",
                **RECORD_EXAMPLE,
            }
        }
    )

    from_organisation: str | None = Field(description="Null for nobody, and out of your sight.")
    to_organisation: str | None = Field(description="Null where out of your sight.")
    transferred_at: datetime
    odometer_km: float | None
    soc_pct: float | None
    checks: list[CheckOut]
    remarks: str | None

    @classmethod
    def of(cls, transfer: registry.Transfer) -> "TransferOut":
        """As the service gives it."""
        return cls(
            from_organisation=transfer.from_code,
            to_organisation=transfer.to_code,
            transferred_at=transfer.transferred_at,
            odometer_km=plain(transfer.odometer_km),
            soc_pct=plain(transfer.soc_pct),
            checks=[CheckOut.model_validate(check) for check in transfer.checks],
            remarks=transfer.remarks,
        )
