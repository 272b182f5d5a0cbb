"""Keeps the bank accounts of customers, of which the last four digits are shown.

Accounts of a merged customer are those of the one it went into. Leaves out what is paid from and
to them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.customers.accounts import store
from fleet.customers.cards.service import find_own, get_stored, write_audit
from fleet.customers.errors import AccountExists, AccountNoMalformed, AccountNotFound
from fleet.customers.id_numbers import check_texts, parse_account_no
from fleet.customers.model import Account
from fleet.customers.personal import digest_account, seal_account, shown_account
from kit.sealed import SealingKey
from schemas.access import Actor


def list_accounts(
    conn: Connection[Any], actor: Actor, *, customer_no: str, key: SealingKey | None = None
) -> list[Account]:
    """The accounts of the customer, the oldest first.

    Raises:
        CustomerNotFound: no such customer in sight.
    """
    actor.require("customer.read")
    customer = get_stored(conn, customer_no)
    return [shown_account(each, key) for each in store.list_accounts(conn, customer.id)]


def holders_of(
    conn: Connection[Any], account_nos: Iterable[str], *, key: SealingKey
) -> dict[str, frozenset[int]]:
    """Which customers have each of these accounts, by id, however its number is typed.

    What is no number of an account, or nobody's, is left out. Whoever calls decides who may ask.
    """
    by_digest: dict[bytes, list[str]] = {}
    for text in set(account_nos):
        try:
            digest = digest_account(parse_account_no(text), key)
        except AccountNoMalformed:
            continue
        by_digest.setdefault(digest, []).append(text)
    found: dict[str, frozenset[int]] = {}
    for digest, customer_id in store.list_holders(conn, sorted(by_digest)):
        for text in by_digest[digest]:
            found[text] = found.get(text, frozenset()) | {customer_id}
    return found


def add_account(
    conn: Connection[Any],
    actor: Actor,
    *,
    customer_no: str,
    bank: str,
    holder: str,
    account_no: str,
    key: SealingKey,
    now: datetime,
) -> Account:
    """The customer has this account.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: not a customer to add to.
        AccountNoMalformed, IdNumberInClear: the input cannot be used.
        AccountExists: the customer has it already.
    """
    actor.require("customer.change")
    customer = find_own(conn, customer_no)
    number = parse_account_no(account_no)
    check_texts(bank, holder, number=number)
    digest = digest_account(number, key)
    if store.has_account(conn, customer_id=customer.id, account_digest=digest):
        raise AccountExists(f"{customer_no} has this account already", customer_no=customer_no)
    row = {
        "tenant_id": customer.tenant_id,
        "organisation_id": customer.organisation_id,
        "customer_id": customer.id,
        "bank": bank,
        "holder": holder,
        "account_sealed": seal_account(number, customer_no=customer.customer_no, key=key),
        "account_digest": digest,
        "added_by": actor.name,
        "added_at": now,
    }
    account_id = store.insert_account(conn, row)
    told = {"account_id": account_id}
    write_audit(conn, actor, "customer.add_account", customer, now=now, after=told)
    kept = next(each for each in store.list_accounts(conn, customer.id) if each.id == account_id)
    return shown_account(kept, key)


def remove_account(
    conn: Connection[Any], actor: Actor, *, customer_no: str, account_id: int, now: datetime
) -> None:
    """The account is the customer's no more.

    Raises:
        CustomerNotFound, CustomerMerged, CustomerErased: not a customer to change.
        AccountNotFound: it has no such account.
    """
    actor.require("customer.change")
    customer = find_own(conn, customer_no)
    known = [each.id for each in store.list_accounts(conn, customer.id)]
    if account_id not in known:
        raise AccountNotFound(f"{customer_no} has no account {account_id}", account_id=account_id)
    store.mark_removed(conn, customer_id=customer.id, account_id=account_id, now=now)
    told = {"account_id": account_id}
    write_audit(conn, actor, "customer.remove_account", customer, now=now, before=told)
