"""Hand-overs over HTTP, as people write them down."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from api.models.amounts import Fen, Kilometres, Percent, exact_or_none
from api.models.hand_overs import CHECKS, FINDINGS
from api.models.text import Day, Input, Instant, Line, Name, Vin, plain_text
from fleet.hand_overs import service as hand_overs
from fleet.hand_overs.model import Check, Finding, FindingKind, NewWork, Record, Result
from fleet.service.model import Kind as WorkKind
from fleet.service.model import Priority

RECORD: dict[str, Any] = {
    "checklist": "hand-over",
    "checks": CHECKS,
    "odometer_km": 35120.0,
    "soc_pct": 90,
    "position": {"lat": 22.5431, "lon": 114.0579},
    "place": "南山车场",
    "findings": [],
    "received_by": "王师傅",
}
WORK: dict[str, Any] = {"kind": "repair", "title": "左前门钣金", "priority": "normal"}
MOST_CHECKS = 200
MOST_FINDINGS = 100
Paragraph = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(plain_text)]
ChecklistCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Its latest edition is kept; null: the only one the tenant has for it.",
        examples=["hand-over"],
    ),
]
LineNo = Annotated[int, Field(ge=1, le=999, description="Line of the lease.")]
DriverKey = Annotated[
    UUID, Field(strict=False, description="Key of a driver of the customer: whose licence counts.")
]


class Position(Input):
    """Where it was, WGS-84; a phone tells it."""

    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)


class CheckIn(Input):
    """A step as it was found."""

    step_no: int = Field(ge=1, le=1_000)
    result: Result
    note: Line | None = Field(None, description="What is wrong; needed with `fault`.")


class FindingIn(Input):
    """Something found on the vehicle."""

    kind: FindingKind = Field(description="`wear` is normal wear 正常磨损, never charged.")
    part: Name
    description: Line
    was_there: bool = Field(False, description="It was there when the vehicle went out.")
    estimate_fen: Fen | None = Field(None, description="What mending it costs; null: not known.")


class RecordIn(Input):
    """What people write down at a hand-over; null is not read, not named."""

    model_config = ConfigDict(json_schema_extra={"example": RECORD})

    checklist: ChecklistCode | None = None
    checks: list[CheckIn] = Field(default_factory=list, max_length=MOST_CHECKS)
    odometer_km: Kilometres | None = None
    soc_pct: Percent | None = None
    position: Position | None = None
    place: Line | None = None
    findings: list[FindingIn] = Field(default_factory=list, max_length=MOST_FINDINGS)
    received_by: Name | None = Field(None, description="Who took it, or gave it back.")
    remarks: Paragraph | None = None

    def record(self, *, handed_at: datetime | None = None, driver: UUID | None = None) -> Record:
        """As the service takes it."""
        return Record(
            handed_at=handed_at,
            driver=driver,
            checklist=self.checklist,
            checks=[Check(each.step_no, each.result, each.note) for each in self.checks],
            odometer_km=exact_or_none(self.odometer_km, 1),
            soc_pct=exact_or_none(self.soc_pct, 1),
            lat=None if self.position is None else self.position.lat,
            lon=None if self.position is None else self.position.lon,
            place=self.place,
            findings=[
                Finding(each.kind, each.part, each.description, each.was_there, each.estimate_fen)
                for each in self.findings
            ],
            received_by=self.received_by,
            remarks=self.remarks,
        )


class WorkIn(Input):
    """The work order it comes back into; it is off the road until that is done."""

    model_config = ConfigDict(json_schema_extra={"example": WORK})

    kind: WorkKind
    title: Line
    priority: Priority = "normal"
    description: Paragraph | None = None
    workshop: Line | None = None

    def work(self) -> NewWork:
        """As the service takes it."""
        return NewWork(self.kind, self.title, self.priority, self.description, self.workshop)


class HandOverIn(RecordIn):
    """A vehicle goes out to the customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line_no": 1,
                "vin": "LSGPC52U6AF102554",
                "driver": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a77",
                **RECORD,
            }
        }
    )

    line_no: LineNo
    vin: Vin
    driver: DriverKey | None = None
    handed_at: Instant | None = Field(None, description="Now, unless it is written down later.")
    starts_on: Day | None = Field(
        None, description="The lease begins on this day; with its first vehicle only."
    )
    override: bool = Field(False, description="In spite of what forbids it, with a reason.")
    reason: Line | None = Field(None, description="Why it is handed over all the same.")

    def overriding(self) -> hand_overs.Override | None:
        """As the service takes it."""
        return hand_overs.Override(self.reason) if self.override else None


class ReturnIn(RecordIn):
    """A vehicle comes back for good."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"line_no": 1, **RECORD, "checklist": "return", "findings": FINDINGS}
        }
    )

    line_no: LineNo
    handed_at: Instant | None = Field(None, description="Now, unless it is written down later.")
    work: WorkIn | None = Field(None, description="Null: it comes back into stock.")


class SwapIn(Input):
    """换车: the vehicle in the line comes back and another goes out, at the same instant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "line_no": 1,
                "vin": "LDC613P23A1305189",
                "driver": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a77",
                "swap_reason": "原车检修",
                "back": {"odometer_km": 36210.5, "soc_pct": 40},
                "out": {"odometer_km": 12000, "soc_pct": 95},
                "work": WORK,
            }
        }
    )

    line_no: LineNo
    vin: Vin
    driver: DriverKey | None = None
    handed_at: Instant | None = Field(None, description="Now, unless it is written down later.")
    swap_reason: Line
    back: RecordIn
    out: RecordIn
    work: WorkIn | None = Field(None, description="What the one that comes back goes into.")
    override: bool = Field(False, description="In spite of what forbids it, with a reason.")
    reason: Line | None = Field(None, description="Why it is handed over all the same.")

    def overriding(self) -> hand_overs.Override | None:
        """As the service takes it."""
        return hand_overs.Override(self.reason) if self.override else None
