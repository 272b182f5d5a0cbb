"""Revenue shares over HTTP: agreed on, looked at, settled month by month."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.ledger import Month
from api.models.shares import (
    AgreementEnd,
    AgreementIn,
    AgreementKey,
    AgreementOut,
    PreviewOut,
    SettleIn,
    SettlementDetailOut,
    SettlementKey,
    SettlementOut,
    first_of,
)
from api.models.text import Day
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from fleet.shares import service as shares

operations = Operations("shares")

SETTLEMENTS: Final = Export(
    Words("分成结算", "share settlements"),
    {
        "key": Words("结算单编号", "Key"),
        "agreement": Words("协议编号", "Agreement"),
        "month": Words("月份", "Month"),
        "amount_fen": Words("结算金额", "Amount"),
        "sha256": Words("内容摘要", "SHA-256"),
        "settled_by": Words("结算人", "Settled by"),
        "settled_at": Words("结算时间", "Settled at"),
    },
)
OfOrganisation = Annotated[
    str | None,
    Query(max_length=63, description="Code of an organisation: it or one below, as either side."),
]
InForceOn = Annotated[Day | None, Query(description="In force on this day.")]
OfAgreement = Annotated[UUID | None, Query(description="Key of an agreement.")]
OfMonth = Annotated[Month | None, Query(description="The month, YYYY-MM.")]


@operations.get("/share-agreements")
def list_share_agreements(
    call: Call,
    organisation: OfOrganisation = None,
    in_force_on: InForceOn = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[AgreementOut]:
    """Agreements in sight as owner or operator, the last recorded first."""
    given = {"organisation": organisation, "in_force_on": in_force_on}
    rows = shares.list_agreements(
        call.conn, call.actor, _filters(given), after=dated_key_of(after), limit=limit + 1
    )
    page, last = split_page(rows, limit)
    return Page[AgreementOut](
        items=[AgreementOut.of(row) for row in page],
        next=last and cursor_of(last.recorded_at, str(last.key)),
    )


@operations.post("/share-agreements", status=201, idempotent="share.change", tells=["Location"])
def add_share_agreement(call: Call, body: AgreementIn) -> Answer[AgreementOut]:
    """Agree on what an operator owes the owner of its vehicles: a share, at least the floor."""
    made = shares.agree(
        call.conn,
        call.actor,
        owner_code=body.owner,
        operator_code=body.operator,
        basis=body.basis,
        share_pct=body.pct,
        floor_fen=body.floor_fen,
        from_month_on=first_of(body.from_month),
        until_month_on=None if body.until_month is None else first_of(body.until_month),
        now=call.now,
    )
    headers = {"Location": f"/api/v1/share-agreements/{made.key}"}
    return Answer(AgreementOut.of(made), headers)


@operations.get("/share-agreements/{key}")
def get_share_agreement(call: Call, key: AgreementKey) -> AgreementOut:
    """One agreement."""
    return AgreementOut.of(shares.get_agreement(call.conn, call.actor, key=key))


@operations.post("/share-agreements/{key}/end")
def end_share_agreement(call: Call, key: AgreementKey, body: AgreementEnd) -> AgreementOut:
    """End an agreement before a month, once; not before what is settled."""
    ended = shares.end_agreement(
        call.conn,
        call.actor,
        key=key,
        until_month_on=first_of(body.until_month),
        now=call.now,
    )
    return AgreementOut.of(ended)


@operations.get("/share-agreements/{key}/preview")
def preview_share(
    call: Call,
    key: AgreementKey,
    month: Annotated[Month, Query(description="The month, YYYY-MM.")],
) -> PreviewOut:
    """What a month comes to by what is known now, vehicle by vehicle; nothing is written."""
    told = shares.preview(call.conn, call.actor, key=key, month_on=first_of(month), now=call.now)
    return PreviewOut.of(told)


@operations.post(
    "/share-agreements/{key}/settle", status=201, idempotent="share.settle", tells=["Location"]
)
def settle_share(call: Call, key: AgreementKey, body: SettleIn) -> Answer[SettlementDetailOut]:
    """Settle a month that is over, for good; it is posted in both books."""
    settled = shares.settle(
        call.conn, call.actor, key=key, month_on=first_of(body.month), now=call.now
    )
    headers = {"Location": f"/api/v1/share-settlements/{settled.key}"}
    return Answer(SettlementDetailOut.of(settled), headers)


@operations.get("/share-settlements", exported=SETTLEMENTS)
def list_share_settlements(
    call: Call,
    organisation: OfOrganisation = None,
    agreement: OfAgreement = None,
    month: OfMonth = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[SettlementOut]:
    """Settlements in sight as owner or operator, the last first."""
    given = {
        "organisation": organisation,
        "agreement": agreement,
        "month_on": None if month is None else first_of(month),
    }
    rows = shares.list_settlements(
        call.conn, call.actor, _filters(given), after=dated_key_of(after), limit=limit + 1
    )
    page, last = split_page(rows, limit)
    return Page[SettlementOut](
        items=[SettlementOut.of(row) for row in page],
        next=last and cursor_of(last.settled_at, str(last.key)),
    )


@operations.get("/share-settlements/{key}")
def get_share_settlement(call: Call, key: SettlementKey) -> SettlementDetailOut:
    """One settlement as it was settled, vehicle by vehicle."""
    return SettlementDetailOut.of(shares.get_settlement(call.conn, call.actor, key=key))


def _filters(given: dict[str, Any]) -> dict[str, Any]:
    return {name: wanted for name, wanted in given.items() if wanted is not None}
