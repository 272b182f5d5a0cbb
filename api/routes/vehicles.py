"""Vehicles as they are now: the list, the counts, and one of them."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.text import VinPath
from api.models.vehicles import VehicleCountsOut, VehicleDetail, VehicleOut, VehiclesPage
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, cursor_of, place_of
from fleet.usage import service as usage
from fleet.usage.selection import KIND_OF_SORT, Place, Sort, State, VehicleFilter

operations = Operations("vehicles")

EXPORT: Final = Export(
    Words("车辆", "vehicles"),
    {
        "state": Words("行驶状态", "What it does"),
        "online": Words("在线", "Online"),
        "last_heard_at": Words("最近通信时间", "Last heard"),
        "ts": Words("数据时间", "Sampled at"),
        "age_s": Words("数据已过（秒）", "Age (s)"),
        "speed_kmh": Words("车速（km/h）", "Speed (km/h)"),
        "vehicle_state": Words("上电状态", "Power"),
        "charge_state": Words("充电状态", "Charging"),
        "alarm_level": Words("报警等级", "Alarm level"),
        "lat": Words("纬度（WGS-84）", "Latitude (WGS-84)"),
        "lon": Words("经度（WGS-84）", "Longitude (WGS-84)"),
        "heading_deg": Words("方向（°）", "Heading (°)"),
    },
    {
        "state": {
            "never_heard": Words("未上线", "never heard"),
            "offline": Words("离线", "offline"),
            "moving": Words("行驶", "moving"),
            "charging": Words("充电", "charging"),
            "parked": Words("停放", "parked"),
        },
        "vehicle_state": {
            "on": Words("启动", "on"),
            "off": Words("熄火", "off"),
            "other": Words("其他", "other"),
        },
        "charge_state": {
            "parked_charging": Words("停车充电", "parked, charging"),
            "driving_charging": Words("行驶充电", "driving, charging"),
            "not_charging": Words("未充电", "not charging"),
            "full": Words("充电完成", "full"),
        },
    },
)
"""As a table."""

OperatedBy = Annotated[
    str | None,
    Query(
        max_length=63,
        description="Code of an organisation: vehicles that it, or one below it, operates now.",
        examples=["shenzhen-qianxing"],
    ),
]
InState = Annotated[State | None, Query(description="What they do, in one word; see `state`.")]
Online = Annotated[
    bool | None, Query(description="Those heard within the time-out, or those not heard.")
]
SocMin = Annotated[
    float | None, Query(ge=0, le=100, description="State of charge at least this [%].")
]
SocMax = Annotated[
    float | None,
    Query(
        ge=0,
        le=100,
        description="State of charge below this [%]; 100 lets the full ones in. So a band of the"
        " counts is `soc_min` to `soc_max`.",
    ),
]
AlarmMin = Annotated[int | None, Query(ge=0, le=4, description="Alarm level at least this.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        description="A part of the VIN, the plate or the model, in any case of letters.",
    ),
]
Former = Annotated[
    bool,
    Query(
        description="Also vehicles operated in the past: their state is shown as far as it is of"
        " your own time."
    ),
]
SortBy = Annotated[
    Sort,
    Query(
        description="What they are sorted by, a hyphen for descending; the unknown come last."
        " The order of states changes while you read on: a vehicle may be missed or come twice."
    ),
]


@operations.get("/vehicles", exported=EXPORT)
def list_vehicles(
    call: Call,
    organisation: OperatedBy = None,
    state: InState = None,
    online: Online = None,
    soc_min: SocMin = None,
    soc_max: SocMax = None,
    alarm_min: AlarmMin = None,
    q: Search = None,
    former: Former = False,
    sort: SortBy = "vin",
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> VehiclesPage:
    """The vehicles your organisations own or operate now, and how they are."""
    page = usage.list_vehicles(
        call.conn,
        call.actor,
        VehicleFilter(organisation, state, online, soc_min, soc_max, alarm_min, q, former),
        sort=sort,
        after=_place(after, sort),
        limit=limit,
        now=call.now,
        offline_after=_offline_after(call),
    )
    return VehiclesPage(
        items=[VehicleOut.of(row) for row in page.rows],
        next=page.next and cursor_of(sort, page.next.key, page.next.vin),
        location_masked=page.location_masked,
    )


@operations.get("/vehicles/counts")
def count_vehicles(
    call: Call,
    organisation: OperatedBy = None,
    state: InState = None,
    online: Online = None,
    soc_min: SocMin = None,
    soc_max: SocMax = None,
    alarm_min: AlarmMin = None,
    q: Search = None,
    former: Former = False,
) -> VehicleCountsOut:
    """How many of the vehicles that the list with the same filters shows do what."""
    counts = usage.count_vehicles_by(
        call.conn,
        call.actor,
        VehicleFilter(organisation, state, online, soc_min, soc_max, alarm_min, q, former),
        now=call.now,
        offline_after=_offline_after(call),
    )
    return VehicleCountsOut.of(counts)


@operations.get("/vehicles/{vin}")
def get_vehicle(call: Call, vin: VinPath) -> Answer[VehicleDetail]:
    """One vehicle with its latest state. The ETag is what changing its card asks for."""
    found = usage.vehicle_detail(
        call.conn, call.actor, vin=vin, now=call.now, offline_after=_offline_after(call)
    )
    return Answer(VehicleDetail.of_now(found), version=found.version)


def _place(after: str | None, sort: Sort) -> Place | None:
    """The place a cursor stands for in this order.

    Raises:
        ApiError: 422, it is of another order, or of another list.
    """
    place: list[Any] | None = place_of(after, str, KIND_OF_SORT[sort], str)
    if place is None:
        return None
    of_sort, key, vin = place
    if of_sort != sort or vin is None:
        raise ApiError(422, "cursor_invalid", field="after")
    return Place(key, vin)


def _offline_after(call: Call) -> timedelta:
    return timedelta(seconds=call.settings.offline_after_s)
