"""Places on the map over HTTP, which rules of alerts speak of."""

from typing import Annotated, Final

from fastapi import Query

from alerts.geofences import service as geofences
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.geofences import GeofenceChange, GeofenceCodePath, GeofenceIn, GeofenceOut
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page

operations = Operations("geofences")

EXPORT: Final = Export(
    Words("电子围栏", "geofences"),
    {
        "shape": Words("形状", "Shape"),
        "lat": Words("圆心纬度", "Latitude"),
        "lon": Words("圆心经度", "Longitude"),
        "radius_m": Words("半径（米）", "Radius (m)"),
        "retired_at": Words("停用时间", "Retired at"),
    },
    {"shape": {"circle": Words("圆形", "circle"), "polygon": Words("多边形", "polygon")}},
    left_out=frozenset({"points"}),
)
"""As a table."""

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Whose = Annotated[
    str | None,
    Query(max_length=63, description="Whose place; the one acted for unless said."),
]
Retired = Annotated[bool | None, Query(description="Retired, or in use.")]
Search = Annotated[
    str | None, Query(min_length=1, max_length=100, description="A part of code or name.")
]


@operations.get("/geofences", exported=EXPORT)
def list_geofences(
    call: Call,
    organisation: OfOrganisation = None,
    retired: Retired = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[GeofenceOut]:
    """Places on the map, by code."""
    given = {"organisation": organisation, "retired": retired, "search": q}
    place = place_of(after, str, int)
    rows = geofences.list_geofences(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[GeofenceOut](
        items=[GeofenceOut.of(row) for row in page], next=last and cursor_of(last.code, last.id)
    )


@operations.post("/geofences", status=201, idempotent="geofence.change", tells=["ETag"])
def create_geofence(call: Call, body: GeofenceIn) -> Answer[GeofenceOut]:
    """Draw a place. A code is used once."""
    made = geofences.create_geofence(
        call.conn,
        call.actor,
        organisation=body.organisation,
        code=body.code,
        name=body.name,
        shape=body.drawn(),
        now=call.now,
    )
    return _answer(made)


@operations.get("/geofences/{code}", tells=["ETag"])
def get_geofence(
    call: Call, code: GeofenceCodePath, organisation: Whose = None
) -> Answer[GeofenceOut]:
    """One place; its ETag is what a change asks for."""
    found = geofences.get_geofence(call.conn, call.actor, code=code, organisation=organisation)
    return _answer(found)


@operations.put("/geofences/{code}", tells=["ETag"])
def change_geofence(
    call: Call,
    code: GeofenceCodePath,
    body: GeofenceChange,
    organisation: Whose = None,
    if_match: IfMatch = None,
) -> Answer[GeofenceOut]:
    """Draw a place anew; rules see it within seconds. If-Match: its ETag."""
    changed = geofences.change_geofence(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        name=body.name,
        shape=body.drawn(),
        now=call.now,
    )
    return _answer(changed)


@operations.post("/geofences/{code}/retire", tells=["ETag"])
def retire_geofence(
    call: Call, code: GeofenceCodePath, organisation: Whose = None, if_match: IfMatch = None
) -> Answer[GeofenceOut]:
    """Take a place back that no rule is about any more. If-Match: its ETag."""
    retired = geofences.retire_geofence(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(retired)


def _answer(geofence: geofences.Geofence) -> Answer[GeofenceOut]:
    return Answer(GeofenceOut.of(geofence), version=geofence.version)
