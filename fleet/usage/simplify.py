"""Decides which points of a vehicle's track to keep, so that few points tell where it went.

Kept first are the ends of the track and of every stop, so that a reader sees where and how long the
vehicle stood. Between them Douglas and Peucker's rule adds points, always the one that lies
farthest from the line kept so far, until the limit or the tolerance is reached.

A vehicle stood between two neighbouring points,

* when both report a speed of at most `stop_speed_kmh`, wherever they lie: a receiver may jump; or
* when a speed is unknown, none is higher, and the second point lies less than 30 m from where the
  vehicle began to stand, or was last known to stand; or
* when nothing was heard for `stop_min_s` and the second point lies less than 30 m from the first,
  whatever the speeds: a device that falls asleep leaves the last speed of the drive behind.

After such a silence, two points 30 m apart or more are never one stop.

A stretch of such pairs that lasts `stop_min_s` is a stop. A point of higher speed ends it.

Distances are metres from the segment between two kept points, not from the endless line through
them: where a road leads back, its far end counts. Longitudes shrink by the cosine of the segment's
own middle latitude on a sphere, which is right to half a per cent for segments up to 50 km.

Leaves out: points without a position (they belong to no line and are never kept, whatever else they
know), whether a position is a stale one (a receiver without fix repeats its last position, which
looks like standing unless the speed says otherwise), outliers (a jump is kept: it is far from the
line), time (a vehicle's way along the line is not looked at), and the antimeridian (a track across
it would be measured around the world; no vehicle of ours goes there).
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from math import hypot
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from fleet.usage.model import MOVING_ABOVE_KMH

STOP_RADIUS_M: Final = 30.0
"""A standing vehicle's receiver wanders; nearer than this is the same place."""

_DEGREE_M: Final = 6_371_008.8 * np.pi / 180.0
"""A degree of latitude on a sphere of the earth's mean radius."""
_ON_THE_LINE_M: Final = 0.001
"""Nearer than this is rounding: a coordinate of seven decimals has steps of a centimetre."""
_NO_DIRECTION_M: Final = 1e-6
"""A segment shorter than this is a point."""

TrackColumn = npt.ArrayLike | Sequence[float | None]
"""One quantity of a track; NaN or None is unknown."""

_Column = npt.NDArray[np.float64]
_Places = npt.NDArray[np.intp]
_Stop = tuple[int, int]
"""Places of the first and the last point of a stop in the line."""


class Kept(NamedTuple):
    """The points to keep of a track.

    `indices` point into the track, in rising order. No point that was left out lies farther than
    `error_m` metres from the line through the kept ones, points without a position apart.
    `stops_lost` counts the stops whose ends found no room: 0 unless `max_points` is too small.
    """

    indices: npt.NDArray[np.intp]
    error_m: float
    stops_lost: int


def keep_indices(
    times_s: TrackColumn,
    lon: TrackColumn,
    lat: TrackColumn,
    speed_kmh: TrackColumn,
    *,
    max_points: int,
    tolerance_m: float = 0.0,
    stop_speed_kmh: float = MOVING_ABOVE_KMH,
    stop_min_s: float = 120.0,
) -> Kept:
    """The points of one vehicle's track that tell its way, at most `max_points`.

    Takes four columns of one length, in order of time: seconds from any origin, degrees, km/h.
    NaN (or None) is unknown. The first and the last point that have a position are always kept.
    Where there is not room for both ends of every stop, the longest stops are kept.

    Points are added until none left out lies farther than `tolerance_m` from the line. With a
    tolerance of 0, a track that fits is returned whole; one that does not fit also loses what lies
    on the line to a millimetre.

    Raises:
        ValueError: max_points below 2, a tolerance that is negative or NaN, or columns of
            different lengths.
    """
    if max_points < 2:
        raise ValueError(f"max_points must be 2 or more, not {max_points}")
    if not tolerance_m >= 0:
        raise ValueError(f"tolerance_m must be 0 or more, not {tolerance_m}")
    columns = [np.asarray(column, dtype=np.float64) for column in (times_s, lon, lat, speed_kmh)]
    track = np.stack(columns)
    known = np.flatnonzero(np.isfinite(track[1]) & np.isfinite(track[2]))
    if len(known) <= 2 or (tolerance_m == 0 and len(known) <= max_points):
        return Kept(known, 0.0, 0)
    times, lons, lats, speeds = track[:, known]
    line = _Line(lons, lats)
    stops = _find_stops(line, times, speeds, stop_speed_kmh, stop_min_s)
    ends, stops_lost = _choose_ends(stops, times, max_points)
    places, error_m = _add_farthest(
        line, ends, max_points - len(ends), max(tolerance_m, _ON_THE_LINE_M)
    )
    return Kept(known[places], error_m, stops_lost)


