"""All vehicles on a map: many at once, so the answer is written here and not by models."""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.models.positions import PositionColumnsOut, PositionFeatures
from api.operation import Operations, Raw
from fleet.usage import service as usage
from fleet.usage.positions import Bbox, Positions
from kit.datum import Datum

operations = Operations("positions")

Form = Annotated[
    Literal["geojson", "columns"],
    Query(
        description="`geojson`: one feature a vehicle. `columns`: one list a quantity, a third of"
        " the bytes."
    ),
]
Crs = Annotated[
    Datum,
    Query(
        description="The map's datum: `wgs84`; `gcj02` 火星坐标 for Gaode and Tencent; `bd09` for"
        " Baidu."
    ),
]
InBox = Annotated[
    str | None,
    Query(
        max_length=200,
        description="Only those in this frame: `min_lon,min_lat,max_lon,max_lat` in degrees of"
        " `crs`, borders included.",
        examples=["113.7,22.4,114.6,22.9"],
    ),
]

DOCUMENTED: Final[dict[str, Any]] = {
    "description": "`columns` as application/json, `geojson` as application/geo+json.",
    "model": PositionColumnsOut | PositionFeatures,
    "content": {
        "application/geo+json": {"schema": {"$ref": "#/components/schemas/PositionFeatures"}}
    },
}


@operations.get("/positions", responses={200: DOCUMENTED})
def list_positions(
    call: Call, form: Form = "geojson", crs: Crs = "wgs84", bbox: InBox = None
) -> Raw:
    """Where all vehicles are that your organisations own or operate now, as last heard.

    All at once, without pages, fit for a map of 30,000. Vehicles whose position is unknown are left
    out. Ask for gzip.
    """
    found = usage.latest_positions(
        call.conn,
        call.actor,
        datum=crs,
        bbox=None if bbox is None else parse_bbox(bbox),
        now=call.now,
        offline_after=timedelta(seconds=call.settings.offline_after_s),
    )
    if form == "columns":
        return Raw(as_columns(found), "application/json")
    return Raw(as_features(found), "application/geo+json")


def parse_bbox(text: str) -> Bbox:
    """The frame a text stands for.

    Raises:
        ApiError: 422, it is not four numbers in order, or lies beyond the globe.
    """
    try:
        box = Bbox(*(float(part) for part in text.split(",")))
    except (TypeError, ValueError):
        raise _malformed() from None
    if not (-180 <= box.min_lon <= box.max_lon <= 180 and -90 <= box.min_lat <= box.max_lat <= 90):
        raise _malformed()
    return box


def _malformed() -> ApiError:
    return ApiError(422, "bbox_malformed", field="query.bbox")


def as_columns(found: Positions) -> bytes:
    """The form `columns`."""
    return msgspec.json.encode(
        {
            "crs": found.datum,
            "at": found.at,
            "count": len(found.columns.vin),
            "location_masked": found.location_masked,
            "columns": found.columns._asdict(),
        }
    )


class _Point(msgspec.Struct, tag_field="type", tag="Point", gc=False):
    coordinates: tuple[float, float]


class _Properties(msgspec.Struct, gc=False):
    plate: str | None
    heading_deg: float | None
    speed_kmh: float | None
    soc_pct: float | None
    online: bool
    alarm_level: int | None
    age_s: int | None


class _Feature(msgspec.Struct, tag_field="type", tag="Feature", gc=False):
    id: str
    geometry: _Point
    properties: _Properties


def as_features(found: Positions) -> bytes:
    """The form `geojson`."""
    columns = found.columns
    points = map(_Point, zip(columns.lon, columns.lat, strict=True))
    properties = map(_Properties, columns.plate, *columns[_AFTER_PLACE:])
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "at": found.at,
        "location_masked": found.location_masked,
        "features": list(map(_Feature, columns.vin, points, properties)),
    }
    if found.datum != "wgs84":
        collection["crs"] = {"type": "name", "properties": {"name": found.datum}}
    return msgspec.json.encode(collection)


_AFTER_PLACE: Final = 4
"""Vin, plate and place come first; the rest are the properties in their order."""
