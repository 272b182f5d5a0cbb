"""Places that a vehicle must not be in, or must not leave.

Circles by the distance from their centre, polygons as straight lines between degrees. On the line
is inside a circle and outside a polygon. Without a sure place nothing is known.
"""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from alerts.detectors.binding import Binding
from alerts.detectors.detector import Detector
from alerts.detectors.distance import apart_m
from alerts.geofences.model import Circle, Polygon

_INSIDE: Final = pl.col("is_inside")
_WANTED: Final = pl.col("p_when") == "inside"


def _locate(rows: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """Adds `is_inside` to rows, and leaves out those whose rule has no shape."""
    placed = rows.filter(pl.col("at_lat").is_not_null())
    numbers = placed["rule_no"].unique().to_list()
    shapes = {no: binding.listed[no].geofence for no in numbers}
    circles = {no: shape for no, shape in shapes.items() if isinstance(shape, Circle)}
    polygons = {no: shape for no, shape in shapes.items() if isinstance(shape, Polygon)}
    return pl.concat([_in_circles(placed, circles), _in_polygons(placed, polygons)])


def _in_circles(rows: pl.DataFrame, circles: dict[int, Circle]) -> pl.DataFrame:
    centres = pl.DataFrame(
        [(no, circle.lat, circle.lon, circle.radius_m) for no, circle in circles.items()],
        schema={
            "rule_no": pl.Int32,
            "c_lat": pl.Float64,
            "c_lon": pl.Float64,
            "radius_m": pl.Float64,
        },
        orient="row",
    )
    distance_m = apart_m("at_lat", "at_lon", "c_lat", "c_lon")
    return rows.join(centres, on="rule_no").select(
        *rows.columns, is_inside=distance_m <= pl.col("radius_m")
    )


def _in_polygons(rows: pl.DataFrame, polygons: dict[int, Polygon]) -> pl.DataFrame:
    """All rows at once: each against the polygon of its rule."""
    within = rows.filter(pl.col("rule_no").is_in(list(polygons)))
    outlines: npt.NDArray[np.object_] = np.empty(max(polygons, default=0) + 1, dtype=object)
    for no, polygon in polygons.items():
        outlines[no] = _outline(polygon)
    inside = shapely.contains_xy(
        outlines[within["rule_no"].to_numpy()],
        within["at_lon"].to_numpy(),
        within["at_lat"].to_numpy(),
    )
    return within.with_columns(is_inside=pl.Series(inside, dtype=pl.Boolean))


@lru_cache(maxsize=4_096)
def _outline(polygon: Polygon) -> Any:
    """Made once and prepared: it is asked again with every batch."""
    outline = shapely.Polygon([(lon, lat) for lat, lon in polygon.points])
    shapely.prepare(outline)
    return outline


GEOFENCE: Final = Detector(
    "geofence",
    raised=_INSIDE == _WANTED,
    cleared=_INSIDE != _WANTED,
    value=pl.lit(None, pl.Float64),
    facts={
        "geofence": pl.col("p_geofence"),
        "when": pl.col("p_when"),
        "lat": pl.col("at_lat"),
        "lon": pl.col("at_lon"),
    },
    looking=_locate,
    reads=("at_lat", "at_lon"),
)
