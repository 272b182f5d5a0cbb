"""Taxpayers over HTTP: which VAT payer each organisation is, from which day on."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.taxpayers import TaxpayerIn, TaxpayerOut
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.vat import service as vat

operations = Operations("taxpayers")

EXPORT: Final = Export(
    Words("纳税人身份", "taxpayers"),
    {
        "taxpayer": Words("纳税人类型", "Taxpayer"),
        "simplified": Words("租赁简易计税", "Simplified for leasing"),
        "valid_from_on": Words("生效日期", "From"),
    },
    {
        "taxpayer": {
            "general": Words("一般纳税人", "general"),
            "small_scale": Words("小规模纳税人", "small scale"),
        }
    },
)
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]


@operations.get("/taxpayers", exported=EXPORT)
def list_taxpayers(
    call: Call,
    organisation: OfOrganisation = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[TaxpayerOut]:
    """What was ever said of taxpayers, the last said first. Who says nothing is as those above."""
    place = place_of(after, int)
    if place == [None]:
        raise ApiError(422, "cursor_invalid", field="after")
    rows = vat.list_taxpayers(
        call.conn,
        call.actor,
        {} if organisation is None else {"organisation": organisation},
        after=place[0] if place else None,
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[TaxpayerOut](
        items=[TaxpayerOut.of(row) for row in page], next=last and cursor_of(last.id)
    )


@operations.post("/taxpayers", status=201, idempotent="tax.change")
def set_taxpayer(call: Call, body: TaxpayerIn) -> TaxpayerOut:
    """Say which taxpayer an organisation is from a day on. Issued bills keep their rates."""
    said = vat.set_taxpayer(
        call.conn,
        call.actor,
        organisation=body.organisation,
        taxpayer=body.taxpayer,
        simplified=body.simplified,
        valid_from_on=body.valid_from_on,
        now=call.now,
    )
    return TaxpayerOut.of(said)
