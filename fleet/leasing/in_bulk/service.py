"""Reads leases as rows of sheets, and brings in those that run already when the books begin here.

A lease of a sheet was signed elsewhere: it becomes signed and, where its vehicle was delivered,
handed out in one go, whatever sales may promise. A lease that is there is compared and never
changed: an amendment has its day and its reason, which no sheet tells. Leaves out what else a
hand-over writes down (`fleet/hand_overs`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from psycopg import Connection

from fleet.customers import service as customers
from fleet.leasing import store as leases
from fleet.leasing.asking.service import check_lines
from fleet.leasing.books import service as books
from fleet.leasing.drafts import service as drafts
from fleet.leasing.events import HandedOut, Signed
from fleet.leasing.in_bulk import store
from fleet.leasing.in_bulk.crossings import Taken, Wanted, crossed
from fleet.leasing.in_bulk.rows import agreed, terms_of, told
from fleet.leasing.term_dates import last_day
from fleet.leasing.terms import MOST_LINES, Terms
from fleet.local_days import begin_of, last_day_before, local_day
from fleet.row_problems import RowProblem
from kit.errors import DomainError
from schemas.access import Actor

Row = Mapping[str, Any]
KEYS: Final = frozenset({"reference", "vin"})
WORDS: Final[Mapping[str, str]] = {
    "customer_blacklisted": "客户已列入黑名单",
    "customer_erased": "该客户信息已删除",
    "customer_merged": "该客户已合并到其他客户",
    "customer_not_found": "看不到该客户",
}


class BroughtIn(NamedTuple):
    """A line of a lease that was brought in; `event_no` and `handed_at` where it was handed out."""

    lease_no: str
    line_no: int
    vin: str
    handed_at: datetime | None
    event_no: int | None
    row: Row


def known_leases(
    conn: Connection[Any], actor: Actor, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Lines of leases by (reference, VIN), as a sheet tells them; a lease's number here counts."""
    actor.require("lease.read")
    wanted = set(keys)
    references = sorted({reference for reference, _ in keys})
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for line in store.list_known_lines(conn, references, own_id=actor.organisation_id):
        if (line.reference, line.vin) in wanted:
            found.setdefault((line.reference, line.vin), told(line))
    return found


def check_leases(
    conn: Connection[Any],
    actor: Actor,
    rows: Sequence[Row],
    whole: Sequence[Row],
    known: Mapping[Any, Any],
    *,
    now: datetime,
) -> list[list[RowProblem]]:
    """What stands against each row, in their order. Rows of one lease stand together.

    `rows` hold what each changes or adds, `whole` all that it shall be.
    """
    actor.require("lease.read")
    vins = sorted({row["vin"] for row in whole})
    about = _About(
        customers={},
        vehicles=leases.list_line_vehicles(conn, vins),
        came_at=store.list_came_at(conn, vins),
        taken=store.list_taken(conn, vins),
        references=store.list_taken_references(conn, sorted({r["reference"] for r in whole})),
    )
    by_lease: dict[str, list[Row]] = {}
    for row in whole:
        by_lease.setdefault(row["reference"], []).append(row)
    terms = {reference: _terms(lines) for reference, lines in by_lease.items()}
    found = []
    for row, all_of_it in zip(rows, whole, strict=True):
        reference = all_of_it["reference"]
        if (reference, all_of_it["vin"]) in known:
            found.append([_amend(name) for name in row.keys() - KEYS])
        elif reference in about.references:
            en, zh = "the lease is there, without this vehicle", "该合同已存在，但不含此车辆"
            found.append([RowProblem("lease_exists", "reference", en, zh)])
        else:
            found.append(_against(conn, actor, all_of_it, terms[reference], about, now=now))
    return found


def save_leases(
    conn: Connection[Any], actor: Actor, rows: Sequence[Row], *, now: datetime
) -> list[BroughtIn]:
    """Bring in new leases, whole; rows of one lease stand together. What was brought in, by line.

    Raises:
        DomainError: one may not be; `check_leases` tells before.
    """
    actor.require("lease.draft")
    actor.require("lease.start")
    by_lease: dict[str, list[Row]] = {}
    for row in rows:
        by_lease.setdefault(row["reference"], []).append(row)
    vehicles = leases.list_line_vehicles(conn, sorted({row["vin"] for row in rows}))
    books.lock_vehicles(conn, [each.id for each in vehicles.values()])
    return [
        line
        for reference, lines in by_lease.items()
        for line in _bring_in(conn, actor, reference, lines, now=now)
    ]


def lease_keys_of(conn: Connection[Any], organisation_code: str) -> list[tuple[str, str]]:
    """(reference, VIN) of the leases of an organisation and of those below it that are not over."""
    return store.list_lease_keys(conn, organisation_code)


