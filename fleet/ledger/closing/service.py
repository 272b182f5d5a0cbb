"""Closes months: what counts in them is settled, a later event of such a day counts afterwards.

Decides that only a month that is over is closed, one after the other, from the first in which
anything counts, of an organisation and all below it. A closed month is not opened again. Leaves
out the transfer of profit (结转损益), which accounting software does with the journal.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.ledger.closing import store
from fleet.ledger.errors import MonthNotNext, MonthNotOver, NothingToClose
from fleet.ledger.model import Closing
from fleet.ledger.voucher import is_over, month_of, next_month
from fleet.local_days import local_day
from fleet.orgs import service as orgs
from schemas.access import Actor


def close_month(
    conn: Connection[Any], actor: Actor, *, organisation: str, month_on: date, now: datetime
) -> list[Closing]:
    """Close the month of that day, of the organisation and all below it; what was closed just now.

    A book below that was closed further already stays as it is.

    Raises:
        OrganisationNotFound: nobody in sight has the code.
        MonthNotOver: it is not over in the organisation's zone.
        NothingToClose: nothing was ever posted there.
        MonthNotNext: another month comes first, or it is closed already.
    """
    actor.require("ledger.close")
    about = orgs.get_organisation(conn, actor, code=organisation)
    month = month_of(month_on)
    if not is_over(month, local_day(now, about.time_zone)):
        raise MonthNotOver(f"{month:%Y-%m} is not over", month=f"{month:%Y-%m}")
    books = store.lock_books_below(conn, about.id)
    expected = _next_to_close(conn, books, about.id)
    if month != expected:
        raise MonthNotNext(
            f"{expected:%Y-%m} is closed next", month=f"{month:%Y-%m}", next=f"{expected:%Y-%m}"
        )
    until_on = next_month(month)
    closed = [each for each, opens in books.items() if opens is None or opens < until_on]
    store.close_books(
        conn, closed, month_on=month, until_on=until_on, closed_by=actor.name, closed_at=now
    )
    filters = {"organisation_ids": closed, "month_on": month}
    made = store.list_closings(conn, filters, after=None, limit=len(closed))
    audit.record(
        conn,
        actor,
        "ledger.close",
        object_kind="ledger",
        object_key=organisation,
        now=now,
        after={"month": f"{month:%Y-%m}", "books": len(made)},
        organisation_id=about.tenant_id,
    )
    return made


def _next_to_close(
    conn: Connection[Any], books: Mapping[int, date | None], organisation_id: int
) -> date:
    """The first day of the month that is closed next.

    Raises:
        NothingToClose: nothing was ever posted.
    """
    opens = books[organisation_id]
    if opens is not None:
        return opens
    first = store.find_first_booked(conn, list(books))
    if first is None:
        raise NothingToClose("nothing was posted in these books")
    return month_of(first)


def list_closings(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[date, int] | None = None,
    limit: int = 50,
) -> list[Closing]:
    """Months that are closed, the latest first. `filters`: organisation (or below it)."""
    actor.require("ledger.read")
    return store.list_closings(conn, filters, after=after, limit=limit)
