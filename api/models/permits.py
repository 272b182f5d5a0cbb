"""Transport permits over HTTP."""

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import Fen
from api.models.paper_texts import PaperNumber
from api.models.recorded import RECORDED, RecordedOut, about
from api.models.text import Day, Input, Name
from fleet.compliance.model import Permit
from fleet.compliance.records import Recorded

CHANGE: Final[dict[str, Any]] = {
    "holder": "青帆新能源",
    "valid_to_on": "2030-01-04",
    "reviewed_to_on": "2027-01-31",
    "technical_to_on": "2027-01-31",
}
PERMIT: Final[dict[str, Any]] = {
    "permit_no": "粤交运管深字440300123456号",
    "issued_on": "2026-01-05",
    **CHANGE,
    "withdrawn_at": None,
    "version": 1,
}
HOLDER: Final = "Who holds it: it must not be rented out, 道路运输条例 §33."
REVIEWED: Final = "The last day of its yearly review, 年度审验."
TECHNICAL: Final = "The last day of the technical inspection, 技术检测."


class PermitChange(Input):
    """What a permit says now; null where it names no day."""

    model_config = ConfigDict(json_schema_extra={"example": CHANGE})

    holder: Name = Field(description=HOLDER)
    valid_to_on: Day | None = None
    reviewed_to_on: Day | None = Field(None, description=REVIEWED)
    technical_to_on: Day | None = Field(None, description=TECHNICAL)

    def permit(self, permit_no: str, issued_on: date, version: int = 1) -> Permit:
        """As the service takes it."""
        told = {name: getattr(self, name) for name in CHANGE}
        return Permit(permit_no=permit_no, issued_on=issued_on, version=version, **told)


class PermitIn(PermitChange):
    """A new permit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "permit_no": "粤交运管深字440300123456号",
                "issued_on": "2026-01-05",
                **CHANGE,
                "cost_fen": 1000,
            }
        }
    )

    permit_no: PaperNumber
    issued_on: Day
    cost_fen: Fen | None = None


class PermitPaper(BaseModel):
    """What a permit says."""

    model_config = ConfigDict(json_schema_extra={"example": PERMIT})

    permit_no: str
    holder: str = Field(description=HOLDER)
    issued_on: date
    valid_to_on: date | None
    reviewed_to_on: date | None = Field(description=REVIEWED)
    technical_to_on: date | None = Field(description=TECHNICAL)
    withdrawn_at: datetime | None
    version: int = Field(ge=1)

    @classmethod
    def of_paper(cls, permit: Permit) -> "PermitPaper":
        """As the service gives it."""
        return cls(**told_of(permit))


class PermitOut(PermitPaper, RecordedOut):
    """A permit."""

    model_config = ConfigDict(json_schema_extra={"example": {**RECORDED, **PERMIT}})

    @classmethod
    def of(cls, recorded: Recorded[Permit]) -> "PermitOut":
        """As the service gives it."""
        return cls(**about(recorded), **told_of(recorded.paper))


def told_of(permit: Permit) -> dict[str, Any]:
    """The fields of a permit."""
    return {name: getattr(permit, name) for name in PERMIT}
