"""Alerts over HTTP."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from alerts.inbox.model import Alert, AlertDetail, AlertEvent, EventKind, Fire, State, Storm
from alerts.inbox.service import Summary
from alerts.model import Severity, SubjectKind
from api.models.actors import Decider

ALERT: dict[str, Any] = {
    "alert_no": "A2611-7KQ4MXRT",
    "organisation": "shenzhen-nanshan",
    "rule": "low_soc_parked",
    "kind": "low_soc_parked",
    "severity": "warning",
    "state": "acknowledged",
    "subject_kind": "vehicle",
    "subject": "LSGPC52U6AF102554",
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "lease_no": None,
    "bill_no": None,
    "customer_no": None,
    "contract_no": None,
    "work_order_no": None,
    "due_on": None,
    "stage": 0,
    "fires": 2,
    "raised_at": "2026-11-21T18:20:00Z",
    "last_raised_at": "2026-11-22T01:05:00Z",
    "recorded_at": "2026-11-21T18:20:02Z",
    "historical": False,
    "assignee": "nanshan.ops",
    "acknowledged_at": "2026-11-22T01:10:00Z",
    "acknowledged_by": "nanshan.ops",
    "snoozed_until": None,
    "inhibited_by": None,
    "escalation": 0,
    "escalate_at": None,
    "cleared_at": None,
    "resolved_at": None,
    "resolved_by": None,
    "resolution": None,
    "reopened": 1,
    "facts": {"soc_pct": 18.5, "raise_at": 20},
    "version": 4,
}
FIRE: dict[str, Any] = {
    "fire_key": "1763749200000000",
    "stage": 0,
    "severity": "warning",
    "fired_at": "2026-11-22T01:05:00Z",
    "recorded_at": "2026-11-22T01:05:01Z",
    "caught_up": False,
}
EVENT: dict[str, Any] = {
    "at": "2026-11-22T01:10:00Z",
    "actor": "nanshan.ops",
    "kind": "acknowledged",
    "note": "已联系司机充电",
    "facts": {},
}
STORM: dict[str, Any] = {
    "organisation": "shenzhen-nanshan",
    "rule": "offline",
    "kind": "offline",
    "severity": "warning",
    "alerts": 41,
    "first_raised_at": "2026-11-22T00:58:00Z",
    "last_raised_at": "2026-11-22T01:05:00Z",
}
AlertNoPath = Annotated[
    str, Path(max_length=40, description="Number of the alert.", examples=["A2611-7KQ4MXRT"])
]


class AlertOut(BaseModel):
    """One matter: what it is about, how it stands, and who has it."""

    model_config = ConfigDict(json_schema_extra={"example": ALERT})

    alert_no: str
    organisation: str
    rule: str = Field(description="Code of the rule that found it.")
    kind: str
    severity: Severity
    state: State
    subject_kind: SubjectKind
    subject: str = Field(description="What people call it: a VIN, a lease number.")
    vin: str | None
    plate: str | None
    lease_no: str | None
    bill_no: str | None
    customer_no: str | None
    contract_no: str | None
    work_order_no: str | None = Field(description="Of the order that deals with it.")
    due_on: date | None
    stage: int = Field(description="Of its reminders, the last that fired; 0: it has none.")
    fires: int = Field(description="How often the rule has said so.")
    raised_at: datetime = Field(description="Since when, by the vehicle or the calendar.")
    last_raised_at: datetime
    recorded_at: datetime = Field(description="Since when it is known.")
    historical: bool = Field(description="Found in late telemetry, or by a trial: for the record.")
    assignee: str | None = Field(
        description="Log-in of who is to deal with it; null, too, where out of your sight."
    )
    acknowledged_at: datetime | None
    acknowledged_by: Decider
    snoozed_until: datetime | None
    inhibited_by: str | None = Field(
        description="Number of the alert that explains it: while that is unresolved, nobody is"
        " told of this."
    )
    escalation: int = Field(description="Steps of the escalation that were taken.")
    escalate_at: datetime | None = Field(description="When the next step is due.")
    cleared_at: datetime | None = Field(description="Since when it is so no longer.")
    resolved_at: datetime | None
    resolved_by: str | None = Field(
        description="`system`: it resolved by itself; null, too, where out of your sight."
    )
    resolution: str | None
    reopened: int = Field(description="How often it came back.")
    facts: dict[str, Any] = Field(
        description="What the rule saw; without places for who lacks `location.read`."
    )
    version: int = Field(ge=1)

    @classmethod
    def of(cls, alert: Alert) -> "AlertOut":
        """As the service gives it."""
        return cls(**_told(alert))


def _told(alert: Alert) -> dict[str, Any]:
    renamed = {
        "organisation": alert.organisation_code,
        "rule": alert.rule_code,
        "subject": alert.subject_key,
        "facts": dict(alert.facts),
    }
    own = {name for name in AlertOut.model_fields if name not in renamed}
    return {name: getattr(alert, name) for name in own} | renamed


class FireOut(BaseModel):
    """One time the rule said so."""

    model_config = ConfigDict(json_schema_extra={"example": FIRE})

    fire_key: str = Field(description="Unique of a rule and a subject.")
    stage: int
    severity: Severity
    fired_at: datetime
    recorded_at: datetime
    caught_up: bool = Field(description="A later one was due as well; only that one was told.")

    @classmethod
    def of(cls, fire: Fire) -> "FireOut":
        """As the service gives it."""
        return cls(**{name: getattr(fire, name) for name in cls.model_fields})


class AlertEventOut(BaseModel):
    """Something that happened to an alert."""

    model_config = ConfigDict(json_schema_extra={"example": EVENT})

    at: datetime
    actor: str | None = Field(
        description="`system`: it happened by itself; null where out of your sight."
    )
    kind: EventKind
    note: str | None
    facts: dict[str, Any]

    @classmethod
    def of(cls, event: AlertEvent) -> "AlertEventOut":
        """As the service gives it."""
        same = {name: getattr(event, name) for name in cls.model_fields if name != "facts"}
        return cls(**same, facts=dict(event.facts))


class AlertDetailOut(AlertOut):
    """An alert with what fired and what happened."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": ALERT
            | {"history": [EVENT], "fired": [FIRE]}
            | {"messages": ["0b6b5f0e-6c5e-4d61-9f3a-0d6f3f0a8a51"]}
        }
    )

    history: list[AlertEventOut] = Field(description="In order; of more than 1,000 the last.")
    fired: list[FireOut] = Field(description="In order; of more than 1,000 the first.")
    messages: list[UUID] = Field(
        description="Keys of the notifications that told of it; needs `notification.read`."
    )

    @classmethod
    def of_detail(cls, detail: AlertDetail) -> "AlertDetailOut":
        """As the service gives it."""
        return cls(
            **_told(detail.alert),
            history=[AlertEventOut.of(each) for each in detail.events],
            fired=[FireOut.of(each) for each in detail.fires],
            messages=detail.messages,
        )


