"""Decides how exactly a reader is told where a vehicle is.

Without `location.read` a position is rounded to 0.01 degree of WGS-84, about a kilometre, and the
heading is withheld. It is rounded before anything else is done with it: the squares of another
datum, or a box drawn ever smaller, would tell more.
"""

from dataclasses import replace
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from fleet.usage.model import LatestState, VehicleRow
from schemas.access import Actor

EXACT: Final = "location.read"
"""The verb that lifts the mask."""
MASK_DECIMALS: Final = 2
Located = TypeVar("Located", VehicleRow, LatestState)


def is_masked(actor: Actor) -> bool:
    """Whether the actor is told positions only roughly."""
    return not actor.may(EXACT)


def shown_to(actor: Actor, row: Located) -> Located:
    """The row as the actor may see it."""
    if not is_masked(actor):
        return row
    return replace(
        row,
        lat=None if row.lat is None else round(row.lat, MASK_DECIMALS),
        lon=None if row.lon is None else round(row.lon, MASK_DECIMALS),
        heading_deg=None,
    )


def position_shown_to(
    actor: Actor, lat: float | None, lon: float | None
) -> tuple[float | None, float | None]:
    """A position that was kept elsewhere, as the actor may see it."""
    if not is_masked(actor) or lat is None or lon is None:
        return lat, lon
    return round(lat, MASK_DECIMALS), round(lon, MASK_DECIMALS)


def mask_column(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Longitudes or latitudes in WGS-84, rounded as above."""
    return np.round(degrees, MASK_DECIMALS)
