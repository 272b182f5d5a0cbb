"""Books of the small fleet: head, and east and west below it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

from fleet.ledger.service import Entry, Posting, post
from fleet.orgs.service import get_organisation
from schemas.access import SYSTEM

APRIL_5 = datetime(2026, 4, 5, 4, tzinfo=UTC)
"""When the tests post and close, unless said."""


def entry(
    conn: Connection[Any],
    organisation: str = "east",
    key: str = "B2026-2-000001",
    on: date = date(2026, 3, 1),
    **given: Any,
) -> Entry:
    """Rent of 100.00 billed: receivable against revenue, unless said."""
    owner = get_organisation(conn, SYSTEM, code=organisation)
    usual: dict[str, Any] = {
        "event_kind": "bill",
        "title": f"账单 {key}",
        "postings": (Posting("receivable", 10_000), Posting("rent_revenue", -10_000)),
    }
    facts: Mapping[str, Any] = usual | given
    return Entry(owner.tenant_id, owner.id, event_key=key, happened_on=on, **facts)


def posted(conn: Connection[Any], *args: Any, now: datetime = APRIL_5, **given: Any) -> Entry:
    """As `entry`, in the book."""
    made = entry(conn, *args, **given)
    post(conn, SYSTEM, [made], now=now)
    return made
