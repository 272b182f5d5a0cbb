"""The shapes of consents and of all that is kept of a person, and when a consent counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

ConsentKind = Literal["location", "contract_text", "personal_data", "electronic_notice", "sharing"]
CONSENT_KINDS: Final[tuple[ConsentKind, ...]] = get_args(ConsentKind)
"""行踪轨迹 (PIPL §29: separate), the text of the contract, the processing of personal data, notices
by electronic means, sharing with others (PIPL §23)."""
ConsentMethod = Literal["signed_paper", "signed_contract", "online", "message", "in_person"]
CONSENT_METHODS: Final[tuple[ConsentMethod, ...]] = get_args(ConsentMethod)


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What somebody agreed to, as it is written down. `text_sha256` is of the very words."""

    kind: ConsentKind
    text_version: str
    text_sha256: bytes
    given_by: str
    given_at: datetime
    method: ConsentMethod
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was given, perhaps withdrawn since."""

    key: UUID
    customer_id: int
    customer_no: str
    kind: ConsentKind
    text_version: str
    text_sha256: bytes
    given_by: str
    given_at: datetime
    method: ConsentMethod
    evidence: str | None
    recorded_by: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_note: str | None

    def in_force_at(self, at: datetime) -> bool:
        """Whether it counts at that instant: from the one it was given until it was withdrawn."""
        return self.given_at <= at and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class Party:
    """Who a customer number stands for: the customer and all that were merged into it."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    customer_no: str
    merged_into_no: str | None
    erased_at: datetime | None
    family_ids: list[int]
    family_nos: list[str]


@dataclass(frozen=True, slots=True)
class Person:
    """All that the slice keeps of a person, in clear, ready to be written as JSON."""

    party: Party
    cards: list[Mapping[str, Any]]
    accounts: list[Mapping[str, Any]]
    drivers: list[Mapping[str, Any]]
    consents: list[Mapping[str, Any]]
    blacklistings: list[Mapping[str, Any]]
