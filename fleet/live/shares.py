"""Decides which of the changes found each reader is told, and how exactly it is told a place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from fleet.live.model import Arrival, Change, LiveState
from fleet.live.snapshots import Position, can_resume, full_xid

ROUGH_PLACES: Final = 2
"""Decimals of a degree, about a kilometre: the district, not the yard."""


def by_organisation(changes: Iterable[Change]) -> Mapping[int, list[Change]]:
    """The changes each organisation may see."""
    shares: defaultdict[int, list[Change]] = defaultdict(list)
    for change in changes:
        for organisation_id in change.seen_by:
            shares[organisation_id].append(change)
    return shares


def resumes(arrival: Arrival, now: Position) -> bool:
    """Whether a reader goes on where it was."""
    return arrival.since is not None and can_resume(arrival.since, now)


def first_share(arrival: Arrival, seen: Sequence[Change], now: Position) -> list[Change]:
    """What an arrival is told first, of the states its organisation may see."""
    if arrival.since is not None and can_resume(arrival.since, now):
        since = arrival.since
        return [each for each in seen if not since.has_seen(full_xid(each.changed_in, now))]
    return list(seen) if arrival.everything else []


def rough(state: LiveState) -> LiveState:
    """The state for one who may not know exactly where a vehicle is."""
    return replace(
        state,
        lat=None if state.lat is None else round(state.lat, ROUGH_PLACES),
        lon=None if state.lon is None else round(state.lon, ROUGH_PLACES),
        heading_deg=None,
    )
