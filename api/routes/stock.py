"""Daily questions: what can be let today, and what stands idle and since when."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.stock import AvailableOut, AvailablePage, StandingOut, StandingPage
from api.models.text import Day
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, cursor_of, key_of, place_of
from fleet.stock import service as stock
from fleet.stock.selection import IdleStage, Place, StockFilter

operations = Operations("vehicles")

LABELS: Final = {
    "model_code": Words("车型编码", "Model code"),
    "stage_since": Words("在库起始时间", "Since"),
    "days": Words("天数", "Days"),
    "papers_until_on": Words("证照有效期至", "Papers until"),
    "free_until_on": Words("已预订自", "Promised from"),
    "state": Words("行驶状态", "What it does"),
    "online": Words("在线", "Online"),
    "last_heard_at": Words("最近通信时间", "Last heard"),
    "lat": Words("纬度（WGS-84）", "Latitude (WGS-84)"),
    "lon": Words("经度（WGS-84）", "Longitude (WGS-84)"),
}
STATES: Final = {
    "never_heard": Words("未上线", "never heard"),
    "offline": Words("离线", "offline"),
    "moving": Words("行驶", "moving"),
    "charging": Words("充电", "charging"),
    "parked": Words("停放", "parked"),
}
AVAILABLE: Final = Export(Words("可租车辆", "available"), LABELS, {"state": STATES})
STANDING: Final = Export(
    Words("闲置车辆", "idle"),
    LABELS
    | {
        "sellable": Words("可租售", "Can be let"),
        "blocks": Words("不可租原因", "What stands against it"),
    },
    {
        "state": STATES,
        "stage": {"in_stock": Words("在库", "in stock"), "for_sale": Words("待售", "for sale")},
    },
)

OperatedBy = Annotated[
    str | None,
    Query(
        max_length=63,
        description="Code of an organisation: vehicles that it, or one below it, operates now.",
        examples=["shenzhen-qianxing"],
    ),
]
OfModel = Annotated[str | None, Query(max_length=63, description="Code of a model.")]
AtDepot = Annotated[str | None, Query(max_length=63, description="Code of a depot.")]
Through = Annotated[
    Day | None,
    Query(description="Its papers last until this day at least, such as the end of a lease."),
]
SocMin = Annotated[
    float | None, Query(ge=0, le=100, description="State of charge at least this [%].")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        description="A part of the VIN, the plate or the model, in any case of letters.",
    ),
]
AtStage = Annotated[IdleStage | None, Query(description="In stock, or for sale.")]
Sellable = Annotated[
    bool | None, Query(description="Those that can be handed over today, or those that cannot.")
]


@operations.get("/available", exported=AVAILABLE)
def list_available(
    call: Call,
    organisation: OperatedBy = None,
    depot: AtDepot = None,
    model: OfModel = None,
    papers_through: Through = None,
    soc_min: SocMin = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> AvailablePage:
    """What you may let today: in stock, promised to nobody today, and nothing forbids it. By VIN.

    For a term that is to come: `GET /available-vehicles`.
    """
    last_vin = key_of(after)
    page = stock.list_stock(
        call.conn,
        call.actor,
        StockFilter(
            stages=("in_stock",),
            sellable=True,
            papers_through_on=papers_through,
            soc_min_pct=soc_min,
            model_code=model,
            organisation_code=organisation,
            depot_code=depot,
            search=q,
        ),
        after=None if last_vin is None else Place(call.now, last_vin),
        limit=limit,
        now=call.now,
        offline_after=_offline_after(call),
    )
    return AvailablePage(
        items=[AvailableOut.of(vehicle) for vehicle in page.vehicles],
        next=page.next and cursor_of(page.next.vin),
        location_masked=page.location_masked,
    )


@operations.get("/idle", exported=STANDING)
def list_idle(
    call: Call,
    organisation: OperatedBy = None,
    depot: AtDepot = None,
    model: OfModel = None,
    stage: AtStage = None,
    sellable: Sellable = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> StandingPage:
    """What stands idle in stock or for sale, the longest first, and whether it can be let."""
    page = stock.list_stock(
        call.conn,
        call.actor,
        StockFilter(
            stages=("in_stock", "for_sale") if stage is None else (stage,),
            sellable=sellable,
            model_code=model,
            organisation_code=organisation,
            depot_code=depot,
            search=q,
        ),
        order="since",
        after=_place(after),
        limit=limit,
        now=call.now,
        offline_after=_offline_after(call),
    )
    return StandingPage(
        items=[StandingOut.of(vehicle) for vehicle in page.vehicles],
        next=page.next and cursor_of(*page.next),
        location_masked=page.location_masked,
    )


def _place(after: str | None) -> Place | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, datetime, str)
    if place is None:
        return None
    if None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return Place(*place)


def _offline_after(call: Call) -> timedelta:
    return timedelta(seconds=call.settings.offline_after_s)
