"""Service packages over HTTP: the list, sales with leases, visits."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.hand_overs import LeaseNoPath
from api.models.packages import (
    PackageCode,
    PackageIn,
    PackageOut,
    SaleDetailOut,
    SaleEnd,
    SaleIn,
    SaleKey,
    SaleOut,
    VisitIn,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import (
    DEFAULT_LIMIT,
    After,
    Limit,
    Page,
    cursor_of,
    dated_key_of,
    key_of,
    split_page,
)
from fleet.packages import service as packages

operations = Operations("packages")

VISIT_KIND: Final = {
    "battery_check": Words("电池检测", "battery check"),
    "maintenance": Words("保养", "maintenance"),
    "idle_care": Words("闲置养护", "idle care"),
}
LABELS: Final = {
    "title": Words("服务包", "Package"),
    "months": Words("每期月数", "Months"),
    "price_fen": Words("每期价格", "Price a term"),
    "visit_kind": Words("服务类型", "Visits are"),
    "visits": Words("每期次数", "Visits a term"),
}
PACKAGES: Final = Export(
    Words("服务包", "packages"),
    LABELS | {"retired_at": Words("停售时间", "Retired at")},
    {"visit_kind": VISIT_KIND},
)
SALES: Final = Export(
    Words("服务包销售", "package-sales"),
    LABELS
    | {
        "key": Words("销售编号", "Key"),
        "lease_no": Words("合同号", "Lease"),
        "customer_no": Words("客户编号", "Customer no"),
        "package": Words("服务包编码", "Code"),
        "line_no": Words("租赁项号", "Line"),
        "from_on": Words("起始日", "From"),
        "renews": Words("自动续期", "Renews"),
        "ended_on": Words("终止日", "Ended on"),
        "term_no": Words("当前期次", "Term"),
        "term_from_on": Words("本期起始日", "Term from"),
        "term_until_on": Words("本期截止日（不含）", "Term until (without)"),
        "visits_done": Words("本期已服务次数", "Visits done"),
        "visits_left": Words("本期剩余次数", "Visits left"),
    },
    {"visit_kind": VISIT_KIND},
)
"""As tables."""

OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
ListOf = Annotated[
    str | None, Query(max_length=63, description="Whose list; the one acted for unless said.")
]
Retired = Annotated[bool | None, Query(description="Not sold any more, or sold.")]
OfLease = Annotated[str | None, Query(max_length=40, description="Number of a lease.")]
OfCustomer = Annotated[str | None, Query(max_length=40, description="Number of a customer.")]
OfPackage = Annotated[str | None, Query(max_length=63, description="Code of a package.")]
Ended = Annotated[bool | None, Query(description="Ended early, or not.")]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of code, title, lease, VIN, or of the customer's name or number.",
    ),
]


@operations.get("/packages", exported=PACKAGES)
def list_packages(
    call: Call,
    organisation: ListOf = None,
    retired: Retired = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[PackageOut]:
    """The list of service packages: an organisation's own, and the head's; by code."""
    rows = packages.list_packages(
        call.conn,
        call.actor,
        organisation_code=organisation,
        retired=retired,
        after=key_of(after),
        limit=limit + 1,
    )
    page, last = split_page(rows, limit)
    return Page[PackageOut](
        items=[PackageOut.of(row) for row in page], next=last and cursor_of(last.code)
    )


@operations.post("/packages", status=201, idempotent="package.change")
def add_package(call: Call, body: PackageIn) -> PackageOut:
    """Put a package on the list. It is not changed later: another price is another package."""
    added = packages.add_package(
        call.conn,
        call.actor,
        code=body.code,
        title=body.title,
        months=body.months,
        price_fen=body.price_fen,
        visit_kind=body.visit_kind,
        visits=body.visits,
        organisation_code=body.organisation,
        now=call.now,
    )
    return PackageOut.of(added)


@operations.post("/packages/{code}/retire")
def retire_package(call: Call, code: PackageCode, organisation: ListOf = None) -> PackageOut:
    """Take a package off sale; what was sold of it goes on."""
    retired = packages.retire_package(
        call.conn, call.actor, code=code, organisation_code=organisation, now=call.now
    )
    return PackageOut.of(retired)


@operations.get("/package-sales", exported=SALES)
def list_package_sales(
    call: Call,
    lease: OfLease = None,
    customer: OfCustomer = None,
    package: OfPackage = None,
    ended: Ended = None,
    organisation: OfOrganisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[SaleOut]:
    """Packages sold with leases, and where each stands today; the last sold first."""
    given = {
        "lease": lease,
        "customer": customer,
        "package": package,
        "ended": ended,
        "organisation": organisation,
        "search": q,
    }
    sales = packages.list_sales(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        after=dated_key_of(after),
        limit=limit + 1,
        now=call.now,
    )
    return _page(sales, limit)


@operations.get("/package-sales/{key}", tells=["ETag"])
def get_package_sale(call: Call, key: SaleKey) -> Answer[SaleDetailOut]:
    """One sale, with each of its visits."""
    return _answer(packages.get_sale(call.conn, call.actor, key=key, now=call.now))


@operations.post("/package-sales/{key}/end", tells=["ETag"])
def end_package_sale(
    call: Call, key: SaleKey, body: SaleEnd, if_match: IfMatch = None
) -> Answer[SaleOut]:
    """End a sale: no term begins on that day or later. What is on bills stays there.

    If-Match: the ETag of the sale.
    """
    ended = packages.end_sale(
        call.conn,
        call.actor,
        key=key,
        version=version_of(if_match),
        ended_on=body.ended_on,
        now=call.now,
    )
    return Answer(SaleOut.of(ended), version=ended.row.version)


@operations.post("/package-sales/{key}/visits", status=201, idempotent="work_order.change")
def record_package_visit(call: Call, key: SaleKey, body: VisitIn) -> SaleDetailOut:
    """Write down a visit, against the work order it was made by.

    More than a term includes are refused unless `beyond` is said.
    """
    after = packages.record_visit(
        call.conn,
        call.actor,
        key=key,
        visited_on=body.visited_on,
        work_order=body.work_order,
        note=body.note,
        beyond=body.beyond,
        now=call.now,
    )
    return SaleDetailOut.of(after)


@operations.get("/leases/{lease_no}/packages", exported=SALES)
def list_lease_packages(
    call: Call, lease_no: LeaseNoPath, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[SaleOut]:
    """Packages sold with one lease, the last sold first."""
    sales = packages.list_of_lease(
        call.conn,
        call.actor,
        lease_no=lease_no,
        after=dated_key_of(after),
        limit=limit + 1,
        now=call.now,
    )
    return _page(sales, limit)


@operations.post(
    "/leases/{lease_no}/packages",
    status=201,
    idempotent="package.sell",
    tells=["Location", "ETag"],
)
def sell_package(call: Call, lease_no: LeaseNoPath, body: SaleIn) -> Answer[SaleOut]:
    """Sell a package with a lease that is signed. Each term is billed in advance."""
    sold = packages.sell_package(
        call.conn,
        call.actor,
        lease_no=lease_no,
        package=body.package,
        from_on=body.from_on,
        line_no=body.line_no,
        vin=body.vin,
        renews=body.renews,
        price_fen=body.price_fen,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/package-sales/{sold.row.key}"}
    return Answer(SaleOut.of(sold), headers, sold.row.version)


def _page(sales: list[packages.Sale], limit: int) -> Page[SaleOut]:
    page, last = split_page(sales, limit)
    return Page[SaleOut](
        items=[SaleOut.of(sale) for sale in page],
        next=last and cursor_of(last.row.recorded_at, str(last.row.key)),
    )


def _answer(sale: packages.Sale) -> Answer[SaleDetailOut]:
    return Answer(SaleDetailOut.of(sale), version=sale.row.version)
