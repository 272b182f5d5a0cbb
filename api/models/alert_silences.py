"""Silences of alerts over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.inbox.service import Matching, Silence
from alerts.inbox.silences.model import Stand
from alerts.model import Severity
from api.models.actors import Writer
from api.models.text import Code, Input, Instant, Line, Vin, plain_text

MATCHING: dict[str, Any] = {
    "rules": [],
    "kinds": ["offline"],
    "severities": [],
    "vins": ["LSGPC52U6AF102554"],
}
SILENCE: dict[str, Any] = {
    "key": "2f0c8f5e-55a1-4c1f-8b8e-9f1f6a7f9a10",
    "organisation": "shenzhen-nanshan",
    "reason": "终端升级",
    "matching": MATCHING,
    "from_at": "2026-11-22T14:00:00Z",
    "until_at": "2026-11-22T18:00:00Z",
    "stand": "coming",
    "created_by": "nanshan.ops",
    "created_at": "2026-11-22T02:00:00Z",
    "ended_by": None,
    "version": 1,
}
KeyPath = Annotated[UUID, Path(description="Key of the silence.")]
Word = Annotated[str, Field(min_length=1, max_length=41), AfterValidator(plain_text)]


class MatchingModel(Input):
    """What is silenced: all that are given must match; nothing given matches all."""

    model_config = ConfigDict(json_schema_extra={"example": MATCHING})

    rules: Annotated[list[Word], Field(max_length=50)] = Field([], description="Codes of rules.")
    kinds: Annotated[list[Word], Field(max_length=50)] = Field([], description="Kinds of rules.")
    severities: Annotated[list[Severity], Field(max_length=3)] = Field([])
    vins: Annotated[list[Vin], Field(max_length=1_000)] = Field([])

    def matching(self) -> Matching:
        """As the service takes it."""
        return Matching(
            tuple(self.rules), tuple(self.kinds), tuple(self.severities), tuple(self.vins)
        )


class SilenceOut(BaseModel):
    """A window in which nobody is told of what matches; it is raised all the same."""

    model_config = ConfigDict(json_schema_extra={"example": SILENCE})

    key: UUID
    organisation: str = Field(description="Its own alerts, and those of all below it.")
    reason: str
    matching: MatchingModel
    from_at: datetime
    until_at: datetime
    stand: Stand
    created_by: Writer
    created_at: datetime
    ended_by: str | None = Field(
        description="Who ended it before its time; null, too, where out of your sight."
    )
    version: int = Field(ge=1)

    @classmethod
    def of(cls, silence: Silence, now: datetime) -> "SilenceOut":
        """As the service gives it."""
        same = ("key", "reason", "from_at", "until_at", "created_by", "created_at", "ended_by")
        told = {name: getattr(silence, name) for name in (*same, "version")}
        matching = MatchingModel(
            rules=list(silence.matching.rules),
            kinds=list(silence.matching.kinds),
            severities=list(silence.matching.severities),
            vins=list(silence.matching.vins),
        )
        return cls(
            **told,
            organisation=silence.organisation_code,
            matching=matching,
            stand=silence.stand(now),
        )


class SilenceIn(Input):
    """A window in which nobody is to be told of what matches."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation": "shenzhen-nanshan",
                "reason": "终端升级",
                "matching": MATCHING,
                "from_at": "2026-11-22T22:00:00+08:00",
                "until_at": "2026-11-23T02:00:00+08:00",
            }
        }
    )

    organisation: Code | None = Field(None, description="Your own unless said.")
    reason: Line
    matching: MatchingModel
    from_at: Instant | None = Field(None, description="Now unless said.")
    until_at: Instant = Field(description="Within 90 days of its beginning.")
