"""Work orders over HTTP."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models.amounts import Kilometres, exact_or_none, plain
from api.models.text import Day, Input, Line, Name, Vin, plain_text
from fleet.service.service import NewWorkOrder, WorkOrder, WorkOrderChanges, WorkOrderDetail
from fleet.work_orders import model
from fleet.work_orders.model import Kind, LineKind, Priority, Result
from fleet.work_orders.states import State

ROW: dict[str, Any] = {
    "number": "W2611-7KQ4MX",
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "organisation": "shenzhen-nanshan",
    "kind": "repair",
    "state": "in_progress",
    "priority": "high",
    "title": "制动异响",
    "assignee": "nanshan.ops",
    "assigned": True,
    "workshop": "南山新能源汽修",
    "due_on": "2026-11-25",
    "checklist": "repair",
    "checklist_edition": 1,
    "maintenance_codes": [],
    "odometer_km": 35120.0,
    "reference": None,
    "opened_by": "nanshan.ops",
    "opened_at": "2026-11-21T01:00:00Z",
    "finished_at": None,
    "down_from_at": "2026-11-21T01:00:00Z",
    "down_until_at": None,
    "total_fen": 48000,
}
DETAIL: dict[str, Any] = {
    **ROW,
    "description": "低速制动时左前轮异响",
    "steps": [{"no": 1, "text": "高压断电并验电", "photo": False}],
    "lines": [
        {
            "id": 17,
            "kind": "part",
            "title": "前制动片",
            "part_no": "BP-2201",
            "quantity": 2,
            "unit": "片",
            "unit_price_fen": 24000,
            "amount_fen": 48000,
            "added_by": "nanshan.ops",
            "added_at": "2026-11-21T02:00:00Z",
            "struck_at": None,
        }
    ],
    "checks": [
        {
            "step_no": 1,
            "result": "ok",
            "note": None,
            "checked_by": "nanshan.ops",
            "checked_at": "2026-11-21T01:30:00Z",
        }
    ],
    "events": [
        {
            "happened_at": "2026-11-21T01:00:00Z",
            "by": "nanshan.ops",
            "from_state": None,
            "to_state": "open",
            "note": None,
        }
    ],
    "totals_fen": {"part": 48000, "labour": 0, "other": 0},
    "down_hours": 4.5,
    "down_days": 1,
    "version": 2,
}
Paragraph = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(plain_text)]
Login = Annotated[
    str,
    Field(min_length=1, max_length=64, description="Log-in of a person in sight."),
    AfterValidator(plain_text),
]
ItemCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Of the maintenance plan of the vehicle's model, or `idle-care`.",
        examples=["annual-service"],
    ),
]
ChecklistCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Code of a checklist: a–z, 0–9, hyphen.",
        examples=["battery-check"],
    ),
]
ItemCodes = Annotated[list[ItemCode], Field(max_length=50)]
NumberPath = Annotated[str, Path(max_length=40, description="工单号.", examples=["W2611-7KQ4MX"])]
LineIdPath = Annotated[int, Path(ge=1, le=2**63 - 1, description="`id` of the line.")]


class WorkOrderOut(BaseModel):
    """A work order in a list."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    number: str
    vin: str
    plate: str | None = Field(description="Null, too, once the vehicle is not yours any more.")
    organisation: str | None = Field(description="Whose order it is; null where out of sight.")
    kind: Kind
    state: State
    priority: Priority
    title: str
    assignee: str | None = Field(description="Null, too, where out of your sight.")
    assigned: bool = Field(description="Whether somebody is to do it.")
    workshop: str | None = Field(description="External workshop 外协维修厂.")
    due_on: date | None
    checklist: str | None
    checklist_edition: int | None
    maintenance_codes: list[str] = Field(description="What it does of the maintenance plan.")
    odometer_km: float | None
    reference: str | None = Field(description="The number it has elsewhere.")
    opened_by: str | None = Field(description="Null for the system, and out of your sight.")
    opened_at: datetime
    finished_at: datetime | None
    down_from_at: datetime | None = Field(description="Off the road since; null: it stays on it.")
    down_until_at: datetime | None
    total_fen: int = Field(description="Of the lines that stand, with tax.")

    @classmethod
    def of(cls, order: WorkOrder) -> "WorkOrderOut":
        """As the service gives it."""
        return cls(**fields_of(order))


