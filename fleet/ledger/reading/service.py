"""Reads the books: balances on any day, entries, the journal of a month.

Every day is asked the same way, past or to come: what counts on a day is decided when it is posted.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from psycopg import Connection

from fleet.ledger.chart import CHART
from fleet.ledger.model import Account, AccountBalance, JournalRow, PostedEntry
from fleet.ledger.reading import store
from fleet.ledger.voucher import month_of, next_month
from fleet.orgs import service as orgs
from schemas.access import Actor


def trial_balance(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    on: date,
    from_on: date | None = None,
) -> list[AccountBalance]:
    """What each account came to at the end of that day, by code; their balances sum to zero.

    Of the organisation with this code and all below it; None: of all in sight. `from_on` parts what
    was posted since then from what was there before.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("ledger.read")
    if organisation is not None:
        orgs.get_organisation(conn, actor, code=organisation)
    found = store.list_balances(conn, organisation=organisation, on=on, from_on=from_on)
    balances = [AccountBalance(each.account, *_words(each.account), *each[1:]) for each in found]
    return sorted(balances, key=lambda balance: balance.code)


def _words(account: Account) -> tuple[str, str, str, str]:
    named = CHART[account]
    return named.code, named.english, named.chinese, named.kind


def balance_of(
    conn: Connection[Any],
    *,
    account: Account,
    on: date | None = None,
    organisation_id: int | None = None,
    customer_id: int | None = None,
    lease_id: int | None = None,
    vehicle_id: int | None = None,
) -> int:
    """What is posted to an account up to the end of that day, in fen; credits count down.

    None leaves a limit out. Whoever calls decides who may ask.
    """
    given: dict[str, Any] = {
        "account": account,
        "on": on,
        "organisation_id": organisation_id,
        "customer_id": customer_id,
        "lease_id": lease_id,
        "vehicle_id": vehicle_id,
    }
    asked = {name: wanted for name, wanted in given.items() if wanted is not None}
    return store.sum_postings(conn, asked)


def list_entries(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[date, int] | None = None,
    limit: int = 50,
) -> list[PostedEntry]:
    """Entries in sight with all their postings, the latest day first.

    `filters`: account, from_on and until_on (half open, of the day it counts), customer and lease
    (their numbers), event_kind, event_key, organisation (or below it).
    """
    actor.require("ledger.read")
    entries = store.list_entries(conn, filters, after=after, limit=limit)
    sides = store.list_sides(conn, [entry.id for entry in entries])
    by_entry = {each: tuple(of) for each, of in groupby(sides, key=lambda side: side.entry_id)}
    return [replace(entry, postings=by_entry.get(entry.id, ())) for entry in entries]


def list_journal(
    conn: Connection[Any],
    actor: Actor,
    *,
    organisation: str | None = None,
    month_on: date,
    after: tuple[int, date, int, int] | None = None,
    limit: int = 50,
) -> list[JournalRow]:
    """The journal of a month, book by book, one row a posting, in the order of the vouchers.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
    """
    actor.require("ledger.read")
    if organisation is not None:
        orgs.get_organisation(conn, actor, code=organisation)
    first = month_of(month_on)
    return store.list_journal(
        conn,
        organisation=organisation,
        month_on=first,
        until_on=next_month(first),
        after=after,
        limit=limit,
    )
