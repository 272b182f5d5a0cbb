"""Expressions of custom rules over HTTP: whether one can be used, and what it may speak of."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerts.expressions import service as expressions
from alerts.expressions.words import CHOICES, FUNCTIONS
from api.models.text import Input

FIELD: Final[dict[str, Any]] = {
    "name": "charge_state",
    "chinese": "充电状态",
    "english": "charge state",
    "type": "text",
    "unit": None,
    "meaning": "Whether it charges, and how.",
    "chinese_meaning": "是否充电及充电方式。",
    "least": None,
    "most": None,
    "choices": [{"word": "full", "chinese": "充电完成", "english": "full"}],
}
FUNCTION: Final[dict[str, Any]] = {
    "name": "math.abs",
    "written": "math.abs(x)",
    "meaning": "Without its sign.",
    "chinese_meaning": "绝对值。",
    "example": "math.abs(pack_current_a) > 300",
}
OPERATOR: Final[dict[str, Any]] = {
    "sign": "in",
    "meaning": "One of a list, or in a list of texts.",
    "chinese_meaning": "属于列表之一。",
    "example": "gear in ['P', 'N']",
}
ExpressionText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2_000,
        description="An expression (CEL) over the fields of a sample and of a vehicle.",
        examples=["soc_pct < 15.0 && vehicle.model == 'EC35'"],
    ),
]


class ExpressionIn(Input):
    """An expression to be looked at."""

    model_config = ConfigDict(json_schema_extra={"example": {"expression": "soc_pct < 15.0"}})

    expression: ExpressionText


class ExpressionOut(BaseModel):
    """Whether an expression can be used, else what is wrong with it and where."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "valid": False,
                "fields": [],
                "problem": "there is no field soc",
                "reason": "unknown_name",
                "line": 1,
                "column": 1,
                "excerpt": "soc < 15.0\n^",
            }
        }
    )

    valid: bool
    fields: list[str] = Field(description="What it reads.")
    problem: str | None = None
    reason: str | None = Field(None, description="What kind of mistake it is, stable.")
    line: int | None = Field(None, description="From 1.")
    column: int | None = Field(None, description="From 1.")
    excerpt: str | None = Field(None, description="The line, and below it where the mistake is.")


class ExpressionWordOut(BaseModel):
    """A word that a field can be."""

    model_config = ConfigDict(json_schema_extra={"example": FIELD["choices"][0]})

    word: str = Field(description="As it stands in an expression.")
    chinese: str
    english: str


class ExpressionFieldOut(BaseModel):
    """A field that an expression may name."""

    model_config = ConfigDict(json_schema_extra={"example": FIELD})

    name: str = Field(description="As it stands in an expression.")
    chinese: str
    english: str
    type: Literal["int", "double", "text", "bool", "list"] = Field(
        description="`list`: of texts, asked with `in`."
    )
    unit: str | None
    meaning: str
    chinese_meaning: str
    least: float | None = Field(description="What a number can be, at least.")
    most: float | None = Field(description="What a number can be, at most.")
    choices: list[ExpressionWordOut] = Field(
        description="All words that a text can be; none: any text."
    )

    @classmethod
    def of(cls, field: expressions.ExpressionField) -> "ExpressionFieldOut":
        """As the checker knows it."""
        assert field.type != "null"
        words = (
            (word, *CHOICES.get(word, (word, word)))  # gears are called as they are written
            for word in field.choices
        )
        return cls(
            name=field.name,
            chinese=field.called.chinese,
            english=field.called.english,
            type=field.type,
            unit=field.unit or None,
            meaning=field.meaning,
            chinese_meaning=field.called.meaning,
            least=field.least,
            most=field.most,
            choices=[
                ExpressionWordOut(word=word, chinese=chinese, english=english)
                for word, chinese, english in words
            ],
        )


class ExpressionFunctionOut(BaseModel):
    """A function that an expression may call."""

    model_config = ConfigDict(json_schema_extra={"example": FUNCTION})

    name: str
    written: str = Field(description="How it is called.")
    meaning: str
    chinese_meaning: str
    example: str = Field(description="A condition that calls it.")


class ExpressionOperatorOut(BaseModel):
    """An operator of expressions."""

    model_config = ConfigDict(json_schema_extra={"example": OPERATOR})

    sign: str
    meaning: str
    chinese_meaning: str
    example: str = Field(description="A condition that uses it.")


class ExpressionFieldsOut(BaseModel):
    """What an expression may use."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"fields": [FIELD], "functions": [FUNCTION], "operators": [OPERATOR]}
        }
    )

    fields: list[ExpressionFieldOut]
    functions: list[ExpressionFunctionOut]
    operators: list[ExpressionOperatorOut]

    @classmethod
    def known(cls) -> "ExpressionFieldsOut":
        """All of it, in the order in which it is told."""
        return cls(
            fields=[ExpressionFieldOut.of(field) for field in expressions.FIELDS.values()],
            functions=[
                ExpressionFunctionOut(
                    name=name,
                    written=function.written,
                    meaning=function.meaning,
                    chinese_meaning=FUNCTIONS[name].chinese,
                    example=FUNCTIONS[name].example,
                )
                for name, function in expressions.FUNCTIONS.items()
            ],
            operators=[
                ExpressionOperatorOut(
                    sign=each.sign,
                    meaning=each.meaning,
                    chinese_meaning=each.chinese,
                    example=each.example,
                )
                for each in expressions.OPERATORS
            ],
        )
