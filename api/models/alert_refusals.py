"""What could not be taken of alerts, over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from alerts.model import SubjectKind
from alerts.refusals.faults import Reason
from alerts.refusals.model import Source, What
from alerts.refusals.service import ShownRefusal

REFUSAL: dict[str, Any] = {
    "id": 17,
    "what": "finding",
    "source": "telemetry",
    "organisation": "shenzhen-nanshan",
    "rule": "low_soc_parked",
    "reason": "bad_value",
    "fault": "NumericValueOutOfRange",
    "subject_kind": "vehicle",
    "subject": "LSGPC52U6AF102554",
    "times": 3,
    "refused_at": "2026-11-22T01:05:01Z",
    "last_refused_at": "2026-11-22T01:25:01Z",
    "settled_at": None,
}
OF_DETAIL: dict[str, Any] = {
    "occurrence": "1795309501000000",
    "facts": {"soc_pct": 18.5, "raise_at": 20},
}


class AlertRefusalOut(BaseModel):
    """A finding or a clearing that could not be written, or a rule that could not be judged."""

    model_config = ConfigDict(json_schema_extra={"example": REFUSAL})

    id: int
    what: What
    source: Source
    organisation: str
    rule: str = Field(description="Code of the rule.")
    reason: Reason = Field(
        description="`constraint`, `bad_value`, `raised`: what the database said of it;"
        " `rule_failed`: the rule could not be judged; `program`: ours failed on it."
    )
    fault: str | None = Field(
        description="What kind of fault it is, or the mistake in the rule's expression. The rest of"
        " what was said may name what is not yours: whoever runs the installation reads it."
    )
    subject_kind: SubjectKind | None
    subject: str | None = Field(
        description="What it is about, as an alert calls it; null: a rule, or out of your sight."
    )
    times: int = Field(description="How often it was refused.")
    refused_at: datetime = Field(description="When first.")
    last_refused_at: datetime
    settled_at: datetime | None = Field(
        description="When it was taken after all, or was over, or the rule could be judged."
    )

    @classmethod
    def of(cls, refusal: ShownRefusal) -> "AlertRefusalOut":
        """As the service gives it."""
        return cls(**_told(refusal))


class AlertRefusalDetail(AlertRefusalOut):
    """The same with the figures that were found."""

    model_config = ConfigDict(json_schema_extra={"example": REFUSAL | OF_DETAIL})

    occurrence: str | None = Field(description="Which time it was, as the rule counts.")
    facts: dict[str, Any] = Field(
        description="Numbers, and yes or no, of what the rule saw; without places for who lacks"
        " `location.read`."
    )

    @classmethod
    def of_detail(cls, refusal: ShownRefusal) -> "AlertRefusalDetail":
        """As the service gives it."""
        return cls(**_told(refusal), occurrence=refusal.occurrence, facts=dict(refusal.facts))


def _told(refusal: ShownRefusal) -> dict[str, Any]:
    renamed = {
        "organisation": refusal.organisation_code,
        "rule": refusal.rule_code,
        "subject": refusal.subject_key,
    }
    own = AlertRefusalOut.model_fields.keys() - renamed.keys()
    return {name: getattr(refusal, name) for name in own} | renamed
