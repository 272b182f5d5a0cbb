"""Takes a lease from its draft to its signature: written, written anew, signed, renewed.

Decides that what is signed can be: a customer who may lease, of the lease's organisation; models in
sight; vehicles that organisation has. Leaves out whether terms need an approval (`approving`), and
what follows from a signature (`books`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.customers import service as customers
from fleet.leasing import store as leases
from fleet.leasing.approving import service as approving
from fleet.leasing.asking.service import check_lines
from fleet.leasing.books import service as books
from fleet.leasing.drafts import store
from fleet.leasing.events import Signed
from fleet.leasing.model import Lease, LeaseDetail
from fleet.leasing.refusals import (
    CustomerOfAnotherOrganisation,
    LeaseIsSigned,
    RenewalExists,
    RenewalOpenEnded,
)
from fleet.leasing.shapes import OVER
from fleet.leasing.term_dates import renewal_start
from fleet.leasing.terms import Terms
from fleet.leasing.views import service as views
from fleet.local_days import local_day
from kit.errors import VersionChanged
from kit.numbers import TRIES, make_number
from schemas.access import Actor

RNG: Final = SystemRandom()


def draft_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    terms: Terms,
    organisation_code: str | None = None,
    reference: str | None = None,
    renews: Lease | None = None,
    now: datetime,
    rng: Random = RNG,
) -> LeaseDetail:
    """A new draft, of the organisation the customer belongs to.

    Raises:
        CustomerNotFound, CustomerBlacklisted, CustomerMerged, CustomerErased: not to be let to.
        CustomerOfAnotherOrganisation: another organisation is named.
        LineModelUnknown, LineVehicleUnknown, LineVehicleOfAnotherModel,
        VehicleOfAnotherOrganisation: a line asks for what there is not.
        LeaseReferenceTaken: another lease of the organisation has the reference.
    """
    actor.require("lease.draft")
    customer = _customer(conn, actor, customer_no)
    if organisation_code is not None and organisation_code != customer.organisation_code:
        raise CustomerOfAnotherOrganisation(
            f"{customer_no} is a customer of {customer.organisation_code}",
            customer_no=customer_no,
            organisation=customer.organisation_code,
        )
    check_lines(conn, terms, tenant_id=customer.tenant_id, organisation_id=customer.organisation_id)
    row = {
        "tenant_id": customer.tenant_id,
        "organisation_id": customer.organisation_id,
        "customer_id": customer.id,
        "renews_id": None if renews is None else renews.id,
        "reference": reference,
        "created_by": actor.name,
        "created_at": now,
    }
    lease = _insert(conn, row, terms, on=local_day(now, customer.zone), rng=rng)
    write_audit(conn, actor, "lease.draft", lease, now=now, after=told(lease))
    return views.detail_of(conn, lease, now=now)


def change_draft(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    version: int,
    customer_no: str,
    terms: Terms,
    reference: str | None = None,
    now: datetime,
) -> LeaseDetail:
    """The draft as it is to be, whole; its organisation stays.

    Raises:
        LeaseNotFound, LeaseIsSigned: there is no such draft in sight.
        VersionChanged: somebody changed it since `version` was read.
        As `draft_lease`, otherwise.
    """
    actor.require("lease.draft")
    was = _own_draft(conn, lease_no)
    if was.version != version:
        raise VersionChanged(f"lease {lease_no} is at version {was.version}", lease_no=lease_no)
    customer = _customer(conn, actor, customer_no)
    _check_same_organisation(was, customer.organisation_id, customer_no)
    check_lines(conn, terms, tenant_id=was.tenant_id, organisation_id=was.organisation_id)
    row = {"id": was.id, "customer_id": customer.id, "reference": reference}
    store.update_draft(conn, row, terms)
    lease = books.get_lease(conn, lease_no)
    write_audit(
        conn, actor, "lease.change_draft", lease, now=now, before=told(was), after=told(lease)
    )
    return views.detail_of(conn, lease, now=now)


def sign_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    signed_at: datetime | None = None,
    now: datetime,
) -> LeaseDetail:
    """The draft is signed: its terms hold, and the vehicles it names are promised.

    `signed_at`: when it was, where not just now; never ahead.

    Raises:
        LeaseNotFound, LeaseIsSigned: there is no such draft in sight.
        CustomerBlacklisted, CustomerMerged, CustomerErased: not to be let to any more.
        LineModelUnknown, LineVehicleUnknown, VehicleOfAnotherOrganisation: as when drafted.
        LeaseNeedsApproval: the terms are beyond what sales may promise.
        VehiclePromised: another lease has a promise of one of the vehicles.
    """
    actor.require("lease.start")
    was = _own_draft(conn, lease_no)
    customers.require_leasable(conn, customer_id=was.customer_id)
    vehicles = check_lines(
        conn, was.terms, tenant_id=was.tenant_id, organisation_id=was.organisation_id, lock=True
    )
    approving.check_approved(conn, was, now=now)
    at = now if signed_at is None else min(signed_at, now)
    event = Signed(happened_at=at, terms=was.terms, vehicles=vehicles)
    books.happen(conn, actor, was, None, event, now=now)
    lease = books.get_lease(conn, lease_no)
    write_audit(conn, actor, "lease.sign", lease, now=now, after=told(lease))
    return views.detail_of(conn, lease, now=now)


def cancel_draft(
    conn: Connection[Any], actor: Actor, lease: Lease, *, reason: str, now: datetime
) -> LeaseDetail:
    """A draft that comes to nothing; locked, and allowed, by whoever calls."""
    store.cancel_draft(conn, lease.id)
    write_audit(conn, actor, "lease.cancel", lease, now=now, after={"reason": reason})
    return views.detail_of(conn, books.get_lease(conn, lease.lease_no), now=now)


def renew_lease(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    terms: Terms | None = None,
    reference: str | None = None,
    now: datetime,
    rng: Random = RNG,
) -> LeaseDetail:
    """A draft that goes on the day after the lease ends; in its terms unless others are said.

    Its lines are those that have a vehicle now, each to begin with it.

    Raises:
        LeaseNotFound, LeaseNotSigned: there is no such lease that is signed.
        RenewalOpenEnded: it has no end.
        RenewalExists: another draft or lease renews it.
        As `draft_lease`, otherwise.
    """
    actor.require("lease.draft")
    lease, book = books.lock_lease(conn, lease_no)
    if lease.ends_on is None:
        raise RenewalOpenEnded(f"{lease_no} has no end", lease_no=lease_no)
    if renewed_by := leases.list_renewed_by(conn, lease.id):
        raise RenewalExists(
            f"{lease_no} is renewed by {renewed_by[-1]}",
            lease_no=lease_no,
            renewed_by=renewed_by[-1],
        )
    if terms is None:
        placed = views.place_vehicles(conn, book)
        vins = {each.line_no: each.vin for each in placed if each.until_at is None}
        kept = [line for line in lease.terms.lines if line.no in vins] or list(lease.terms.lines)
        over = book.state in OVER
        lines = tuple(
            line.model_copy(update={"vin": None if over else vins.get(line.no)}) for line in kept
        )
        changes = {"starts_on": renewal_start(lease.ends_on), "lines": lines}
        terms = Terms.model_validate(lease.terms.model_copy(update=changes).model_dump())
    return draft_lease(
        conn,
        actor,
        customer_no=lease.customer_no,
        terms=terms,
        reference=reference,
        renews=lease,
        now=now,
        rng=rng,
    )


def write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    lease: Lease,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """What was done to a lease, in the tenant's trail."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="lease",
        object_key=lease.lease_no,
        now=now,
        before=before,
        after=after,
        organisation_id=lease.tenant_id,
    )


