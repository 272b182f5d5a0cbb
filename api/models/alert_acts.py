"""What people do with alerts, over HTTP."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.inbox.acts.lifecycle import MAX_AT_ONCE
from api.models.text import Day, Input, Instant, Line, Name, plain_text
from fleet.work_orders.model import Kind as WorkOrderKind
from fleet.work_orders.model import Priority

Words = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(plain_text)]
Note = Annotated[Words | None, Field(description="For its history.")]
AlertNo = Annotated[
    str,
    Field(min_length=1, max_length=40, description="Number of an alert."),
    AfterValidator(plain_text),
]


class AlertNote(Input):
    """Words for the history of an alert, or none."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "已联系司机充电"}})

    note: Note = None


class AlertComment(Input):
    """Words for the history of an alert."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "车辆在维修厂"}})

    note: Words


class AlertAssignment(Input):
    """Who is to deal with it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"assignee": "nanshan.ops", "note": None}}
    )

    assignee: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(plain_text)] | None
    note: Note = None


class AlertSnooze(Input):
    """Until when nobody is told of it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"until_at": "2026-11-23T09:00:00+08:00", "note": None}}
    )

    until_at: Instant | None = Field(description="Within 30 days; null wakes it.")
    note: Note = None


class AlertResolution(Input):
    """How it was settled."""

    model_config = ConfigDict(json_schema_extra={"example": {"resolution": "已充电至 80%"}})

    resolution: Words


class AlertWorkOrderIn(Input):
    """The work order to make of an alert; what is not said follows from its kind."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "battery_check",
                "title": None,
                "priority": None,
                "assignee": None,
                "due_on": "2026-11-25",
                "note": None,
            }
        }
    )

    kind: WorkOrderKind | None = None
    title: Name | None = None
    priority: Priority | None = None
    assignee: Annotated[str, Field(max_length=64), AfterValidator(plain_text)] | None = Field(
        None, description="Log-in of who is to do the work."
    )
    due_on: Day | None = None
    note: Line | None = None


class AlertsAcknowledged(Input):
    """Alerts that somebody has seen."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"alert_nos": ["A2611-7KQ4MXRT"], "note": None}}
    )

    alert_nos: Annotated[list[AlertNo], Field(min_length=1, max_length=MAX_AT_ONCE)]
    note: Note = None


class AlertsAcknowledgedOut(BaseModel):
    """Which of them were open and are acknowledged now."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"acknowledged": ["A2611-7KQ4MXRT"], "left": 0}}
    )

    acknowledged: list[str]
    left: int = Field(description="How many stay as they are: not open, or not in sight.")
