"""How an error is told: RFC 9457 problem details."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class FieldProblem(BaseModel):
    """One input at fault."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "field": "query.limit",
                "code": "less_than_equal",
                "message": "Input should be less than or equal to 200",
            }
        }
    )

    field: str = Field(description="Where: `body.vin`, `query.limit`, or the name of the field.")
    code: str = Field(description="Why, stable.")
    message: str = Field(description="Why, in words.")


class Problem(BaseModel):
    """What went wrong, where, and how to find it in the log."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/api/v1/problems#vehicle_not_found",
                "title": "No such vehicle",
                "status": 404,
                "detail": "no vehicle has the VIN 'LSGPC52U6AF102554'",
                "code": "vehicle_not_found",
                "instance": "/api/v1/vehicles/LSGPC52U6AF102554",
                "request_id": "5f0c5be0c2b14bd2a2e9f4d0f4c5a1c7",
                "facts": {"vin": "LSGPC52U6AF102554"},
            }
        }
    )

    type: str = Field(description="A reference that names the kind of problem.")
    title: str = Field(description="The kind in words, in the language asked for.")
    status: int = Field(ge=400, le=599, description="The HTTP status, once more.")
    detail: str | None = Field(None, description="This occurrence in words.")
    code: str = Field(description="Stable; programs compare this.")
    instance: str = Field(description="The path that was asked for.")
    request_id: str | None = Field(None, description="Stands in our log and in X-Request-Id.")
    facts: dict[str, Any] | None = Field(None, description="What the words are made of.")
    errors: list[FieldProblem] | None = Field(None, description="Every input at fault.")


class ProblemKind(BaseModel):
    """A kind of problem."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "vehicle_not_found",
                "status": 404,
                "title": "No such vehicle",
                "title_zh": "车辆不存在",
            }
        }
    )

    code: str
    status: int = Field(ge=400, le=599, description="The HTTP status it comes with.")
    title: str
    title_zh: str
