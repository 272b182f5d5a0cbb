"""What people do with bills: issue or discard a draft, bill a lease now, write down a delivery,
bring in what was owed before.

Leaves out credit notes (`crediting`) and what is billed by itself (`running`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import uuid4

from psycopg import Connection

from fleet.billing.acts import store
from fleet.billing.acts.model import Delivery, DeliveryChannel
from fleet.billing.deciding.service import new_draft
from fleet.billing.errors import (
    BillNotADraft,
    BillNotIssued,
    BillOutdated,
    DeliveredBeforeIssued,
    DeliveredInFuture,
    LeaseNotBilled,
    OpeningOfAnotherCustomer,
    OpeningTooLate,
)
from fleet.billing.issuing import service as issuing
from fleet.billing.issuing.model import Whose
from fleet.billing.model import Bill, BillDraft, LineDraft, Source
from fleet.billing.running import service as running
from fleet.billing.settings import service as settings
from fleet.customers import service as customers
from fleet.lease_book import LateFee
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.vat import service as vat
from schemas.access import Actor

SpecialKind = Literal["reclaim", "opening"]
OPENING_TITLE: Final = "期初欠款"


def issue_bill(conn: Connection[Any], actor: Actor, *, bill: str, now: datetime) -> Bill:
    """Issue one draft now, though its day may not have come. Its lease is looked at before.

    Raises:
        BillNotFound: there is none in sight.
        BillNotADraft: it was issued or discarded before.
        BillOutdated: it does not hold any more: a run makes it anew.
        BillingSettingsMissing: nobody says as whom it is issued.
    """
    actor.require("bill.issue")
    was = _draft(conn, bill)
    if was.lease_no is not None:
        lease = running.find_lease(conn, was.lease_no)
        claimed = lease and running.claim_one(conn, lease, now=now)
        if claimed:
            running.look_at_one(conn, actor, lease=claimed, issues=False, now=now)
    issued = issuing.issue(conn, actor, bill_ids=[was.id], now=now)
    if not issued:
        raise BillOutdated("it does not hold any more", bill=bill)
    [one] = issued
    told = {"bill_no": one.bill_no, "kind": one.kind, "total_fen": one.total_fen}
    tenant_id = one.tenant_id
    issuing.record(conn, actor, "bill.issue", one.bill_no, now=now, after=told, tenant_id=tenant_id)
    return issuing.get(conn, one.bill_no)


def discard_bill(conn: Connection[Any], actor: Actor, *, bill: str, now: datetime) -> Bill:
    """Discard a draft. The next run makes it anew, if it still holds.

    Raises:
        BillNotFound: there is none in sight.
        BillNotADraft: it was issued or discarded before.
    """
    actor.require("bill.issue")
    was = _draft(conn, bill)
    lease = None if was.lease_no is None else running.find_lease(conn, was.lease_no)
    if lease is not None:  # before the bill, as a run does
        running.claim_one(conn, lease, now=now)
    if not issuing.discard(conn, [was.id], now=now):
        raise BillNotADraft("it has just been issued or discarded", bill=bill)
    if was.lease_id is not None:
        _tenant_id, _code, zone = store.find_organisation(conn, was.organisation_id)
        store.look_again(conn, was.lease_id, on=local_day(now, zone))
    told = {"kind": was.kind, "purpose": was.purpose, "lease_no": was.lease_no}
    key, tenant_id = str(was.key), was.tenant_id
    issuing.record(conn, actor, "bill.discard", key, now=now, after=told, tenant_id=tenant_id)
    return issuing.get(conn, key)


def bill_now(conn: Connection[Any], actor: Actor, *, lease_no: str, now: datetime) -> list[Bill]:
    """Bill a lease now: all that would be drafted today is issued today; nothing, if there is none.

    Raises:
        LeaseNotFound: there is none in sight.
        LeaseNotBilled: it is not signed.
        BillingSettingsMissing: nobody has said how its organisation bills.
    """
    actor.require("bill.issue")
    lease = running.find_lease(conn, lease_no)
    if lease is None:
        raise leasing.LeaseNotFound(f"no lease has the number {lease_no!r}", lease_no=lease_no[:40])
    settings.settings_for(conn, lease.organisation_id, lease.organisation_code)
    claimed = running.claim_one(conn, lease, now=now)
    if claimed is None:
        raise LeaseNotBilled(f"{lease_no} is not signed", lease_no=lease_no)
    issued = running.look_at_one(conn, actor, lease=claimed, issues=True, by_hand=True, now=now)
    if issued:
        told = {"bills": [each.bill_no for each in issued]}
        tenant_id = claimed.tenant_id
        issuing.record(
            conn, actor, "bill.issue", lease_no, now=now, after=told, tenant_id=tenant_id
        )
    return [issuing.get(conn, each.bill_no) for each in issued]


def record_delivery(
    conn: Connection[Any],
    actor: Actor,
    *,
    bill: str,
    channel: DeliveryChannel,
    delivered_at: datetime | None = None,
    proof: str | None = None,
    now: datetime,
) -> Delivery:
    """Write down how a bill reached the customer, just now unless said.

    Raises:
        BillNotFound, BillNotIssued: there is no such issued bill.
        DeliveredInFuture, DeliveredBeforeIssued: it cannot have been then.
    """
    actor.require("bill.issue")
    was = issuing.get(conn, bill)
    if was.state != "issued" or was.issued_at is None:
        raise BillNotIssued(f"the bill is {was.state}", bill=bill, state=was.state)
    at = delivered_at or now
    if at > now:
        raise DeliveredInFuture(f"{at.isoformat()} has not come")
    if at < was.issued_at:
        raise DeliveredBeforeIssued(f"it was issued at {was.issued_at.isoformat()}")
    row = {
        "tenant_id": was.tenant_id,
        "organisation_id": was.organisation_id,
        "bill_id": was.id,
        "channel": channel,
        "delivered_at": at,
        "proof": proof,
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    store.insert_delivery(conn, row)
    told = {"channel": channel, "delivered_at": at.isoformat()}
    key, tenant_id = was.bill_no or bill, was.tenant_id
    issuing.record(conn, actor, "bill.deliver", key, now=now, after=told, tenant_id=tenant_id)
    return Delivery(channel, at, proof, actor.name, now)


def list_deliveries(conn: Connection[Any], actor: Actor, *, bill: str) -> Sequence[Delivery]:
    """How a bill reached the customer, in the order of time.

    Raises:
        BillNotFound: there is none in sight.
    """
    actor.require("bill.read")
    return store.list_deliveries(conn, issuing.get(conn, bill).id)


def bring_in(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    lease_no: str | None,
    amount_fen: int,
    due_on: date,
    title: str | None = None,
    now: datetime,
) -> Bill:
    """What a customer owed before billing began, as a bill that is issued today.

    Raises:
        CustomerNotFound, LeaseNotFound: there is none in sight.
        OpeningOfAnotherCustomer: the lease is not this customer's.
        OpeningTooLate: it fell due after billing began, and is billed by itself.
        BillingSettingsMissing: nobody has said how the organisation bills.
    """
    actor.require("bill.issue")
    found = store.find_customer(conn, customer_no)
    if found is None:
        raise customers.CustomerNotFound(
            f"no customer has the number {customer_no!r}", customer_no=customer_no[:64]
        )
    customer_id, organisation_id = found
    lease = None if lease_no is None else running.find_lease(conn, lease_no)
    if lease_no is not None and lease is None:
        raise leasing.LeaseNotFound(f"no lease has the number {lease_no!r}", lease_no=lease_no[:40])
    if lease is not None:
        organisation_id = lease.organisation_id
        if lease.customer_id != customer_id:
            raise OpeningOfAnotherCustomer(f"{lease_no} is another's", lease_no=lease_no)
    _tenant_id, code, _zone = store.find_organisation(conn, organisation_id)
    billing = settings.settings_for(conn, organisation_id, code).billing
    if due_on >= billing.bills_from_on:
        begins = billing.bills_from_on.isoformat()
        raise OpeningTooLate(f"from {begins} on it is billed by itself", bills_from_on=begins)
    made = open_special(
        conn,
        actor,
        kind="opening",
        customer_id=customer_id,
        organisation_id=organisation_id,
        lease_id=None if lease is None else lease.lease_id,
        amount_fen=amount_fen,
        title=title or OPENING_TITLE,
        due_on=due_on,
        source_key=str(uuid4()),
        now=now,
    )
    told = {"customer_no": customer_no, "lease_no": lease_no, "total_fen": amount_fen}
    key, tenant_id = made.bill_no or "", made.tenant_id
    issuing.record(conn, actor, "bill.bring_in", key, now=now, after=told, tenant_id=tenant_id)
    return made


def open_special(
    conn: Connection[Any],
    actor: Actor,
    *,
    kind: SpecialKind,
    customer_id: int,
    organisation_id: int,
    lease_id: int | None,
    amount_fen: int,
    title: str,
    due_on: date,
    source_key: str,
    now: datetime,
) -> Bill:
    """A bill that follows from no terms, issued at once: what was owed before, or is reclaimed.

    Whoever calls has asked for its own permission, and writes it in the trail.

    Raises:
        BillingSettingsMissing: nobody has said how the organisation bills.
    """
    tenant_id, _code, zone = store.find_organisation(conn, organisation_id)
    late_fee, clause = _late_fee(conn, lease_id) if kind == "opening" else (None, None)
    draft = BillDraft(
        kind=kind,
        purpose=f"{kind}:{source_key}",
        due_on=due_on,
        issue_on=local_day(now, zone),
        lines=(LineDraft(kind, title, amount_fen, Source(kind, source_key)),),
        late_fee=late_fee,
    )
    whose = Whose(tenant_id, organisation_id, customer_id, lease_id)
    table = vat.rates_on(conn, organisation_id=organisation_id, tenant_id=tenant_id, on=due_on)
    new = new_draft(whose, draft, table, clause=clause)
    ids = issuing.write_drafts(conn, [new], by=actor.name, now=now)
    [issued] = issuing.issue(conn, actor, bill_ids=ids, now=now)
    return issuing.get(conn, issued.bill_no)


def _late_fee(conn: Connection[Any], lease_id: int | None) -> tuple[LateFee | None, str | None]:
    """As the lease agrees on it, and in which clause."""
    book = leasing.find_books(conn, [lease_id]).get(lease_id) if lease_id is not None else None
    if book is None or isinstance(book, Exception):
        return None, None
    return book.terms.late_fee, book.terms.clauses.get("late_fee")


def _draft(conn: Connection[Any], bill: str) -> Bill:
    was = issuing.get(conn, bill)
    if was.state != "draft":
        raise BillNotADraft(f"the bill is {was.state}", bill=bill, state=was.state)
    return was
