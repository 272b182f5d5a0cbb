"""Inspections over HTTP."""

from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import Fen
from api.models.paper_texts import Month
from api.models.recorded import RECORDED, RecordedOut, about
from api.models.text import Day, Input, Line
from fleet.compliance.inspections import month_text
from fleet.compliance.model import Inspection, InspectionForm
from fleet.compliance.printed import printed_month
from fleet.compliance.records import Recorded

INSPECTION: Final[dict[str, Any]] = {
    "form": "line",
    "inspected_on": "2026-05-12",
    "passed": True,
    "valid_to": "2027-05",
    "place": "深圳南山机动车检测站",
    "report_no": "440305-20260512-017",
    "note": None,
}
FORM: Final = (
    "`line`: on the inspection line; `sticker`: mark only; `printed`: no inspection, what the"
    " licence says was read off it on that day."
)


class InspectionIn(Input):
    """An inspection that was made, or what the licence says."""

    model_config = ConfigDict(json_schema_extra={"example": {**INSPECTION, "cost_fen": 12000}})

    form: InspectionForm = Field(description=FORM)
    inspected_on: Day
    passed: bool
    valid_to: Month | None = Field(
        None, description="The month the licence prints, which always wins; none if not passed."
    )
    place: Line | None = None
    report_no: Line | None = None
    note: Line | None = None
    cost_fen: Fen | None = Field(None, description="Null leaves what is known.")

    def inspection(self) -> Inspection:
        """As the service takes it."""
        return Inspection(
            form=self.form,
            inspected_on=self.inspected_on,
            passed=self.passed,
            valid_to_on=None if self.valid_to is None else printed_month(self.valid_to),
            place=self.place,
            report_no=self.report_no,
            note=self.note,
        )


class InspectionPaper(BaseModel):
    """What an inspection says."""

    model_config = ConfigDict(json_schema_extra={"example": INSPECTION})

    form: InspectionForm = Field(description=FORM)
    inspected_on: date
    passed: bool
    valid_to: str | None = Field(description="The month the licence prints, YYYY-MM.")
    place: str | None
    report_no: str | None
    note: str | None

    @classmethod
    def of_paper(cls, inspection: Inspection) -> "InspectionPaper":
        """As the service gives it."""
        return cls(**told_of(inspection))


class InspectionOut(InspectionPaper, RecordedOut):
    """An inspection. What it cost: `GET /vehicles/{vin}/costs`."""

    model_config = ConfigDict(json_schema_extra={"example": {**RECORDED, **INSPECTION}})

    @classmethod
    def of(cls, recorded: Recorded[Inspection]) -> "InspectionOut":
        """As the service gives it."""
        return cls(**about(recorded), **told_of(recorded.paper))


def told_of(inspection: Inspection) -> dict[str, Any]:
    """The fields of an inspection."""
    on = inspection.valid_to_on
    told = {name: getattr(inspection, name) for name in INSPECTION if name != "valid_to"}
    return {**told, "valid_to": None if on is None else month_text(on)}
