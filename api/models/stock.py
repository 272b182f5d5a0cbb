"""Vehicles in stock over HTTP: what can be let today, what stands idle."""

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.vehicles import MASKED_MEANING
from api.pages import Page
from fleet.calendar.words import TITLES
from fleet.due import DueStatus
from fleet.due_titles import Title
from fleet.stock.selection import BlockingKind, IdleStage, Want
from fleet.stock.service import StockVehicle
from fleet.usage.selection import State

STOCK: Final[dict[str, Any]] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "model": "瑞驰 EC35",
    "model_code": "ruichi-ec35",
    "owner": "qingfan",
    "operator": "shenzhen-qianxing",
    "depot": "nanshan-yard",
    "tags": ["冷链"],
    "stage_since": "2026-11-01T02:00:00Z",
    "days": 20,
    "papers_until_on": "2027-05-31",
    "free_until_on": None,
    "state": "parked",
    "online": True,
    "last_heard_at": "2026-11-21T00:00:12Z",
    "soc_pct": 62.5,
    "odometer_km": 18342.6,
    "lat": 22.5431,
    "lon": 114.0579,
}
WANT: Final[dict[str, Any]] = {
    "kind": "inspection",
    "status": "overdue",
    "title_en": "Inspection",
    "title_zh": "年审",
}


PROMISED: Final = Title("Promised to a lease", "已预订")


class WantOut(BaseModel):
    """What stands against handing a vehicle over."""

    model_config = ConfigDict(json_schema_extra={"example": WANT})

    kind: BlockingKind = Field(
        description="`work_order`: work keeps it off the road; `lease`: one is promised it now."
    )
    status: DueStatus
    title_en: str
    title_zh: str

    @classmethod
    def of(cls, want: Want) -> "WantOut":
        """As the service gives it."""
        title = PROMISED if want.kind == "lease" else TITLES[want.kind]
        return cls(kind=want.kind, status=want.status, title_en=title.en, title_zh=title.zh)


class AvailableOut(BaseModel):
    """A vehicle that can be let today, where it is and how it is."""

    model_config = ConfigDict(json_schema_extra={"example": STOCK})

    vin: str
    plate: str | None
    model: str | None
    model_code: str | None = Field(description="The model of the catalogue, where it has one.")
    owner: str | None = Field(description="Code of its owner; null where out of your sight.")
    operator: str | None = Field(description="Code of who operates it now; null: nobody you see.")
    depot: str | None
    tags: list[str]
    stage_since: datetime = Field(description="It has stood so since then.")
    days: int = Field(ge=0, description="Whole days since that day.")
    papers_until_on: date | None = Field(
        description="The last day on which nothing that it needs has run out."
    )
    free_until_on: date | None = Field(
        description="The day a lease is promised it from, or was; null: none is."
    )
    state: State
    online: bool
    last_heard_at: datetime | None
    soc_pct: float | None
    odometer_km: float | None
    lat: float | None = Field(description="Latitude in WGS-84, in degrees.")
    lon: float | None = Field(description="Longitude in WGS-84, in degrees.")

    @classmethod
    def of(cls, vehicle: StockVehicle) -> "AvailableOut":
        """As the service gives it."""
        return cls(**_told(vehicle))


class StandingOut(AvailableOut):
    """A vehicle that stands in stock or for sale, and whether it can be let."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**STOCK, "stage": "in_stock", "sellable": False, "blocks": [WANT]}
        }
    )

    stage: IdleStage
    sellable: bool = Field(description="Nothing stands against handing it over.")
    blocks: list[WantOut]

    @classmethod
    def of(cls, vehicle: StockVehicle) -> "StandingOut":
        """As the service gives it."""
        return cls(
            **_told(vehicle),
            stage=vehicle.picked.stage,
            sellable=not vehicle.wants,
            blocks=[WantOut.of(want) for want in vehicle.wants],
        )


class AvailablePage(Page[AvailableOut]):
    """What can be let, and where the list goes on."""

    location_masked: bool = Field(description=MASKED_MEANING)


class StandingPage(Page[StandingOut]):
    """What stands idle, and where the list goes on."""

    location_masked: bool = Field(description=MASKED_MEANING)


def _told(vehicle: StockVehicle) -> dict[str, Any]:
    facts, state = vehicle.facts, vehicle.state
    same = {
        name: getattr(state, name) for name in AvailableOut.model_fields if hasattr(state, name)
    }
    return same | {
        "owner": state.owner_code,
        "operator": state.operator_code,
        "model_code": facts.model_code,
        "depot": facts.depot_code,
        "tags": facts.tags,
        "stage_since": vehicle.picked.since_at,
        "days": vehicle.days,
        "papers_until_on": facts.papers_until_on,
        "free_until_on": vehicle.free_until_on,
    }
