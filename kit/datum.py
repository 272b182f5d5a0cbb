"""Decides where a position lies on a map of another datum: WGS-84, GCJ-02 or BD-09.

Chinese maps are shifted by some hundred metres. GCJ-02 火星坐标 (Gaode, Tencent) adds a smooth
offset to WGS-84; BD-09 (Baidu) adds a second one to GCJ-02. Neither formula was ever published by
its owner; these are the ones in common use.

China is a plain box here, borders included, as in the common formula. Outside of it all three
datums are the same: Gaode and Baidu show the rest of the world in WGS-84.

The way back has no formula. It is iterated until a further turn would move a position by less than
1e-10 degree, which is ten micrometres. At the edge of the box the map steps by the offset, so:

* every position in the box, on its border too, comes back as it was;
* on a strip outside, no wider than the offset, a map shows two positions on one spot. That spot is
  read as the position in the box;
* on a strip inside, nothing is shown. Such a spot is read as it stands.

Both strips lie in the sea or abroad, and nowhere near a road of China.

Leaves out: the real border (Hong Kong, Macao, Taiwan and the neighbours inside the box are shifted
like the mainland, whatever a map vendor does there), Baidu's metric BD-09MC, CGCS2000, which is
WGS-84 to within a metre, heights, and the antimeridian.
"""

from typing import Final, Literal, overload

import numpy as np
import numpy.typing as npt

Datum = Literal["wgs84", "gcj02", "bd09"]
Degrees = npt.NDArray[np.float64]
Position = tuple[Degrees, Degrees]
"""Longitudes and latitudes, of one shape."""

_WEST: Final = 72.004
_EAST: Final = 137.8347
_SOUTH: Final = 0.8293
_NORTH: Final = 55.8271

_AXIS_M: Final = 6_378_245.0
"""Semi-major axis of the ellipsoid Krasovsky 1940."""
_ECCENTRICITY_2: Final = 0.00669342162296594323
_BAIDU_PI: Final = np.pi * 3000.0 / 180.0

_EXACT_DEG: Final = 1e-10
_MAX_TURNS: Final = 20
"""Each turn takes the error to a thirtieth or less, so six or seven turns do."""


@overload
def from_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: Degrees, lat: Degrees, datum: Datum) -> Position: ...
def from_wgs84(
    lon: float | Degrees, lat: float | Degrees, datum: Datum
) -> tuple[float, float] | Position:
    """Longitude and latitude, in this order, on a map of the datum [degrees].

    Takes two floats or two arrays of one shape and returns the same, as new float64 arrays.
    A position of which either coordinate is NaN comes back as NaN, NaN.

    >>> [round(degrees, 6) for degrees in from_wgs84(116.403988, 39.914266, "bd09")]
    [116.416616, 39.921966]
    """
    lons, lats = _columns(lon, lat)
    if datum != "wgs84":
        inside = _in_china(lons, lats, margin=0.0)
        lon_offset, lat_offset = _offset(lons, lats, datum)
        lons = np.where(inside, lons + lon_offset, lons)
        lats = np.where(inside, lats + lat_offset, lats)
    return _as_given(lon, lons, lats)


@overload
def to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: Degrees, lat: Degrees, datum: Datum) -> Position: ...
def to_wgs84(
    lon: float | Degrees, lat: float | Degrees, datum: Datum
) -> tuple[float, float] | Position:
    """Longitude and latitude, in this order, of what a map of the datum shows there [degrees].

    Undoes `from_wgs84` to 1e-9 degree or better, for every position in China; the module's text
    says what happens at the edge. Shapes and NaN as in `from_wgs84`.

    >>> [round(degrees, 6) for degrees in to_wgs84(123.0, 45.0, "gcj02")]
    [122.993956, 44.998041]
    """
    lons, lats = _columns(lon, lat)
    if datum != "wgs84":
        lon_offset, lat_offset = _offset_that_led_to(lons, lats, datum)
        true_lons, true_lats = lons - lon_offset, lats - lat_offset
        # A position on the border may come out a rounding error beyond it: it is put back.
        inside = _in_china(true_lons, true_lats, margin=_EXACT_DEG)
        lons = np.where(inside, np.clip(true_lons, _WEST, _EAST), lons)
        lats = np.where(inside, np.clip(true_lats, _SOUTH, _NORTH), lats)
    return _as_given(lon, lons, lats)


