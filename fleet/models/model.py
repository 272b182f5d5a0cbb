"""The shapes of the catalogue."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, get_args

Chemistry = Literal["lfp", "nmc", "lto", "other"]
CHEMISTRIES: Final[tuple[Chemistry, ...]] = get_args(Chemistry)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a model is. `care` is what differs from the care of idle vehicles; {} = nothing."""

    name: str
    maker: str
    body_type: str
    gvw_kg: int | None = None
    battery_kwh: Decimal | None = None
    battery_chemistry: Chemistry | None = None
    rated_range_km: int | None = None
    box_volume_m3: Decimal | None = None
    care: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VehicleModel(ModelFacts):
    """A model of the catalogue of a tenant."""

    id: int = 0
    tenant_id: int = 0
    code: str = ""
    version: int = 1


class SavedModels(NamedTuple):
    """How many models of a sheet were new, and how many were changed."""

    new: int
    changed: int