def _bring_in(
    conn: Connection[Any], actor: Actor, reference: str, rows: Sequence[Row], *, now: datetime
) -> list[BroughtIn]:
    """One lease: drafted, signed when it began, and its delivered vehicles handed out."""
    terms = terms_of(rows)
    draft = drafts.draft_lease(
        conn,
        actor,
        customer_no=agreed(rows)["customer"],
        terms=terms,
        reference=reference,
        now=now,
    ).lease
    lease = books.own_lease(conn, draft.lease_no)
    vehicles = check_lines(
        conn, terms, tenant_id=lease.tenant_id, organisation_id=lease.organisation_id
    )
    delivered = {
        no: begin_of(row["delivered_on"], lease.zone)
        for no, row in enumerate(rows, start=1)
        if row.get("delivered_on") is not None
    }
    signed_at = min(begin_of(terms.starts_on, lease.zone), *delivered.values(), now)
    event = Signed(happened_at=signed_at, terms=terms, vehicles=vehicles)
    book, _ = books.happen(conn, actor, lease, None, event, now=now)
    events = {}
    for no, at in sorted(delivered.items(), key=lambda each: (each[1], each[0])):
        out = HandedOut(happened_at=at, line_no=no, vehicle_id=vehicles[no])
        book, events[no] = books.happen(conn, actor, lease, book, out, now=now)
    signed = books.get_lease(conn, lease.lease_no)
    told_of = {"state": signed.state, "by": "sheet", "signed_at": signed_at.isoformat()}
    drafts.write_audit(conn, actor, "lease.bring_in", signed, now=now, after=told_of)
    return [
        BroughtIn(lease.lease_no, no, row["vin"], delivered.get(no), events.get(no), row)
        for no, row in enumerate(rows, start=1)
    ]


class _About(NamedTuple):
    """What the rows are held against."""

    customers: dict[str, customers.Customer | RowProblem]
    vehicles: Mapping[str, leases.LineVehicle]
    came_at: Mapping[str, datetime]
    taken: Sequence[Taken]
    references: set[str]


def _terms(rows: Sequence[Row]) -> Terms | RowProblem:
    """What the rows of a lease agree on, or why they do not."""
    if len(rows) > MOST_LINES:
        en, zh = f"a lease has {MOST_LINES} vehicles at most", f"一份合同最多 {MOST_LINES} 辆车"
        return RowProblem("lease_too_long", "reference", en, zh)
    try:
        return terms_of(rows)
    except (ValueError, KeyError, TypeError) as error:
        en = str(error).splitlines()[0] if type(error) is ValueError else "they make no lease"
        return RowProblem("lease_unfit", None, en, "合同条款有误或相互矛盾，请检查租期、租金等列")


def _against(
    conn: Connection[Any],
    actor: Actor,
    row: Row,
    terms: Terms | RowProblem,
    about: _About,
    *,
    now: datetime,
) -> list[RowProblem]:
    """What stands against a row of a new lease."""
    customer = _customer(conn, actor, row.get("customer"), about)
    vehicle = about.vehicles.get(row["vin"])
    found = [each for each in (customer, terms) if isinstance(each, RowProblem)]
    if not isinstance(customer, customers.Customer) or isinstance(terms, RowProblem):
        return found
    if vehicle is None or vehicle.holder_id != customer.organisation_id:
        en = f"{row['vin']} is not with {customer.organisation_code}, whose customer it is"
        zh = f"车辆 {row['vin']} 不属于客户所在组织 {customer.organisation_code}"
        found.append(RowProblem("vehicle_of_another_organisation", "vin", en, zh))
    day, came_at = row.get("delivered_on"), about.came_at.get(row["vin"])
    held_from_at = None if day is None else begin_of(day, customer.zone)
    if held_from_at is not None and held_from_at > now:
        found.append(
            RowProblem("day_ahead", "delivered_on", f"{day} lies ahead", f"{day} 尚未到来")
        )
    if held_from_at is not None and came_at is not None and held_from_at < came_at:
        en, zh = "the vehicle came to the organisation later", "交车日期早于车辆划入该组织的时间"
        found.append(RowProblem("delivered_before_it_came", "delivered_on", en, zh))
    ends_on = last_day(terms.starts_on, terms.term)
    wanted = Wanted(
        row["vin"],
        held_from_at or begin_of(terms.starts_on, customer.zone),
        None if ends_on is None else begin_of(ends_on + timedelta(days=1), customer.zone),
        held_from_at,
    )
    return [*found, *(_crossing(each) for each in about.taken if crossed(wanted, each))]


def _customer(
    conn: Connection[Any], actor: Actor, customer_no: str | None, about: _About
) -> customers.Customer | RowProblem | None:
    """The customer of a row, if it may lease; None where the row names none."""
    if customer_no is None:
        return None
    if customer_no not in about.customers:
        try:
            found = customers.get_customer(conn, actor, customer_no=customer_no)
            customers.require_leasable(conn, customer_id=found.id)
            about.customers[customer_no] = found
        except DomainError as error:
            zh = WORDS.get(error.code, error.message)
            about.customers[customer_no] = RowProblem(error.code, "customer", error.message, zh)
    return about.customers[customer_no]


def _crossing(taken: Taken) -> RowProblem:
    how, zh_how = ("with a lessee", "已交付") if taken.held else ("promised", "已预订")
    until = "—" if taken.until_at is None else last_day_before(taken.until_at).isoformat()
    from_on = local_day(taken.from_at).isoformat()
    en = f"{taken.vin} is {how} by {taken.lease_no} from {from_on} to {until}"
    zh = f"车辆 {taken.vin} 在租约 {taken.lease_no} 中{zh_how}（{from_on} 至 {until}）"
    return RowProblem("vehicle_held" if taken.held else "vehicle_promised", "vin", en, zh)


def _amend(name: str) -> RowProblem:
    en = "the lease is there and says otherwise: amend it in the program"
    return RowProblem(
        "lease_not_changed_by_sheet", name, en, "合同已存在且内容不同，请在系统中变更"
    )
