"""The events of the live feed over HTTP. Written for the document; the bytes are made elsewhere."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from alerts.inbox.model import State
from alerts.model import Severity, SubjectKind

EVENT_ID = "6b024c34e555eab1-1:8100:8104:8101,8102"
STATE_EXAMPLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "ts": "2026-03-01T08:00:00Z",
    "online": True,
    "last_heard_at": "2026-03-01T08:00:01.2Z",
    "lat": 22.543096,
    "lon": 114.057865,
    "fix": True,
    "heading_deg": 90.0,
    "speed_kmh": 42.5,
    "odometer_km": 18250.4,
    "soc_pct": 63.5,
    "vehicle_state": "on",
    "charge_state": "not_charging",
    "alarm_level": 0,
}

ALERT_EXAMPLE: dict[str, Any] = {
    "alert_no": "A2611-7KQ4MXRT",
    "organisation": "shenzhen-nanshan",
    "rule": "low_soc_parked",
    "kind": "low_soc_parked",
    "severity": "warning",
    "state": "open",
    "subject_kind": "vehicle",
    "subject": "LSGPC52U6AF102554",
    "due_on": None,
    "fires": 1,
    "raised_at": "2026-03-01T08:00:00Z",
    "last_raised_at": "2026-03-01T08:00:00Z",
    "assignee": None,
    "snoozed_until": None,
    "inhibited_by": None,
    "cleared_at": None,
    "resolved_at": None,
    "reopened": 0,
    "version": 1,
}


class LiveState(BaseModel):
    """A vehicle's latest state. Null is unknown. A field may be older than `ts`."""

    model_config = ConfigDict(json_schema_extra={"example": STATE_EXAMPLE})

    vin: str
    plate: str | None
    ts: datetime | None = Field(description="When the newest sample was taken.")
    online: bool
    last_heard_at: datetime | None
    lat: float | None = Field(
        description="WGS-84; without `location.read` rounded to 0.01°, about a kilometre."
    )
    lon: float | None
    fix: bool | None
    heading_deg: float | None = Field(description="Null without `location.read`.")
    speed_kmh: float | None
    odometer_km: float | None
    soc_pct: float | None
    vehicle_state: str | None
    charge_state: str | None
    alarm_level: int | None


class LiveAlert(BaseModel):
    """An alert as it stands now, without its facts."""

    model_config = ConfigDict(json_schema_extra={"example": ALERT_EXAMPLE})

    alert_no: str
    organisation: str
    rule: str
    kind: str
    severity: Severity
    state: State
    subject_kind: SubjectKind
    subject: str
    due_on: date | None
    fires: int
    raised_at: datetime
    last_raised_at: datetime
    assignee: str | None
    snoozed_until: datetime | None
    inhibited_by: str | None
    cleared_at: datetime | None
    resolved_at: datetime | None
    reopened: int
    version: int


class Greeting(BaseModel):
    """What a stream begins with."""

    heartbeat_s: float = Field(description="A silence longer than this never happens.")
    resumed: bool = Field(description="Whether it goes on after your Last-Event-ID.")


class Reset(BaseModel):
    """Why a stream does not go on after your Last-Event-ID."""

    heartbeat_s: float
    reason: Literal["event_id_unknown"] = Field(
        description="Of another database, or of one put back to an older state."
    )


class Beat(BaseModel):
    """Nothing has changed."""

    as_of: datetime | None = Field(description="When the database was last looked at.")


class Dropped(BaseModel):
    """Why you were dropped."""

    reason: Literal["too_slow"]


class Goodbye(BaseModel):
    """Why the stream ends."""

    reason: Literal["session_ended", "rights_changed", "shutting_down", "database_changed"] = Field(
        description="`session_ended`: log in again. The others: come back at once with"
        " Last-Event-ID."
    )


class HelloEvent(BaseModel):
    event: Literal["hello"]
    id: str | None = Field(None, examples=[EVENT_ID], description="Missing where changes follow.")
    data: Greeting


class ResetEvent(BaseModel):
    event: Literal["reset"]
    id: str | None = None
    data: Reset


class StatesEvent(BaseModel):
    """States that have changed, each vehicle once; the last of several in a row has the id."""

    event: Literal["states"]
    id: str | None = None
    data: list[LiveState]


class AlertsEvent(BaseModel):
    """Alerts that have changed, each once, as it stands now; the last of several has the id."""

    event: Literal["alerts"]
    id: str | None = None
    data: list[LiveAlert]


class BeatEvent(BaseModel):
    event: Literal["beat"]
    id: str | None = None
    data: Beat


class DroppedEvent(BaseModel):
    event: Literal["dropped"]
    data: Dropped


class GoodbyeEvent(BaseModel):
    event: Literal["goodbye"]
    data: Goodbye


class LiveEvent(
    RootModel[
        HelloEvent
        | ResetEvent
        | StatesEvent
        | AlertsEvent
        | BeatEvent
        | DroppedEvent
        | GoodbyeEvent
    ]
):
    """One event of the stream, its `data` read as JSON."""
