"""The shapes of the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done. `no` counts within the chain of the actor's organisation."""

    organisation_code: str
    no: int
    at: datetime
    actor_kind: str
    actor_name: str
    action: str
    object_kind: str
    object_key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    ip: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """An entry as its digest was made of it: every field as text, and both digests."""

    organisation_id: int
    no: int
    fields: list[str | None]
    previous_digest: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """An entry with what proves it: its fields as they were digested, and both digests."""

    entry: AuditEntry
    fields: list[str | None]
    previous_digest: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a chain: the number and digest of its last entry."""

    organisation_id: int
    no: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class ChainFault:
    """What is wrong with a chain, and at which entry."""

    organisation_id: int
    no: int
    fault: str
