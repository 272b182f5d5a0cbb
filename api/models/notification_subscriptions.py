"""Subscriptions over HTTP: which alerts go to a channel, and at which hours."""

from datetime import datetime, time
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.model import Severity
from alerts.notify.service import Subscription, Wanted
from api.models.actors import Writer
from api.models.text import Code, Input, plain_text

WANTED: Final[dict[str, Any]] = {
    "least_severity": "warning",
    "kinds": None,
    "tells_resolved": False,
    "digest": "none",
    "digest_at": "08:30",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "critical_anyway": True,
    "language": "zh",
    "enabled": True,
}
SUBSCRIPTION: Final[dict[str, Any]] = {
    "key": "0c1f7d3f-4d11-4b53-9b1e-2f6a6f0a1f0e",
    "organisation": "shenzhen-nanshan",
    "channel": "7d3f1f0e-6f0a-4b53-9b1e-2f6a0c1f4d11",
    "channel_name": "南山值班群",
    "owner": None,
    **WANTED,
    "created_by": "nanshan.manager",
    "created_at": "2026-11-22T02:00:00Z",
    "version": 1,
}
SubscriptionKeyPath = Annotated[UUID, Path(description="Key of the subscription.")]
Digest = Literal["none", "hourly", "daily"]
Language = Literal["zh", "en"]
TimeOfDay = Annotated[
    str,
    Field(
        min_length=5,
        max_length=5,
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        description="By the organisation's clock.",
        examples=["22:00"],
    ),
]
KindName = Annotated[str, Field(min_length=1, max_length=41), AfterValidator(plain_text)]


class SubscriptionOut(BaseModel):
    """Which alerts of an organisation, and of all below it, go to a channel, and when not."""

    model_config = ConfigDict(json_schema_extra={"example": SUBSCRIPTION})

    key: UUID
    organisation: str
    channel: UUID
    channel_name: str
    owner: str | None = Field(description="Whose own the channel is.")
    least_severity: Severity
    kinds: list[str] | None = Field(description="Kinds of rules; null = all one may see.")
    tells_resolved: bool
    digest: Digest
    digest_at: str
    quiet_from: str | None
    quiet_until: str | None
    critical_anyway: bool
    language: Language
    enabled: bool
    created_by: Writer
    created_at: datetime
    version: int = Field(ge=1)

    @classmethod
    def of(cls, found: Subscription) -> "SubscriptionOut":
        """As the service gives it."""
        renamed = {
            "organisation": found.organisation_code,
            "channel": found.channel_key,
            "kinds": None if found.kinds is None else list(found.kinds),
            "digest_at": _clock(found.digest_at),
            "quiet_from": _clock(found.quiet_from),
            "quiet_until": _clock(found.quiet_until),
        }
        same = {name: getattr(found, name) for name in cls.model_fields.keys() - renamed.keys()}
        return cls(**same, **renamed)


class WantedIn(Input):
    """What is to be told, and when."""

    least_severity: Severity = Field("warning", description="That, and what is worse.")
    kinds: Annotated[list[KindName], Field(max_length=60)] | None = Field(
        None, description="Kinds of rules; null = all."
    )
    tells_resolved: bool = Field(False, description="Whether it is told, too, that one is over.")
    digest: Digest = Field("none", description="Told together, once an hour or once a day.")
    digest_at: TimeOfDay = "08:30"
    quiet_from: TimeOfDay | None = Field(None, description="What comes from then on waits.")
    quiet_until: TimeOfDay | None = None
    critical_anyway: bool = Field(
        True, description="Whether what is critical is told at once all the same."
    )
    language: Language = "zh"
    enabled: bool = True

    def wanted(self) -> Wanted:
        """As the service takes it."""
        given = {name: getattr(self, name) for name in WANTED}
        for name in ("digest_at", "quiet_from", "quiet_until"):
            given[name] = None if given[name] is None else time.fromisoformat(given[name])
        kinds = None if self.kinds is None else tuple(self.kinds)
        return Wanted(**{**given, "kinds": kinds})


class SubscriptionIn(WantedIn):
    """A new subscription."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"channel": SUBSCRIPTION["channel"], "organisation": None} | WANTED
        }
    )

    channel: UUID = Field(strict=False, description="Key of a channel.")
    organisation: Code | None = Field(
        None, description="Whose alerts, and of all below it; the one acted for unless said."
    )


class SubscriptionChange(WantedIn):
    """A subscription as it is to be, whole."""

    model_config = ConfigDict(json_schema_extra={"example": WANTED})


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