def told(lease: Lease) -> dict[str, Any]:
    """A lease as the audit trail tells it, its terms whole but for what was remarked."""
    return {
        "customer_no": lease.customer_no,
        "state": lease.state,
        "reference": lease.reference,
        "renews_no": lease.renews_no,
        "terms": lease.terms.model_dump(mode="json", exclude={"remarks"}, exclude_defaults=True),
    }


def _customer(conn: Connection[Any], actor: Actor, customer_no: str) -> customers.Customer:
    found = customers.get_customer(conn, actor, customer_no=customer_no)
    customers.require_leasable(conn, customer_id=found.id)
    return found


def _check_same_organisation(lease: Lease, organisation_id: int, customer_no: str) -> None:
    if organisation_id != lease.organisation_id:
        raise CustomerOfAnotherOrganisation(
            f"{lease.lease_no} is of {lease.organisation_code}",
            customer_no=customer_no,
            organisation=lease.organisation_code,
        )


def _insert(
    conn: Connection[Any], row: Mapping[str, Any], terms: Terms, *, on: date, rng: Random
) -> Lease:
    for _ in range(TRIES):
        lease_no = make_number("L", on, rng)
        if store.insert_lease(conn, {**row, "lease_no": lease_no}, terms) is not None:
            return books.get_lease(conn, lease_no)
    raise RuntimeError(f"{TRIES} numbers in a row were taken")


def _own_draft(conn: Connection[Any], lease_no: str) -> Lease:
    lease = books.own_lease(conn, lease_no)
    if lease.state != "draft":
        raise LeaseIsSigned(f"{lease_no} is {lease.state}", lease_no=lease_no, state=lease.state)
    return lease
