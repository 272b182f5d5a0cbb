"""Escalation of alerts over HTTP."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.inbox.escalation.steps import MAX_AFTER_MIN, MAX_LEVELS_UP, MAX_STEPS
from alerts.inbox.service import Escalation, Step
from alerts.model import Severity
from api.models.text import Input, plain_text
from schemas.access import Role

STEP: dict[str, Any] = {
    "severity": "critical",
    "after_min": 15,
    "role": "manager",
    "levels_up": 0,
    "login": None,
}


class StepModel(Input):
    """Who is told when nobody has acknowledged an alert: a role, or one person."""

    model_config = ConfigDict(json_schema_extra={"example": STEP})

    severity: Severity = Field(description="Of alerts of this severity, and graver ones.")
    after_min: Annotated[int, Field(ge=1, le=MAX_AFTER_MIN)] = Field(
        description="Minutes since the alert was raised."
    )
    role: Role | None = None
    levels_up: Annotated[int, Field(ge=0, le=MAX_LEVELS_UP)] = Field(
        0, description="In which organisation: the alert's own, or so many above it."
    )
    login: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(plain_text)] | None = (
        Field(None, description="In place of a role; null, as the role, where out of your sight.")
    )

    def step(self) -> Step:
        """As the service takes it."""
        return Step(self.severity, self.after_min, self.role, self.levels_up, self.login)


class EscalationOut(BaseModel):
    """The escalation that holds for an organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation": "shenzhen-nanshan",
                "set_by": "shenzhen",
                "steps": [STEP],
                "version": 0,
            }
        }
    )

    organisation: str
    set_by: str | None = Field(description="Whose it is: its own, or of one above; null: none.")
    steps: list[StepModel]
    version: int = Field(ge=0, description="Of its own; 0: it has none.")

    @classmethod
    def of(cls, found: Escalation) -> "EscalationOut":
        """As the service gives it."""
        steps = [
            StepModel(
                severity=step.severity,
                after_min=step.after_min,
                role=step.role,
                levels_up=step.levels_up,
                login=step.login,
            )
            for step in found.steps
        ]
        return cls(
            organisation=found.organisation_code,
            set_by=found.set_by,
            steps=steps,
            version=found.version,
        )


class EscalationIn(Input):
    """Who is told next of what nobody acknowledges; no steps: nobody; null: as set above it."""

    model_config = ConfigDict(json_schema_extra={"example": {"steps": [STEP]}})

    steps: Annotated[list[StepModel], Field(max_length=MAX_STEPS)] | None
