"""Hand-overs over HTTP: vehicles go out, come back, and are swapped; the photos of each."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.documents import DocumentOut
from api.models.hand_over_records import HandOverIn, ReturnIn, SwapIn
from api.models.hand_overs import (
    HandOverDetailOut,
    HandOverKey,
    HandOverOut,
    LeaseNoPath,
    SwapOut,
)
from api.models.text import Instant
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from api.routes.documents import LABELS as DOCUMENT_LABELS
from api.uploads import FileBody, FileName
from fleet.hand_overs import service as hand_overs
from fleet.hand_overs.model import Direction, Occasion
from fleet.registry.vin import normalise_vin

operations = Operations("hand-overs")

EXPORT: Final = Export(
    Words("交还车记录", "hand-overs"),
    {
        "key": Words("记录编号", "Key"),
        "lease_no": Words("合同号", "Lease"),
        "line_no": Words("租赁项号", "Line"),
        "customer_no": Words("客户编号", "Customer no"),
        "customer_name": Words("客户", "Customer"),
        "direction": Words("交/还", "Out or back"),
        "occasion": Words("事由", "Occasion"),
        "handed_at": Words("交接时间", "Handed at"),
        "driver": Words("驾驶人编号", "Driver's key"),
        "driver_name": Words("驾驶人", "Driver"),
        "checklist": Words("检查表", "Checklist"),
        "checklist_edition": Words("检查表版本", "Edition"),
        "lat": Words("纬度", "Latitude"),
        "lon": Words("经度", "Longitude"),
        "location_masked": Words("位置已模糊", "Position masked"),
        "place": Words("地点", "Place"),
        "told.at": Words("车辆上报时间", "Told at"),
        "told.odometer_km": Words("上报里程（km）", "Told odometer (km)"),
        "told.soc_pct": Words("上报电量（%）", "Told charge (%)"),
        "told.lat": Words("上报纬度", "Told latitude"),
        "told.lon": Words("上报经度", "Told longitude"),
        "differences": Words("读数差异", "Differences"),
        "overridden": Words("强制交车的限制项", "Overridden"),
        "override_reason": Words("强制交车原因", "Why overridden"),
        "warnings": Words("提示", "Warnings"),
        "received_by": Words("接收人", "Received by"),
        "work_order_no": Words("工单号", "Work order"),
    },
    {
        "direction": {"out": Words("交车", "out"), "back": Words("还车", "back")},
        "occasion": {
            "start": Words("起租", "start"),
            "swap": Words("换车", "swap"),
            "return": Words("退车", "return"),
            "import": Words("导入", "import"),
        },
    },
)
"""As a table."""
PHOTOS: Final = Export(
    Words("交还车照片", "photos"), DOCUMENT_LABELS, left_out=frozenset({"withdrawn_at"})
)
PhotoKind = Literal["photo", "report", "other"]
"""What belongs to a hand-over: photos, a report, something else."""

OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfVehicle = Annotated[str | None, Query(max_length=40, description="VIN of the vehicle.")]
OfDirection = Annotated[Direction | None, Query(description="Out to customers, or back.")]
OfOccasion = Annotated[Occasion | None, Query(description="On this occasion.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
FromAt = Annotated[Instant | None, Query(description="At this instant or later.")]
UntilAt = Annotated[Instant | None, Query(description="Before this instant.")]
Differing = Annotated[
    bool | None, Query(description="What was typed differs from what the vehicle said, or not.")
]
Overridden = Annotated[bool | None, Query(description="In spite of what forbade it, or not.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of lease, VIN, plate, or of the customer's name or number.",
    ),
]


@operations.get("/hand-overs", exported=EXPORT)
def list_hand_overs(
    call: Call,
    lease: OfLease = None,
    customer: OfCustomer = None,
    vin: OfVehicle = None,
    direction: OfDirection = None,
    occasion: OfOccasion = None,
    organisation: OfOrganisation = None,
    from_at: FromAt = None,
    until_at: UntilAt = None,
    differing: Differing = None,
    overridden: Overridden = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[HandOverOut]:
    """When vehicles changed hands, the latest first. Of one lease: `lease`."""
    given = {
        "lease": lease,
        "customer": customer,
        "vin": None if vin is None else normalise_vin(vin),
        "direction": direction,
        "occasion": occasion,
        "organisation": organisation,
        "from_at": from_at,
        "until_at": until_at,
        "differing": differing,
        "overridden": overridden,
        "search": q,
    }
    rows = hand_overs.list_hand_overs(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[HandOverOut](
        items=[HandOverOut.of(row, masked=_masked(call)) for row in page],
        next=last and cursor_of(last.handed_at, str(last.key)),
    )


@operations.get("/hand-overs/{key}")
def get_hand_over(call: Call, key: HandOverKey) -> HandOverDetailOut:
    """One hand-over: its checklist, what was found, and what is proposed to be charged for it."""
    return _told(call, key)


@operations.post(
    "/leases/{lease_no}/hand-overs",
    status=201,
    idempotent="hand_over.record",
    tells=["Location"],
)
def hand_out_vehicle(
    call: Call, lease_no: LeaseNoPath, body: HandOverIn
) -> Answer[HandOverDetailOut]:
    """A vehicle goes out to the customer: the first of a lease lets it begin.

    Its papers, work that keeps it off the road and the driver's licence are asked anew. What
    forbids it comes back as `hand_over_blocked`, each with its rule and its paper; `override` with
    a reason takes `vehicle.override_block` and a step-up.
    """
    key = hand_overs.hand_out(
        call.conn,
        call.actor,
        lease_no=lease_no,
        line_no=body.line_no,
        vin=body.vin,
        record=body.record(handed_at=body.handed_at, driver=body.driver),
        starts_on=body.starts_on,
        override=body.overriding(),
        now=call.now,
    )
    return _made(call, key)


@operations.post(
    "/leases/{lease_no}/swaps", status=201, idempotent="hand_over.record", tells=["Location"]
)
def swap_vehicle(call: Call, lease_no: LeaseNoPath, body: SwapIn) -> Answer[SwapOut]:
    """换车: the vehicle in a line comes back and another goes out, at the same instant."""
    came, gone = hand_overs.swap(
        call.conn,
        call.actor,
        lease_no=lease_no,
        line_no=body.line_no,
        vin=body.vin,
        back=body.back.record(handed_at=body.handed_at),
        out=body.out.record(handed_at=body.handed_at, driver=body.driver),
        reason=body.swap_reason,
        work=None if body.work is None else body.work.work(),
        override=body.overriding(),
        now=call.now,
    )
    both = SwapOut(back=_told(call, came), out=_told(call, gone))
    return Answer(both, {"Location": f"/api/v1/hand-overs/{gone}"})


@operations.post(
    "/leases/{lease_no}/returns", status=201, idempotent="hand_over.record", tells=["Location"]
)
def take_vehicle_back(
    call: Call, lease_no: LeaseNoPath, body: ReturnIn
) -> Answer[HandOverDetailOut]:
    """A vehicle comes back for good: into stock, or into a work order.

    Damage, cleaning, energy, mileage and days after the term become proposed charges. With the last
    vehicle the lease has ended.
    """
    key = hand_overs.take_back(
        call.conn,
        call.actor,
        lease_no=lease_no,
        line_no=body.line_no,
        record=body.record(handed_at=body.handed_at),
        work=None if body.work is None else body.work.work(),
        now=call.now,
    )
    return _made(call, key)


@operations.get("/hand-overs/{key}/documents", exported=PHOTOS)
def list_hand_over_documents(
    call: Call, key: HandOverKey, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[DocumentOut]:
    """Photos and papers of a hand-over, the latest first. They never go with the vehicle."""
    rows = hand_overs.list_photos(
        call.conn, call.actor, key=key, after=dated_key_of(after), limit=limit + 1
    )
    page, last = split_page(rows, limit)
    return Page[DocumentOut](
        items=[DocumentOut.of(row) for row in page],
        next=last and cursor_of(last.uploaded_at, str(last.key)),
    )


@operations.post(
    "/hand-overs/{key}/documents", status=201, idempotent="hand_over.record", tells=["Location"]
)
def add_hand_over_document(
    call: Call,
    key: HandOverKey,
    body: FileBody,
    name: FileName,
    kind: Annotated[PhotoKind, Query(description="What it is [a photo].")] = "photo",
) -> Answer[DocumentOut]:
    """Add a photo or a paper: jpeg, png, webp, heic, pdf or xlsx, up to 20 MiB."""
    added = hand_overs.add_photo(
        call.conn,
        call.actor,
        files=call.state.files,
        key=key,
        kind=kind,
        name=name,
        content=body,
        now=call.now,
    )
    return Answer(DocumentOut.of(added), {"Location": f"/api/v1/documents/{added.key}"})


def _masked(call: Call) -> bool:
    return not call.actor.may("location.read")


def _told(call: Call, key: UUID) -> HandOverDetailOut:
    """As the caller may see it."""
    detail = hand_overs.get_hand_over(call.conn, call.actor, key=key, now=call.now)
    return HandOverDetailOut.of_detail(detail, masked=_masked(call))


def _made(call: Call, key: UUID) -> Answer[HandOverDetailOut]:
    return Answer(_told(call, key), {"Location": f"/api/v1/hand-overs/{key}"})
