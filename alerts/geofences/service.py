"""Keeps the places on the map that rules speak of.

A place belongs to an organisation; a rule finds it by its code, with the organisation the rule
holds for, then above it. A retired code is not used again. Leaves out which outlines there may be
(`outline.py`) and who is where (`alerts/detectors`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.errors import NameInUse
from alerts.geofences import store
from alerts.geofences.errors import GeofenceExists, GeofenceNotFound
from alerts.geofences.model import Circle, Geofence, Polygon, Shape
from alerts.geofences.on_maps import on_earth, on_map
from alerts.geofences.outline import circle, columns_of, polygon
from alerts.own_codes import asked_for, new_row, record_of
from alerts.rules import service as rules
from kit.datum import Datum
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
    "on_map",
    "polygon",
    "retire_geofence",
]


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
    asked = asked_for(conn, actor, filters)
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
    datum: Datum = "wgs84",
    now: datetime,
) -> Geofence:
    """A new place; `shape` comes of `circle` or `polygon`, drawn on a map of the datum.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        AlertCodeMalformed, CodeReserved, GeofenceExists: it cannot be called so.
        OutlineInvalid: what is an outline on that map is none on earth.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    row = new_row(actor, acted, code=code, name=name, now=now)
    judged = on_earth(shape, datum)
    if not store.insert_geofence(conn, row, shape=judged, datum=datum, drawn=shape):
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
    datum: Datum = "wgs84",
    now: datetime,
) -> Geofence:
    """The place with another name or outline. Rules see it within seconds.

    Raises:
        OrganisationNotFound, GeofenceNotFound: there is none in sight, or it is retired.
        OutlineInvalid: what is an outline on a map of the datum is none on earth.
        VersionChanged: somebody changed it since `version` was read.
    """
    actor.require("geofence.change")
    acted = rules.organisation_of(conn, actor, organisation)
    was = _live(conn, acted, code)
    outline = {"shape": on_earth(shape, datum), "drawn": shape}
    if not store.update_geofence(conn, was.id, version, name=name, datum=datum, **outline):
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
    columns = columns_of(geofence.drawn)
    points = columns.pop("points")
    corners = None if points is None else len(points)
    named = {"name": geofence.name, "version": geofence.version, "datum": geofence.datum}
    return named | columns | {"corners": corners}
