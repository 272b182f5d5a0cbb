"""What the parts of alerts say to one another: what was found, and what is so no longer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

Severity = Literal["info", "warning", "critical"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
"""From the least to the gravest."""
SubjectKind = Literal["vehicle", "lease", "bill", "contract", "work_order"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about, by its id inside and the name people use: a VIN, a lease number."""

    kind: SubjectKind
    id: int
    key: str


@dataclass(frozen=True, slots=True)
class Links:
    """What else belongs to it, by ids inside."""

    vehicle_id: int | None = None
    lease_id: int | None = None
    bill_id: int | None = None
    customer_id: int | None = None
    contract_id: int | None = None
    work_order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule holds of a subject. The same finding told twice changes nothing.

    `occurrence` says which time it is ("2026-11-30", or since when), `fire_keys` which reminders of
    it are due (oldest first; all are recorded, the last is told). An earlier alert of the same rule
    and subject that resolved itself within `reopen_within_s` is reopened instead of a new one.
    """

    tenant_id: int
    organisation_id: int
    rule_code: str
    kind: str
    rule_version: int | None
    severity: Severity
    subject: Subject
    occurrence: str
    raised_at: datetime
    facts: Mapping[str, Any]
    links: Links = field(default_factory=Links)
    fire_keys: tuple[str, ...] = ()
    """Empty: the occurrence itself is the one fire."""
    due_on: date | None = None
    stage: int = 0
    historical: bool = False
    cleared_at: datetime | None = None
    """Set where it is over already when it is told: found and gone, or historical."""
    reopen_within_s: float = 0


@dataclass(frozen=True, slots=True)
class Clearing:
    """A rule holds no longer of a subject. `occurrence` None clears whichever is unresolved."""

    organisation_id: int
    rule_code: str
    subject_kind: SubjectKind
    subject_id: int
    cleared_at: datetime
    occurrence: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
