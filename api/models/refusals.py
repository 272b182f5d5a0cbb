"""What was refused of what came in, over HTTP."""

import base64
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fleet.usage.model import Refused, RefusedMessage
from schemas.telemetry import Reason

EXAMPLE: dict[str, Any] = {
    "id": 412,
    "reason": "vin_mismatch",
    "detail": "the sample says LDC613P23A1305189",
    "topic": "v1/TBOX-0001/up/telemetry",
    "device": "TBOX-0001",
    "vin": "LSGPC52U6AF102554",
    "raw_bytes": 214,
    "times": 3,
    "received_at": "2026-11-20T23:10:05Z",
    "last_received_at": "2026-11-21T00:02:41Z",
    "replayed_at": None,
}


class RefusalOut(BaseModel):
    """A message, or a sample of one, that was not accepted."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    id: int
    reason: Reason
    detail: str = Field(description="Why, in words.")
    topic: str = Field(description="Where it was published.")
    device: str = Field(description="Serial of the terminal that sent it.")
    vin: str | None = Field(description="The vehicle the terminal sat in when it came first.")
    raw_bytes: int = Field(description="Its length.")
    times: int = Field(description="How often the same bytes were refused for the same reason.")
    received_at: datetime = Field(description="When it came first.")
    last_received_at: datetime = Field(description="When it came last.")
    replayed_at: datetime | None = Field(description="When it was given to ingest once more.")

    @classmethod
    def of(cls, refused: Refused) -> "RefusalOut":
        """As the service gives it."""
        return cls(**fields_of(refused))


class RefusalDetail(RefusalOut):
    """The same with its bytes."""

    model_config = ConfigDict(
        json_schema_extra={"example": EXAMPLE | {"raw_base64": "eyJ0cyI6MTc5NTE2MDIwNTAwMH0="}}
    )

    raw_base64: str | None = Field(
        description="The bytes as they came. They may hold a position: null without the permission"
        " `location.read`."
    )

    @classmethod
    def of_message(cls, refused: RefusedMessage) -> "RefusalDetail":
        """As the service gives it."""
        raw = None if refused.raw is None else base64.b64encode(refused.raw).decode()
        return cls(**fields_of(refused), raw_base64=raw)


def fields_of(refused: Refused) -> dict[str, Any]:
    """A refusal by the names of the API."""
    same = {name: getattr(refused, name) for name in RefusalOut.model_fields if name != "device"}
    return same | {"device": refused.device_serial}
