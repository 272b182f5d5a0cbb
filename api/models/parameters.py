"""Dated figures of law over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from api.models.text import Day, Input, Line
from fleet.figures import KINDS
from fleet.parameters.model import DatedFigures

FIGURES_EXAMPLE: Final[dict[str, Any]] = {
    "valid_from_on": "2026-12-01",
    "content": {"months": 2},
    "source": "集团运营规定 2026-11 §3",
    "own": True,
    "recorded_by": "li.na",
    "recorded_at": "2026-11-21T08:00:00Z",
}
NAMED: Final = {
    "name": "inspection.early_window",
    "meaning": "How many months before expiry an inspection may be done",
    "chinese": "提前检验月数",
}


class FiguresOut(BaseModel):
    """What a parameter holds from a day on."""

    model_config = ConfigDict(json_schema_extra={"example": FIGURES_EXAMPLE})

    valid_from_on: date
    content: dict[str, Any]
    source: str = Field(description="Where it is written.")
    own: bool = Field(description="Of your tenant; else everybody's. Your own come first.")
    recorded_by: str | None = Field(description="Null where out of your sight.")
    recorded_at: datetime


class ParameterOut(FiguresOut):
    """A parameter and what it holds on the day that was asked for."""

    model_config = ConfigDict(json_schema_extra={"example": NAMED | FIGURES_EXAMPLE})

    name: str
    meaning: str
    chinese: str = Field(description="The meaning in Chinese.")

    @classmethod
    def of(cls, figures: DatedFigures) -> "ParameterOut":
        """As the service gives it."""
        kind = KINDS[figures.name]
        return cls(**dict(figures), meaning=kind.meaning, chinese=kind.chinese)


class ParameterHistory(BaseModel):
    """Everything that was ever written of a parameter."""

    model_config = ConfigDict(json_schema_extra={"example": NAMED | {"history": [FIGURES_EXAMPLE]}})

    name: str
    meaning: str
    chinese: str = Field(description="The meaning in Chinese.")
    history: list[FiguresOut] = Field(
        description="The last day first; of a day, what counts comes first."
    )

    @classmethod
    def of(cls, name: str, rows: list[DatedFigures]) -> "ParameterHistory":
        """As the service gives it."""
        kind = KINDS[name]
        history = [FiguresOut(**row.model_dump(exclude={"name"})) for row in rows]
        return cls(name=name, meaning=kind.meaning, chinese=kind.chinese, history=history)


Content = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            "title": "Content",
            "description": "All of what the parameter holds, as `content` of its history shows.",
        }
    ),
]


class FiguresIn(Input):
    """Figures of your own, from a day on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "valid_from_on": "2026-12-01",
                "content": {"months": 2},
                "source": "集团运营规定 2026-11 §3",
            }
        }
    )

    valid_from_on: Annotated[Day, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
    content: Content
    source: Line = Field(description="By what: a law, an order, a decision of yours.")
