"""Transport permits over HTTP."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.paper_texts import PermitNoPath
from api.models.permits import PermitChange, PermitIn, PermitOut
from api.models.text import VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.routes.inspections import HadBy, OfVehicle, given
from fleet.compliance import service as compliance

operations = Operations("papers")

EXPORT: Final = Export(
    Words("道路运输证", "permits"),
    {
        "permit_no": Words("运输证号", "Permit no."),
        "holder": Words("持有人", "Holder"),
        "issued_on": Words("发证日期", "Issued on"),
        "valid_to_on": Words("有效期至", "Valid to"),
        "reviewed_to_on": Words("年审有效期至", "Reviewed to"),
        "technical_to_on": Words("技术检测有效期至", "Technical inspection to"),
        "withdrawn_at": Words("注销时间", "Withdrawn at"),
    },
)
"""As a table."""

Holder = Annotated[
    str | None, Query(min_length=1, max_length=100, description="A part of the holder's name.")
]
Withdrawn = Annotated[bool | None, Query(description="Only those withdrawn, or only those not.")]


@operations.get("/permits", exported=EXPORT)
def list_permits(
    call: Call,
    vin: OfVehicle = None,
    organisation: HadBy = None,
    holder: Holder = None,
    withdrawn: Withdrawn = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[PermitOut]:
    """Transport permits by number."""
    rows = compliance.list_permits(
        call.conn,
        call.actor,
        given(vin=vin, organisation=organisation, holder=holder, withdrawn=withdrawn),
        after=_place(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[PermitOut](
        items=[PermitOut.of(row) for row in page],
        next=last and cursor_of(last.paper.permit_no, last.id),
    )


@operations.post(
    "/vehicles/{vin}/permits", status=201, idempotent="paper.record", tells=["Location", "ETag"]
)
def record_permit(call: Call, vin: VinPath, body: PermitIn) -> Answer[PermitOut]:
    """Write down a transport permit."""
    recorded = compliance.record_permit(
        call.conn,
        call.actor,
        vin=vin,
        permit=body.permit(body.permit_no, body.issued_on),
        cost_fen=body.cost_fen,
        now=call.now,
    )
    return _answer(recorded, located=True)


@operations.get("/permits/{permit_no}", tells=["ETag"])
def get_permit(call: Call, permit_no: PermitNoPath) -> Answer[PermitOut]:
    """One permit."""
    return _answer(compliance.get_permit(call.conn, call.actor, permit_no=permit_no))


@operations.put("/permits/{permit_no}", tells=["ETag"])
def change_permit(
    call: Call, permit_no: PermitNoPath, body: PermitChange, if_match: IfMatch = None
) -> Answer[PermitOut]:
    """Write what a permit says now: reviewed, inspected, another holder."""
    version = version_of(if_match)
    was = compliance.get_permit(call.conn, call.actor, permit_no=permit_no)
    permit = body.permit(permit_no, was.paper.issued_on, version)
    return _answer(compliance.change_permit(call.conn, call.actor, permit=permit, now=call.now))


@operations.post("/permits/{permit_no}/withdraw", tells=["ETag"])
def withdraw_permit(call: Call, permit_no: PermitNoPath) -> Answer[PermitOut]:
    """Say that a permit does not hold any more."""
    gone = compliance.withdraw_permit(call.conn, call.actor, permit_no=permit_no, now=call.now)
    return _answer(gone)


def _answer(
    recorded: compliance.Recorded[compliance.Permit], *, located: bool = False
) -> Answer[PermitOut]:
    permit = recorded.paper
    headers = {"Location": f"/api/v1/permits/{quote(permit.permit_no)}"} if located else {}
    return Answer(PermitOut.of(recorded), headers, permit.version)


def _place(after: str | None) -> tuple[str, int] | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place = place_of(after, str, int)
    if place is None:
        return None
    if None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return place[0], place[1]
