"""Writes down what a person agreed to, tells what is kept of them, and erases it.

A consent counts from the instant it was given until it is withdrawn; the row stays, with the digest
of the words agreed to. Whether a person may be erased is decided where their leases are known
(`fleet/personal_data`), which calls here. Leaves out contracts and notices: `fleet/contracts`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.customers.cards import store as cards
from fleet.customers.errors import CustomerErased, CustomerMerged, CustomerNotFound
from fleet.customers.id_numbers import check_texts
from fleet.customers.privacy import store
from fleet.customers.privacy.errors import (
    ConsentEndsBeforeItBegins,
    ConsentInFuture,
    ConsentNotFound,
    ConsentWithdrawn,
)
from fleet.customers.privacy.model import Consent, ConsentKind, NewConsent, Party, Person
from fleet.customers.privacy.telling import (
    account_told,
    card_told,
    consent_told,
    driver_told,
    keys_told,
)
from kit.sealed import SealingKey
from schemas.access import Actor


def record_consent(
    conn: Connection[Any], actor: Actor, *, customer_no: str, consent: NewConsent, now: datetime
) -> Consent:
    """What the customer, or somebody for it, agreed to.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: it is nobody who could agree.
        ConsentInFuture: it was given after now.
        IdNumberInClear: who gave it, or the evidence, holds an ID number.
    """
    actor.require("customer.change")
    check_texts(consent.given_by, consent.evidence)
    party = _living(_party(conn, customer_no))
    if consent.given_at > now:
        raise ConsentInFuture("what was agreed to was agreed to before now", now=now)
    key = store.insert_consent(
        conn,
        {
            "tenant_id": party.tenant_id,
            "organisation_id": party.organisation_id,
            "customer_id": party.id,
            "kind": consent.kind,
            "text_version": consent.text_version,
            "text_sha256": consent.text_sha256,
            "given_by": consent.given_by,
            "given_at": consent.given_at,
            "method": consent.method,
            "evidence": consent.evidence,
            "recorded_by": actor.name,
            "recorded_at": now,
        },
    )
    told = {
        "kind": consent.kind,
        "text_version": consent.text_version,
        "text_sha256": consent.text_sha256.hex(),
        "method": consent.method,
        "consent": str(key),
    }
    _record(conn, actor, "customer.record_consent", party, now=now, after=told)
    return _consent(conn, party, key)


def list_consents(conn: Connection[Any], actor: Actor, *, customer_no: str) -> list[Consent]:
    """What the customer and those merged into it agreed to, the latest first.

    Raises:
        CustomerNotFound: there is none in sight.
    """
    actor.require("customer.read")
    return store.list_consents(conn, _party(conn, customer_no).family_ids)


def withdraw_consent(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    key: UUID,
    withdrawn_at: datetime | None = None,
    note: str | None = None,
    now: datetime,
) -> Consent:
    """The consent counts no more from that instant, or from now; what was done before stays lawful.

    PIPL §15.

    Raises:
        CustomerNotFound, ConsentNotFound: there is none in sight.
        ConsentWithdrawn: it was withdrawn before.
        ConsentEndsBeforeItBegins: not between when it was given and now.
        IdNumberInClear: the note holds an ID number.
    """
    actor.require("customer.change")
    check_texts(note)
    party = _party(conn, customer_no)
    was = _consent(conn, party, key)
    at = withdrawn_at or now
    if not was.given_at <= at <= now:
        raise ConsentEndsBeforeItBegins(
            f"it was given at {was.given_at.isoformat()}", given_at=was.given_at
        )
    if not store.mark_consent_withdrawn(conn, key, withdrawn_at=at, note=note):
        raise ConsentWithdrawn("the consent was withdrawn before", withdrawn_at=was.withdrawn_at)
    told = {"kind": was.kind, "consent": str(key), "withdrawn_at": at.isoformat()}
    _record(conn, actor, "customer.withdraw_consent", party, now=now, after=told)
    return _consent(conn, party, key)


def consent_in_force(
    conn: Connection[Any], *, customer_id: int, kind: ConsentKind, at: datetime
) -> Consent | None:
    """The latest consent of this kind that counts at that instant, for other slices."""
    return store.find_consent_in_force(conn, customer_id=customer_id, kind=kind, at=at)


def has_consent(
    conn: Connection[Any], *, customer_id: int, kind: ConsentKind, at: datetime
) -> bool:
    """Whether a consent of this kind counts at that instant, for other slices."""
    return consent_in_force(conn, customer_id=customer_id, kind=kind, at=at) is not None


def find_party(conn: Connection[Any], *, customer_no: str) -> Party:
    """Who a customer number stands for, for another slice, which asks for its own permission.

    Raises:
        CustomerNotFound: there is none in sight.
        CustomerMerged, CustomerErased: it is nobody's card any more.
    """
    return _living(_party(conn, customer_no))


def tell_person(
    conn: Connection[Any], actor: Actor, *, party: Party, key: SealingKey, now: datetime
) -> Person:
    """All that is kept here of a person, in clear; written down as handed out (PIPL §45)."""
    actor.require("customer.export")
    ids = party.family_ids
    found = [cards.find_by_id(conn, each) for each in ids]
    _record(conn, actor, "customer.export", party, now=now, after={"all": list(party.family_nos)})
    return Person(
        party=party,
        cards=[card_told(card, key) for card in found if card is not None],
        accounts=[account_told(row, key) for row in store.list_accounts(conn, ids)],
        drivers=[driver_told(row, key) for row in store.list_drivers(conn, ids)],
        consents=[consent_told(consent) for consent in store.list_consents(conn, ids)],
        blacklistings=list(store.list_blacklistings(conn, ids)),
    )


def lock_party(conn: Connection[Any], *, customer_no: str) -> Party:
    """As `find_party`, and nobody else changes the customers until the commit.

    Raises:
        CustomerNotFound: there is none in sight.
        CustomerMerged, CustomerErased: it is nobody's card any more.
    """
    party = _living(_party(conn, customer_no))
    store.lock_customers(conn, party.family_ids)
    return _living(_party(conn, customer_no))


def sheet_keys(conn: Connection[Any], *, party: Party, key: SealingKey) -> list[str]:
    """What rows of sheets about the person are known by: numbers, masked where they are theirs."""
    found = [cards.find_by_id(conn, each) for each in party.family_ids]
    return sorted({text for card in found if card is not None for text in keys_told(card, key)})


def erase_person(
    conn: Connection[Any], actor: Actor, *, party: Party, reason: str, now: datetime
) -> None:
    """Empty all that leads to the person, of those merged into the customer, too.

    Customer numbers stay, and what hangs on them. The caller has locked the party and seen that the
    law keeps nothing of it any longer.

    Raises:
        IdNumberInClear: the reason holds an ID number.
    """
    actor.require("customer.erase")
    check_texts(reason)
    store.erase(conn, party.family_ids, now=now)
    told = {"reason": reason, "all": list(party.family_nos)}
    _record(conn, actor, "customer.erase", party, now=now, after=told)


def _party(conn: Connection[Any], customer_no: str) -> Party:
    found = store.find_party(conn, customer_no)
    if found is None:
        raise CustomerNotFound(f"there is no customer {customer_no}", customer_no=customer_no)
    return found


def _living(party: Party) -> Party:
    """Let pass a card that somebody still goes by."""
    if party.merged_into_no is not None:
        raise CustomerMerged(
            f"{party.customer_no} goes on as {party.merged_into_no}",
            customer_no=party.customer_no,
            merged_into_no=party.merged_into_no,
        )
    if party.erased_at is not None:
        raise CustomerErased(f"{party.customer_no} is erased", customer_no=party.customer_no)
    return party


def _consent(conn: Connection[Any], party: Party, key: UUID) -> Consent:
    for consent in store.list_consents(conn, party.family_ids):
        if consent.key == key:
            return consent
    raise ConsentNotFound(f"{party.customer_no} gave no consent {key}", key=str(key))


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    party: Party,
    *,
    now: datetime,
    after: dict[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="customer",
        object_key=party.customer_no,
        now=now,
        after=after,
        organisation_id=party.tenant_id,
    )
