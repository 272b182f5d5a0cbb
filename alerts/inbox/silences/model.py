"""Decides how long a silence lasts, and what it matches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from alerts.model import Severity

MAX_SILENCE: Final = timedelta(days=90)
Stand = Literal["coming", "silent", "over"]


@dataclass(frozen=True, slots=True)
class Matching:
    """What is silenced: all that are given must match; nothing given matches all."""

    rules: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    vins: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        """As the database keeps it: what is given.

        >>> Matching(kinds=("offline",)).stored()
        {'kinds': ['offline']}
        """
        given = {
            "rules": self.rules,
            "kinds": self.kinds,
            "severities": self.severities,
            "vins": self.vins,
        }
        return {name: list(each) for name, each in given.items() if each}


def matching_of(stored: Mapping[str, Any]) -> Matching:
    """What the database keeps."""
    return Matching(**{name: tuple(each) for name, each in stored.items()})


@dataclass(frozen=True, slots=True)
class Silence:
    """A window, of an organisation and all below it."""

    id: int
    key: UUID
    tenant_id: int
    organisation_code: str
    reason: str
    matching: Matching
    from_at: datetime
    until_at: datetime
    created_by: str | None
    created_at: datetime
    ended_by: str | None
    version: int

    def stand(self, now: datetime) -> Stand:
        """Where it stands now."""
        if now >= self.until_at:
            return "over"
        return "coming" if now < self.from_at else "silent"


def may_last(from_at: datetime, until_at: datetime, now: datetime) -> bool:
    """Whether a silence may be of this time: to come, and not for long."""
    return from_at < until_at and now < until_at <= from_at + MAX_SILENCE