class _Line(NamedTuple):
    """Positions in order [degrees], and distances between them [m]."""

    lons: _Column
    lats: _Column

    def steps(self) -> _Column:
        """From each point to the next."""
        shrink = np.cos(np.radians((self.lats[:-1] + self.lats[1:]) / 2))
        return np.hypot(np.diff(self.lons) * shrink, np.diff(self.lats)) * _DEGREE_M

    def east_north_m(self, first: int, last: int) -> tuple[list[float], list[float]]:
        """From the origin of coordinates to each point, first to last; for short distances."""
        lats = self.lats[first : last + 1]
        east = self.lons[first : last + 1] * np.cos(np.radians(lats[0])) * _DEGREE_M
        return east.tolist(), (lats * _DEGREE_M).tolist()

    def farthest(self, first: _Places, last: _Places) -> tuple[_Column, _Places]:
        """For each stretch, the point between its ends that lies farthest from the segment.

        Returns the distance and the place of that point; 0 and the first end where nothing lies
        between. One pass over all stretches: a thousand small calls would cost ten times that.
        """
        distances, places = np.zeros(len(first)), first.copy()
        filled = np.flatnonzero(last - first > 1)
        if not len(filled):
            return distances, places
        first, last = first[filled], last[filled]
        inner = last - first - 1
        starts = np.cumsum(inner) - inner
        inside = np.arange(inner.sum()) + np.repeat(first + 1 - starts, inner)
        squares = self._squares(first, last, inner, inside)
        largest = np.maximum.reduceat(squares, starts)
        hits = np.flatnonzero(squares == np.repeat(largest, inner))
        places[filled] = inside[hits[np.searchsorted(hits, starts)]]
        distances[filled] = np.sqrt(largest)
        return distances, places

    def _squares(self, first: _Places, last: _Places, inner: _Places, inside: _Places) -> _Column:
        """Squared distance of every point inside from the segment of its stretch [m²]."""
        lons, lats = self.lons, self.lats
        shrink = _DEGREE_M * np.cos(np.radians((lats[first] + lats[last]) / 2))
        east, north = (lons[last] - lons[first]) * shrink, (lats[last] - lats[first]) * _DEGREE_M
        length = np.hypot(east, north)
        directed = length > _NO_DIRECTION_M
        divisor = np.where(directed, length, 1.0)
        # Where the ends are one point, any direction does: the segment has no length.
        along_east = np.repeat(np.where(directed, east / divisor, 1.0), inner)
        along_north = np.repeat(np.where(directed, north / divisor, 0.0), inner)
        east = (lons[inside] - np.repeat(lons[first], inner)) * np.repeat(shrink, inner)
        north = (lats[inside] - np.repeat(lats[first], inner)) * _DEGREE_M
        along = east * along_east + north * along_north
        beyond = along - np.minimum(np.maximum(along, 0.0), np.repeat(length, inner))
        aside = east * along_north - north * along_east
        squares: _Column = beyond * beyond + aside * aside
        return squares


def _find_stops(
    line: _Line, times: _Column, speeds: _Column, stop_speed_kmh: float, stop_min_s: float
) -> list[_Stop]:
    """The stops of the line, in order of time."""
    slow, fast = speeds <= stop_speed_kmh, speeds > stop_speed_kmh
    near, silent = line.steps() < STOP_RADIUS_M, np.diff(times) >= stop_min_s
    certain = np.where(silent, near, slow[:-1] & slow[1:])
    guessed = ~silent & ~certain & ~fast[:-1] & ~fast[1:]
    turns = np.diff(np.concatenate(([False], certain | guessed, [False])).astype(np.int8))
    stretches = zip(
        np.flatnonzero(turns == 1).tolist(), np.flatnonzero(turns == -1).tolist(), strict=True
    )
    return [
        (first, last)
        for stretch in stretches
        for first, last in _cut_where_it_drifts(line, stretch, certain, guessed)
        if times[last] - times[first] >= stop_min_s
    ]


