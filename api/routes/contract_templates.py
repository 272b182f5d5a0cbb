"""Texts of contracts over HTTP: published by the head, edition by edition."""

from typing import Annotated, Final

from fastapi import Query

from api.answers import Raw, disposition
from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.contract_templates import (
    TemplateCodePath,
    TemplateDetailOut,
    TemplateIn,
    TemplateOut,
)
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from api.routes.leases import KINDS
from fleet.contracts import service as contracts
from fleet.contracts.model import PDF, LeaseKind

operations = Operations("contracts")

EXPORT: Final = Export(
    Words("合同模板", "contract texts"),
    {
        "edition": Words("版本", "Edition"),
        "lease_kind": Words("租约类型", "Kind of lease"),
        "title": Words("标题", "Title"),
        "sha256": Words("SHA-256", "SHA-256"),
        "published_at": Words("发布时间", "Published at"),
    },
    {"lease_kind": KINDS},
)
"""As a table."""

OfKind = Annotated[LeaseKind | None, Query(description="For leases of this kind.")]
OfLease = Annotated[str, Query(max_length=40, description="Number of the lease to show it with.")]


@operations.get("/contract-templates", exported=EXPORT)
def list_contract_templates(
    call: Call, lease_kind: OfKind = None, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[TemplateOut]:
    """The latest edition of every contract text of your tenant, by code."""
    rows = contracts.list_templates(
        call.conn, call.actor, lease_kind=lease_kind, after=key_of(after), limit=limit + 1
    )
    page, last = split_page(rows, limit)
    return Page[TemplateOut](
        items=[TemplateOut.of(row) for row in page], next=last and cursor_of(last.code)
    )


@operations.post(
    "/contract-templates", status=201, idempotent="contract.publish", tells=["Location"]
)
def publish_contract_template(call: Call, body: TemplateIn) -> Answer[TemplateDetailOut]:
    """Publish an edition of a contract text; the head of the tree does. Contracts keep theirs.

    Clauses are numbered 1, 2, 3 …; those on the late fee, the lock, repossession, the deposit and
    an early end have to be highlighted (民法典 §496). Each concern of the terms has its clause.
    """
    published = contracts.publish_template(call.conn, call.actor, draft=body.draft(), now=call.now)
    headers = {"Location": f"/api/v1/contract-templates/{published.code}"}
    return Answer(TemplateDetailOut.of_editions([published]), headers)


@operations.post("/contract-templates/samples", status=201, idempotent="contract.publish")
def publish_contract_samples(call: Call) -> list[TemplateOut]:
    """Publish the sample texts you have no edition of yet, for 短租, 长租 and 以租代购.

    They are samples: have your lawyer check them before anybody signs.
    """
    published = contracts.publish_samples(call.conn, call.actor, now=call.now)
    return [TemplateOut.of(one) for one in published]


@operations.get("/contract-templates/{code}")
def get_contract_template(call: Call, code: TemplateCodePath) -> TemplateDetailOut:
    """A contract text with its clauses, and its earlier editions."""
    return TemplateDetailOut.of_editions(contracts.get_template(call.conn, call.actor, code=code))


@operations.get(
    "/contract-templates/{code}/preview",
    responses={200: {"description": "The PDF.", "content": {PDF: {}}}},
)
def preview_contract(call: Call, code: TemplateCodePath, lease_no: OfLease) -> Raw:
    """What the contract of a lease would look like in this text; nothing is kept."""
    shown = contracts.preview_contract(
        call.conn,
        call.actor,
        lease_no=lease_no,
        template=code,
        key=call.state.key,
        now=call.now,
    )
    return Raw(shown, PDF, {"Content-Disposition": disposition(f"{code}.pdf", inline=True)})
