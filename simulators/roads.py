"""A street-like plane: a grid of streets turned a little, laid over Shenzhen in WGS-84.

Decides where crossings lie, how a route runs between two of them, and how fast each street is.
Leaves out: real maps; a track looks like a city's, it does not follow its actual streets.
"""

from itertools import pairwise
from math import cos, radians, sin
from random import Random
from typing import Final, NamedTuple

from msgspec import Struct

CENTRE_LAT: Final = 22.600
CENTRE_LON: Final = 114.020
COLUMNS: Final = 36
ROWS: Final = 24
BLOCK_M: Final = 500.0
TURN_DEG: Final = 8.0
"""The streets' north is this far east of true north."""
_LAT_PER_M: Final = 1.0 / 110_750.0  # at 22.6° N
_LON_PER_M: Final = 1.0 / 102_850.0
_COS: Final = cos(radians(TURN_DEG))
_SIN: Final = sin(radians(TURN_DEG))


class Crossing(NamedTuple):
    """A crossing of the grid, counted from its south-west corner."""

    column: int
    row: int


class Leg(Struct, frozen=True, gc=False):
    """A straight piece of street: its start, and what each metre along it adds."""

    lat: float
    lon: float
    lat_per_m: float
    lon_per_m: float
    length_m: float
    heading_deg: float
    limit_kmh: float


Route = tuple[Leg, ...]


def position_of(crossing: Crossing) -> tuple[float, float]:
    """Latitude and longitude of a crossing."""
    x = (crossing.column - COLUMNS / 2) * BLOCK_M
    y = (crossing.row - ROWS / 2) * BLOCK_M
    east, north = x * _COS + y * _SIN, y * _COS - x * _SIN
    return CENTRE_LAT + north * _LAT_PER_M, CENTRE_LON + east * _LON_PER_M


def street_limit_kmh(number: int) -> float:
    """Speed limit of the street with this row or column number: every 12th is an expressway."""
    if number % 12 == 6:
        return 80.0
    return 60.0 if number % 4 == 2 else 40.0


def random_crossing(rng: Random, apart_from: Crossing | None = None) -> Crossing:
    """Any crossing, other than the given one."""
    while True:
        found = Crossing(int(rng.random() * (COLUMNS + 1)), int(rng.random() * (ROWS + 1)))
        if found != apart_from:
            return found


def nearby_crossing(rng: Random, around: Crossing, blocks: int) -> Crossing:
    """A crossing at most so many blocks away in each direction, other than the given one."""
    while True:
        column = around.column + rng.randint(-blocks, blocks)
        row = around.row + rng.randint(-blocks, blocks)
        found = Crossing(max(0, min(COLUMNS, column)), max(0, min(ROWS, row)))
        if found != around:
            return found


def plan_route(start: Crossing, goal: Crossing, rng: Random) -> Route:
    """Along the first street, across somewhere in between, along the last street.

    Raises:
        ValueError: start and goal are the same crossing.
    """
    low, high = sorted((start.column, goal.column))
    turn = rng.randint(low, high)
    corners = [start, Crossing(turn, start.row), Crossing(turn, goal.row), goal]
    legs = [_leg(a, b) for a, b in pairwise(corners) if a != b]
    if not legs:
        raise ValueError(f"a route needs two different crossings, not {start} twice")
    return tuple(legs)


def _leg(start: Crossing, end: Crossing) -> Leg:
    lat, lon = position_of(start)
    end_lat, end_lon = position_of(end)
    along_row = start.row == end.row
    blocks = abs(end.column - start.column) + abs(end.row - start.row)
    forward = end.column > start.column if along_row else end.row > start.row
    heading = TURN_DEG + (90.0 if along_row else 0.0) + (0.0 if forward else 180.0)
    length_m = blocks * BLOCK_M
    return Leg(
        lat=lat,
        lon=lon,
        lat_per_m=(end_lat - lat) / length_m,
        lon_per_m=(end_lon - lon) / length_m,
        length_m=length_m,
        heading_deg=heading % 360.0,
        limit_kmh=street_limit_kmh(start.row if along_row else start.column),
    )
