"""Decides which kinds of alerts somebody sees, and what of an alert's facts.

An alert is seen by who has the permission of its kind: one of a bill by who reads bills. Where a
vehicle is stands in the facts of some; it is left out for who may not know it exactly.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alerts.rules.kinds import KINDS
from schemas.access import Actor

NOTED: Final = "told"
"""What a sweep remembers among the facts: the last reminder it told of."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE: Final = re.compile(r"(^|_)(lat|lon|lng|latitude|longitude|place|position|points)($|_)")


def kinds_seen(actor: Actor) -> frozenset[str]:
    """The kinds of alerts the actor sees.

    Raises:
        PermissionMissing: the actor sees no alerts.
    """
    actor.require("alert.read")
    return kinds_of(actor.permissions)


def kinds_of(permissions: frozenset[str]) -> frozenset[str]:
    """The kinds of alerts that who has these permissions sees."""
    if "alert.read" not in permissions:
        return frozenset()
    return frozenset(name for name, kind in KINDS.items() if kind.verb in permissions)


def facts_for(actor: Actor, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts as this actor may know them: places only with `location.read`, instants as such.

    What a sweep notes of its own among them (`told`) is nobody else's.
    """
    shown = dict(_as_shown(name, told) for name, told in facts.items() if name != NOTED)
    return shown if actor.may("location.read") else without_places(shown)


def instant_of(at_us: int) -> str:
    """µs since 1970 as RFC 3339 in UTC.

    >>> instant_of(1_795_362_193_562_140)
    '2026-11-22T15:43:13.562140Z'
    """
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat().replace("+00:00", "Z")


def _as_shown(name: str, told: Any) -> tuple[str, Any]:
    if name.endswith("_us") and isinstance(told, int):
        return f"{name.removesuffix('_us')}_at", instant_of(told)
    if isinstance(told, str) and name.endswith("_at"):
        return name, told.removesuffix("+00:00") + "Z" if told.endswith("+00:00") else told
    return name, told


def without_places(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without what tells where.

    >>> without_places({"lat": 22.5, "speed_kmh": 50, "from": {"lon": 114.0, "at": "08:00"}})
    {'speed_kmh': 50, 'from': {'at': '08:00'}}
    """
    return {
        name: without_places(told) if isinstance(told, Mapping) else told
        for name, told in facts.items()
        if not _PLACE.search(name)
    }
