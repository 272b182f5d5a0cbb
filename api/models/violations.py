"""Traffic violations over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.amounts import Fen
from api.models.text import Day, Input, Instant, Line, Name, Vin, plain_text
from api.pages import Page
from fleet.violations.service import (
    NOTICE_PROCEDURE_FROM,
    Handler,
    NewViolation,
    Recording,
    State,
    VehicleCount,
    Violation,
)

ROW: Final[dict[str, Any]] = {
    "violation_no": "4403001901234567",
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "organisation": "shenzhen-qianxing",
    "occurred_at": "2026-11-02T03:14:00Z",
    "place": "深圳市南山区深南大道",
    "code": "1345",
    "description": "违反禁止标线指示",
    "fine_fen": 20000,
    "points": 1,
    "noticed_on": "2026-11-05",
    "due_on": "2026-12-05",
    "overdue": False,
    "lease_no": "L2611-7KQ4MX",
    "line_no": 1,
    "customer_no": "C2611-M4T9WZ",
    "customer_name": "深圳市顺达物流有限公司",
    "may_transfer_from_on": None,
    "may_transfer": False,
    "state": "open",
    "state_note": None,
    "told_at": None,
    "handled_at": None,
    "handled_by": None,
    "paid_fen": None,
    "recorded_by": "nanshan.ops",
    "recorded_at": "2026-11-06T01:00:00Z",
    "version": 1,
}
NEW: Final[dict[str, Any]] = {
    name: ROW[name]
    for name in (
        "violation_no",
        "vin",
        "occurred_at",
        "place",
        "code",
        "description",
        "fine_fen",
        "points",
        "noticed_on",
    )
}
COUNT: Final[dict[str, Any]] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "unsettled": 5,
    "overdue": 2,
    "points": 9,
    "fine_fen": 90000,
    "oldest_at": "2026-10-02T03:14:00Z",
    "blocks_inspection": True,
    "notice_procedure": True,
}
MOST_AT_ONCE: Final = 500
_NO: Final = r"^[0-9A-Za-z-]{1,40}$"
ViolationNo = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=_NO,
        description="Of the notice or of 12123: letters, digits, hyphen.",
        examples=["4403001901234567"],
    ),
]
ViolationNoPath = Annotated[
    str, Path(max_length=40, description="违章编号.", examples=["4403001901234567"])
]
Words = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(plain_text)]


class ViolationOut(BaseModel):
    """A violation, whose it is, and what falls due of it."""

    model_config = ConfigDict(json_schema_extra={"example": ROW})

    violation_no: str
    vin: str
    plate: str | None = Field(description="Null once the vehicle is not yours any more.")
    organisation: str = Field(description="Who had the vehicle at that minute.")
    occurred_at: datetime
    place: str | None
    code: str | None = Field(description="违法代码.")
    description: str
    fine_fen: int | None
    points: int | None = Field(description="记分.")
    noticed_on: date | None
    due_on: date = Field(description="To be handled by this day (违法处理程序规定 §20, §53–54).")
    overdue: bool = Field(description="It is not settled, and that day is over.")
    lease_no: str | None = Field(
        description="Of the lease that had the vehicle at that minute; null: nobody's but the"
        " organisation's own, or not to be seen by you."
    )
    line_no: int | None
    customer_no: str | None
    customer_name: str | None
    may_transfer_from_on: date | None = Field(
        description="The first day it may be transferred to the driver, once the lease has ended."
    )
    may_transfer: bool
    state: State
    state_note: str | None
    told_at: datetime | None
    handled_at: datetime | None = Field(description="Handled, transferred or dropped.")
    handled_by: Handler | None
    paid_fen: int | None = Field(description="What the lessor paid in fines.")
    recorded_by: Writer
    recorded_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, violation: Violation) -> "ViolationOut":
        """As the service gives it."""
        row = violation.row
        same = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(
            **same,
            organisation=row.organisation_code,
            due_on=violation.due_on,
            overdue=violation.overdue,
            may_transfer_from_on=violation.may_transfer_from_on,
            may_transfer=violation.may_transfer,
        )


class VehicleCountOut(BaseModel):
    """The unsettled violations of a vehicle, as far as you see them."""

    model_config = ConfigDict(json_schema_extra={"example": COUNT})

    vin: str
    plate: str | None
    unsettled: int = Field(ge=1)
    overdue: int = Field(ge=0)
    points: int
    fine_fen: int
    oldest_at: datetime
    blocks_inspection: bool = Field(
        description="Always true: all violations are settled before an inspection"
        " (机动车登记规定 §54)."
    )
    notice_procedure: bool = Field(
        description=f"From {NOTICE_PROCEDURE_FROM} on, the notice procedure begins."
    )

    @classmethod
    def of(cls, count: VehicleCount) -> "VehicleCountOut":
        """As the service gives it."""
        same = {name: getattr(count, name) for name in cls.model_fields if hasattr(count, name)}
        return cls(
            **same,
            blocks_inspection=True,
            notice_procedure=count.unsettled >= NOTICE_PROCEDURE_FROM,
        )


class VehicleCountPage(Page[VehicleCountOut]):
    """Vehicles with unsettled violations, and where the list goes on."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [COUNT], "next": None}})


