"""Places on the map over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from alerts.geofences.model import Geofence, Shape
from alerts.geofences.outline import columns_of, given_shape
from api.models.alert_rules import NameCode
from api.models.text import Code, Input, Name

OUTLINE: Final[dict[str, Any]] = {
    "shape": "polygon",
    "lat": None,
    "lon": None,
    "radius_m": None,
    "points": [[22.5, 113.9], [22.6, 113.9], [22.6, 114.0]],
}
GEOFENCE: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "code": "yard",
    "name": "南山车场",
    **OUTLINE,
    "created_by": "nanshan.ops",
    "created_at": "2026-11-21T02:00:00Z",
    "retired_at": None,
    "version": 1,
}
GeofenceCodePath = Annotated[
    str, Path(max_length=60, description="Code of the place.", examples=["yard"])
]
Form = Literal["circle", "polygon"]
Corner = Annotated[
    list[Annotated[float, Field(ge=-180, le=180)]],
    Field(min_length=2, max_length=2, description="[latitude, longitude]"),
]


class GeofenceOut(BaseModel):
    """A place on the map, in WGS-84."""

    model_config = ConfigDict(json_schema_extra={"example": GEOFENCE})

    organisation: str
    code: str
    name: str
    shape: Form
    lat: float | None = Field(description="Middle of a circle.")
    lon: float | None
    radius_m: float | None
    points: list[list[float]] | None = Field(
        description="Corners of a polygon as [latitude, longitude]; the last joins the first."
    )
    created_by: str
    created_at: datetime
    retired_at: datetime | None
    version: int = Field(ge=1)

    @classmethod
    def of(cls, geofence: Geofence) -> "GeofenceOut":
        """As the service gives it."""
        outline = columns_of(geofence.shape)
        same = {name: getattr(geofence, name) for name in cls.model_fields if name not in OUTLINE}
        return cls(**same, **outline)


class OutlineIn(Input):
    """A circle by `lat`, `lon` and `radius_m`, or a polygon by `points`; in WGS-84."""

    name: Name
    shape: Form
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    radius_m: float | None = Field(None, ge=10, le=500_000)
    points: list[Corner] | None = Field(
        None,
        min_length=3,
        max_length=501,
        description="3 to 500 corners of a line that does not cross itself.",
    )

    def drawn(self) -> Shape:
        """As the service takes it.

        Raises:
            OutlineInvalid: it is none.
        """
        return given_shape(self.shape, self.lat, self.lon, self.radius_m, self.points)


class GeofenceIn(OutlineIn):
    """A new place."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"code": "yard", "name": "南山车场", "organisation": None} | OUTLINE
        }
    )

    code: NameCode
    organisation: Code | None = Field(None, description="Whose; the one acted for unless said.")


class GeofenceChange(OutlineIn):
    """A place drawn anew, whole."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "南山车场"} | OUTLINE})
