"""Everything of one vehicle's papers over HTTP."""

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.battery_tests import BatteryTestPaper
from api.models.inspections import INSPECTION, InspectionPaper
from api.models.insurance import PolicyPaper
from api.models.licences import LICENCE, LicenceOut
from api.models.permits import PermitPaper
from fleet.compliance.model import Block, ObligationKind, PaperWarning
from fleet.compliance.records import DueObligation, PapersOfVehicle
from fleet.due import DueStatus
from fleet.due_titles import PAPER_TITLES

DUE: Final[dict[str, Any]] = {
    "kind": "compulsory",
    "reference": "",
    "title_en": "Compulsory insurance",
    "title_zh": "交强险",
    "status": "overdue",
    "due_on": "2026-06-30",
    "due_at": "2026-06-30T16:00:00Z",
    "window_from_on": "2026-05-31",
    "overdue_days": 144,
    "facts": {"covered": False, "policy_no": "PDZA202544030001", "insurer": "平安财险"},
}
BLOCK: Final[dict[str, Any]] = {
    "kind": "compulsory_lapsed",
    "rule": "机动车交通事故责任强制保险条例 §20, §38",
    "paper": "compulsory",
    "paper_no": "PDZA202544030001",
    "since_on": "2026-07-01",
    "message_en": "There has been no compulsory insurance since 2026-07-01.",
    "message_zh": "交强险自2026年7月1日起脱保。",
}


class PaperDueOut(BaseModel):
    """What falls due from papers, and how it stands today."""

    model_config = ConfigDict(json_schema_extra={"example": DUE})

    kind: ObligationKind
    reference: str = Field(description="Which of its kind; empty: the only one.")
    title_en: str
    title_zh: str
    status: DueStatus = Field(
        description="`missing`: no record says when; `overdue`: its last good day is over; `due`:"
        " it may be done now; `ahead`."
    )
    due_on: date | None = Field(description="The last day on which all is well.")
    due_at: datetime | None = Field(description="The instant a paper ends at, where it names one.")
    window_from_on: date | None = Field(description="The first day on which it may be done.")
    overdue_days: int = Field(description="Days since the last good day; 0 while all is well.")
    facts: dict[str, Any] = Field(description="What it follows from, by kind.")

    @classmethod
    def of(cls, due: DueObligation) -> "PaperDueOut":
        """As the service gives it."""
        each = due.obligation
        return cls(
            kind=each.kind,
            reference=each.reference,
            title_en=PAPER_TITLES[each.kind].en,
            title_zh=PAPER_TITLES[each.kind].zh,
            status=due.status,
            due_on=each.due_on,
            due_at=each.due_at,
            window_from_on=each.window_from_on,
            overdue_days=due.overdue_days,
            facts=each.facts,
        )


class FindingOut(BaseModel):
    """Why a vehicle may not be handed over, or what speaks against it."""

    model_config = ConfigDict(json_schema_extra={"example": BLOCK})

    kind: str = Field(description="A stable word.")
    rule: str = Field(description="Where it is written.")
    paper: str = Field(description="The kind of paper.")
    paper_no: str | None
    since_on: date | None = Field(description="The first day it was so; null: no record.")
    message_en: str
    message_zh: str

    @classmethod
    def of(cls, finding: Block | PaperWarning) -> "FindingOut":
        """As the service gives it."""
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class PapersOut(BaseModel):
    """A vehicle's papers, what falls due from them, and what forbids to hand it over."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "licence": {**LICENCE, "version": 1},
                "inspection": {**INSPECTION, "note": "制动复检合格"},
                "policies": [],
                "permits": [],
                "battery_test": None,
                "obligations": [DUE],
                "blocks": [BLOCK],
                "warnings": [],
            }
        }
    )

    licence: LicenceOut | None = Field(description="Null: it was not written down yet.")
    inspection: InspectionPaper | None = Field(description="The one whose month counts.")
    policies: list[PolicyPaper] = Field(description="In force and to come.")
    permits: list[PermitPaper]
    battery_test: BatteryTestPaper | None = Field(description="The latest.")
    obligations: list[PaperDueOut] = Field(description="What is missing first, then by day.")
    blocks: list[FindingOut] = Field(description="What forbids to hand it over now.")
    warnings: list[FindingOut] = Field(description="What only speaks against it.")

    @classmethod
    def of(cls, papers: PapersOfVehicle) -> "PapersOut":
        """As the service gives it."""
        inspection, test = papers.inspection, papers.battery_test
        return cls(
            licence=papers.licence and LicenceOut.of(papers.licence),
            inspection=inspection and InspectionPaper.of_paper(inspection),
            policies=[PolicyPaper.of_paper(policy) for policy in papers.policies],
            permits=[PermitPaper.of_paper(permit) for permit in papers.permits],
            battery_test=test and BatteryTestPaper.of_paper(test),
            obligations=[PaperDueOut.of(due) for due in papers.obligations],
            blocks=[FindingOut.of(block) for block in papers.blocks],
            warnings=[FindingOut.of(warning) for warning in papers.warnings],
        )
