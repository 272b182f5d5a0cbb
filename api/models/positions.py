"""All vehicles on a map, over HTTP: what the answer looks like. It is written by the route."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models.vehicles import MASKED_MEANING
from kit.datum import Datum

COLUMNS_EXAMPLE: dict[str, Any] = {
    "crs": "gcj02",
    "at": "2026-11-21T00:00:14Z",
    "count": 2,
    "location_masked": False,
    "columns": {
        "vin": ["LSGPC52U6AF102554", "LDC613P23A1305189"],
        "plate": ["粤BD12345", None],
        "lon": [114.062954, 114.101502],
        "lat": [22.540311, 22.561877],
        "heading_deg": [87.0, None],
        "speed_kmh": [41.0, 0.0],
        "soc_pct": [62.5, 88.0],
        "online": [True, False],
        "alarm_level": [0, 2],
        "age_s": [4, 7210],
    },
}
FEATURES_EXAMPLE: dict[str, Any] = {
    "type": "FeatureCollection",
    "at": "2026-11-21T00:00:14Z",
    "location_masked": False,
    "features": [
        {
            "type": "Feature",
            "id": "LSGPC52U6AF102554",
            "geometry": {"type": "Point", "coordinates": [114.0579, 22.5431]},
            "properties": {
                "plate": "粤BD12345",
                "heading_deg": 87.0,
                "speed_kmh": 41.0,
                "soc_pct": 62.5,
                "online": True,
                "alarm_level": 0,
                "age_s": 4,
            },
        }
    ],
}


class Columns(BaseModel):
    """One list a quantity, all of one length: what stands at one place is of one vehicle."""

    vin: list[str]
    plate: list[str | None]
    lon: list[float] = Field(description="Longitude on a map of `crs`, in degrees.")
    lat: list[float] = Field(description="Latitude on a map of `crs`, in degrees.")
    heading_deg: list[float | None] = Field(description="Clockwise from north.")
    speed_kmh: list[float | None]
    soc_pct: list[float | None] = Field(description="State of charge.")
    online: list[bool] = Field(description="Heard within the time-out.")
    alarm_level: list[int | None]
    age_s: list[int | None] = Field(description="How long ago the latest sample was taken.")


class PositionColumnsOut(BaseModel):
    """`form=columns`: all vehicles in as few bytes as JSON allows."""

    model_config = ConfigDict(json_schema_extra={"example": COLUMNS_EXAMPLE})

    crs: Datum
    at: datetime = Field(description="The instant that `online` and `age_s` are of.")
    count: int
    location_masked: bool = Field(description=MASKED_MEANING)
    columns: Columns


class Point(BaseModel):
    """A place: longitude, then latitude."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class PositionProperties(BaseModel):
    """How a vehicle was when last heard. Null is unknown."""

    plate: str | None
    heading_deg: float | None
    speed_kmh: float | None
    soc_pct: float | None
    online: bool
    alarm_level: int | None
    age_s: int | None


class PositionFeature(BaseModel):
    """A vehicle; `id` is its VIN."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: PositionProperties


class CrsName(BaseModel):
    """What the coordinates are."""

    name: Datum


class NamedCrs(BaseModel):
    """A coordinate system by its name, as GeoJSON had it before RFC 7946."""

    type: Literal["name"]
    properties: CrsName


class PositionFeatures(BaseModel):
    """`form=geojson`: RFC 7946 where `crs=wgs84`.

    GCJ-02 and BD-09 are not WGS-84, which RFC 7946 asks for: then the member `crs` names them.
    """

    model_config = ConfigDict(json_schema_extra={"example": FEATURES_EXAMPLE})

    type: Literal["FeatureCollection"]
    crs: NamedCrs | None = Field(None, description="Absent for WGS-84.")
    at: datetime = Field(description="The instant that `online` and `age_s` are of.")
    location_masked: bool = Field(description=MASKED_MEANING)
    features: list[PositionFeature]
