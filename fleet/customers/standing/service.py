"""Decides whether a customer may lease anything: the blacklist, which needs two people.

A proposal alone bars nobody; approved, it does until it is lifted, with a reason. What stands
against a merged customer stands against the one it went into. Reasons never go into the audit
trail: they speak of people. Leaves out leases, which ask `require_leasable`.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.customers.cards import store as cards
from fleet.customers.cards.service import check_whole, find_own, get_stored, write_audit
from fleet.customers.errors import (
    BlacklistedAlready,
    BlacklistNotProposed,
    BlacklistOwnProposal,
    CustomerBlacklisted,
    CustomerNotFound,
    NotBlacklisted,
)
from fleet.customers.id_numbers import check_texts
from fleet.customers.model import Blacklisting, CustomerDetail, StoredCustomer
from fleet.customers.personal import shown
from fleet.customers.standing import store
from fleet.identity.service import person_behind
from kit.sealed import SealingKey
from schemas.access import Actor


def propose_blacklisting(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    reason: str,
    key: SealingKey | None = None,
    now: datetime,
) -> CustomerDetail:
    """Ask that the customer lease nothing any more.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: not a customer to propose.
        BlacklistedAlready: it is proposed, or on the list.
        IdNumberInClear: the reason holds an ID number.
    """
    actor.require("customer.blacklist")
    customer = find_own(conn, customer_no)
    if customer.blacklisted or customer.blacklist_proposed:
        told = {"customer_no": customer_no, "blacklisted": customer.blacklisted}
        raise BlacklistedAlready(f"{customer_no} is proposed or on the list", **told)
    check_texts(reason)
    row = {
        "tenant_id": customer.tenant_id,
        "organisation_id": customer.organisation_id,
        "customer_id": customer.id,
        "reason": reason,
        "proposed_by": actor.name,
        "proposed_at": now,
    }
    store.insert_blacklisting(conn, row)
    write_audit(conn, actor, "customer.blacklist", customer, now=now)
    return detail_of(conn, get_stored(conn, customer_no), key)


def decide_blacklisting(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    approve: bool,
    note: str | None = None,
    key: SealingKey | None = None,
    now: datetime,
) -> CustomerDetail:
    """Approve or refuse what somebody else proposed.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: not a customer to decide on.
        BlacklistNotProposed: nobody proposed it.
        BlacklistOwnProposal: the actor did.
        IdNumberInClear: the note holds an ID number.
    """
    actor.require("customer.decide_blacklist")
    customer = find_own(conn, customer_no)
    proposed = store.list_proposals(conn, customer.id)
    if not proposed:
        raise BlacklistNotProposed(f"nobody proposed {customer_no}", customer_no=customer_no)
    if any(person_behind(conn, proposed_by) == actor.name for _, proposed_by in proposed):
        raise BlacklistOwnProposal("another person decides than who proposed")
    check_texts(note)
    decision = "approved" if approve else "refused"
    for proposal_id, _ in proposed:
        row = {"id": proposal_id, "decision": decision, "decision_note": note}
        store.mark_decided(conn, {**row, "decided_by": actor.name, "decided_at": now})
    told = {"decision": decision}
    write_audit(conn, actor, "customer.decide_blacklist", customer, now=now, after=told)
    return detail_of(conn, get_stored(conn, customer_no), key)


def lift_blacklisting(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    reason: str,
    key: SealingKey | None = None,
    now: datetime,
) -> CustomerDetail:
    """The customer may lease again.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: not a customer to decide on.
        NotBlacklisted: it is not on the list.
        IdNumberInClear: the reason holds an ID number.
    """
    actor.require("customer.decide_blacklist")
    customer = find_own(conn, customer_no)
    in_force = [each for each in store.list_blacklistings(conn, customer.id) if _in_force(each)]
    if not in_force:
        raise NotBlacklisted(f"{customer_no} is not on the list", customer_no=customer_no)
    check_texts(reason)
    row = {"lifted_by": actor.name, "lifted_at": now, "lifted_because": reason}
    store.mark_lifted(conn, [each.id for each in in_force], row)
    write_audit(conn, actor, "customer.lift_blacklist", customer, now=now)
    return detail_of(conn, get_stored(conn, customer_no), key)


def detail_of(
    conn: Connection[Any], customer: StoredCustomer, key: SealingKey | None
) -> CustomerDetail:
    """The customer with its history here, and whoever was merged into it. Whoever calls decides
    who may ask.
    """
    return CustomerDetail(
        customer=shown(customer, key),
        blacklistings=store.list_blacklistings(conn, customer.id),
        merged_from=cards.list_merged_from(conn, customer.id),
    )


def require_leasable(conn: Connection[Any], *, customer_id: int) -> None:
    """Let pass a customer that may lease something. Whoever calls decides who may ask.

    Raises:
        CustomerNotFound: it is out of sight.
        CustomerMerged: it goes on under another number.
        CustomerErased: its data are erased.
        CustomerBlacklisted: it leases nothing any more.
    """
    found = cards.find_by_id(conn, customer_id)
    if found is None:
        raise CustomerNotFound("no such customer")
    check_whole(found)
    if found.blacklisted:
        raise CustomerBlacklisted(
            f"{found.customer_no} stands on the blacklist", customer_no=found.customer_no
        )


def has_id_number(conn: Connection[Any], *, customer_id: int) -> bool:
    """Whether the customer, or any merged with it, has an ID number. Without one nothing ties it to
    the blacklist. Whoever calls decides who may ask.
    """
    return store.has_id_number(conn, customer_id)


def like_blacklisted(conn: Connection[Any], *, customer_id: int) -> bool:
    """Whether the customer has phone or tax number of another one of its organisation that is on
    the blacklist now: somebody barred may have come back. Whoever calls decides who may ask.
    """
    return store.like_blacklisted(conn, customer_id)


def _in_force(each: Blacklisting) -> bool:
    return each.decision == "approved" and each.lifted_at is None