class StepOut(BaseModel):
    """A step of the checklist the order began with."""

    no: int
    text: str
    photo: bool = Field(description="A photo is wanted with it.")


class LineOut(BaseModel):
    """A line; one that is struck out does not count."""

    id: int
    kind: LineKind
    title: str
    part_no: str | None
    quantity: float
    unit: str
    unit_price_fen: int
    amount_fen: int = Field(description="Rounded half up.")
    added_by: str | None
    added_at: datetime
    struck_at: datetime | None

    @classmethod
    def of(cls, line: model.Line) -> "LineOut":
        """As the service gives it."""
        return cls(
            id=line.id,
            kind=line.kind,
            title=line.title,
            part_no=line.part_no,
            quantity=float(line.quantity),
            unit=line.unit,
            unit_price_fen=line.unit_price_fen,
            amount_fen=line.amount_fen,
            added_by=line.added_by,
            added_at=line.added_at,
            struck_at=line.struck_at,
        )


class CheckOut(BaseModel):
    """A step as it was done last."""

    step_no: int
    result: Result
    note: str | None
    checked_by: str | None
    checked_at: datetime


class EventOut(BaseModel):
    """The order went from one state to another; the first is its opening."""

    happened_at: datetime
    by: str | None
    from_state: State | None
    to_state: State
    note: str | None

    @classmethod
    def of(cls, event: model.Event) -> "EventOut":
        """As the service gives it."""
        return cls(
            happened_at=event.happened_at,
            by=event.by_name,
            from_state=event.from_state,
            to_state=event.to_state,
            note=event.note,
        )


class TotalsFen(BaseModel):
    """What the lines that stand come to, by kind."""

    part: int
    labour: int
    other: int


class WorkOrderDetailOut(WorkOrderOut):
    """A work order with all that belongs to it."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    description: str | None
    steps: list[StepOut]
    lines: list[LineOut]
    checks: list[CheckOut]
    events: list[EventOut]
    totals_fen: TotalsFen
    down_hours: float | None = Field(description="How long the vehicle was off the road, to now.")
    down_days: int | None = Field(description="Days touched by it.")
    version: int = Field(ge=1)

    @classmethod
    def of_detail(cls, detail: WorkOrderDetail) -> "WorkOrderDetailOut":
        """As the service gives it."""
        down = detail.downtime
        return cls(
            **fields_of(detail.order),
            description=detail.order.description,
            steps=[StepOut(no=one.no, text=one.text, photo=one.photo) for one in detail.steps],
            lines=[LineOut.of(line) for line in detail.lines],
            checks=[
                CheckOut(
                    step_no=check.step_no,
                    result=check.result,
                    note=check.note,
                    checked_by=check.checked_by,
                    checked_at=check.checked_at,
                )
                for check in detail.checks
            ],
            events=[EventOut.of(event) for event in detail.events],
            totals_fen=TotalsFen(
                part=detail.totals_fen["part"],
                labour=detail.totals_fen["labour"],
                other=detail.totals_fen["other"],
            ),
            down_hours=None if down is None else float(down.hours),
            down_days=None if down is None else down.days,
            version=detail.order.version,
        )


def fields_of(order: WorkOrder) -> dict[str, Any]:
    """What a list tells of an order."""
    return {
        "number": order.number,
        "vin": order.vin,
        "plate": order.plate,
        "organisation": order.organisation_code,
        "kind": order.kind,
        "state": order.state,
        "priority": order.priority,
        "title": order.title,
        "assignee": order.assignee,
        "assigned": order.assigned,
        "workshop": order.workshop,
        "due_on": order.due_on,
        "checklist": order.checklist_code,
        "checklist_edition": order.checklist_edition,
        "maintenance_codes": order.maintenance_codes,
        "odometer_km": plain(order.odometer_km),
        "reference": order.reference,
        "opened_by": order.opened_by,
        "opened_at": order.opened_at,
        "finished_at": order.finished_at,
        "down_from_at": order.down_from_at,
        "down_until_at": order.down_until_at,
        "total_fen": order.total_fen,
    }


class WorkOrderChange(Input):
    """An order as it is to be; null for none."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"priority": "urgent", "title": "制动异响", "assignee": "nanshan.ops"}
        }
    )

    priority: Priority = "normal"
    title: Line
    description: Paragraph | None = None
    assignee: Login | None = Field(None, description="One out of your sight stays with null.")
    workshop: Line | None = None
    due_on: Day | None = None
    odometer_km: Kilometres | None = None
    maintenance_codes: ItemCodes = Field(default_factory=list)

    def changes(self) -> WorkOrderChanges:
        """As the service takes it."""
        return {
            "priority": self.priority,
            "title": self.title,
            "description": self.description,
            "assignee": self.assignee,
            "workshop": self.workshop,
            "due_on": self.due_on,
            "odometer_km": exact_or_none(self.odometer_km, 1),
            "maintenance_codes": self.maintenance_codes,
        }


