"""Finds customers that may be one, and makes one of two of an organisation.

Nothing is copied and nothing lost: the one that goes becomes a tombstone with its card, its number
says into whom it went, leases keep it. Drivers, accounts, consents and the blacklist of all who
went into one are seen as that one's. A tombstone always names who is left in the end. Leaves out
customers of different organisations: they stay apart, and are only shown to who sees both.
"""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.customers.cards.service import check_whole, find_own, get_stored, write_audit
from fleet.customers.errors import MergeAcrossOrganisations, MergeIntoItself
from fleet.customers.id_numbers import check_texts
from fleet.customers.merging import store
from fleet.customers.model import Customer, Duplicates
from fleet.customers.personal import shown
from kit.sealed import SealingKey
from schemas.access import Actor


def list_duplicates(
    conn: Connection[Any],
    actor: Actor,
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> list[Duplicates]:
    """Customers in sight that may be one: by ID number, phone, tax number, or name and kind.

    `after` is likeness and oldest number of the last group of the page before. The same ID number
    is found across organisations, by whoever sees both; within one there is none.
    """
    actor.require("customer.read")
    return store.list_duplicates(conn, after=after, limit=limit)


def merge_customers(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    into: str,
    reason: str,
    key: SealingKey | None = None,
    now: datetime,
) -> Customer:
    """The customer `into`, as which `customer_no` goes on from now.

    Raises:
        CustomerNotFound: one of them is not in sight.
        MergeIntoItself: both are the same.
        MergeAcrossOrganisations: they are of two organisations.
        CustomerMerged, CustomerErased: one of them was merged or erased before.
        IdNumberInClear: the reason holds an ID number.
    """
    actor.require("customer.merge")
    if customer_no == into:
        raise MergeIntoItself("a customer is not merged into itself", customer_no=customer_no)
    # In one order, whichever way they are asked for: two who merge the same two wait, and the
    # second finds one of them gone. So no circle can come to be.
    found = {each: find_own(conn, each, whole=False) for each in sorted((customer_no, into))}
    goes, stays = found[customer_no], found[into]
    for each in (goes, stays):
        check_whole(each)
    if goes.organisation_id != stays.organisation_id:
        raise MergeAcrossOrganisations(
            f"{customer_no} and {into} are of different organisations",
            organisations=sorted((goes.organisation_code, stays.organisation_code)),
        )
    check_texts(reason)
    store.mark_merged(conn, customer_id=goes.id, into_id=stays.id, now=now)
    told = {"into": stays.customer_no, "reason": reason}
    write_audit(conn, actor, "customer.merge", goes, now=now, after=told)
    return shown(get_stored(conn, into), key)