def _cut_where_it_drifts(
    line: _Line,
    stretch: _Stop,
    certain: npt.NDArray[np.bool_],
    guessed: npt.NDArray[np.bool_],
) -> list[_Stop]:
    """The stretch in pieces, none of which guesses that a vehicle stood while it went away.

    Where speeds are unknown, small steps may add up to a drive. They are measured from the last
    point that certainly belongs to the stop, or from the piece's first.
    """
    first, last = stretch
    if not guessed[first:last].any():
        return [stretch]
    pieces: list[_Stop] = []
    # Plain floats: numpy is slow when asked for one number at a time.
    east, north = line.east_north_m(first, last)
    sure = certain[first:last].tolist()
    begin = anchor = 0
    for place in range(1, len(east)):
        if sure[place - 1]:
            anchor = place
        elif hypot(east[place] - east[anchor], north[place] - north[anchor]) >= STOP_RADIUS_M:
            pieces.append((first + begin, first + place - 1))
            begin = anchor = place
    return [*pieces, (first + begin, last)]


def _choose_ends(stops: list[_Stop], times: _Column, max_points: int) -> tuple[_Places, int]:
    """Places to keep whatever the line looks like, and how many stops found no room."""
    chosen = {0, len(times) - 1}
    lost = 0
    longest_first = sorted(stops, key=lambda stop: times[stop[0]] - times[stop[1]])
    for stop in longest_first:
        wanted = {*stop} - chosen
        if len(chosen) + len(wanted) <= max_points:
            chosen |= wanted
        else:
            lost += 1
    return np.array(sorted(chosen), dtype=np.intp), lost


class _Stretches(NamedTuple):
    """What may be split, as columns; the two halves of a stretch stand at `half` and `half` + 1."""

    distances: list[float]
    places: list[int]
    half: list[int]


def _add_farthest(
    line: _Line, ends: _Places, room: int, tolerance_m: float
) -> tuple[_Places, float]:
    """The ends and up to `room` points between them, and the largest distance left [m].

    The stretch with the farthest point is split there, again and again.
    """
    stretches = _split_ahead(line, ends, room, tolerance_m)
    kept = ends.tolist()
    heap = [(-stretches.distances[stretch], stretch) for stretch in range(len(ends) - 1)]
    heapify(heap)
    while len(kept) < len(ends) + room and -heap[0][0] > tolerance_m:
        _, stretch = heappop(heap)
        kept.append(stretches.places[stretch])
        half = stretches.half[stretch]
        heappush(heap, (-stretches.distances[half], half))
        heappush(heap, (-stretches.distances[half + 1], half + 1))
    return np.array(sorted(kept), dtype=np.intp), max(-heap[0][0], 0.0)


def _split_ahead(line: _Line, ends: _Places, room: int, tolerance_m: float) -> _Stretches:
    """Every stretch that splitting largest first could meet, found a level at a time.

    A stretch is reached only after those it came from, so what counts is the smallest distance on
    the way to it. Once `room` stretches count more than a new one, that one is never split, nor
    anything in it: its halves are not looked at.
    """
    first, last = ends[:-1], ends[1:]
    counts = np.full(len(first), np.inf)
    best = np.empty(0)
    found = _Stretches([], [], [])
    while len(first):
        distances, places = line.farthest(first, last)
        counts = np.minimum(counts, distances)
        best = np.sort(np.concatenate([best, counts[distances > tolerance_m]]))[::-1][:room]
        least = best[-1] if len(best) == room > 0 else (0.0 if room else np.inf)
        split = np.flatnonzero((distances > tolerance_m) & (counts >= least))
        half = np.full(len(first), -1)
        half[split] = len(found.half) + len(first) + 2 * np.arange(len(split))
        found.distances.extend(distances.tolist())
        found.places.extend(places.tolist())
        found.half.extend(half.tolist())
        first, last = (
            np.column_stack((first[split], places[split])).ravel(),
            np.column_stack((places[split], last[split])).ravel(),
        )
        counts = np.repeat(counts[split], 2)
    return found