class ViolationIn(Input):
    """A violation as a notice or 12123 tells it."""

    model_config = ConfigDict(json_schema_extra={"example": NEW})

    violation_no: ViolationNo
    vin: Vin
    occurred_at: Instant
    description: Words
    place: Line | None = None
    code: Name | None = None
    fine_fen: Fen | None = None
    points: int | None = Field(None, ge=0, le=12)
    noticed_on: Day | None = Field(None, description="The day of the notice; null: not known.")

    def entry(self) -> NewViolation:
        """As the service takes it."""
        return NewViolation(**{name: getattr(self, name) for name in type(self).model_fields})


class ViolationsIn(Input):
    """Many at once: all are written down, or none."""

    model_config = ConfigDict(json_schema_extra={"example": {"violations": [NEW]}})

    violations: list[ViolationIn] = Field(min_length=1, max_length=MOST_AT_ONCE)


class RecordingOut(BaseModel):
    """What became of a list: how many were new, how many told more than was known."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"new": 1, "changed": 0, "violations": [ROW]}}
    )

    new: int
    changed: int
    violations: list[ViolationOut]

    @classmethod
    def of(cls, recording: Recording) -> "RecordingOut":
        """As the service gives it."""
        return cls(
            new=recording.new,
            changed=recording.changed,
            violations=[ViolationOut.of(each) for each in recording.violations],
        )


class Told(Input):
    """The lessee was told."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "短信"}})

    told_at: Instant | None = Field(None, description="When [now].")
    note: Line | None = None


class Handled(Input):
    """It was handled."""

    model_config = ConfigDict(json_schema_extra={"example": {"by": "lessor", "paid_fen": 20000}})

    by: Handler
    paid_fen: Fen | None = Field(
        None, description="What the lessor paid [the fine]; late fines cost 3% more a day."
    )
    note: Line | None = None


class Transferred(Input):
    """It was transferred to the driver."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "12123 已受理"}})

    note: Line | None = None


class Dropped(Input):
    """It is of no account any more."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "申诉成功，已撤销"}})

    note: Line


class Rematch(Input):
    """Of which vehicles."""

    model_config = ConfigDict(json_schema_extra={"example": {"vins": ["LSGPC52U6AF102554"]}})

    vins: list[Vin] | None = Field(
        None, min_length=1, max_length=200, description="Null: of all vehicles you see."
    )


class RematchOut(BaseModel):
    """Those whose lease is another than was written down."""

    model_config = ConfigDict(json_schema_extra={"example": {"violations": [ROW]}})

    violations: list[ViolationOut]
