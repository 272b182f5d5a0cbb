"""Charges over HTTP: what is proposed to be charged on leases, and what is decided about it."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.charges import ChargeIn, ChargeKey, ChargeOut, Decision
from api.models.hand_overs import LeaseNoPath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, dated_key_of, split_page
from fleet.charges import service as charges
from fleet.charges.model import ChargeKind, ChargeState
from fleet.hand_overs import service as hand_overs
from fleet.registry.vin import normalise_vin

operations = Operations("charges")

EXPORT: Final = Export(
    Words("费用", "charges"),
    {
        "key": Words("费用编号", "Key"),
        "lease_no": Words("合同号", "Lease"),
        "customer_no": Words("客户编号", "Customer no"),
        "line_no": Words("租赁项号", "Line"),
        "title": Words("费用名称", "Title"),
        "amount_fen": Words("提出金额", "Proposed"),
        "basis": Words("计算依据", "Basis"),
        "incurred_on": Words("发生日", "Incurred on"),
        "source_kind": Words("来源类型", "By what"),
        "source_key": Words("来源编号", "Its key"),
        "accepted_fen": Words("确认金额", "Accepted"),
        "decided_by": Words("审核人", "Decided by"),
        "decided_at": Words("审核时间", "Decided at"),
        "decision_note": Words("审核说明", "Note"),
        "proposed_by": Words("提出人", "Proposed by"),
        "proposed_at": Words("提出时间", "Proposed at"),
    },
    {
        "kind": {
            "damage": Words("车损", "damage"),
            "missing": Words("缺失", "missing"),
            "cleaning": Words("清洁", "cleaning"),
            "energy": Words("补电", "energy"),
            "mileage": Words("超里程", "mileage"),
            "violation": Words("违章", "violation"),
            "early_end": Words("提前退租", "early end"),
            "late_return": Words("逾期还车", "late return"),
            "other": Words("其他", "other"),
        },
        "state": {
            "proposed": Words("待审核", "proposed"),
            "accepted": Words("已确认", "accepted"),
            "waived": Words("已免除", "waived"),
            "billed": Words("已出账", "billed"),
        },
        "source_kind": {
            "hand_over": Words("交还车", "hand-over"),
            "violation": Words("违章", "violation"),
            "lease": Words("合同", "lease"),
            "hand": Words("手工", "by hand"),
        },
    },
)
"""As a table."""

InState = Annotated[ChargeState | None, Query(description="In this state.")]
OfKind = Annotated[ChargeKind | None, Query(description="Of this kind.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfVehicle = Annotated[str | None, Query(max_length=40, description="VIN of the vehicle.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of title, lease, VIN, or of the customer's name or number.",
    ),
]


@operations.get("/charges", exported=EXPORT)
def list_charges(
    call: Call,
    state: InState = None,
    kind: OfKind = None,
    lease: OfLease = None,
    customer: OfCustomer = None,
    vin: OfVehicle = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[ChargeOut]:
    """What is proposed to be charged, and what became of it; the last proposed first."""
    given = {
        "state": state,
        "kind": kind,
        "lease": lease,
        "customer": customer,
        "vin": None if vin is None else normalise_vin(vin),
        "organisation": organisation,
        "search": q,
    }
    rows = charges.list_charges(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[ChargeOut](
        items=[ChargeOut.of(row) for row in page],
        next=last and cursor_of(last.proposed_at, str(last.key)),
    )


@operations.get("/charges/{key}", tells=["ETag"])
def get_charge(call: Call, key: ChargeKey) -> Answer[ChargeOut]:
    """One charge, with how its amount comes about."""
    return _answer(charges.get_charge(call.conn, call.actor, key=key))


@operations.post("/charges/{key}/decide", tells=["ETag"])
def decide_charge(
    call: Call, key: ChargeKey, body: Decision, if_match: IfMatch = None
) -> Answer[ChargeOut]:
    """Accept a charge, for the amount that was proposed or another; or waive it. Once.

    If-Match: the ETag of the charge.
    """
    decided = charges.decide(
        call.conn,
        call.actor,
        key=key,
        version=version_of(if_match),
        accept=body.accept,
        amount_fen=body.amount_fen,
        note=body.note,
        now=call.now,
    )
    return _answer(decided)


@operations.post(
    "/leases/{lease_no}/charges",
    status=201,
    idempotent="charge.propose",
    tells=["Location", "ETag"],
)
def add_charge(call: Call, lease_no: LeaseNoPath, body: ChargeIn) -> Answer[ChargeOut]:
    """Propose a charge on a lease by hand."""
    added = hand_overs.add_charge(
        call.conn,
        call.actor,
        lease_no=lease_no,
        kind=body.kind,
        title=body.title,
        amount_fen=body.amount_fen,
        incurred_on=body.incurred_on,
        line_no=body.line_no,
        note=body.note,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/charges/{added.key}"}
    return Answer(ChargeOut.of(added), headers, added.version)


def _answer(charge: charges.Charge) -> Answer[ChargeOut]:
    return Answer(ChargeOut.of(charge), version=charge.version)
