"""Keeps the books. Here: posting. Beside: `reading`, `closing`, `checking`.

Decides on which day an entry counts: when it happened, or the first open day of its organisation's
book. Leaves out what an event does to the book: the slices that earn and owe say it (`Entry`), in
the transaction of the event. That entries sum to zero, stay, and count in open months is held by
the database.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.ledger import store
from fleet.ledger.chart import CHART, AccountKind
from fleet.ledger.checking.service import check_ledger
from fleet.ledger.closing.service import close_month, list_closings
from fleet.ledger.model import (
    ACCOUNTS,
    Account,
    AccountBalance,
    Closing,
    Entry,
    EventKind,
    Fault,
    JournalRow,
    PostedEntry,
    PostedSide,
    Posting,
)
from fleet.ledger.reading.service import balance_of, list_entries, list_journal, trial_balance
from fleet.ledger.voucher import voucher_no
from schemas.access import Actor

__all__ = [
    "ACCOUNTS",
    "CHART",
    "Account",
    "AccountBalance",
    "AccountKind",
    "Closing",
    "Entry",
    "EventKind",
    "Fault",
    "JournalRow",
    "PostedEntry",
    "PostedSide",
    "Posting",
    "balance_of",
    "check_ledger",
    "close_month",
    "list_closings",
    "list_entries",
    "list_journal",
    "post",
    "trial_balance",
    "voucher_no",
]


def post(conn: Connection[Any], actor: Actor, entries: Sequence[Entry], *, now: datetime) -> None:
    """Post entries, of any number of books. Whoever calls has asked for its own permission.

    An entry counts on the day it happened, or on the first open day of its book. The books are
    locked against closing until the commit.

    Raises:
        EntryPostedAlready: the same part of the same event is there; a fault of the program.
        EntryUnbalanced: an entry has fewer than two postings; a fault of the program.
    """
    if not entries:
        return
    tenants = {entry.organisation_id: entry.tenant_id for entry in entries}
    open_from = store.lock_books(conn, sorted(tenants))
    missing = {each: tenants[each] for each in sorted(tenants) if each not in open_from}
    if missing:
        store.insert_books(conn, missing)
        open_from |= store.lock_books(conn, list(missing))
    booked_on = [
        max(entry.happened_on, open_from[entry.organisation_id] or entry.happened_on)
        for entry in entries
    ]
    ids = store.insert_entries(conn, entries, booked_on, recorded_by=actor.name, recorded_at=now)
    store.insert_postings(conn, entries, booked_on, ids)
