"""The catalogue of models over HTTP."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import exact_or_none, plain
from api.models.text import Input, Line, Name
from fleet.models.service import Chemistry, ModelFacts, VehicleModel

FACTS: dict[str, Any] = {
    "name": "瑞驰 EC35",
    "maker": "重庆瑞驰汽车实业有限公司",
    "body_type": "微型封闭货车",
    "gvw_kg": 2600,
    "battery_kwh": 41.86,
    "battery_chemistry": "lfp",
    "rated_range_km": 300,
    "box_volume_m3": 5.2,
    "care": {"check_every_days": 14},
}
ModelCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Code of a model: a–z, 0–9, hyphen.",
        examples=["ruichi-ec35"],
    ),
]
ModelCodePath = Annotated[str, Path(max_length=63, description="Code of the model.")]
GrossWeight = Annotated[int, Field(ge=100, le=60_000, description="总质量, kg.")]
Energy = Annotated[float, Field(ge=0.01, le=9_999, allow_inf_nan=False, description="kWh.")]
Range = Annotated[int, Field(ge=1, le=10_000, description="As the maker rates it, km.")]
Volume = Annotated[float, Field(ge=0.01, le=9_999, allow_inf_nan=False, description="m³.")]


class CareOverride(Input):
    """What differs from the parameter `care.idle` for idle vehicles of this model."""

    target_from_pct: int | None = Field(None, ge=0, le=100)
    target_to_pct: int | None = Field(None, ge=0, le=100)
    warn_below_pct: int | None = Field(None, ge=0, le=100)
    critical_below_pct: int | None = Field(None, ge=0, le=100)
    check_every_days: int | None = Field(None, ge=1, le=366)
    also: list[Line] | None = Field(None, max_length=20, description="Further things to look at.")


class ModelChange(Input):
    """A model as it is to be; null for what is not known."""

    model_config = ConfigDict(json_schema_extra={"example": FACTS})

    name: Name = Field(description="Its vehicles bear this name.")
    maker: Line
    body_type: Name = Field(description="As on a licence, for instance 微型厢式货车.")
    gvw_kg: GrossWeight | None = None
    battery_kwh: Energy | None = None
    battery_chemistry: Chemistry | None = None
    rated_range_km: Range | None = None
    box_volume_m3: Volume | None = None
    care: CareOverride = Field(default_factory=CareOverride)

    def facts(self) -> ModelFacts:
        """As the service takes it."""
        return ModelFacts(
            name=self.name,
            maker=self.maker,
            body_type=self.body_type,
            gvw_kg=self.gvw_kg,
            battery_kwh=exact_or_none(self.battery_kwh, 2),
            battery_chemistry=self.battery_chemistry,
            rated_range_km=self.rated_range_km,
            box_volume_m3=exact_or_none(self.box_volume_m3, 2),
            care=self.care.model_dump(exclude_none=True),
        )


class ModelIn(ModelChange):
    """A new model."""

    model_config = ConfigDict(json_schema_extra={"example": {"code": "ruichi-ec35", **FACTS}})

    code: ModelCode


class ModelOut(BaseModel):
    """A model of the catalogue."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "ruichi-ec35", **FACTS, "version": 1}}
    )

    code: str
    name: str
    maker: str
    body_type: str
    gvw_kg: int | None
    battery_kwh: float | None
    battery_chemistry: Chemistry | None
    rated_range_km: int | None
    box_volume_m3: float | None
    care: dict[str, Any] = Field(
        description="What differs from the parameter `care.idle` for its idle vehicles."
    )
    version: int = Field(ge=1)

    @classmethod
    def of(cls, model: VehicleModel) -> "ModelOut":
        """As the service gives it."""
        return cls(
            code=model.code,
            name=model.name,
            maker=model.maker,
            body_type=model.body_type,
            gvw_kg=model.gvw_kg,
            battery_kwh=plain(model.battery_kwh),
            battery_chemistry=model.battery_chemistry,
            rated_range_km=model.rated_range_km,
            box_volume_m3=plain(model.box_volume_m3),
            care=model.care,
            version=model.version,
        )
