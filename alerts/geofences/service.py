"""Keeps the places on the map that rules speak of.

A place belongs to an organisation; a rule finds it by its code, with the organisation the rule
holds for, then above it. A retired code is not used again. Leaves out which outlines there may be
(`outline.py`) and who is where (`alerts/detectors`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from alerts.errors import NameInUse
from alerts.geofences import store
from alerts.geofences.errors import GeofenceExists, GeofenceNotFound
from alerts.geofences.model import Circle, Geofence, Polygon, Shape
from alerts.geofences.outline import circle, columns_of, polygon
from alerts.own_codes import record_of
from alerts.rules import service as rules
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "Circle",
    "Geofence",
    "Polygon",
    "Shape",
    "change_geofence",
    "circle",
    "create_geofence",
    "get_geofence",
    "list_geofences",
    "polygon",
    "retire_geofence",
]

FILTERS: Final = frozenset({"organisation", "retired", "search"})


def list_geofences(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[Geofence]:
    """Places in sight, by code; `filters` of `organisation` (and below), `retired`, `search`.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("alert_rule.read")
    assert filters.keys() <= FILTERS
    asked = rules.asked_in(conn, actor, filters)
    return store.list_geofences(conn, asked, after=after, limit=limit)


def get_geofence(
    conn: Connection[Any], actor: Actor, *, code: str, organisation: str | None
) -> Geofence:
    """The organisation's own place of this code, retired or not.

    Raises:
        OrganisationNotFound, GeofenceNotFound: there is none in sight.
    """
    actor.require("alert_rule.read")
    return _found(conn, rules.organisation_of(conn, actor, organisation), code)


def create_geofence(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    name: str,
    shape: Shape,
    now: datetime,
) -> Geofence:
    """A new place; `shape` comes of `circle` or `polygon`.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        AlertCodeMalformed, GeofenceExists: it cannot be called so.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    row = {
        "tenant_id": acted.tenant_id,
        "organisation_id": acted.id,
        "code": rules.check_code(code),
        "name": name,
        "created_by": actor.name,
        "now": now,
    }
    if not store.insert_geofence(conn, row, shape):
        raise GeofenceExists(f"{acted.code} has used the code {code!r} before", code=code)
    made = _found(conn, acted, code)
    record_of(conn, actor, acted, "geofence.create", code, now=now, after=_told(made))
    return made


def change_geofence(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    version: int,
    name: str,
    shape: Shape,
    now: datetime,
) -> Geofence:
    """The place with another name or outline. Rules see it within seconds.

    Raises:
        OrganisationNotFound, GeofenceNotFound: there is none in sight, or it is retired.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    was = _live(conn, acted, code)
    if not store.update_geofence(conn, was.id, version, name=name, shape=shape):
        raise VersionChanged(f"the geofence {code} is at version {was.version}", code=code)
    changed = _found(conn, acted, code)
    told = {"before": _told(was), "after": _told(changed)}
    record_of(conn, actor, acted, "geofence.change", code, now=now, **told)
    return changed


def retire_geofence(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None,
    code: str,
    version: int,
    now: datetime,
) -> Geofence:
    """Take a place back that no rule is about any more.

    Raises:
        OrganisationNotFound, GeofenceNotFound: there is none in sight, or it is retired.
        NameInUse: a rule here or below is about it.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    was = _live(conn, acted, code)
    named_by = rules.rules_naming_geofence(conn, acted, code)
    if named_by:
        raise NameInUse(f"rules are about {code!r}: {', '.join(named_by)}", rules=named_by)
    if not store.mark_retired(conn, was.id, version, now):
        raise VersionChanged(f"the geofence {code} is at version {was.version}", code=code)
    record_of(conn, actor, acted, "geofence.retire", code, now=now, before=_told(was))
    return _found(conn, acted, code)


def _found(conn: Connection[Any], acted: rules.Acted, code: str) -> Geofence:
    found = store.list_geofences(conn, {"own_id": acted.id, "code": code}, limit=1)
    if not found:
        raise GeofenceNotFound(f"{acted.code} has no geofence {code!r}", code=code)
    return found[0]


def _live(conn: Connection[Any], acted: rules.Acted, code: str) -> Geofence:
    found = _found(conn, acted, code)
    if found.retired_at is not None:
        raise GeofenceNotFound(f"the geofence {code!r} of {acted.code} is retired", code=code)
    return found


def _told(geofence: Geofence) -> dict[str, Any]:
    """What an entry of the audit trail says of a place; of a polygon, how many corners it has."""
    columns = columns_of(geofence.shape)
    points = columns.pop("points")
    corners = None if points is None else len(points)
    return {"name": geofence.name, "version": geofence.version} | columns | {"corners": corners}
