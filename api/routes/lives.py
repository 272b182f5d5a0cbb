"""Odometers, purchases, places of vehicles and the pool, over HTTP."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.amounts import exact, exact_or_none
from api.models.lives import (
    OdometerIn,
    OdometerNow,
    OdometerOut,
    OdometerPage,
    Placing,
    PooledOut,
    PurchaseIn,
    PurchaseOut,
)
from api.models.registry import VehicleCard
from api.models.text import VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, place_of, split_page
from fleet.lives import service as lives
from fleet.local_days import local_day
from fleet.registry import service as registry

operations = Operations("vehicles")
ODOMETER: Final = Export(
    Words("里程记录", "odometer"),
    {
        "read_at": Words("读数时间", "Read at"),
        "running_hours": Words("运行小时", "Running hours"),
        "source": Words("来源", "Source"),
        "note": Words("备注", "Note"),
        "rolled_back_km": Words("回退（km）", "Rolled back (km)"),
    },
)
POOL: Final = Export(
    Words("共享库存", "pool"), {"available_from_at": Words("可用起", "Available from")}
)

OfModel = Annotated[
    str | None, Query(max_length=63, description="Only of the model with this code.")
]
Search = Annotated[str | None, Query(max_length=100, description="A part of VIN, plate or model.")]


@operations.get("/vehicles/{vin}/odometer", exported=ODOMETER)
def list_odometer(
    call: Call, vin: VinPath, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> OdometerPage:
    """What the odometer said, newest first: by hand, and once a day from telemetry.

    A reading that lies below an earlier one is told as rolled back.
    """
    place = place_of(after, datetime, int)
    rows = lives.list_odometer(
        call.conn,
        call.actor,
        vin=vin,
        before=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    vehicle = registry.get_vehicle(call.conn, call.actor, vin=vin)
    current = lives.find_odometer(call.conn, vehicle=vehicle)
    page, last = split_page(rows, limit)
    return OdometerPage(
        items=[OdometerOut.of(row) for row in page],
        next=last and cursor_of(last.read_at, last.id),
        current=current and OdometerNow.of(current),
    )


@operations.post("/vehicles/{vin}/odometer", status=201, idempotent="odometer.record")
def record_odometer(call: Call, vin: VinPath, body: OdometerIn) -> OdometerOut:
    """Write down an odometer. A reading that is too low is kept, and told as rolled back."""
    reading = lives.record_odometer(
        call.conn,
        call.actor,
        vin=vin,
        odometer_km=exact(body.odometer_km, 1),
        running_hours=exact_or_none(body.running_hours, 1),
        read_at=body.read_at or call.now,
        note=body.note,
        now=call.now,
    )
    return OdometerOut.of(reading)


@operations.get("/vehicles/{vin}/purchase", tells=["ETag"])
def get_purchase(call: Call, vin: VinPath) -> Answer[PurchaseOut]:
    """What the vehicle was bought for, for its owner, and its value in the books today."""
    purchase = lives.get_purchase(call.conn, call.actor, vin=vin)
    today = local_day(call.now, purchase.time_zone)
    return Answer(PurchaseOut.of(purchase, today), version=purchase.version)


@operations.put("/vehicles/{vin}/purchase", tells=["ETag"])
def record_purchase(
    call: Call, vin: VinPath, body: PurchaseIn, if_match: IfMatch = None
) -> Answer[PurchaseOut]:
    """Write down what the vehicle was bought for. If-Match: its ETag, `"0"` the first time."""
    purchase = lives.record_purchase(
        call.conn,
        call.actor,
        vin=vin,
        version=version_of(if_match),
        facts=body.facts(),
        now=call.now,
    )
    today = local_day(call.now, purchase.time_zone)
    return Answer(PurchaseOut.of(purchase, today), version=purchase.version)


@operations.put("/vehicles/{vin}/placing", tells=["ETag"])
def change_placing(
    call: Call, vin: VinPath, body: Placing, if_match: IfMatch = None
) -> Answer[VehicleCard]:
    """Say where a vehicle stands, mark it, offer it below. If-Match: the ETag of the vehicle."""
    placed = lives.change_placing(
        call.conn,
        call.actor,
        vin=vin,
        version=version_of(if_match),
        depot_code=body.depot,
        tags=body.tags,
        pooled=body.pooled,
        now=call.now,
    )
    return Answer(VehicleCard.of(placed), version=placed.version)


@operations.get("/pool", exported=POOL)
def list_pool(
    call: Call,
    model: OfModel = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[PooledOut]:
    """Stock that your organisation and those above offer to those below, by VIN."""
    rows = lives.list_pool(
        call.conn,
        call.actor,
        model_code=model,
        search=q,
        after=key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[PooledOut](
        items=[PooledOut.of(row) for row in page], next=last and cursor_of(last.vin)
    )
