"""Leases over HTTP: the list, one of them on any day, and what is asked about it.

What is done with one stands in `lease_acts.py`.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.lease_acts import LeaseChange, LeaseIn
from api.models.lease_views import (
    EarlyEndOut,
    EventOut,
    LeaseCounts,
    LeaseOfVehicleOut,
    PeriodOut,
    Periods,
)
from api.models.leases import LeaseDetailOut, LeaseNoPath, LeaseOut
from api.models.text import Day, Instant, VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.leasing import service
from fleet.leasing.shapes import State
from fleet.leasing.terms import LeaseKind
from fleet.registry.vin import normalise_vin

operations = Operations("leases")

KINDS: Final = {
    "short": Words("短租", "short"),
    "long": Words("长租", "long"),
    "lease_to_own": Words("以租代购", "lease to own"),
}
STATES: Final = {
    "draft": Words("草稿", "draft"),
    "signed": Words("已签约", "signed"),
    "active": Words("租赁中", "active"),
    "suspended": Words("已暂停", "suspended"),
    "ended": Words("已结束", "ended"),
    "terminated": Words("已解除", "terminated"),
    "bought_out": Words("已买断", "bought out"),
    "cancelled": Words("已取消", "cancelled"),
}
UNITS: Final = {"day": Words("日", "day"), "month": Words("月", "month")}
LABELS: Final = {
    "lease_no": Words("租约编号", "Lease no"),
    "customer_no": Words("客户编号", "Customer no"),
    "customer_name": Words("客户名称", "Customer"),
    "starts_on": Words("起租日", "Starts on"),
    "ends_on": Words("届满日", "Last day"),
    "vehicles": Words("租赁项数", "Vehicles"),
    "vehicles_out": Words("在租车辆数", "Vehicles out"),
    "rent_fen": Words("租金", "Rent"),
    "per": Words("计租单位", "Per"),
    "signed_at": Words("签约时间", "Signed at"),
    "started_at": Words("起租时间", "Started at"),
    "ended_at": Words("结束时间", "Ended at"),
    "reference": Words("外部编号", "Reference"),
    "renews_no": Words("续租自", "Renews"),
    "line_no": Words("租赁项", "Line"),
    "from_at": Words("交车时间", "From"),
    "until_at": Words("还车时间", "Until"),
    "days_over": Words("超期天数", "Days over"),
}
"""Also of other lists that speak of leases."""
EXPORT: Final = Export(
    Words("租约", "leases"), LABELS, {"kind": KINDS, "state": STATES, "per": UNITS}
)

InState = Annotated[State | None, Query(description="In this state.")]
OfKind = Annotated[LeaseKind | None, Query(description="Of this kind.")]
OfCustomer = Annotated[
    str | None, Query(max_length=40, description="Number of the customer; also of merged ones.")
]
OfVehicle = Annotated[
    str | None, Query(max_length=40, description="VIN of a vehicle that is, was or shall be in it.")
]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
EndsBefore = Annotated[Day | None, Query(description="Whose last day lies before this day.")]
Ending = Annotated[bool | None, Query(description="Those about to end, or those that are not.")]
OverTerm = Annotated[
    bool | None, Query(description="A vehicle is out and the last day is over; or all others.")
]
Reference = Annotated[
    str | None, Query(min_length=1, max_length=100, description="The number it has elsewhere.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of its number, reference, or the customer's number or name.",
    ),
]
On = Annotated[Day | None, Query(description="As it stood on this day; null: today.")]
KnownAt = Annotated[Instant | None, Query(description="As it was known then.")]


@operations.get("/leases", exported=EXPORT)
def list_leases(
    call: Call,
    state: InState = None,
    kind: OfKind = None,
    customer: OfCustomer = None,
    vin: OfVehicle = None,
    organisation: OfOrganisation = None,
    ends_before_on: EndsBefore = None,
    ending: Ending = None,
    over_term: OverTerm = None,
    reference: Reference = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[LeaseOut]:
    """Leases of your organisations, the last drafted first."""
    given = {
        "state": state,
        "kind": kind,
        "customer": customer,
        "vin": None if vin is None else normalise_vin(vin),
        "organisation": organisation,
        "ends_before_on": ends_before_on,
        "reference": reference,
        "search": q,
    }
    place = whole_place(after, datetime, str)
    rows = service.list_leases(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        ending=ending,
        over_term=over_term,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[LeaseOut](
        items=[LeaseOut.of(row) for row in page],
        next=last and cursor_of(last.created_at, last.lease_no),
    )


@operations.get("/lease-counts")
def count_leases(call: Call, organisation: OfOrganisation = None) -> LeaseCounts:
    """How many leases there are in each state, about to end, and over their term."""
    by_state, about_to_end, over_term = service.count_leases_by(
        call.conn, call.actor, organisation_code=organisation, now=call.now
    )
    told = {str(state): count for state, count in by_state.items()}
    return LeaseCounts(by_state=told, about_to_end=about_to_end, over_term=over_term)


@operations.post("/leases", status=201, idempotent="lease.draft", tells=["Location", "ETag"])
def draft_lease(call: Call, body: LeaseIn) -> Answer[LeaseDetailOut]:
    """Draft a lease for a customer; it is of the customer's organisation."""
    detail = service.draft_lease(
        call.conn,
        call.actor,
        customer_no=body.customer_no,
        terms=body.terms.terms(),
        organisation_code=body.organisation,
        reference=body.reference,
        now=call.now,
    )
    return created(detail)


