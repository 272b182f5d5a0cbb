"""Sells packages with leases, ends the sales, and tells which terms are to be billed.

A term is paid in advance and stays paid: a sale that is ended has no further one. Leaves out bills,
which take up each term once (`fleet/billing`), and visits (`visiting`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.packages import store
from fleet.packages.catalogue import service as catalogue
from fleet.packages.errors import (
    PackageEndOutsideSale,
    PackageLeaseOver,
    PackageLineUnknown,
    PackageOutsideLease,
    PackageRetired,
    PackageSaleEnded,
    PackageSaleNotFound,
)
from fleet.packages.model import PackageTerm, Sale, SaleRow
from fleet.packages.terms import due_terms, term_on, visits_in
from fleet.registry import service as registry
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "end_sale",
    "get_row",
    "list_of_lease",
    "list_sales",
    "sell_package",
    "tell",
    "terms_due",
]

GOES_ON = frozenset({"signed", "active", "suspended"})


def sell_package(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    package: str,
    from_on: date | None = None,
    line_no: int | None = None,
    vin: str | None = None,
    renews: bool = False,
    price_fen: int | None = None,
    now: datetime,
) -> Sale:
    """A package sold with a lease that is signed, from a day on: today unless said, or the first
    day of the lease where that is to come.

    `line_no`: for one of its lines, whatever vehicle stands in it; `vin`: for one vehicle of it.
    `renews`: another term follows each, until the sale or the lease ends. `price_fen`: another
    price than that of the list.

    Raises:
        LeaseNotFound, PackageNotFound, VehicleNotFound: there is none in sight.
        PackageLeaseOver: the lease is a draft, or over.
        PackageRetired: it is not sold any more.
        PackageLineUnknown, PackageOutsideLease: the lease has no such line, is not of that day.
    """
    actor.require("package.sell")
    lease, book = leasing.lock_lease(conn, lease_no)
    if lease.state not in GOES_ON:
        raise PackageLeaseOver(f"{lease_no} is {lease.state}", lease_no=lease_no, state=lease.state)
    own = {"organisation_id": lease.organisation_id, "tenant_id": lease.tenant_id}
    chosen = catalogue.find_package(conn, package, **own)
    if chosen.retired_at is not None:
        raise PackageRetired(f"{package} is not sold any more", code=package)
    if line_no is not None and lease.terms.line(line_no) is None:
        raise PackageLineUnknown(f"{lease_no} has no line {line_no}", line_no=line_no)
    begin = from_on or max(lease.starts_on, local_day(now, lease.zone))
    if begin < lease.starts_on or (lease.ends_on is not None and begin > lease.ends_on):
        raise PackageOutsideLease(f"{lease_no} is not of {begin}", from_on=begin.isoformat())
    vehicle = None if vin is None else registry.get_vehicle(conn, actor, vin=vin)
    if vehicle is not None:
        _check_of_lease(book, vehicle.id, line_no)
    row: dict[str, Any] = {
        **own,
        "package_id": chosen.id,
        "lease_id": lease.id,
        "line_no": line_no,
        "vehicle_id": None if vehicle is None else vehicle.id,
        "from_on": begin,
        "price_fen": chosen.price_fen if price_fen is None else price_fen,
        "renews": renews,
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    sold = get_row(conn, store.insert_sale(conn, row))
    told = {"lease_no": lease_no, "package": package, "line_no": line_no, "vin": vin}
    told |= {"from_on": begin.isoformat(), "price_fen": sold.price_fen, "renews": renews}
    _record(conn, actor, "package.sell", sold, now=now, after=told)
    return tell(sold, now)


def end_sale(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    version: int,
    ended_on: date | None = None,
    now: datetime,
) -> Sale:
    """The sale has no term that begins on this day (today unless said) or later.

    Back to its first day, which says that it was never sold; what is on bills stays there.

    Raises:
        PackageSaleNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        PackageSaleEnded: it was ended before.
        PackageEndOutsideSale: before its first day, or in days to come.
    """
    actor.require("package.sell")
    store.lock_sale(conn, key)
    was = get_row(conn, key)
    if was.version != version:
        raise VersionChanged(f"the sale is at version {was.version}", key=str(key))
    if was.ended_on is not None:
        raise PackageSaleEnded(f"it was ended on {was.ended_on}", ended_on=was.ended_on.isoformat())
    today = local_day(now, was.zone)
    end = ended_on or max(today, was.from_on)
    if end < was.from_on or end > max(today, was.from_on):
        raise PackageEndOutsideSale(
            f"it runs from {was.from_on}, and today is {today}", ended_on=end.isoformat()
        )
    store.mark_ended(conn, was.id, end)
    after = {"ended_on": end.isoformat()}
    _record(conn, actor, "package.end", was, now=now, before={"ended_on": None}, after=after)
    return tell(get_row(conn, key), now)


def list_sales(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Sale]:
    """Sales in sight, the last first.

    `filters`: lease (its number), customer (its number), package (its code), ended, organisation
    (or below it), search.
    """
    actor.require("lease.read")
    rows = store.list_sales(conn, filters, after=after, limit=limit)
    return [tell(row, now) for row in rows]


def list_of_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Sale]:
    """Sales with one lease, the last first.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    lease = leasing.get_lease(conn, actor, lease_no=lease_no)
    rows = store.list_sales(conn, {"lease": lease.lease_no}, after=after, limit=limit)
    return [tell(row, now) for row in rows]


