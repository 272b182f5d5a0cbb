"""Runs the SQL of balances, entries and the journal: one function a query.

Which entries are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.ledger.model import Account, JournalRow, PostedEntry, PostedSide
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_LONG_AGO: Final = date.min


class Sums(NamedTuple):
    """What was posted to an account, in fen."""

    account: Account
    opening_fen: int
    debit_fen: int
    credit_fen: int
    balance_fen: int


def list_balances(
    conn: Connection[Any], *, organisation: str | None, on: date, from_on: date | None
) -> list[Sums]:
    """Sums by account at the end of a day, by `from_on` parted into before and since."""
    row = {"organisation": organisation, "on": on, "from_on": from_on or _LONG_AGO}
    with conn.cursor(row_factory=class_row(Sums)) as cursor:
        return cursor.execute(_queries.list_balances, row, prepare=False).fetchall()


def sum_postings(conn: Connection[Any], filters: Mapping[str, Any]) -> int:
    """Fen posted where the filters of OF_POSTINGS hold; debits above zero."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        query = _asked(_queries.sum_postings, filters, OF_POSTINGS)
        found: int | None = cursor.execute(query, filters, prepare=False).fetchone()
    return found or 0


def list_entries(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[date, int] | None,
    limit: int,
) -> list[PostedEntry]:
    """Entries without their postings, the latest day first; filters of OF_ENTRIES; after (day,
    id).
    """
    place = {} if after is None else {"after_on": after[0], "after_id": after[1]}
    named = {**filters, **({"after": None} if after else {})}
    query = _asked(_queries.list_entries, named, OF_ENTRIES) + _LATEST_FIRST
    with conn.cursor(row_factory=class_row(PostedEntry)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def list_sides(conn: Connection[Any], entry_ids: Sequence[int]) -> list[PostedSide]:
    """The postings of entries, by entry and number."""
    with conn.cursor(row_factory=class_row(PostedSide)) as cursor:
        return cursor.execute(_queries.list_sides, {"entry_ids": list(entry_ids)}).fetchall()


def list_journal(
    conn: Connection[Any],
    *,
    organisation: str | None,
    month_on: date,
    until_on: date,
    after: tuple[int, date, int, int] | None,
    limit: int,
) -> list[JournalRow]:
    """Postings of [month_on, until_on), a month; after (organisation, day, entry, no)."""
    organisation_id, on, entry_id, no = after or (0, _LONG_AGO, 0, 0)
    row = {
        "organisation": organisation,
        "month_on": month_on,
        "until_on": until_on,
        "after_organisation": organisation_id,
        "after_on": on,
        "after_entry": entry_id,
        "after_no": no,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(JournalRow)) as cursor:
        return cursor.execute(_queries.list_journal, row, prepare=False).fetchall()


def _asked(query: Any, filters: Mapping[str, Any], known: Mapping[str, sql.SQL]) -> sql.Composed:
    conditions = [known[name] for name in filters]
    return sql.Composed([sql.SQL(query), where(conditions)])


OF_POSTINGS: Final[Mapping[str, sql.SQL]] = {
    "organisation_id": sql.SQL("p.organisation_id = %(organisation_id)s"),
    "on": sql.SQL("p.booked_on <= %(on)s"),
    "account": sql.SQL("p.account = %(account)s"),
    "customer_id": sql.SQL("p.customer_id = %(customer_id)s"),
    "lease_id": sql.SQL("p.lease_id = %(lease_id)s"),
    "vehicle_id": sql.SQL("p.vehicle_id = %(vehicle_id)s"),
}
OF_ENTRIES: Final[Mapping[str, sql.SQL]] = {
    "after": sql.SQL("(e.booked_on, e.id) < (%(after_on)s, %(after_id)s)"),
    "organisation": sql.SQL(
        "e.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "from_on": sql.SQL("e.booked_on >= %(from_on)s"),
    "until_on": sql.SQL("e.booked_on < %(until_on)s"),
    "event_kind": sql.SQL("e.event_kind = %(event_kind)s"),
    "event_key": sql.SQL("e.event_key = %(event_key)s"),
    "account": sql.SQL(
        "EXISTS (SELECT FROM ledger_postings p WHERE p.entry_id = e.id AND p.account = %(account)s)"
    ),
    "customer": sql.SQL(
        "e.id IN (SELECT p.entry_id FROM ledger_postings p JOIN customers k ON k.id = p.customer_id"
        " JOIN customers own ON own.id IN (k.id, k.merged_into_id)"
        " WHERE own.customer_no = %(customer)s)"
    ),
    "lease": sql.SQL(
        "EXISTS (SELECT FROM ledger_postings p JOIN leases l ON l.id = p.lease_id"
        " WHERE p.entry_id = e.id AND l.lease_no = %(lease)s)"
    ),
}
_LATEST_FIRST = sql.SQL(" ORDER BY e.booked_on DESC, e.id DESC LIMIT %(limit)s")