class AlertSummaryOut(BaseModel):
    """Unresolved alerts in numbers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "unresolved": 3,
                "mine": 1,
                "snoozed": 0,
                "inhibited": 1,
                "by_severity": {"critical": 1, "warning": 2},
                "by_state": {"open": 2, "acknowledged": 1},
                "by_kind": {"offline": 1, "low_soc_parked": 1, "towed": 1},
                "by_organisation": {"shenzhen-nanshan": 3},
            }
        }
    )

    unresolved: int
    mine: int = Field(description="Given to you.")
    snoozed: int
    inhibited: int = Field(description="Explained by another alert.")
    by_severity: dict[str, int]
    by_state: dict[str, int]
    by_kind: dict[str, int]
    by_organisation: dict[str, int]

    @classmethod
    def of(cls, told: Summary) -> "AlertSummaryOut":
        """As the service gives it."""

        def by(name: str) -> dict[str, int]:
            totals: Counter[str] = Counter()
            for each in told.counts:
                totals[getattr(each, name)] += each.alerts
            return dict(totals)

        return cls(
            unresolved=told.unresolved,
            mine=told.mine,
            snoozed=told.snoozed,
            inhibited=told.inhibited,
            by_severity=by("severity"),
            by_state=by("state"),
            by_kind=by("kind"),
            by_organisation=by("organisation_code"),
        )


class StormOut(BaseModel):
    """A rule of which many alerts of one organisation are unresolved at once."""

    model_config = ConfigDict(json_schema_extra={"example": STORM})

    organisation: str
    rule: str
    kind: str
    severity: Severity = Field(description="The gravest of them.")
    alerts: int
    first_raised_at: datetime
    last_raised_at: datetime

    @classmethod
    def of(cls, storm: Storm) -> "StormOut":
        """As the service gives it."""
        same = ("kind", "severity", "alerts", "first_raised_at", "last_raised_at")
        told = {name: getattr(storm, name) for name in same}
        return cls(organisation=storm.organisation_code, rule=storm.rule_code, **told)


class StormsOut(BaseModel):
    """What comes in numbers just now, the most first; 100 at most."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [STORM]}})

    items: list[StormOut]
