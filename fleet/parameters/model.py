"""The shape of figures as they are kept; what they may hold: `fleet/figures.py`."""

from datetime import date, datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class DatedFigures(BaseModel):
    """Figures from a day on, whose they are (not own: everybody's), and where they are written.

    `recorded_by` is None where it is somebody of an organisation out of sight.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    valid_from_on: date
    content: dict[str, object]
    source: str
    own: bool
    recorded_by: str | None
    recorded_at: datetime


class SetFigures(NamedTuple):
    """What was set, and whether what falls due has to be decided again."""

    figures: DatedFigures
    touches_obligations: bool
