"""The events of the live feed over HTTP. Written for the document; the bytes are made elsewhere."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

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
    id: str | None = Field(None, examples=[EVENT_ID], description="Missing where states follow.")
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
    RootModel[HelloEvent | ResetEvent | StatesEvent | BeatEvent | DroppedEvent | GoodbyeEvent]
):
    """One event of the stream, its `data` read as JSON."""
