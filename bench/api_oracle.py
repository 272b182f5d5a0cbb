"""What the API must answer, worked out from the tables as their owner reads them.

Shares no query and no rule of the API's: what a vehicle does, who sees it and what a bucket holds
is decided here once more. Pure. A judgement is a sentence, and none where the answer is right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any, Final, NamedTuple

from bench.api_scene import Asker, Vehicle

OFFLINE_AFTER: Final = timedelta(seconds=180)
MOVING_ABOVE_KMH: Final = 3.0
MAX_POINTS: Final = 1_000
_NEAR_DEG: Final = 1.5e-6
_NEAR: Final = 2e-3


class State(NamedTuple):
    """The latest state of a vehicle."""

    vin: str
    operator_id: int
    ts: datetime
    lat: float
    lon: float
    speed_kmh: float
    soc_pct: float
    charge_state: str
    online: bool
    last_heard_at: datetime


class Sample(NamedTuple):
    """A stored sample of a vehicle."""

    ts: datetime
    operator_id: int
    lat: float
    lon: float
    speed_kmh: float
    soc_pct: float


def word_of(state: State, now: datetime) -> str:
    """What a vehicle does, in the API's words."""
    if not state.online or now - state.last_heard_at > OFFLINE_AFTER:
        return "offline"
    if state.speed_kmh > MOVING_ABOVE_KMH:
        return "moving"
    return "charging" if state.charge_state in {"parked_charging", "driving_charging"} else "parked"


def find_vins(
    fleet: Iterable[Vehicle],
    asker: Asker,
    states: Mapping[str, State],
    now: datetime,
    *,
    operators: frozenset[int] | None = None,
    word: str | None = None,
    search: str = "",
) -> list[str]:
    """The vehicles a list must show, by VIN. The head office owns all of them."""
    search = search.lower()
    return sorted(
        vehicle.vin
        for vehicle in fleet
        if vehicle.operator_id in asker.sees
        and (operators is None or vehicle.operator_id in operators)
        and (word is None or word_of(states[vehicle.vin], now) == word)
        and any(search in text.lower() for text in (vehicle.vin, vehicle.plate, vehicle.model))
    )


def judge_list(told: Sequence[str], expected: Sequence[str]) -> Iterator[str]:
    """All VINs of a list, page after page."""
    if list(told) != list(expected):
        yield (
            f"a list of {len(told)} vehicles, {len(set(expected) - set(told))} missing,"
            f" {len(set(told) - set(expected))} foreign, in order: {list(told) == sorted(told)}"
        )


def judge_counts(body: Any, words: Iterable[str]) -> Iterator[str]:
    """Counts of all that one sees."""
    expected = dict.fromkeys(("moving", "parked", "charging", "offline"), 0)
    for word in words:
        expected[word] += 1
    told = {name: body[name] for name in expected}
    if told != expected or body["total"] != sum(expected.values()):
        yield f"counts {told}, not {expected}"


def judge_positions(body: Any, states: Mapping[str, State], vins: Iterable[str]) -> Iterator[str]:
    """Positions in WGS-84, in either form."""
    if "columns" in body:
        columns = body["columns"]
        told = dict(
            zip(columns["vin"], zip(columns["lon"], columns["lat"], strict=True), strict=True)
        )
        count = len(columns["vin"])
    else:
        features = body["features"]
        told = {each["id"]: tuple(each["geometry"]["coordinates"]) for each in features}
        count = len(features)
    expected = {vin: (states[vin].lon, states[vin].lat) for vin in vins}
    if told.keys() != expected.keys() or count != len(expected):
        yield f"{count} positions, not {len(expected)}, or of other vehicles"
    elif any(not _near(told[vin], place) for vin, place in expected.items()):
        yield "positions that are not the stored ones"


def judge_track(body: Any, samples: Iterable[Sample], asker: Asker) -> Iterator[str]:
    """A track: some of the vehicle's samples, those of the asker's time, its ends among them."""
    stored = {one.ts: (one.lon, one.lat) for one in samples if one.operator_id in asker.sees}
    told = [
        (datetime.fromisoformat(point["ts"]), (point["lon"], point["lat"]))
        for point in body["points"]
    ]
    times = [ts for ts, _ in told]
    if body["points_read"] != len(stored):
        yield f"a track of {body['points_read']} samples, not {len(stored)}"
    if len(told) > MAX_POINTS or times != sorted(set(times)):
        yield f"{len(told)} points of a track, or not in order"
    if any(ts not in stored or not _near(place, stored[ts]) for ts, place in told):
        yield "points of a track that are not stored, or were another's"
    elif stored and (not times or (times[0], times[-1]) != (min(stored), max(stored))):
        yield "a track without its ends"


def judge_signals(body: Any, samples: Iterable[Sample], asker: Asker) -> Iterator[str]:
    """History of `soc_pct` and `speed_kmh`."""
    own = [one for one in samples if one.operator_id in asker.sees]
    from_at = datetime.fromisoformat(body["from_at"])
    for signal in body["signals"]:
        buckets: dict[datetime, list[float]] = {}
        for one in own:
            number = (one.ts - from_at) // timedelta(seconds=body["bucket_s"])
            at = from_at + timedelta(seconds=body["bucket_s"] * number)
            buckets.setdefault(at, []).append(getattr(one, signal["name"]))
        expected = [
            (at, min(found), fmean(found), max(found), len(found))
            for at, found in sorted(buckets.items())
        ]
        told = list(
            zip(
                map(datetime.fromisoformat, signal["from_at"]),
                *(signal[name] for name in ("min", "avg", "max", "count")),
                strict=True,
            )
        )
        if len(told) != len(expected) or any(
            one[0] != other[0] or any(abs(a - b) > _NEAR for a, b in _pairs(one, other))
            for one, other in zip(told, expected, strict=True)
        ):
            yield f"a history of {signal['name']} that is not the stored one"


def _pairs(one: Sequence[Any], other: Sequence[Any]) -> Iterator[tuple[float, float]]:
    return zip(one[1:], other[1:], strict=True)


def _near(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) <= _NEAR_DEG for a, b in zip(one, other, strict=True))
