"""Which vehicles are free for a term, near here, with papers that last."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.available_vehicles import FreeVehicleOut, FreeVehiclePage
from api.models.text import Day
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, cursor_of, place_of
from api.routes.leases import UNITS
from api.routes.stock import LABELS, STATES
from fleet.leasing.availability import service
from fleet.leasing.availability.service import Place, Wanted
from fleet.leasing.terms import LeaseKind

operations = Operations("leases")

FREE: Final = Export(
    Words("可租车辆（按租期）", "free vehicles"),
    LABELS
    | {
        "free_from_on": Words("可租起始日", "Free from"),
        "free_until_on": Words("已预订自", "Promised from"),
        "rent_fen": Words("标价租金", "Rent by the list"),
        "per": Words("计租单位", "Per"),
        "deposit_fen": Words("标价押金", "Deposit by the list"),
        "distance_m": Words("距离（m）", "Distance (m)"),
    },
    {
        "state": STATES,
        "stage": {"in_stock": Words("在库", "in stock"), "let": Words("在租", "let")},
        "per": UNITS,
    },
)

From = Annotated[Day, Query(description="The first day of the term; today at the earliest.")]
Until = Annotated[
    Day | None, Query(description="The first day after the term; without it, it is open.")
]
PapersThrough = Annotated[
    Day | None,
    Query(
        description="Its papers last through this day [until_on, else from_on]. For a lease longer"
        " than papers are, such as the day of the hand-over: they are renewed meanwhile."
    ),
]
OfModel = Annotated[str | None, Query(max_length=63, description="Code of a model.")]
OfBody = Annotated[
    str | None, Query(max_length=100, description="Vehicle type of the model, as it is written.")
]
SocMin = Annotated[float | None, Query(ge=0, le=100, description="Charge at least this [%].")]
NearLon = Annotated[
    float | None,
    Query(ge=-180, le=180, description="Longitude of a place in WGS-84; takes `location.read`."),
]
NearLat = Annotated[float | None, Query(ge=-90, le=90, description="Its latitude.")]
Radius = Annotated[float | None, Query(gt=0, le=5_000, description="Within so many km of it.")]
OperatedBy = Annotated[
    str | None, Query(max_length=63, description="Code of an operator: its own, and below it.")
]
PriceKind = Annotated[LeaseKind, Query(description="Which price of the list is told [long].")]
Search = Annotated[
    str | None,
    Query(min_length=1, max_length=64, description="A part of the VIN, the plate or the model."),
]


@operations.get("/available-vehicles", exported=FREE)
def list_available_vehicles(
    call: Call,
    from_on: From,
    until_on: Until = None,
    papers_through: PapersThrough = None,
    model: OfModel = None,
    body_type: OfBody = None,
    min_soc_pct: SocMin = None,
    near_lon: NearLon = None,
    near_lat: NearLat = None,
    radius_km: Radius = None,
    organisation: OperatedBy = None,
    price_kind: PriceKind = "long",
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> FreeVehiclePage:
    """Vehicles free for the whole term [from_on, until_on): by VIN, or the nearest first.

    In stock and promised to nobody for any of it, or with a lessee whose last day lies before it.
    With a place, those whose own place is known.
    """
    place = place_of(after, int, str)
    near = service.near_of(near_lon, near_lat, radius_km)
    if place is not None and (place[1] is None or (place[0] is None) != (near is None)):
        raise ApiError(422, "cursor_invalid", field="after")
    wanted = Wanted(
        from_on=from_on,
        until_on=until_on,
        papers_through_on=papers_through,
        near=near,
        model_code=model,
        body_type=body_type,
        min_soc_pct=min_soc_pct,
        organisation=organisation,
        search=q,
        price_kind=price_kind,
    )
    page = service.find_available(
        call.conn,
        call.actor,
        wanted,
        after=None if place is None else Place(*place),
        limit=limit,
        now=call.now,
        offline_after=timedelta(seconds=call.settings.offline_after_s),
    )
    return FreeVehiclePage(
        items=[FreeVehicleOut.of(vehicle) for vehicle in page.vehicles],
        next=page.next and cursor_of(*page.next),
        location_masked=page.location_masked,
    )
