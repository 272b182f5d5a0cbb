"""Customers over HTTP: the list, one of them, duplicates, and what is seen in full.

What belongs to a customer stands in `customer_parts.py`.
"""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.customer_acts import DuplicatesOut, FindCustomers, Merge, PersonalDataOut, Unmask
from api.models.customers import (
    CustomerChange,
    CustomerDetailOut,
    CustomerIn,
    CustomerNoPath,
    CustomerOut,
)
from api.models.text import Day
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    After,
    Limit,
    Page,
    cursor_of,
    place_of,
    split_page,
)
from fleet.customers import service
from fleet.customers.model import Kind, Tier

operations = Operations("customers")

KINDS: Final = {"person": Words("个人", "person"), "company": Words("企业", "company")}
EXPORT: Final = Export(
    Words("客户", "customers"),
    {
        "customer_no": Words("客户编号", "Customer no"),
        "name": Words("客户名称", "Name"),
        "id_type": Words("证件类型", "ID type"),
        "id_number": Words("证件号码（脱敏）", "ID number (masked)"),
        "phone": Words("电话（脱敏）", "Phone (masked)"),
        "email": Words("邮箱", "E-mail"),
        "invoice_title": Words("发票抬头", "Invoice title"),
        "tax_no": Words("纳税人识别号", "Tax no"),
        "invoice_address": Words("开票地址", "Invoice address"),
        "invoice_phone": Words("开票电话（脱敏）", "Invoice phone (masked)"),
        "legal_person": Words("法定代表人", "Legal representative"),
        "tier": Words("客户分层", "Tier"),
        "notes": Words("备注", "Notes"),
        "reference": Words("外部编号", "Reference"),
        "blacklisted": Words("黑名单", "Blacklisted"),
        "blacklist_proposed": Words("拉黑待审批", "Blacklist proposed"),
        "merged_into_no": Words("已合并至", "Merged into"),
        "merged_at": Words("合并时间", "Merged at"),
        "erased_at": Words("个人信息删除时间", "Erased at"),
    },
    {
        "kind": KINDS,
        "id_type": {
            "id_card": Words("居民身份证", "ID card"),
            "passport": Words("护照", "passport"),
            "residence_permit": Words("外国人永久居留证", "residence permit"),
            "travel_permit": Words("港澳台通行证", "travel permit"),
            "business_licence": Words("营业执照", "business licence"),
            "other": Words("其他", "other"),
        },
        "tier": {
            "key": Words("重点", "key"),
            "preferred": Words("优选", "preferred"),
            "standard": Words("普通", "standard"),
            "watched": Words("关注", "watched"),
        },
    },
    left_out=frozenset({"contacts", "addresses"}),
)
"""As a table."""
DUPLICATES: Final = Export(
    Words("疑似重复客户", "duplicate customers"),
    {
        "likeness": Words("相同项", "In common"),
        "count": Words("数量", "How many"),
        "customer_nos": Words("客户编号", "Customer nos"),
        "names": Words("客户名称", "Names"),
        "organisations": Words("所属组织", "Organisations"),
    },
    {
        "kind": KINDS,
        "likeness": {
            "id_number": Words("证件号码", "ID number"),
            "phone": Words("电话", "phone"),
            "tax_no": Words("纳税人识别号", "tax no"),
            "name": Words("名称", "name"),
        },
    },
)

Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of number, name, reference or tax number; or a phone in full.",
    ),
]
OfKind = Annotated[Kind | None, Query(description="People, or companies.")]
OfTier = Annotated[Tier | None, Query(description="Of this tier.")]
Blacklisted = Annotated[
    bool | None, Query(description="Those on the blacklist, or those that are not.")
]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
ExpiresBefore = Annotated[
    Day | None, Query(description="A driver of theirs has a licence that ends before this day.")
]
Merged = Annotated[
    bool, Query(description="Those that were merged into others, instead of the others.")
]


