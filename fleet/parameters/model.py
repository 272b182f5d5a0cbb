"""The shape of figures as they are kept; what they may hold: `fleet/figures.py`."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class DatedFigures(BaseModel):
    """Figures from a day on, whose they are (None: everybody's), and where they are written."""

    model_config = ConfigDict(frozen=True)

    name: str
    valid_from_on: date
    content: dict[str, object]
    source: str
    own: bool
    recorded_by: str
    recorded_at: datetime