@operations.get("/leases/{lease_no}", tells=["ETag"])
def get_lease(
    call: Call, lease_no: LeaseNoPath, on: On = None, known_at: KnownAt = None
) -> Answer[LeaseDetailOut]:
    """One lease with all that belongs to it, as it stood on a day and was known at a time."""
    detail = service.get_lease_detail(
        call.conn, call.actor, lease_no=lease_no, on=on, known_at=known_at, now=call.now
    )
    return answered(detail)


@operations.put("/leases/{lease_no}", tells=["ETag"])
def change_lease_draft(
    call: Call, lease_no: LeaseNoPath, body: LeaseChange, if_match: IfMatch = None
) -> Answer[LeaseDetailOut]:
    """Write what a draft is to be, whole. If-Match: the ETag of the draft."""
    detail = service.change_draft(
        call.conn,
        call.actor,
        lease_no=lease_no,
        version=version_of(if_match),
        customer_no=body.customer_no,
        terms=body.terms.terms(),
        reference=body.reference,
        now=call.now,
    )
    return answered(detail)


@operations.get("/leases/{lease_no}/events")
def list_lease_events(
    call: Call, lease_no: LeaseNoPath, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[EventOut]:
    """What happened to a lease, in the order it was written down."""
    place = whole_place(after, int)
    rows = service.list_events(
        call.conn,
        call.actor,
        lease_no=lease_no,
        after=0 if place is None else place[0],
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    vins = service.vins_of(call.conn, page)
    return Page[EventOut](
        items=[EventOut.of(row, vins) for row in page], next=last and cursor_of(last.no)
    )


@operations.get("/leases/{lease_no}/periods")
def list_lease_periods(
    call: Call,
    lease_no: LeaseNoPath,
    until_on: Annotated[
        Day | None, Query(description="Those that begin before this day; null: in a year.")
    ] = None,
) -> Periods:
    """The periods of rent of a lease, from its start on. Of a draft: as they would be."""
    found = service.list_rent_periods(
        call.conn, call.actor, lease_no=lease_no, until_on=until_on, now=call.now
    )
    return Periods(items=[PeriodOut.of(each) for each in found])


@operations.get("/leases/{lease_no}/early-end")
def preview_early_end(call: Call, lease_no: LeaseNoPath, on: On = None) -> EarlyEndOut:
    """What it would come to if the lease, told today, ended on a day; and whether it stands up."""
    preview = service.preview_early_end(
        call.conn, call.actor, lease_no=lease_no, on=on, now=call.now
    )
    return EarlyEndOut.of(preview)


@operations.get("/vehicles/{vin}/leases")
def list_vehicle_leases(
    call: Call, vin: VinPath, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[LeaseOfVehicleOut]:
    """The leases of your organisations that a vehicle was or is in, the latest first."""
    place = whole_place(after, datetime)
    rows = service.list_vehicle_leases(
        call.conn,
        call.actor,
        vin=vin,
        before_at=None if place is None else place[0],
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[LeaseOfVehicleOut](
        items=[LeaseOfVehicleOut.of(row) for row in page], next=last and cursor_of(last.from_at)
    )


def whole_place(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The place a cursor stands for, of a list none of whose places has a part that is missing.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(cursor, *kinds)
    if place is not None and None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return place


def answered(detail: service.LeaseDetail) -> Answer[LeaseDetailOut]:
    """A lease as it is told, with its version."""
    return Answer(LeaseDetailOut.of_detail(detail), version=detail.lease.version)


def created(detail: service.LeaseDetail) -> Answer[LeaseDetailOut]:
    """A lease that is new, with its place."""
    headers = {"Location": f"/api/v1/leases/{detail.lease.lease_no}"}
    return Answer(LeaseDetailOut.of_detail(detail), headers, detail.lease.version)
