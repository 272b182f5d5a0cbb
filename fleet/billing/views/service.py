"""Tells of bills and credit notes: lists, one with its lines, what was frozen, what is to come.

Leaves out what is paid of them: `fleet/receivables`.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.billing import store as bills
from fleet.billing.crediting import store as notes
from fleet.billing.crediting.model import CreditNote, CreditNoteDetail
from fleet.billing.errors import (
    BillingSettingsMissing,
    BillNotIssued,
    CreditNoteNotFound,
    LeaseNotBilled,
)
from fleet.billing.gathering.service import gather
from fleet.billing.issuing import service as issuing
from fleet.billing.model import Bill
from fleet.billing.plan import plan
from fleet.billing.running import service as running
from fleet.billing.views import store
from fleet.billing.views.model import BillDetail, BillingPlan, Frozen, LineShown
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from schemas.access import Actor

PLANNED_AHEAD: Final = timedelta(days=366)


def list_bills(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    overdue: bool | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[Bill]:
    """Bills in sight, those due last first.

    `filters`: state, kind, customer, lease (their numbers), due_from_on, due_until_on (half open),
    open (yes or no), organisation (or below it), search. `overdue`: still open, and the due day is
    over.
    """
    actor.require("bill.read")
    wanted = dict(filters)
    if overdue:
        wanted["overdue_at"] = now
    return bills.list_bills(conn, wanted, after=after, limit=limit)


def get_bill(conn: Connection[Any], actor: Actor, *, bill: str) -> BillDetail:
    """The bill with this number or, of a draft, this key; with its lines.

    Raises:
        BillNotFound: there is none in sight.
    """
    actor.require("bill.read")
    return tell_bill(conn, bill=bill)


def tell_bill(conn: Connection[Any], *, bill: str) -> BillDetail:
    """The same, to whom something was done with it; whoever calls decides who may ask.

    Raises:
        BillNotFound: there is none in sight.
    """
    found = issuing.get(conn, bill)
    lines = bills.list_lines(conn, [found.id])
    frozen = None if found.bill_no is None else store.find_frozen_bill(conn, found.bill_no)
    return BillDetail(
        found,
        [LineShown(each.line, each.vin, each.plate, each.credited_fen) for each in lines],
        None if frozen is None else frozen.sha256,
        store.list_credit_nos(conn, found.id),
    )


def frozen_bill(conn: Connection[Any], actor: Actor, *, bill: str) -> Frozen:
    """What is printed of a bill, as it was when it was issued.

    Raises:
        BillNotFound: there is none in sight.
        BillNotIssued: nothing is frozen of a draft.
    """
    actor.require("bill.read")
    found = issuing.get(conn, bill)
    frozen = None if found.bill_no is None else store.find_frozen_bill(conn, found.bill_no)
    if frozen is None:
        raise BillNotIssued(f"the bill is {found.state}", bill=bill, state=found.state)
    return frozen


def list_credit_notes(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[CreditNote]:
    """Credit notes in sight, the last issued first.

    `filters`: bill, customer, lease (their numbers), issued_from_on, issued_until_on (half open),
    organisation (or below it), search.
    """
    actor.require("bill.read")
    return notes.list_notes(conn, filters, after=after, limit=limit)


def get_credit_note(conn: Connection[Any], actor: Actor, *, credit_no: str) -> CreditNoteDetail:
    """The credit note with this number, with its lines.

    Raises:
        CreditNoteNotFound: there is none in sight.
    """
    actor.require("bill.read")
    found = notes.find_note(conn, credit_no)
    if found is None:
        raise _no_note(credit_no)
    lines = notes.list_note_lines(conn, found.id)
    return CreditNoteDetail(found, lines, notes.find_digest(conn, found.id))


def frozen_credit_note(conn: Connection[Any], actor: Actor, *, credit_no: str) -> Frozen:
    """What is printed of a credit note, as it was when it was issued.

    Raises:
        CreditNoteNotFound: there is none in sight.
    """
    actor.require("bill.read")
    frozen = store.find_frozen_note(conn, credit_no)
    if frozen is None:
        raise _no_note(credit_no)
    return frozen


def _no_note(credit_no: str) -> CreditNoteNotFound:
    return CreditNoteNotFound(f"there is no credit note {credit_no!r}", credit_no=credit_no[:40])


def get_billing_plan(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    until_on: date | None = None,
    now: datetime,
) -> BillingPlan:
    """What will be billed of a lease, due up to a day, a year from now unless said.

    By what is known today; nothing is written.

    Raises:
        LeaseNotFound: there is none in sight.
        LeaseNotBilled: it is not signed.
        BillingSettingsMissing: nobody has said how its organisation bills.
    """
    actor.require("bill.read")
    lease = running.find_lease(conn, lease_no)
    if lease is None:
        raise leasing.LeaseNotFound(f"no lease has the number {lease_no!r}", lease_no=lease_no[:40])
    if not lease.last_event_no:
        raise LeaseNotBilled(f"{lease_no} is not signed", lease_no=lease_no)
    today = local_day(now, lease.zone)
    until = until_on or today + PLANNED_AHEAD
    days = max(0, (until - today).days)
    known = gather(conn, [lease], now=now, draft_days=days).get(lease.lease_id)
    if isinstance(known, Exception):
        raise known
    if known is None:
        code = lease.organisation_code
        raise BillingSettingsMissing(f"nobody has said how {code} bills", organisation_code=code)
    planned = plan(known.context)
    ids = {line.vehicle_id for draft in planned.drafts for line in draft.lines}
    vins = store.list_vins(conn, sorted(each for each in ids if each is not None))
    return BillingPlan(lease_no, until, known.context, planned, vins)
