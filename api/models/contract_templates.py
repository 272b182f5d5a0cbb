"""Texts of contracts over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models.text import Input, Line, plain_text
from fleet.contracts import model
from fleet.contracts.model import Concern, LeaseKind
from fleet.contracts.service import Template, TemplateDraft

CLAUSE: dict[str, Any] = {
    "no": "1",
    "heading": "押金",
    "paragraphs": ["乙方应当在交车前向甲方支付押金{deposit_total}。"],
    "highlighted": True,
    "concerns": "deposit",
}
TEMPLATE: dict[str, Any] = {
    "code": "long-rent",
    "edition": 1,
    "lease_kind": "long",
    "title": "新能源物流车租赁合同",
    "sha256": "5b" * 32,
    "published_at": "2026-11-21T01:00:00Z",
}
TemplateCode = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Code of a contract text: a–z, 0–9, hyphen.",
        examples=["long-rent"],
    ),
]
TemplateCodePath = Annotated[str, Path(max_length=63, description="Code of the text.")]
Paragraph = Annotated[str, Field(min_length=1, max_length=4_000), AfterValidator(plain_text)]


class ClauseIn(Input):
    """A clause; `{placeholders}` are filled in from the lease."""

    model_config = ConfigDict(json_schema_extra={"example": CLAUSE})

    no: Annotated[str, Field(min_length=1, max_length=3, pattern=r"^[0-9]{1,3}$")]
    heading: Line
    paragraphs: list[Paragraph] = Field(min_length=1, max_length=50)
    highlighted: bool = Field(False, description="Boxed, and acknowledged before signing.")
    concerns: Concern | None = Field(None, description="What terms of a lease may stand on it for.")


class TemplateIn(Input):
    """An edition of a text to be published."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "long-rent",
                "lease_kind": "long",
                "title": "新能源物流车租赁合同",
                "clauses": [CLAUSE],
            }
        }
    )

    code: TemplateCode
    lease_kind: LeaseKind
    title: Line
    clauses: list[ClauseIn] = Field(min_length=1, max_length=200)

    def draft(self) -> TemplateDraft:
        """As the service takes it."""
        return TemplateDraft(
            self.code,
            self.lease_kind,
            self.title,
            tuple(model.Clause(**one.model_dump()) for one in self.clauses),
        )


class ClauseOut(BaseModel):
    """A clause of a text."""

    no: str
    heading: str
    paragraphs: list[str]
    highlighted: bool
    concerns: Concern | None

    @classmethod
    def of(cls, clause: model.Clause) -> "ClauseOut":
        """As the service gives it."""
        return cls(
            no=clause.no,
            heading=clause.heading,
            paragraphs=list(clause.paragraphs),
            highlighted=clause.highlighted,
            concerns=clause.concerns,
        )


class TemplateOut(BaseModel):
    """An edition of a text in a list."""

    model_config = ConfigDict(json_schema_extra={"example": TEMPLATE})

    code: str
    edition: int
    lease_kind: LeaseKind
    title: str
    sha256: str = Field(description="Of title and clauses.")
    published_at: datetime

    @classmethod
    def of(cls, template: Template) -> "TemplateOut":
        """As the service gives it."""
        return cls(**fields_of(template))


class TemplateDetailOut(TemplateOut):
    """An edition of a text with its clauses, and the earlier editions."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**TEMPLATE, "clauses": [CLAUSE], "earlier": []}}
    )

    clauses: list[ClauseOut]
    earlier: list[TemplateOut]

    @classmethod
    def of_editions(cls, editions: list[Template]) -> "TemplateDetailOut":
        """As the service gives them, the latest first."""
        latest, *earlier = editions
        return cls(
            **fields_of(latest),
            clauses=[ClauseOut.of(one) for one in latest.clauses],
            earlier=[TemplateOut.of(one) for one in earlier],
        )


def fields_of(template: Template) -> dict[str, Any]:
    """What a list tells of a text."""
    return {
        "code": template.code,
        "edition": template.edition,
        "lease_kind": template.lease_kind,
        "title": template.title,
        "sha256": template.sha256.hex(),
        "published_at": template.published_at,
    }
