"""Runs the SQL of quotes: one function a query.

Which quotes are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.quotes.model import QuoteRow
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_quotes(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
    now: datetime,
) -> list[QuoteRow]:
    """Quotes in sight, the latest first. `filters` are of FILTERS; `after` is when the last one of
    the page before was written, and its number.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_quotes), where(conditions), _LATEST_FIRST])
    place = dict(zip(("after_at", "after_no"), after or (), strict=False))
    row = {**filters, **place, "limit": limit, "now": now}
    with conn.cursor(row_factory=class_row(QuoteRow)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_quote(conn: Connection[Any], quote_no: str, *, now: datetime) -> QuoteRow | None:
    """The quote in sight with this number."""
    return next(iter(list_quotes(conn, {"quote_no": quote_no}, limit=1, now=now)), None)


def lock_quote(conn: Connection[Any], quote_no: str) -> None:
    """Keep others from changing the quote until the commit."""
    conn.execute(_queries.lock_quote, {"quote_no": quote_no})


def insert_quote(conn: Connection[Any], row: Mapping[str, Any]) -> int | None:
    """The id of the new quote; None if its number is taken."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        written = {**row, "terms": Jsonb(row["terms"])}
        quote_id: int | None = cursor.execute(_queries.insert_quote, written).fetchone()
    return quote_id


def update_quote(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what a quote is to be."""
    conn.execute(_queries.update_quote, {**row, "terms": Jsonb(row["terms"])})


def mark_state(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write how a quote ended."""
    conn.execute(_queries.mark_state, row)


def forget_prospects(conn: Connection[Any], customer_ids: Sequence[int]) -> None:
    """Empty what quotes for these customers say of people."""
    conn.execute(_queries.forget_prospects, {"customer_ids": list(customer_ids)})


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "quote_no": sql.SQL("q.quote_no = %(quote_no)s"),
    "state": sql.SQL("q.state = %(state)s"),
    "expired": sql.SQL("e.is_expired = %(expired)s"),
    "customer_no": sql.SQL("c.customer_no = %(customer_no)s"),
    "kind": sql.SQL("q.terms ->> 'kind' = %(kind)s"),
    "created_by": sql.SQL("q.created_by = (SELECT actor FROM actor_in_sight(%(created_by)s))"),
    "organisation": sql.SQL(
        "q.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), q.quote_no, q.prospect,"
        " c.customer_no, c.name))) > 0"
    ),
}
_AFTER: Final = sql.SQL("(q.created_at, q.quote_no) < (%(after_at)s, %(after_no)s)")
_LATEST_FIRST: Final = sql.SQL(" ORDER BY q.created_at DESC, q.quote_no DESC LIMIT %(limit)s")
