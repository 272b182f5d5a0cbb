"""Places on the map over HTTP, which rules of alerts speak of."""

from typing import Annotated, Final

from fastapi import Query

from alerts.geofences import service as geofences
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.geofences import GeofenceChange, GeofenceCodePath, GeofenceIn, GeofenceOut
from api.operation import Answer, IfMatch, Operations, version_of
from api.own_codes import OfOrganisation, Retired, Search, Whose, page_by_code
from api.pages import DEFAULT_LIMIT, After, Limit, Page
from kit.datum import Datum

operations = Operations("geofences")

EXPORT: Final = Export(
    Words("电子围栏", "geofences"),
    {
        "shape": Words("形状", "Shape"),
        "lat": Words("圆心纬度", "Latitude"),
        "lon": Words("圆心经度", "Longitude"),
        "radius_m": Words("半径（米）", "Radius (m)"),
        "crs": Words("坐标系", "Datum"),
        "drawn_in": Words("绘制坐标系", "Drawn in"),
        "retired_at": Words("停用时间", "Retired at"),
    },
    {"shape": {"circle": Words("圆形", "circle"), "polygon": Words("多边形", "polygon")}},
    left_out=frozenset({"points"}),
)
"""As a table."""
OnMap = Annotated[
    Datum,
    Query(
        description="The datum of the map to show it on: `wgs84`, as it is judged; `gcj02` 火星坐标"
        " for Gaode and Tencent; `bd09` for Baidu."
    ),
]


@operations.get("/geofences", exported=EXPORT)
def list_geofences(
    call: Call,
    organisation: OfOrganisation = None,
    retired: Retired = None,
    q: Search = None,
    crs: OnMap = "wgs84",
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[GeofenceOut]:
    """Places on the map, by code."""
    rows, further = page_by_code(
        geofences.list_geofences,
        call,
        organisation=organisation,
        retired=retired,
        q=q,
        limit=limit,
        after=after,
    )
    return Page[GeofenceOut](items=[GeofenceOut.of(row, crs) for row in rows], next=further)


@operations.post("/geofences", status=201, idempotent="geofence.change", tells=["ETag"])
def create_geofence(call: Call, body: GeofenceIn) -> Answer[GeofenceOut]:
    """Draw a place. A code is used once.

    The answer is in the datum it was drawn in.
    """
    made = geofences.create_geofence(
        call.conn,
        call.actor,
        organisation=body.organisation,
        code=body.code,
        name=body.name,
        shape=body.drawn(),
        datum=body.crs,
        now=call.now,
    )
    return _answer(made, body.crs)


@operations.get("/geofences/{code}", tells=["ETag"])
def get_geofence(
    call: Call, code: GeofenceCodePath, organisation: Whose = None, crs: OnMap = "wgs84"
) -> Answer[GeofenceOut]:
    """One place; its ETag is what a change asks for."""
    found = geofences.get_geofence(call.conn, call.actor, code=code, organisation=organisation)
    return _answer(found, crs)


@operations.put("/geofences/{code}", tells=["ETag"])
def change_geofence(
    call: Call,
    code: GeofenceCodePath,
    body: GeofenceChange,
    organisation: Whose = None,
    if_match: IfMatch = None,
) -> Answer[GeofenceOut]:
    """Draw a place anew; rules see it within seconds. If-Match: its ETag.

    The answer is in the datum it was drawn in.
    """
    changed = geofences.change_geofence(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        name=body.name,
        shape=body.drawn(),
        datum=body.crs,
        now=call.now,
    )
    return _answer(changed, body.crs)


@operations.post("/geofences/{code}/retire", tells=["ETag"])
def retire_geofence(
    call: Call, code: GeofenceCodePath, organisation: Whose = None, if_match: IfMatch = None
) -> Answer[GeofenceOut]:
    """Take a place back that no rule is about any more. If-Match: its ETag.

    The answer is in WGS-84.
    """
    retired = geofences.retire_geofence(
        call.conn,
        call.actor,
        organisation=organisation,
        code=code,
        version=version_of(if_match),
        now=call.now,
    )
    return _answer(retired, "wgs84")


def _answer(geofence: geofences.Geofence, datum: Datum) -> Answer[GeofenceOut]:
    return Answer(GeofenceOut.of(geofence, datum), version=geofence.version)