@operations.get("/customers", exported=EXPORT)
def list_customers(
    call: Call,
    q: Search = None,
    kind: OfKind = None,
    tier: OfTier = None,
    blacklisted: Blacklisted = None,
    organisation: OfOrganisation = None,
    licence_expires_before_on: ExpiresBefore = None,
    merged: Merged = False,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[CustomerOut]:
    """Customers of your organisations, the last added first; numbers and phones masked."""
    given = {
        "search": q,
        "kind": kind,
        "tier": tier,
        "blacklisted": blacklisted,
        "organisation": organisation,
        "licence_expires_before_on": licence_expires_before_on,
        "merged": merged,
    }
    place = place_of(after, datetime, str)
    rows = service.list_customers(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
        key=call.state.key,
    )
    page, last = split_page(rows, limit)
    return Page[CustomerOut](
        items=[CustomerOut.of(row) for row in page],
        next=last and cursor_of(last.created_at, last.customer_no),
    )


@operations.post("/customers", status=201, idempotent="customer.create", tells=["Location", "ETag"])
def create_customer(call: Call, body: CustomerIn) -> Answer[CustomerOut]:
    """Add a customer. One of the same ID number is told by its number: `customer_exists`."""
    created = service.create_customer(
        call.conn,
        call.actor,
        facts=body.facts(),
        organisation_code=body.organisation,
        key=call.state.key,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/customers/{created.customer_no}"}
    return Answer(CustomerOut.of(created), headers, created.version)


@operations.post("/customers/find")
def find_customers(call: Call, body: FindCustomers) -> Page[CustomerOut]:
    """Customers of your organisations with an ID number, the last added first. Changes nothing.

    Asked in a body, since addresses are kept by browsers and proxies. An organisation has one
    customer of a number, or none, so there is one page, of 200 at most. Who had it and was merged
    is told as who it went into.
    """
    found = service.list_customers(
        call.conn,
        call.actor,
        {"id_number": body.id_number},
        limit=MAX_LIMIT,
        key=call.state.key,
    )
    return Page[CustomerOut](items=[CustomerOut.of(each) for each in found])


@operations.get("/customers/duplicates", exported=DUPLICATES)
def list_duplicate_customers(
    call: Call, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[DuplicatesOut]:
    """Customers in sight that may be one: of one ID number in several organisations, of one phone,
    tax number, or name and kind.
    """
    place = place_of(after, str, str)
    rows = service.list_duplicates(
        call.conn,
        call.actor,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[DuplicatesOut](
        items=[DuplicatesOut.of(row) for row in page],
        next=last and cursor_of(last.likeness, last.customer_nos[0]),
    )


@operations.get("/customers/{customer_no}", tells=["ETag"])
def get_customer(call: Call, customer_no: CustomerNoPath) -> Answer[CustomerDetailOut]:
    """One customer, masked. One that was merged says in `merged_into_no` where it went."""
    detail = service.get_customer_detail(
        call.conn, call.actor, customer_no=customer_no, key=call.state.key
    )
    return Answer(CustomerDetailOut.of_detail(detail), version=detail.customer.version)


@operations.put("/customers/{customer_no}", tells=["ETag"])
def change_customer(
    call: Call, customer_no: CustomerNoPath, body: CustomerChange, if_match: IfMatch = None
) -> Answer[CustomerOut]:
    """Write what a card is to be, whole. If-Match: the ETag of the customer.

    A phone or number that is sent as it was shown, masked, stays what it is.
    """
    changed = service.change_customer(
        call.conn,
        call.actor,
        customer_no=customer_no,
        version=version_of(if_match),
        facts=body.facts(),
        key=call.state.key,
        now=call.now,
    )
    return Answer(CustomerOut.of(changed), version=changed.version)


@operations.post("/customers/{customer_no}/unmask", confidential=True)
def unmask_customer(call: Call, customer_no: CustomerNoPath, body: Unmask) -> PersonalDataOut:
    """A customer's numbers and phones in full. Audited with the reason. Step-up."""
    data = service.unmask_customer(
        call.conn,
        call.actor,
        customer_no=customer_no,
        reason=body.reason,
        key=call.state.key,
        now=call.now,
    )
    return PersonalDataOut.of(data)


@operations.post("/customers/{customer_no}/merge", tells=["ETag"])
def merge_customer(call: Call, customer_no: CustomerNoPath, body: Merge) -> Answer[CustomerOut]:
    """This customer goes on as another of the same organisation, which is answered. Step-up.

    Its card stays to be read, its leases stay its own; drivers, accounts, consents and the
    blacklist count for the other from now on. It cannot be undone.
    """
    stays = service.merge_customers(
        call.conn,
        call.actor,
        customer_no=customer_no,
        into=body.into,
        reason=body.reason,
        key=call.state.key,
        now=call.now,
    )
    return Answer(CustomerOut.of(stays), version=stays.version)
