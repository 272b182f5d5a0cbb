"""Idle vehicles and their care over HTTP."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from fleet.due import DueStatus
from fleet.maintenance.service import Condition, IdleStanding

IdleStage = Literal["in_stock", "for_sale"]
IDLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "model": "瑞驰 EC35",
    "organisation": "shenzhen-nanshan",
    "stage": "in_stock",
    "idle_since": "2026-10-01T02:00:00Z",
    "idle_days": 51,
    "soc_pct": 19.0,
    "soc_at": "2026-11-20T02:00:00Z",
    "condition": "critical",
    "charge_to_pct": 60,
    "last_checked_on": "2026-10-20",
    "next_check_on": "2026-11-19",
    "check_status": "overdue",
    "look_at": ["12 V 蓄电池", "轮胎"],
}


class IdleOut(BaseModel):
    """A vehicle that waits in stock or for sale, and what is to be done."""

    model_config = ConfigDict(json_schema_extra={"example": IDLE})

    vin: str
    plate: str | None
    model: str | None
    organisation: str | None = Field(description="Who has it; null where out of your sight.")
    stage: IdleStage
    idle_since: datetime = Field(description="It came to this stage then.")
    idle_days: int = Field(ge=0)
    soc_pct: float | None
    soc_at: datetime | None = Field(description="When its terminal last measured.")
    condition: Condition = Field(
        description="Of the battery, by the parameter `care.idle` and what differs for the model;"
        " `unknown`: no charge was told for a week."
    )
    charge_to_pct: int | None = Field(description="Charge it so far; null: not now.")
    last_checked_on: date | None
    next_check_on: date = Field(description="The last day on which somebody is to look at it.")
    check_status: DueStatus
    look_at: list[str] = Field(description="What to look at beside the battery, now.")

    @classmethod
    def of(cls, standing: IdleStanding) -> "IdleOut":
        """As the service gives it."""
        vehicle = standing.vehicle
        return cls(
            vin=vehicle.vin,
            plate=vehicle.plate,
            model=vehicle.model,
            organisation=vehicle.organisation_code,
            stage=vehicle.stage,
            idle_since=vehicle.idle_since,
            idle_days=standing.idle_days,
            soc_pct=vehicle.soc_pct,
            soc_at=vehicle.soc_at,
            condition=standing.condition,
            charge_to_pct=standing.charge_to_pct,
            last_checked_on=vehicle.last_checked_on,
            next_check_on=standing.next_check_on,
            check_status=standing.check_status,
            look_at=list(standing.look_at),
        )
