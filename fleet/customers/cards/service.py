"""Keeps the cards of customers: who there is, how they are reached, what stands on invoices.

Decides that one organisation has one customer of an ID number, that numbers and phones leave
masked, and that seeing them in full is written down with its reason. Leaves out what the other
parts keep: drivers, accounts, the blacklist (`standing`), making one of two (`merging`).
"""

from collections.abc import Mapping
from datetime import datetime
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.customers.cards import store
from fleet.customers.errors import (
    CustomerErased,
    CustomerExists,
    CustomerMerged,
    CustomerNotFound,
    CustomerReferenceTaken,
)
from fleet.customers.id_numbers import normalise
from fleet.customers.model import Customer, CustomerFacts, StoredCustomer
from fleet.customers.personal import changed_fields, digest_id, kept_row, shown
from fleet.local_days import local_day
from fleet.orgs import service as orgs
from kit.errors import VersionChanged
from kit.numbers import TRIES, make_number
from kit.sealed import SealingKey
from schemas.access import Actor

RNG: Final = SystemRandom()


def create_customer(
    conn: Connection[Any],
    actor: Actor,
    *,
    facts: CustomerFacts,
    organisation_code: str | None = None,
    key: SealingKey,
    now: datetime,
    rng: Random = RNG,
) -> Customer:
    """A new customer of the organisation, or of the one the actor acts for.

    Raises:
        OrganisationNotFound: no such organisation in sight.
        CustomerExists: the organisation has one with this ID number; it names it.
        CustomerReferenceTaken: the reference is another one's.
        Invalid: what `personal.kept_row` cannot keep.
    """
    actor.require("customer.create")
    code = organisation_code or actor.organisation_code or ""
    organisation = orgs.get_organisation(conn, actor, code=code)
    for _ in range(TRIES):
        number = make_number("C", local_day(now, organisation.time_zone), rng)
        row = kept_row(facts, None, customer_no=number, key=key)
        _check_unique(conn, row, organisation.id)
        made_by = {"created_by": actor.name, "created_at": now, "customer_no": number}
        place = {"tenant_id": organisation.tenant_id, "organisation_id": organisation.id}
        if store.insert_customer(conn, {**row, **place, **made_by}) is not None:
            created = get_stored(conn, number)
            told = {"organisation": organisation.code, "kind": facts.kind, "tier": facts.tier}
            write_audit(conn, actor, "customer.create", created, now=now, after=told)
            return shown(created, key)
        _check_unique(conn, row, organisation.id)  # somebody added it at the same moment
    raise RuntimeError(f"{TRIES} numbers in a row were taken")


def change_customer(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    version: int,
    facts: CustomerFacts,
    key: SealingKey,
    now: datetime,
) -> Customer:
    """The customer with this card, whole; what is given as it was shown stays.

    Raises:
        CustomerNotFound: no such customer in sight.
        CustomerMerged, CustomerErased: it does not change any more.
        VersionChanged: somebody changed it since `version` was read.
        CustomerExists, CustomerReferenceTaken: a number of it is another one's.
        Invalid: what `personal.kept_row` cannot keep.
    """
    actor.require("customer.change")
    was = find_own(conn, customer_no)
    if was.version != version:
        raise VersionChanged(f"{customer_no} is at version {was.version}", customer_no=customer_no)
    row = kept_row(facts, was, customer_no=was.customer_no, key=key)
    _check_unique(conn, row, was.organisation_id, except_id=was.id)
    if not store.update_customer(conn, {**row, "id": was.id, "version": version}):
        raise VersionChanged(f"{customer_no} was changed", customer_no=customer_no)
    told: dict[str, Any] = {"fields": changed_fields(was, row)}
    if was.tier != facts.tier:
        told |= {"tier": facts.tier}
    write_audit(conn, actor, "customer.change", was, now=now, after=told)
    return shown(get_stored(conn, customer_no), key)


