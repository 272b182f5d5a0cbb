"""Maintenance plans and what was done over HTTP."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import Hours, Kilometres, plain
from api.models.text import Day, Input, Name
from api.models.work_orders import ItemCode
from fleet.due import DueStatus
from fleet.maintenance.service import Done, ItemStanding, Plan, PlanItem, VehicleMaintenance

ITEM: dict[str, Any] = {
    "code": "annual-service",
    "title": "年度保养",
    "every_months": 12,
    "every_km": 20000,
    "every_hours": None,
}
STANDING: dict[str, Any] = {
    "code": "annual-service",
    "title": "年度保养",
    "due_on": "2027-03-15",
    "window_from_on": None,
    "due_odometer_km": 40000.0,
    "due_running_hours": None,
    "last_done_on": "2026-03-15",
    "status": "ahead",
}
DONE: dict[str, Any] = {
    "code": "annual-service",
    "done_on": "2026-03-15",
    "odometer_km": 20012.5,
    "running_hours": None,
}


class PlanItemIn(Input):
    """An item of a plan; whichever of its figures is reached first counts."""

    model_config = ConfigDict(json_schema_extra={"example": ITEM})

    code: ItemCode
    title: Name
    every_months: int | None = Field(None, ge=1, le=240)
    every_km: int | None = Field(None, ge=100, le=1_000_000)
    every_hours: int | None = Field(None, ge=10, le=100_000)

    def item(self) -> PlanItem:
        """As the service takes it."""
        return PlanItem(self.code, self.title, self.every_months, self.every_km, self.every_hours)


class PlanIn(Input):
    """A maintenance plan, whole."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [ITEM]}})

    items: list[PlanItemIn] = Field(max_length=100)


class PlanItemOut(BaseModel):
    """An item of a plan."""

    code: str
    title: str
    every_months: int | None
    every_km: int | None
    every_hours: int | None


class PlanOut(BaseModel):
    """The maintenance plan of a model; version 0: there never was one."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"model": "ruichi-ec35", "items": [ITEM], "version": 1}}
    )

    model: str
    items: list[PlanItemOut]
    version: int = Field(ge=0)

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        """As the service gives it."""
        items = [
            PlanItemOut(
                code=item.code,
                title=item.title,
                every_months=item.every_months,
                every_km=item.every_km,
                every_hours=item.every_hours,
            )
            for item in plan.items
        ]
        return cls(model=plan.model_code, items=items, version=plan.version)


class DoneIn(Input):
    """An item of the plan, or idle care, was done."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "annual-service", "done_on": "2026-11-20", "odometer_km": 20012.5}
        }
    )

    code: ItemCode
    done_on: Day
    odometer_km: Kilometres | None = Field(
        None, description="Then [what was read or reported that day, if anything]."
    )
    running_hours: Hours | None = None


class DoneOut(BaseModel):
    """What was done to the vehicle, and when; not by whom and for how much."""

    model_config = ConfigDict(json_schema_extra={"example": DONE})

    code: str
    done_on: date
    odometer_km: float | None
    running_hours: float | None

    @classmethod
    def of(cls, done: Done) -> "DoneOut":
        """As the service gives it."""
        return cls(
            code=done.code,
            done_on=done.done_on,
            odometer_km=plain(done.odometer_km),
            running_hours=plain(done.running_hours),
        )


class StandingOut(BaseModel):
    """An item of the plan and how it stands; whichever comes first counts."""

    model_config = ConfigDict(json_schema_extra={"example": STANDING})

    code: str
    title: str
    due_on: date | None = Field(description="The last day on which all is well.")
    window_from_on: date | None
    due_odometer_km: float | None
    due_running_hours: float | None
    last_done_on: date | None
    status: DueStatus = Field(
        description="`due` from 30 days, 500 km or 25 hours before; `missing`: it goes by use, and"
        " of that nothing is known."
    )

    @classmethod
    def of(cls, item: ItemStanding) -> "StandingOut":
        """As the service gives it."""
        return cls(
            code=item.code,
            title=item.title,
            due_on=item.due_on,
            window_from_on=item.window_from_on,
            due_odometer_km=plain(item.due_odometer_km),
            due_running_hours=plain(item.due_running_hours),
            last_done_on=item.last_done_on,
            status=item.status,
        )


class VehicleMaintenanceOut(BaseModel):
    """How the plan of a vehicle stands, how far it has run, and what was done, the latest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [STANDING],
                "done": [DONE],
                "odometer_km": 25310.2,
                "running_hours": None,
            }
        }
    )

    items: list[StandingOut]
    done: list[DoneOut]
    odometer_km: float | None
    running_hours: float | None

    @classmethod
    def of(cls, maintenance: VehicleMaintenance) -> "VehicleMaintenanceOut":
        """As the service gives it."""
        return cls(
            items=[StandingOut.of(item) for item in maintenance.items],
            done=[DoneOut.of(done) for done in maintenance.done],
            odometer_km=plain(maintenance.use.odometer_km),
            running_hours=plain(maintenance.use.running_hours),
        )
