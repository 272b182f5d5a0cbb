"""Runs the SQL of the ledger: one function a query.

Entries go in by arrays, a statement a table and chunk: under row security there is no COPY, and the
database checks all postings of a statement at once.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from fleet.ledger.errors import EntryPostedAlready, EntryUnbalanced, MonthClosed
from fleet.ledger.model import Entry
from kit.constraints import naming
from kit.errors import DomainError
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_OF_ENTRY: Final = (
    *("tenant_id", "organisation_id", "event_kind", "event_key"),
    *("part", "happened_on", "title"),
)
_OF_POSTING: Final = ("account", "amount_fen", "customer_id", "lease_id", "vehicle_id")
_Key = tuple[int, str, str, int]


def lock_books(conn: Connection[Any], organisation_ids: Sequence[int]) -> dict[int, date | None]:
    """The first open day of each book there is, by organisation; None: open from the beginning.

    Until the commit nobody closes a month of them.
    """
    found = conn.execute(_queries.lock_books, {"organisation_ids": list(organisation_ids)})
    return dict(found.fetchall())


def insert_books(conn: Connection[Any], tenants: Mapping[int, int]) -> None:
    """Books of organisations that have none; by organisation, the tenant of each."""
    row = {"organisation_ids": list(tenants), "tenant_ids": list(tenants.values())}
    conn.execute(_queries.insert_books, row)


def insert_entries(
    conn: Connection[Any],
    entries: Sequence[Entry],
    booked_on: Sequence[date],
    *,
    recorded_by: str,
    recorded_at: datetime,
) -> list[int]:
    """Add entries without their postings; the id of each, in their order."""
    row: dict[str, Any] = {name: [getattr(entry, name) for entry in entries] for name in _OF_ENTRY}
    row |= {"booked_on": list(booked_on), "recorded_by": recorded_by, "recorded_at": recorded_at}
    with naming(_FACTS):
        added = conn.execute(_queries.insert_entries, row).fetchall()
    ids: dict[_Key, int] = {(each[0], each[1], each[2], each[3]): each[4] for each in added}
    return [ids[e.organisation_id, e.event_kind, e.event_key, e.part] for e in entries]


def insert_postings(
    conn: Connection[Any],
    entries: Sequence[Entry],
    booked_on: Sequence[date],
    entry_ids: Sequence[int],
) -> None:
    """Add all postings of entries that were just added."""
    found = [
        (entry_id, no, entry.tenant_id, entry.organisation_id, day, posting)
        for entry, day, entry_id in zip(entries, booked_on, entry_ids, strict=True)
        for no, posting in enumerate(entry.postings, start=1)
    ]
    columns = ("entry_id", "no", "tenant_id", "organisation_id", "booked_on")
    row = {name: [each[place] for each in found] for place, name in enumerate(columns)}
    row |= {name: [getattr(each[5], name) for each in found] for name in _OF_POSTING}
    with naming(_FACTS):
        conn.execute(_queries.insert_postings, row)


_FACTS: Final[Mapping[str, DomainError]] = {
    "ledger_entries_once": EntryPostedAlready("an entry was posted before"),
    "ledger_postings_zero_sum": EntryUnbalanced("an entry does not sum to zero"),
    "ledger_postings_open_month": MonthClosed("an entry counts in a closed month"),
}