def _columns(lon: float | Degrees, lat: float | Degrees) -> Position:
    """Both as new float64 arrays; half a position is none."""
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    unknown = np.isnan(lons) | np.isnan(lats)
    return np.where(unknown, np.nan, lons), np.where(unknown, np.nan, lats)


def _as_given(
    given: float | Degrees, lons: Degrees, lats: Degrees
) -> tuple[float, float] | Position:
    return (lons, lats) if isinstance(given, np.ndarray) else (float(lons), float(lats))


def _in_china(lons: Degrees, lats: Degrees, *, margin: float) -> npt.NDArray[np.bool_]:
    """Whether in the box, its border included; NaN is not."""
    in_lon = (lons >= _WEST - margin) & (lons <= _EAST + margin)
    return in_lon & (lats >= _SOUTH - margin) & (lats <= _NORTH + margin)


def _offset_that_led_to(lons: Degrees, lats: Degrees, datum: Datum) -> Position:
    """The offset of the position that a map shows here [degrees], by fixed-point iteration."""
    lon_offset, lat_offset = np.zeros_like(lons), np.zeros_like(lats)
    for _ in range(_MAX_TURNS):
        lon_before, lat_before = lon_offset, lat_offset
        lon_offset, lat_offset = _offset(lons - lon_before, lats - lat_before, datum)
        moved = np.maximum(abs(lon_offset - lon_before), abs(lat_offset - lat_before))
        if not np.any(moved > _EXACT_DEG):  # in these words NaN counts as done
            break
    return lon_offset, lat_offset


def _offset(lons: Degrees, lats: Degrees, datum: Datum) -> Position:
    """What the datum adds to a WGS-84 position [degrees]; far outside China, any small number.

    Positions are drawn to the box and a degree around it first: so the formula is smooth wherever
    the iteration steps, and knows neither poles nor infinities.
    """
    lons = np.clip(lons, _WEST - 1.0, _EAST + 1.0)
    lats = np.clip(lats, _SOUTH - 1.0, _NORTH + 1.0)
    lon_offset, lat_offset = _gcj02_offset(lons, lats)
    if datum == "bd09":
        lon_baidu, lat_baidu = _baidu_offset(lons + lon_offset, lats + lat_offset)
        return lon_offset + lon_baidu, lat_offset + lat_baidu
    return lon_offset, lat_offset


def _gcj02_offset(lons: Degrees, lats: Degrees) -> Position:
    """What GCJ-02 adds to WGS-84 [degrees]: waves in metres around 105° E, 35° N.

    As published, with sin 6πx, sin πx and sin πy taken from the sine of a third of the angle, and
    the cosine of the latitude from its sine: sines are where the time goes.
    """
    x, y = lons - 105.0, lats - 35.0
    short, long_x, long_y = (
        np.sin(2.0 * np.pi * x),
        np.sin(np.pi / 3.0 * x),
        np.sin(np.pi / 3.0 * y),
    )
    short_waves = 20.0 * (_sine_of_triple(short) + short)
    east_waves = 20.0 * _sine_of_triple(long_x) + 40.0 * long_x
    east_waves += 150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)
    north_waves = 20.0 * _sine_of_triple(long_y) + 40.0 * long_y
    north_waves += 160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)

    root, product = np.sqrt(abs(x)), 0.1 * x * y
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + product + 0.1 * root
    east_m += (short_waves + east_waves) * (2.0 / 3.0)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + product + 0.2 * root
    north_m += (short_waves + north_waves) * (2.0 / 3.0)

    sine = np.sin(np.radians(lats))
    bend = 1.0 - _ECCENTRICITY_2 * sine * sine
    east_radius_m = _AXIS_M / np.sqrt(bend) * np.sqrt(1.0 - sine * sine)
    north_radius_m = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (bend * np.sqrt(bend))
    return np.degrees(east_m / east_radius_m), np.degrees(north_m / north_radius_m)


def _sine_of_triple(sine: Degrees) -> Degrees:
    """sin 3a = 3 sin a - 4 sin³ a."""
    return sine * (3.0 - 4.0 * sine * sine)


def _baidu_offset(lons: Degrees, lats: Degrees) -> Position:
    """What BD-09 adds to GCJ-02 [degrees]."""
    distance = np.hypot(lons, lats) + 0.00002 * np.sin(lats * _BAIDU_PI)
    angle = np.arctan2(lats, lons) + 0.000003 * np.cos(lons * _BAIDU_PI)
    return (
        distance * np.cos(angle) + 0.0065 - lons,
        distance * np.sin(angle) + 0.006 - lats,
    )
