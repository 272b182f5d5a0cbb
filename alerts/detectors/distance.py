"""How far apart two points on the earth are."""

from typing import Final

import polars as pl

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius, IUGG."""


def apart_m(
    lat: str | pl.Expr, lon: str | pl.Expr, lat_2: str | pl.Expr, lon_2: str | pl.Expr
) -> pl.Expr:
    """Metres along a great circle between points in degrees (haversine); null where one is."""
    first, second = _radians(lat), _radians(lat_2)
    half = ((second - first) / 2).sin() ** 2
    across = ((_radians(lon_2) - _radians(lon)) / 2).sin() ** 2
    root = (half + first.cos() * second.cos() * across).clip(0, 1).sqrt()
    return 2 * EARTH_RADIUS_M * root.arcsin()


def _radians(degrees: str | pl.Expr) -> pl.Expr:
    return (pl.col(degrees) if isinstance(degrees, str) else degrees).radians()
