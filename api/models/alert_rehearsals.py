"""Rules tried on the past, over HTTP."""

import json
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from alerts.model import Severity, SubjectKind
from alerts.rehearsal.model import MOST_DAYS, Rehearsal
from api.models.alert_rules import KindName, NameCode, Parameters, ScopeIn
from api.models.text import Input

FIRING: Final[dict[str, Any]] = {
    "vin": "LSGPC52U6AF102554",
    "raised_at": "2026-11-20T15:10:00Z",
    "cleared_at": "2026-11-20T15:55:00Z",
    "value": 12.5,
    "facts": {"soc_pct": 12.5},
}
REMINDER: Final[dict[str, Any]] = {
    "on": "2026-11-30",
    "subject_kind": "bill",
    "subject": "B2026-1-000001",
    "due_on": "2026-12-03",
    "days_left": 3,
    "severity": "warning",
}
REHEARSAL: Final[dict[str, Any]] = {
    "kind": "low_soc_parked",
    "from_at": "2026-11-15T02:00:00Z",
    "until_at": "2026-11-22T02:00:00Z",
    "count": 1,
    "alarm_s": 2700.0,
    "firings": [FIRING],
    "of_vehicles": [{"vin": "LSGPC52U6AF102554", "firings": 1, "alarm_s": 2700.0}],
    "vehicles": 120,
    "samples": 1036800,
    "cut": False,
    "looked_at": [],
    "reminders": [],
    "per_day": [],
    "faults": [],
    "recorded": None,
}


class RehearsalIn(Input):
    """A rule to be tried. What is not said of it is as it holds now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "low_soc_parked",
                "kind": None,
                "severity": None,
                "parameters": {"raise_at": 30, "clear_above": 35},
                "scope": None,
                "days": 7,
                "record": False,
            }
        }
    )

    code: NameCode
    kind: KindName | None = Field(None, description="Needed where no rule of the code holds.")
    severity: Severity | None = None
    parameters: Parameters | None = None
    scope: ScopeIn | None = None
    days: int = Field(7, ge=1, le=MOST_DAYS)
    record: bool = Field(
        False, description="Write what is over into the inbox as history; nobody is told."
    )


class FiringOut(BaseModel):
    """That the rule would have fired on a vehicle."""

    vin: str
    raised_at: datetime
    cleared_at: datetime | None = Field(description="Null: it was so until the end.")
    value: float | None
    facts: dict[str, Any]


class OfVehicleOut(BaseModel):
    """How often on one vehicle, and for how long."""

    vin: str
    firings: int = Field(ge=1)
    alarm_s: float


class LookedAtOut(BaseModel):
    """Vehicles whose samples were looked at until an instant."""

    vins: list[str]
    until_at: datetime


class ReminderOut(BaseModel):
    """A reminder that is to come."""

    on: date
    subject_kind: SubjectKind
    subject: str = Field(description="Its number, or a VIN.")
    due_on: date | None
    days_left: int | None
    severity: Severity


class RemindersOfDay(BaseModel):
    """How many reminders of a day."""

    on: date
    reminders: int = Field(ge=1)


class RehearsalOut(BaseModel):
    """What a rule would have found; of what falls due, which reminders are to come."""

    model_config = ConfigDict(json_schema_extra={"example": REHEARSAL})

    kind: str
    from_at: datetime
    until_at: datetime
    count: int = Field(ge=0, description="Of firings, or of reminders.")
    alarm_s: float = Field(description="For how long all firings stood together.")
    firings: list[FiringOut] = Field(description="The first of them.")
    of_vehicles: list[OfVehicleOut] = Field(description="The most first.")
    vehicles: int = Field(ge=0, description="That the rule looks at.")
    samples: int = Field(ge=0, description="That were looked at.")
    cut: bool = Field(description="There were too many; `looked_at` says what was looked at.")
    looked_at: list[LookedAtOut]
    reminders: list[ReminderOut] = Field(description="The first of them.")
    per_day: list[RemindersOfDay]
    faults: list[str] = Field(description="Why the rule could not be judged.")
    recorded: int | None = Field(description="Written into the inbox as history.")

    @classmethod
    def of(cls, found: Rehearsal) -> "RehearsalOut":
        """As the service gives it."""
        told_otherwise = {"firings", "of_vehicles", "looked_at", "reminders", "per_day", "faults"}
        same = {
            name: getattr(found, name) for name in cls.model_fields if name not in told_otherwise
        }
        return cls(
            **same,
            firings=[
                FiringOut(
                    vin=each.vin,
                    raised_at=each.raised_at,
                    cleared_at=each.cleared_at,
                    value=each.value,
                    facts=json.loads(each.facts or "{}"),
                )
                for each in found.firings
            ],
            of_vehicles=[
                OfVehicleOut(vin=each.vin, firings=each.firings, alarm_s=each.alarm_s)
                for each in found.of_vehicles
            ],
            looked_at=[
                LookedAtOut(vins=list(each.vins), until_at=each.until_at)
                for each in found.looked_at
            ],
            reminders=[
                ReminderOut(
                    on=each.on,
                    subject_kind=each.subject_kind,
                    subject=each.subject_key,
                    due_on=each.due_on,
                    days_left=each.days_left,
                    severity=each.severity,
                )
                for each in found.reminders
            ],
            per_day=[
                RemindersOfDay(on=day, reminders=count) for day, count in found.per_day.items()
            ],
            faults=list(found.faults),
        )
