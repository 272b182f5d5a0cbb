"""What the inbox holds: alerts, what fired, what happened to them, and who is told of what.

Frozen types that other parts read. Leaves out how an alert comes (`raising`) and how people take
it on (`handling/lifecycle.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from alerts.model import Severity, SubjectKind

State = Literal["open", "acknowledged", "in_progress", "resolved"]
STATES: Final[tuple[State, ...]] = get_args(State)
Purpose = Literal["raised", "reminded", "reopened", "escalated", "released", "resolved"]
EventKind = Literal[
    "raised", "reminded", "acknowledged", "started", "assigned", "commented", "snoozed", "woken",
    "escalated", "inhibited", "released", "cleared", "resolved", "reopened", "work_order_made",
    "notified",
]  # fmt: skip
BY_ITSELF: Final = "system"
"""Who did it, where nobody did. What resolved by itself has no words of resolution."""


@dataclass(frozen=True, slots=True)
class Told:
    """What notifications are told about.

    `occasion` is unique within the alert, so that the same is never told twice. Escalation names
    people in `to_logins`; else subscriptions decide.
    """

    tenant_id: int
    organisation_id: int
    alert_id: int
    alert_no: str
    kind: str
    rule_code: str
    severity: Severity
    purpose: Purpose
    occasion: str
    to_logins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of findings and clearings. `repeated` findings were known and changed nothing."""

    raised: int = 0
    reminded: int = 0
    reopened: int = 0
    cleared: int = 0
    repeated: int = 0
    told: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Alert:
    """One matter, as people see it. Instants are aware; `due_on` is in the organisation's zone."""

    id: int
    tenant_id: int
    organisation_id: int
    organisation_code: str
    alert_no: str
    rule_code: str
    rule_version: int | None
    kind: str
    severity: Severity
    state: State
    subject_kind: SubjectKind
    subject_key: str
    occurrence: str
    facts: Mapping[str, Any]
    vin: str | None
    plate: str | None
    lease_no: str | None
    bill_no: str | None
    customer_no: str | None
    contract_no: str | None
    work_order_no: str | None
    due_on: date | None
    stage: int
    fires: int
    raised_at: datetime
    last_raised_at: datetime
    recorded_at: datetime
    historical: bool
    assignee: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    inhibited_by: str | None
    """Number of the alert that explains it."""
    escalation: int
    escalate_at: datetime | None
    cleared_at: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    reopened: int
    version: int


@dataclass(frozen=True, slots=True)
class Fire:
    """One time a rule said so."""

    fire_key: str
    stage: int
    severity: Severity
    fired_at: datetime
    recorded_at: datetime
    caught_up: bool


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that happened to an alert."""

    id: int
    at: datetime
    actor: str | None
    kind: EventKind
    note: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """An alert with its history. `messages` are keys of the messages that told of it."""

    alert: Alert
    fires: list[Fire]
    events: list[AlertEvent]
    messages: list[UUID]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many alerts there are of these."""

    organisation_code: str
    kind: str
    severity: Severity
    state: State
    alerts: int


@dataclass(frozen=True, slots=True)
class Storm:
    """A rule of which many alerts of one organisation are unresolved at once."""

    organisation_code: str
    rule_code: str
    kind: str
    severity: Severity
    """The gravest of them."""
    alerts: int
    first_raised_at: datetime
    last_raised_at: datetime
