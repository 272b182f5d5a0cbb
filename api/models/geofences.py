"""Places on the map over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from alerts.geofences.model import Geofence, Shape
from alerts.geofences.on_maps import on_map
from alerts.geofences.outline import columns_of, given_shape
from api.models.actors import Writer
from api.models.alert_rules import NameCode
from api.models.text import Code, Input, Name
from kit.datum import Datum

OUTLINE: Final[dict[str, Any]] = {
    "shape": "polygon",
    "lat": None,
    "lon": None,
    "radius_m": None,
    "points": [[22.5, 113.9], [22.6, 113.9], [22.6, 114.0]],
    "crs": "gcj02",
}
GEOFENCE: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "code": "yard",
    "name": "南山车场",
    **OUTLINE,
    "drawn_in": "gcj02",
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
    """A place, on a map of the datum that was asked for."""

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
    crs: Datum = Field(description="Of the map: of `lat`, `lon` and `points`, as they stand here.")
    drawn_in: Datum = Field(
        description="Of the map it was drawn on: asked for in it, the outline is as drawn; asked"
        " for in `wgs84`, it is what rules judge."
    )
    created_by: Writer
    created_at: datetime
    retired_at: datetime | None
    version: int = Field(ge=1)

    @classmethod
    def of(cls, geofence: Geofence, datum: Datum) -> "GeofenceOut":
        """As the service gives it, on a map of the datum."""
        outline = columns_of(on_map(geofence, datum))
        drawn = {"crs": datum, "drawn_in": geofence.datum}
        own = cls.model_fields.keys() - outline.keys() - drawn.keys()
        return cls(**{name: getattr(geofence, name) for name in own}, **outline, **drawn)


class OutlineIn(Input):
    """A circle by `lat`, `lon` and `radius_m`, or a polygon by `points`."""

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
    crs: Datum = Field(
        "wgs84",
        description="Of the map it is drawn on: `gcj02` 火星坐标 for Gaode and Tencent, `bd09` for"
        " Baidu. A radius is measured on the ground.",
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
