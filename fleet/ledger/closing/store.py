"""Runs the SQL of closing: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.ledger.model import Closing
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def lock_books_below(conn: Connection[Any], organisation_id: int) -> dict[int, date | None]:
    """The first open day of each book of an organisation and below it, made where there was none.

    Until the commit nobody posts to them.
    """
    row = {"organisation_id": organisation_id}
    conn.execute(_queries.make_books_below, row)
    return dict(conn.execute(_queries.lock_books_below, row).fetchall())


def find_first_booked(conn: Connection[Any], organisation_ids: Sequence[int]) -> date | None:
    """The first day anything counts on in these books; None where they are empty."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"organisation_ids": list(organisation_ids)}
        return cursor.execute(_queries.find_first_booked, row).fetchone()


def close_books(
    conn: Connection[Any],
    organisation_ids: Sequence[int],
    *,
    month_on: date,
    until_on: date,
    closed_by: str,
    closed_at: datetime,
) -> None:
    """Keep what their accounts came to, and open the books on `until_on` only."""
    row = {"organisation_ids": list(organisation_ids), "month_on": month_on, "until_on": until_on}
    conn.execute(_queries.insert_closings, {**row, "closed_by": closed_by, "closed_at": closed_at})
    conn.execute(_queries.mark_closed, row)


def list_closings(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[date, int] | None,
    limit: int,
) -> list[Closing]:
    """Closings, the latest month first; after (month, id)."""
    conditions = [FILTERS[name] for name in filters]
    place = {}
    if after is not None:
        conditions.append(_AFTER)
        place = {"after_on": after[0], "after_id": after[1]}
    query = sql.Composed([sql.SQL(_queries.list_closings), where(conditions), _LATEST_FIRST])
    with conn.cursor(row_factory=class_row(Closing)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "organisation": sql.SQL(
        "c.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "month_on": sql.SQL("c.month_on = %(month_on)s"),
    "organisation_ids": sql.SQL("c.organisation_id = ANY (%(organisation_ids)s)"),
}
_AFTER = sql.SQL("(c.month_on, c.id) < (%(after_on)s, %(after_id)s)")
_LATEST_FIRST = sql.SQL(" ORDER BY c.month_on DESC, c.id DESC LIMIT %(limit)s")