class WorkOrderIn(WorkOrderChange):
    """A new order."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vin": "LSGPC52U6AF102554",
                "kind": "repair",
                "title": "制动异响",
                "priority": "high",
                "checklist": "repair",
                "takes_off_road": True,
            }
        }
    )

    vin: Vin
    kind: Kind
    checklist: ChecklistCode | None = Field(None, description="Its latest edition is kept.")
    reference: Name | None = Field(None, description="The number it has elsewhere.")
    takes_off_road: bool = Field(False, description="The vehicle is in service from now on.")

    def wanted(self) -> NewWorkOrder:
        """As the service takes it."""
        return NewWorkOrder(
            vin=self.vin,
            kind=self.kind,
            title=self.title,
            priority=self.priority,
            description=self.description,
            assignee=self.assignee,
            workshop=self.workshop,
            due_on=self.due_on,
            checklist=self.checklist,
            maintenance_codes=self.maintenance_codes,
            odometer_km=exact_or_none(self.odometer_km, 1),
            reference=self.reference,
            takes_off_road=self.takes_off_road,
        )


class Move(Input):
    """Where an order goes on to."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"state": "in_progress", "note": "配件已到"}}
    )

    state: State
    note: Line | None = None
    takes_off_road: bool = Field(
        False,
        description="With `in_progress`: the vehicle is in service from now on; taken up again, it"
        " counts as off the road all the time since.",
    )


class LineIn(Input):
    """A part, work, or something else."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "part",
                "title": "前制动片",
                "part_no": "BP-2201",
                "quantity": 2,
                "unit": "片",
                "unit_price_fen": 24000,
            }
        }
    )

    kind: LineKind
    title: Line
    part_no: Name | None = None
    quantity: float = Field(
        gt=0, le=9_999_999, allow_inf_nan=False, description="Three decimals at most."
    )
    unit: Annotated[str, Field(min_length=1, max_length=20), AfterValidator(plain_text)]
    unit_price_fen: int = Field(ge=0, le=10**9, description="With tax.")

    def exact_quantity(self) -> Decimal:
        """As it was written."""
        return Decimal(str(self.quantity))


class CheckIn(Input):
    """A step of the checklist that was done."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"step_no": 1, "result": "fault", "note": "左前片磨损"}}
    )

    step_no: int = Field(ge=1, le=1_000)
    result: Result
    note: Line | None = Field(None, description="What is wrong; needed with `fault`.")
