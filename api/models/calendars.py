"""Calendars to subscribe to, over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Code, Input, Name
from fleet.calendar.model import Feed

EXAMPLE: dict[str, Any] = {
    "key": "6f1d0d3e-5b0a-4a55-9c3f-0f8f2f3b6a10",
    "name": "车务到期",
    "organisation": "shenzhen-qianxing",
    "created_by": "lin",
    "created_at": "2026-11-21T00:00:00Z",
    "revoked_at": None,
    "last_fetched_at": None,
}


class CalendarFeedIn(Input):
    """A new calendar."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "车务到期", "organisation": "shenzhen-qianxing"}}
    )

    name: Name
    organisation: Code = Field(description="Whose vehicles are in it, and those below it.")


class CalendarFeedOut(BaseModel):
    """A calendar; who has its address reads it, until it is revoked."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    key: UUID
    name: str
    organisation: str
    created_by: str | None = Field(description="Null for the system, and out of your sight.")
    created_at: datetime
    revoked_at: datetime | None
    last_fetched_at: datetime | None = Field(description="To the hour.")

    @classmethod
    def of(cls, feed: Feed) -> "CalendarFeedOut":
        """As the service gives it."""
        return cls(**_told(feed))


class CalendarFeedMade(CalendarFeedOut):
    """A new calendar with its address, which is told only now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": EXAMPLE | {"url": f"https://guanche.example/api/v1/calendars/{'x' * 43}.ics"}
        }
    )

    url: str = Field(description="Keep it as a password: it needs no log-in.")

    @classmethod
    def made(cls, feed: Feed, url: str) -> "CalendarFeedMade":
        """As the service gives it, with its address."""
        return cls(**_told(feed), url=url)


def _told(feed: Feed) -> dict[str, Any]:
    same = {
        name: getattr(feed, name) for name in CalendarFeedOut.model_fields if name != "organisation"
    }
    return same | {"organisation": feed.organisation_code}
