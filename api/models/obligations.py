"""What falls due, over HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fleet.calendar.model import DueCount, DueItem
from fleet.calendar.selection import DUE_KINDS, STATUSES, DueKind
from fleet.due import DueStatus

EXAMPLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "model": "瑞驰 EC35",
    "operator": "shenzhen-qianxing",
    "kind": "inspection",
    "reference": "",
    "title_en": "Inspection",
    "title_zh": "年审",
    "status": "overdue",
    "due_on": "2026-05-31",
    "due_at": None,
    "window_from_on": "2026-03-01",
    "overdue_since_on": "2026-06-01",
    "days_overdue": 174,
    "due_odometer_km": None,
    "odometer_km": None,
    "due_running_hours": None,
    "running_hours": None,
    "blocks_hand_over": True,
    "why_en": "The inspection has been overdue since 2026-06-01.",
    "why_zh": "年审自2026-06-01起逾期。",
    "facts": {"printed_month": "2026-05", "form": "line"},
}


class ObligationOut(BaseModel):
    """Something that falls due of a vehicle, and how it stands today in your zone."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    vin: str
    plate: str | None
    model: str | None
    operator: str | None = Field(description="Code of who operates it now; null: nobody you see.")
    kind: DueKind
    reference: str = Field(
        description="Which of a kind: the code of a maintenance item, the number of a work order;"
        " else empty."
    )
    title_en: str
    title_zh: str
    status: DueStatus = Field(
        description="`missing`: no record says when; `overdue`: its last good day is over; `due`:"
        " it may be done now; `ahead`."
    )
    due_on: date | None = Field(description="The last day on which all is well.")
    due_at: datetime | None = Field(description="The instant a paper ends at, where it names one.")
    window_from_on: date | None = Field(description="The first day on which it may be done.")
    overdue_since_on: date | None
    days_overdue: int | None = Field(description="Days since the last good day.")
    due_odometer_km: float | None
    odometer_km: float | None = Field(description="The newest that is known, where it matters.")
    due_running_hours: float | None
    running_hours: float | None
    blocks_hand_over: bool = Field(description="The vehicle may not be handed over because of it.")
    why_en: str | None = Field(description="Why it may not.")
    why_zh: str | None = Field(description="The same in Chinese.")
    facts: dict[str, Any] = Field(description="What it follows from, by kind.")

    @classmethod
    def of(cls, item: DueItem) -> "ObligationOut":
        """As the service gives it."""
        row, vehicle, blocked = item.row, item.vehicle, item.blocked_by
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(
            **same,
            vin=vehicle.vin,
            plate=vehicle.plate,
            model=vehicle.model,
            operator=vehicle.operator_code,
            title_en=item.title.en,
            title_zh=item.title.zh,
            overdue_since_on=item.overdue_since_on,
            days_overdue=item.days_overdue,
            blocks_hand_over=blocked is not None,
            why_en=None if blocked is None else blocked.en,
            why_zh=None if blocked is None else blocked.zh,
        )


class ObligationCountsOut(BaseModel):
    """How many of the same there are; kinds without any are nought."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 212,
                "by_status": {"missing": 3, "overdue": 41, "due": 98, "ahead": 70},
                "by_kind": {
                    kind: {"missing": 0, "overdue": 4, "due": 8, "ahead": 5} for kind in DUE_KINDS
                },
            }
        }
    )

    total: int
    by_status: dict[DueStatus, int]
    by_kind: dict[DueKind, dict[DueStatus, int]]

    @classmethod
    def of(cls, counts: list[DueCount]) -> "ObligationCountsOut":
        """As the service gives it."""
        by_kind: dict[DueKind, dict[DueStatus, int]] = {
            kind: dict.fromkeys(STATUSES, 0) for kind in DUE_KINDS
        }
        for count in counts:
            by_kind[count.kind][count.status] = count.items
        by_status: dict[DueStatus, int] = {
            status: sum(of_kind[status] for of_kind in by_kind.values()) for status in STATUSES
        }
        return cls(total=sum(by_status.values()), by_status=by_status, by_kind=by_kind)