def terms_due(
    conn: Connection[Any], lease_ids: Sequence[int], *, until_on: date
) -> dict[int, list[PackageTerm]]:
    """By lease: the terms that begin before `until_on`, from the first one on, billed or not.

    Three leases or three hundred cost two questions. Whoever calls decides who may ask.
    """
    rows = store.list_sales(conn, {"lease_ids": list(lease_ids)}, limit=None)
    of_lines = sorted({r.lease_id for r in rows if r.line_no is not None and r.vehicle_id is None})
    in_lines = store.list_in_lines(conn, of_lines) if of_lines else []
    by_lease: dict[int, list[Any]] = {}
    for each in in_lines:
        by_lease.setdefault(each.lease_id, []).append(each)
    due: dict[int, list[PackageTerm]] = {}
    for row in rows:
        found = due_terms(row, until_on, by_lease.get(row.lease_id, []))
        if found:
            due.setdefault(row.lease_id, []).extend(found)
    for terms in due.values():
        terms.sort(key=lambda term: (term.from_on, term.sale_key, term.no))
    return due


def get_row(conn: Connection[Any], key: UUID) -> SaleRow:
    """The sale with this key. Whoever calls decides who may ask.

    Raises:
        PackageSaleNotFound: there is none in sight.
    """
    found = store.list_sales(conn, {"key": key}, limit=1)
    if not found:
        raise PackageSaleNotFound(f"there is no sale {key}", key=str(key))
    return found[0]


def tell(row: SaleRow, now: datetime) -> Sale:
    """The sale and where it stands today."""
    term = term_on(row, local_day(now, row.zone))
    done = visits_in(row, term)
    return Sale(row, term, done, 0 if term is None else max(0, row.visits - done))


def _check_of_lease(book: leasing.Book, vehicle_id: int, line_no: int | None) -> None:
    lines = {each.line_no for each in book.segments if each.vehicle_id == vehicle_id}
    lines |= {each.line_no for each in book.chosen if each.vehicle_id == vehicle_id}
    if not lines or (line_no is not None and line_no not in lines):
        raise PackageLineUnknown("the vehicle stands in no such line", line_no=line_no)


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    row: SaleRow,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="package_sale",
        object_key=str(row.key),
        now=now,
        before=before,
        after=after,
        organisation_id=row.tenant_id,
    )