def get_customer(
    conn: Connection[Any], actor: Actor, *, customer_no: str, key: SealingKey | None = None
) -> Customer:
    """The customer with this number; of one that was merged the tombstone, which says into whom.

    Raises:
        CustomerNotFound: no such customer in sight.
    """
    actor.require("customer.read")
    return shown(get_stored(conn, customer_no), key)


def list_customers(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    key: SealingKey | None = None,
) -> list[Customer]:
    """Customers in sight, the last added first.

    `filters`: search (a part of number, name, reference or tax number, or a phone in full),
    id_number (in full; the survivor of whoever had it), kind, tier, blacklisted, organisation (or
    below it), licence_expires_before_on (of a driver), merged (tombstones; left out unless asked).

    Raises:
        ValueError: an ID number is looked for without a key; a fault of the caller.
    """
    actor.require("customer.read")
    wanted = {"merged": False, **filters}
    id_number = wanted.pop("id_number", None)
    if id_number is not None:
        if key is None:
            raise ValueError("an ID number is found with a sealing key only")
        wanted["id_digest"] = digest_id(normalise(id_number), key)
    found = store.list_customers(conn, wanted, after=after, limit=limit)
    return [shown(customer, key) for customer in found]


def find_customer_by_id(
    conn: Connection[Any], customer_id: int, *, key: SealingKey | None = None
) -> Customer:
    """The customer with this id, a tombstone, too. Whoever calls decides who may ask.

    Raises:
        CustomerNotFound: it is out of sight.
    """
    found = store.find_by_id(conn, customer_id)
    if found is None:
        raise CustomerNotFound("no such customer")
    return shown(found, key)


def family_of(conn: Connection[Any], customer_id: int) -> list[int]:
    """The ids of the customer and of all that were merged into it, its own first."""
    return store.list_family(conn, customer_id)


def get_stored(conn: Connection[Any], customer_no: str) -> StoredCustomer:
    """The customer as stored, for the parts of this slice.

    Raises:
        CustomerNotFound: no such customer in sight.
    """
    found = store.find_customer(conn, customer_no)
    if found is None:
        raise CustomerNotFound(
            f"no customer has the number {customer_no!r}", customer_no=customer_no[:64]
        )
    return found


def find_own(conn: Connection[Any], customer_no: str, *, whole: bool = True) -> StoredCustomer:
    """The customer as stored, locked, to do something with it; one merged or erased only if said.

    Raises:
        CustomerNotFound: no such customer in sight.
        CustomerMerged, CustomerErased: nothing is done with it any more.
    """
    store.lock_customer(conn, customer_no)
    found = get_stored(conn, customer_no)
    if whole:
        check_whole(found)
    return found


def check_whole(customer: StoredCustomer) -> None:
    """Let pass a customer that is neither merged into another nor erased.

    Raises:
        CustomerMerged, CustomerErased: it is.
    """
    told = {"customer_no": customer.customer_no}
    if customer.merged_into_id is not None:
        raise CustomerMerged(
            f"{customer.customer_no} goes on as {customer.merged_into_no}",
            merged_into_no=customer.merged_into_no,
            **told,
        )
    if customer.erased_at is not None:
        raise CustomerErased(f"the data of {customer.customer_no} are erased", **told)


def write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    customer: StoredCustomer,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an act on a customer into the audit trail, which holds no personal data."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="customer",
        object_key=customer.customer_no,
        now=now,
        before=before,
        after=after,
        organisation_id=customer.tenant_id,
    )


def _check_unique(
    conn: Connection[Any], row: Mapping[str, Any], organisation_id: int, *, except_id: int = 0
) -> None:
    same = store.find_same(
        conn,
        organisation_id=organisation_id,
        id_digest=row["id_digest"],
        reference=row["reference"],
        except_id=except_id,
    )
    if same is None:
        return
    told = {"customer_no": same.customer_no}
    if same.same_number:
        raise CustomerExists(f"{same.customer_no} has this ID number already", **told)
    raise CustomerReferenceTaken(f"{same.customer_no} has this reference already", **told)
