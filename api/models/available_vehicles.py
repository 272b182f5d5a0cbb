"""Vehicles that are free for a term, over HTTP."""

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.vehicles import MASKED_MEANING
from api.pages import Page
from fleet.leasing.availability.service import Available
from fleet.leasing.availability.wanted import Stage
from fleet.leasing.terms import TermUnit
from fleet.usage.selection import State

FREE: Final[dict[str, Any]] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "model": "瑞驰 EC35",
    "model_code": "ruichi-ec35",
    "body_type": "微型封闭货车",
    "operator": "shenzhen-qianxing",
    "depot": "nanshan-yard",
    "tags": ["冷链"],
    "stage": "in_stock",
    "free_from_on": None,
    "free_until_on": "2027-06-01",
    "papers_until_on": "2027-05-31",
    "rent_fen": 280_000,
    "per": "month",
    "deposit_fen": 800_000,
    "distance_m": 1112,
    "state": "parked",
    "online": True,
    "last_heard_at": "2026-11-21T00:00:12Z",
    "soc_pct": 62.5,
    "odometer_km": 18342.6,
    "lat": 22.5431,
    "lon": 114.0579,
}


class FreeVehicleOut(BaseModel):
    """A vehicle that is free for the term, where it is, and what it costs by the list."""

    model_config = ConfigDict(json_schema_extra={"example": FREE})

    vin: str
    plate: str | None
    model: str | None
    model_code: str | None
    body_type: str | None
    operator: str | None = Field(description="Code of who operates it now; null: its owner.")
    depot: str | None
    tags: list[str]
    stage: Stage = Field(description="In stock, or with a lessee who brings it back in time.")
    free_from_on: date | None = Field(
        description="The day after the last of the lease it is in; null: it stands in stock."
    )
    free_until_on: date | None = Field(
        description="The day it is promised to the next lease; null: to none."
    )
    papers_until_on: date | None = Field(
        description="The last day on which nothing that it needs has run out."
    )
    rent_fen: int | None = Field(description="By the list on the first day; null: not on it.")
    per: TermUnit | None
    deposit_fen: int | None
    distance_m: int | None = Field(description="From the place asked for, as the crow flies.")
    state: State
    online: bool
    last_heard_at: datetime | None
    soc_pct: float | None
    odometer_km: float | None
    lat: float | None = Field(description="Latitude in WGS-84, in degrees.")
    lon: float | None = Field(description="Longitude in WGS-84, in degrees.")

    @classmethod
    def of(cls, vehicle: Available) -> "FreeVehicleOut":
        """As the service gives it."""
        facts, state, picked = vehicle.facts, vehicle.state, vehicle.picked
        same = {name: getattr(state, name) for name in cls.model_fields if hasattr(state, name)}
        told = {name: getattr(facts, name) for name in cls.model_fields if hasattr(facts, name)}
        return cls(
            **same
            | told
            | {
                "operator": state.operator_code,
                "depot": facts.depot_code,
                "stage": picked.stage,
                "distance_m": picked.distance_m,
                "free_from_on": vehicle.free_from_on,
                "free_until_on": vehicle.free_until_on,
            }
        )


class FreeVehiclePage(Page[FreeVehicleOut]):
    """What is free, and where the list goes on."""

    location_masked: bool = Field(description=MASKED_MEANING)
