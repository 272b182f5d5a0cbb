"""What every paper in a list tells beside what it says."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, Field

from fleet.compliance.records import Recorded

RECORDED: Final[dict[str, Any]] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "organisation": "shenzhen-nanshan",
    "recorded_by": "li.na",
    "recorded_at": "2026-11-21T02:00:00Z",
}


class RecordedOut(BaseModel):
    """A paper of a vehicle, who had the vehicle then, and who wrote it down."""

    vin: str
    plate: str | None
    organisation: str | None = Field(
        description="Who had the vehicle then; null where out of your sight."
    )
    recorded_by: str | None = Field(description="Null where out of your sight.")
    recorded_at: datetime


def about(recorded: Recorded[Any]) -> dict[str, Any]:
    """The fields of `RecordedOut`."""
    return {
        "vin": recorded.vin,
        "plate": recorded.plate,
        "organisation": recorded.organisation_code,
        "recorded_by": recorded.recorded_by,
        "recorded_at": recorded.recorded_at,
    }
