"""Vehicles that are to come back, and those that should have, over HTTP."""

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import plain
from fleet.leasing.over_term.service import (
    OPEN_ENDED_BY_USE,
    UsedAfterExpiry,
    VehicleOut,
)
from fleet.leasing.shapes import State
from fleet.leasing.terms import LeaseKind

OUT: Final[dict[str, Any]] = {
    "lease_no": "L2611-7KQ4MX",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-PZ84QK",
    "customer_name": "深圳顺达物流有限公司",
    "kind": "long",
    "state": "active",
    "line_no": 1,
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "from_at": "2025-11-18T02:00:00Z",
    "last_on": "2026-11-17",
    "days_left": 0,
}
OVER: Final[dict[str, Any]] = {
    **{name: fact for name, fact in OUT.items() if name != "days_left"},
    "days_over": 4,
    "driven_km": 58.5,
    "used": True,
    "odometer_then_km": 18342.6,
    "odometer_then_at": "2026-11-17T15:20:00Z",
    "odometer_now_km": 18401.1,
    "moving": False,
    "last_moved_at": "2026-11-20T11:42:10Z",
    "last_heard_at": "2026-11-21T00:00:12Z",
    "rule": OPEN_ENDED_BY_USE,
}


class _OfALease(BaseModel):
    """A vehicle with a lessee."""

    lease_no: str
    organisation: str
    customer_no: str
    customer_name: str
    kind: LeaseKind
    state: State
    line_no: int
    vin: str
    plate: str | None
    from_at: datetime = Field(description="With the lessee since.")
    last_on: date = Field(
        description="The last day; of a lease that was terminated, that of the termination."
    )


class EndingOut(_OfALease):
    """A vehicle whose lease is about to end."""

    model_config = ConfigDict(json_schema_extra={"example": OUT})

    days_left: int = Field(ge=0, description="0: today is the last day.")

    @classmethod
    def of(cls, out: VehicleOut) -> "EndingOut":
        """As the service gives it."""
        return cls(**_told(out), days_left=out.days_left)


class AfterExpiryOut(_OfALease):
    """A vehicle that is out after the last day of its lease, and what it did since."""

    model_config = ConfigDict(json_schema_extra={"example": OVER})

    days_over: int = Field(ge=1)
    driven_km: float | None = Field(description="Since the last day; null: not told.")
    used: bool | None = Field(description="It was driven since; null: nothing was told.")
    odometer_then_km: float | None = Field(
        description="The last one known of the last day, else the first one after it."
    )
    odometer_then_at: datetime | None
    odometer_now_km: float | None
    moving: bool
    last_moved_at: datetime | None = Field(description="Null: not since `odometer_then_at`.")
    last_heard_at: datetime | None
    rule: str = Field(
        description="民法典 §734: who goes on using it without objection has it open-ended."
    )

    @classmethod
    def of(cls, over: UsedAfterExpiry) -> "AfterExpiryOut":
        """As the service gives it."""
        use = over.use
        return cls(
            **_told(over.out),
            days_over=over.days_over,
            driven_km=plain(over.driven_km),
            used=over.used,
            odometer_then_km=plain(use.then_km),
            odometer_then_at=use.then_at,
            odometer_now_km=plain(use.now_km),
            moving=use.moving,
            last_moved_at=use.moved_at,
            last_heard_at=use.last_heard_at,
            rule=OPEN_ENDED_BY_USE,
        )


def _told(out: VehicleOut) -> dict[str, Any]:
    same = {name: getattr(out, name) for name in _OfALease.model_fields if hasattr(out, name)}
    return same | {"organisation": out.organisation_code}
