"""The list of rents 标价 over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.lease_acts import ListPriceIn
from api.models.lease_views import ListPriceOut
from api.operation import Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, split_page
from api.routes.leases import KINDS, UNITS, OfKind, OfOrganisation, On, whole_place
from fleet.leasing import service

operations = Operations("leases")

PRICES: Final = Export(
    Words("标价", "rent prices"),
    {
        "lease_kind": Words("租赁类型", "Kind of lease"),
        "rent_fen": Words("租金", "Rent"),
        "per": Words("计租单位", "Per"),
        "deposit_fen": Words("押金", "Deposit"),
        "valid_from_on": Words("生效日", "Valid from"),
    },
    {"lease_kind": KINDS, "per": UNITS},
)


@operations.get("/rent-prices", exported=PRICES)
def list_rent_prices(
    call: Call,
    on: On = None,
    organisation: OfOrganisation = None,
    model: Annotated[str | None, Query(max_length=63, description="Code of a model.")] = None,
    lease_kind: OfKind = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ListPriceOut]:
    """The list of rents 标价 in force on a day: your own prices, else those of the head."""
    place = whole_place(after, str, str, str)
    rows = service.list_prices(
        call.conn,
        call.actor,
        on=on,
        organisation_code=organisation,
        model_code=model,
        lease_kind=lease_kind,
        after=None if place is None else (place[0], place[1], place[2]),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[ListPriceOut](
        items=[ListPriceOut.of(row) for row in page],
        next=last and cursor_of(last.model_code, last.lease_kind, last.per),
    )


@operations.post("/rent-prices", status=201, idempotent="price.change")
def set_rent_price(call: Call, body: ListPriceIn) -> ListPriceOut:
    """What a model is let for by the list from a day on; the last written of a day counts."""
    price = service.set_price(
        call.conn,
        call.actor,
        model_code=body.model_code,
        lease_kind=body.lease_kind,
        rent_fen=body.rent_fen,
        per=body.per,
        deposit_fen=body.deposit_fen,
        valid_from_on=body.valid_from_on,
        organisation_code=body.organisation,
        now=call.now,
    )
    return ListPriceOut.of(price)
