"""Policies, and how a vehicle is insured, over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Query

from api.deps import Call
from api.errors import ApiError
from api.exports import Export
from api.labels import Words
from api.models.insurance import CoverOut, PolicyChange, PolicyIn, PolicyOut, PolicyVoid
from api.models.paper_texts import PolicyNoPath
from api.models.text import Instant, VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from api.routes.inspections import HadBy, OfVehicle, given
from fleet.compliance import service as compliance
from fleet.compliance.model import PolicyKind

operations = Operations("papers")

EXPORT: Final = Export(
    Words("保险单", "policies"),
    {
        "kind": Words("险种", "Kind"),
        "policy_no": Words("保单号", "Policy no."),
        "insurer": Words("保险公司", "Insurer"),
        "insured": Words("被保险人", "Insured"),
        "use_nature": Words("使用性质", "Use nature"),
        "covered_from": Words("起保时间", "Covered from"),
        "covered_until": Words("终保时间", "Covered until"),
        "covers": Words("承保险别与保额", "Covers"),
        "voided_at": Words("作废时间", "Voided at"),
        "voided_because": Words("作废原因", "Voided because"),
    },
    {
        "kind": {
            "compulsory": Words("交强险", "compulsory"),
            "commercial": Words("商业险", "commercial"),
        }
    },
)
"""As a table."""

OfKind = Annotated[
    PolicyKind | None, Query(description="`compulsory` 交强险, `commercial` 商业险.")
]
Insurer = Annotated[
    str | None, Query(min_length=1, max_length=100, description="A part of the insurer's name.")
]
EndsFrom = Annotated[Instant | None, Query(description="Cover ends at or after this.")]
EndsBefore = Annotated[Instant | None, Query(description="Cover ends before this.")]
Voided = Annotated[bool | None, Query(description="Only those voided, or only those not.")]


@operations.get("/policies", exported=EXPORT)
def list_policies(
    call: Call,
    vin: OfVehicle = None,
    organisation: HadBy = None,
    kind: OfKind = None,
    insurer: Insurer = None,
    ends_from_at: EndsFrom = None,
    ends_before_at: EndsBefore = None,
    voided: Voided = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[PolicyOut]:
    """Policies by the end of their cover."""
    rows = compliance.list_policies(
        call.conn,
        call.actor,
        given(
            vin=vin,
            organisation=organisation,
            kind=kind,
            insurer=insurer,
            ends_from_at=ends_from_at,
            ends_before_at=ends_before_at,
            voided=voided,
        ),
        after=_place(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[PolicyOut](
        items=[PolicyOut.of(row) for row in page],
        next=last and cursor_of(last.paper.until_at, last.id),
    )


@operations.post(
    "/vehicles/{vin}/policies", status=201, idempotent="paper.record", tells=["Location", "ETag"]
)
def record_policy(call: Call, vin: VinPath, body: PolicyIn) -> Answer[PolicyOut]:
    """Write down a policy."""
    recorded = compliance.record_policy(
        call.conn,
        call.actor,
        vin=vin,
        kind=body.kind,
        policy_no=body.policy_no,
        terms=body.terms(),
        premium_fen=body.premium_fen,
        now=call.now,
    )
    return _answer(recorded, located=True)


@operations.get("/policies/{policy_no}", tells=["ETag"])
def get_policy(call: Call, policy_no: PolicyNoPath) -> Answer[PolicyOut]:
    """One policy."""
    return _answer(compliance.get_policy(call.conn, call.actor, policy_no=policy_no))


@operations.put("/policies/{policy_no}", tells=["ETag"])
def change_policy(
    call: Call, policy_no: PolicyNoPath, body: PolicyChange, if_match: IfMatch = None
) -> Answer[PolicyOut]:
    """Write what a policy says after all. Kind and vehicle stay: void it and write another."""
    changed = compliance.change_policy(
        call.conn,
        call.actor,
        policy_no=policy_no,
        version=version_of(if_match),
        terms=body.terms(),
        premium_fen=body.premium_fen,
        now=call.now,
    )
    return _answer(changed)


@operations.post("/policies/{policy_no}/void", tells=["ETag"])
def void_policy(call: Call, policy_no: PolicyNoPath, body: PolicyVoid) -> Answer[PolicyOut]:
    """Say that a policy never counted. What was paid stays among the costs."""
    voided = compliance.void_policy(
        call.conn, call.actor, policy_no=policy_no, reason=body.reason, now=call.now
    )
    return _answer(voided)


@operations.get("/vehicles/{vin}/cover")
def list_cover(call: Call, vin: VinPath) -> list[CoverOut]:
    """How the vehicle is insured: now, and where there are gaps and overlaps; a kind each."""
    covers = compliance.list_cover(call.conn, call.actor, vin=vin, now=call.now)
    return [CoverOut.of(cover) for cover in covers]


def _answer(
    recorded: compliance.Recorded[compliance.Policy], *, located: bool = False
) -> Answer[PolicyOut]:
    policy = recorded.paper
    headers = {"Location": f"/api/v1/policies/{quote(policy.policy_no)}"} if located else {}
    return Answer(PolicyOut.of(recorded), headers, policy.version)


def _place(after: str | None) -> tuple[datetime, int] | None:
    """The place a cursor stands for.

    Raises:
        ApiError: 422, not a cursor of this list.
    """
    place: list[Any] | None = place_of(after, datetime, int)
    if place is None:
        return None
    if None in place:
        raise ApiError(422, "cursor_invalid", field="after")
    return place[0], place[1]
