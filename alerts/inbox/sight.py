"""Decides which kinds of alerts somebody sees, and what of an alert's facts.

An alert is seen by who has the permission of its kind: one of a bill by who reads bills. Where a
vehicle is stands in the facts of some; it is left out for who may not know it exactly.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from alerts.rules.kinds import KINDS
from schemas.access import Actor

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
    """The facts without places, unless the actor may know them.

    >>> without_places({"lat": 22.5, "speed_kmh": 50, "from": {"lon": 114.0, "at": "08:00"}})
    {'speed_kmh': 50, 'from': {'at': '08:00'}}
    """
    return facts if actor.may("location.read") else without_places(facts)


def without_places(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without what tells where."""
    return {
        name: without_places(told) if isinstance(told, Mapping) else told
        for name, told in facts.items()
        if not _PLACE.search(name)
    }
