"""Places on the map that rules speak of."""

from dataclasses import dataclass
from datetime import datetime

from kit.datum import Datum

Corner = tuple[float, float]
"""Latitude and longitude, in this order."""


@dataclass(frozen=True, slots=True)
class Circle:
    """All within `radius_m` metres of a point."""

    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """All within a line that does not cross itself; its last corner joins the first."""

    points: tuple[Corner, ...]


Shape = Circle | Polygon


@dataclass(frozen=True, slots=True)
class Geofence:
    """A place, by the code that an organisation has given it."""

    id: int
    organisation_id: int
    organisation: str
    """Its code."""
    code: str
    name: str
    shape: Shape
    """In WGS-84, as it is judged."""
    datum: Datum
    """Of the map it was drawn on."""
    drawn: Shape
    """As it was drawn, on that map."""
    created_by: str | None
    created_at: datetime
    retired_at: datetime | None
    version: int
