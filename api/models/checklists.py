"""Checklists over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Input, Line, Name
from api.models.work_orders import ChecklistCode, StepOut
from fleet.checklists.service import Checklist, ChecklistDraft, ChecklistKind

DRAFT: dict[str, Any] = {
    "code": "battery-check",
    "kind": "battery_check",
    "title": "动力电池检查表",
    "steps": [{"text": "绝缘电阻", "photo": False}],
}
CHECKLIST: dict[str, Any] = {
    **DRAFT,
    "edition": 2,
    "steps": [{"no": 1, "text": "绝缘电阻", "photo": False}],
    "published_at": "2026-11-21T00:00:00Z",
}
ChecklistCodePath = Annotated[str, Path(max_length=63, description="Code of the checklist.")]


class StepIn(Input):
    """A step; they are numbered from 1 as they come."""

    text: Line
    photo: bool = Field(False, description="A photo is wanted with it.")


class ChecklistIn(Input):
    """A further edition of a checklist, or its first."""

    model_config = ConfigDict(json_schema_extra={"example": DRAFT})

    code: ChecklistCode
    kind: ChecklistKind = Field(description="For what work; `transfer`: between operators.")
    title: Name
    steps: list[StepIn] = Field(min_length=1, max_length=200)

    def draft(self) -> ChecklistDraft:
        """As the service takes it."""
        steps = tuple((step.text, step.photo) for step in self.steps)
        return ChecklistDraft(self.code, self.kind, self.title, steps)


class ChecklistOut(BaseModel):
    """An edition of a checklist, which stays as it is."""

    model_config = ConfigDict(json_schema_extra={"example": CHECKLIST})

    code: str
    edition: int = Field(ge=1)
    kind: ChecklistKind
    title: str
    steps: list[StepOut]
    published_at: datetime

    @classmethod
    def of(cls, checklist: Checklist) -> "ChecklistOut":
        """As the service gives it."""
        return cls(
            code=checklist.code,
            edition=checklist.edition,
            kind=checklist.kind,
            title=checklist.title,
            steps=[StepOut(no=s.no, text=s.text, photo=s.photo) for s in checklist.steps],
            published_at=checklist.published_at,
        )


class ChecklistEditions(ChecklistOut):
    """The latest edition of a checklist, and those before it, the latest first."""

    model_config = ConfigDict(json_schema_extra={"example": {**CHECKLIST, "earlier": []}})

    earlier: list[ChecklistOut]
