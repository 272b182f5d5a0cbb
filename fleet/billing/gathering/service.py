"""Gathers what is known of many leases for the plan of their bills: each thing by one query.

Leaves out what follows from it: `plan.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.billing.changes import OpenDraft
from fleet.billing.context import (
    AcceptedCharge,
    LateFeeItem,
    PlanContext,
    PlanSettings,
    Reading,
    ReadingPoint,
)
from fleet.billing.gathering import store
from fleet.billing.gathering.model import Known
from fleet.billing.mileage_items import reading_points
from fleet.billing.model import Billed
from fleet.billing.running.model import Claimed
from fleet.billing.settings.model import Billing
from fleet.charges import service as charges
from fleet.lease_book import Book
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.packages import service as packages
from fleet.receivables import service as receivables
from kit.errors import DomainError

PACKAGES_AHEAD: Final = timedelta(days=366)
"""How far ahead terms of packages are asked for, to know when to look again."""
Fault = DomainError | ValueError


@dataclass(slots=True)
class _Gathered:
    """By the ids of the leases."""

    books: Mapping[int, Book | Fault]
    billing: Mapping[int, Billing]
    charges: Mapping[int, Sequence[charges.AcceptedCharge]]
    packages: Mapping[int, Sequence[packages.PackageTerm]]
    billed: Mapping[int, Sequence[Billed]]
    late_fees: Mapping[int, Sequence[LateFeeItem]]
    issued: dict[int, set[str]] = field(default_factory=dict)
    drafts: dict[int, list[OpenDraft]] = field(default_factory=dict)


def gather(
    conn: Connection[Any],
    leases: Sequence[Claimed],
    *,
    now: datetime,
    by_hand: bool = False,
    draft_days: int | None = None,
) -> dict[int, Known | Fault]:
    """What is known of each lease, or what is wrong with it; those nobody bills are left out.

    `by_hand`, `draft_days`: as `PlanContext`, `PlanSettings`. Whoever calls decides who may ask.
    """
    ids = [lease.lease_id for lease in leases]
    last_on = max((local_day(now, lease.zone) for lease in leases), default=now.date())
    found = _Gathered(
        books=leasing.find_books(conn, ids),
        billing=store.list_billing(conn, sorted({lease.organisation_id for lease in leases})),
        charges=charges.list_accepted(conn, lease_ids=ids),
        packages=packages.terms_due(conn, ids, until_on=last_on + PACKAGES_AHEAD),
        billed=store.list_billed(conn, ids),
        late_fees=_late_fees(conn, ids, on=last_on),
    )
    for bill in store.list_purposes(conn, ids):
        if bill.state == "issued":
            found.issued.setdefault(bill.lease_id, set()).add(bill.purpose)
        else:
            draft = OpenDraft(bill.id, bill.purpose, bill.issue_on, bill.lines_sha256)
            found.drafts.setdefault(bill.lease_id, []).append(draft)
    known: dict[int, Known | Fault] = {}
    for lease in leases:
        book, billing = found.books.get(lease.lease_id), found.billing.get(lease.organisation_id)
        if isinstance(book, Exception):
            known[lease.lease_id] = book
        elif book is not None and billing is not None:
            billing = billing if draft_days is None else replace(billing, draft_days=draft_days)
            today = local_day(now, lease.zone)
            known[lease.lease_id] = _known(lease, book, billing, found, today, by_hand=by_hand)
    return _with_readings(conn, known)


def _known(
    lease: Claimed, book: Book, billing: Billing, found: _Gathered, today: date, *, by_hand: bool
) -> Known:
    lease_id = lease.lease_id
    terms = found.packages.get(lease_id, ())
    horizon_on = today + timedelta(days=billing.draft_days)
    later = [each.from_on for each in terms if each.from_on > horizon_on]
    context = PlanContext(
        book=book,
        today=today,
        settings=PlanSettings(billing.bills_from_on, billing.draft_days, billing.issue_days),
        charges=[_charge(each) for each in found.charges.get(lease_id, ())],
        packages=[each for each in terms if each.from_on <= horizon_on],
        late_fees=found.late_fees.get(lease_id, ()),
        billed=found.billed.get(lease_id, ()),
        issued_purposes=frozenset(found.issued.get(lease_id, ())),
        by_hand=by_hand,
    )
    package_on = min(later) - timedelta(days=billing.draft_days) if later else None
    return Known(context, tuple(found.drafts.get(lease_id, ())), billing, package_on)


def _charge(charge: charges.AcceptedCharge) -> AcceptedCharge:
    same = ("key", "kind", "title", "amount_fen", "incurred_on", "line_no", "vehicle_id", "basis")
    return AcceptedCharge(**{name: getattr(charge, name) for name in same})


def _late_fees(
    conn: Connection[Any], lease_ids: Sequence[int], *, on: date
) -> dict[int, list[LateFeeItem]]:
    """What bills that were settled late have cost in late fees, by lease."""
    late = store.list_settled_late(conn, lease_ids)
    if not late:
        return {}
    bill_ids = [each.bill_id for each in late]
    last_on = max(on, *(each.settled_on for each in late))
    fees = receivables.late_fee_of(conn, bill_ids=bill_ids, on=last_on)
    items: dict[int, list[LateFeeItem]] = {}
    for each in late:
        fee = fees.get(each.bill_id)
        if fee is not None:  # also one that comes to nothing: it may have been billed before
            basis = {
                "rate_per_day": each.rate_per_day,
                "days": fee.days,
                "capped": fee.capped,
                "pieces": [piece.told() for piece in fee.pieces],
            }
            item = LateFeeItem(each.bill_no, fee.amount_fen, basis)
            items.setdefault(each.lease_id, []).append(item)
    return items


def _with_readings(
    conn: Connection[Any], known: Mapping[int, Known | Fault]
) -> dict[int, Known | Fault]:
    """With the odometers that periods are settled by, where they are."""
    wanted: dict[int, list[ReadingPoint]] = {}
    for lease_id, each in known.items():
        if isinstance(each, Known) and _settles_by_period(each.context.book):
            context = each.context
            from_on = context.settings.bills_from_on
            wanted[lease_id] = reading_points(context.book, from_on=from_on, today=context.today)
    points = _each_once(wanted.values())
    readings = store.list_readings(conn, points) if points else {}
    told = dict(known)
    for lease_id, own in wanted.items():
        was = known[lease_id]
        assert isinstance(was, Known)
        mine: dict[ReadingPoint, Reading] = {p: readings[p] for p in own if p in readings}
        told[lease_id] = replace(was, context=replace(was.context, readings=mine))
    return told


def _settles_by_period(book: Book) -> bool:
    return any(
        line.mileage is not None and line.mileage.settled == "each_period"
        for version in book.versions
        for line in version.terms.lines
    )


def _each_once(points: Iterable[Sequence[ReadingPoint]]) -> list[ReadingPoint]:
    return list(dict.fromkeys(point for own in points for point in own))
