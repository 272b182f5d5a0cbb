"""Reads and writes customers many at a time, as rows of sheets.

A customer is known by its number here, or by its number elsewhere, or by its ID number. Numbers
are in clear within the process alone: sealed where they are kept, masked where they are shown
(`fleet/sheets`). Leaves out drivers and the blacklist, which no sheet tells.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.customers.id_numbers import normalise, parse_account_no
from fleet.customers.in_bulk import store
from fleet.customers.in_bulk.rows import STORED, Called, problems_of, row_to_write, told
from fleet.customers.personal import digest_account, digest_id, seal_account
from fleet.local_days import local_day
from fleet.masking import UNREADABLE_ID_CARD
from fleet.row_problems import RowProblem
from kit.errors import VersionChanged
from kit.numbers import make_number
from kit.sealed import SealingKey
from schemas.access import Actor

RNG: Final = SystemRandom()


def customers_called(
    conn: Connection[Any], actor: Actor, *, texts: Sequence[str], key: SealingKey
) -> list[Called]:
    """Customers in sight whose number, here or elsewhere, or ID number is one of the texts."""
    actor.require("customer.read")
    numbers = {text: digest_id(normalise(text), key) for text in texts}
    return store.list_called(conn, texts, numbers=numbers)


def known_customers(
    conn: Connection[Any], actor: Actor, customer_nos: Sequence[str], *, key: SealingKey
) -> dict[str, dict[str, Any]]:
    """Customers in sight by their numbers, as a sheet tells them, numbers in clear."""
    actor.require("customer.read")
    cards = store.list_known_cards(conn, customer_nos)
    accounts = {a.customer_id: a for a in store.list_last_accounts(conn, [c.id for c in cards])}
    return {card.customer_no: told(card, accounts.get(card.id), key) for card in cards}


def check_customers(
    rows: Sequence[Mapping[str, Any]], *, key: SealingKey
) -> list[list[RowProblem]]:
    """What stands against each card as it shall be, in their order."""
    return [problems_of(row, key) for row in rows]


def save_customers(
    conn: Connection[Any],
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: SealingKey,
    now: datetime,
    rng: Random = RNG,
) -> None:
    """Add and change customers; each row is whole, and holds its number where it is known.

    Raises:
        CustomerExists, CustomerReferenceTaken: a number of one is another's.
        VersionChanged: somebody changed one at the same moment.
        Invalid: a card cannot be kept; `check_customers` tells before.
    """
    fresh = [row for row in rows if row.get(STORED) is None]
    if fresh:
        actor.require("customer.create")
    if len(fresh) < len(rows):
        actor.require("customer.change")
    numbers = iter(_unused(conn, len(fresh), local_day(now), rng))
    numbered = [
        (row, row["customer_no"] if row.get(STORED) is not None else next(numbers)) for row in rows
    ]
    cards = [row_to_write(row, customer_no=number, key=key) for row, number in numbered]
    if store.write_cards(conn, cards, by=actor.name, now=now) != len(cards):
        raise VersionChanged("a customer of the sheet was changed meanwhile")
    known = [row[STORED].id for row in rows if row.get(STORED) is not None]
    lasts = {account.customer_id: account for account in store.list_last_accounts(conn, known)}
    accounts = [
        account
        for row, number in numbered
        if (account := _account(row, number, lasts, key=key)) is not None
    ]
    store.write_accounts(conn, accounts, by=actor.name, now=now)


def customer_nos_of(conn: Connection[Any], organisation_code: str) -> list[str]:
    """Numbers of the customers of an organisation and of those below it."""
    return store.list_customer_nos(conn, organisation_code)


def _account(
    row: Mapping[str, Any], customer_no: str, lasts: Mapping[int, Any], *, key: SealingKey
) -> dict[str, Any] | None:
    """The account of a row as it is written; None where it is there already."""
    if row.get("account_no") in (None, UNREADABLE_ID_CARD):
        return None
    number = parse_account_no(row["account_no"])
    last = None if row.get(STORED) is None else lasts.get(row[STORED].id)
    if last is not None:
        was = told(row[STORED], last, key)
        if (was["bank"], was["account_no"]) == (row["bank"], number):
            return None
    return {
        "customer_no": customer_no,
        "organisation": row["organisation"],
        "bank": row["bank"],
        "holder": row["name"],
        "account_sealed": seal_account(number, customer_no=customer_no, key=key).hex(),
        "account_digest": digest_account(number, key).hex(),
        "replaced_id": last and last.id,
    }


def _unused(conn: Connection[Any], count: int, on: date, rng: Random) -> list[str]:
    """So many numbers no customer in sight has, each another."""
    found: list[str] = []
    while len(found) < count:
        made = {make_number("C", on, rng) for _ in range(count - len(found))} - set(found)
        found += sorted(made - store.list_taken_numbers(conn, sorted(made)))
    return found
