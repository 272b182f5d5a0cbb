"""Runs the SQL that reads work orders.

Which orders are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from psycopg import Connection, sql
from psycopg.rows import class_row

from fleet.work_orders.model import Check, Event, Line, WorkOrder
from fleet.work_orders.states import UNFINISHED
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Shape = TypeVar("Shape")


def list_work_orders(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[WorkOrder]:
    """Orders in sight, the last opened first. `filters` are of FILTERS; `after` is when the last
    one of the page before was opened, and its number.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed(
        [sql.SQL(_queries.list_work_orders), where(conditions), _LAST_OPENED_FIRST]
    )
    place = dict(zip(("after_at", "after_number"), after or (), strict=False))
    row = {**filters, **place, "unfinished": sorted(UNFINISHED), "limit": limit}
    with conn.cursor(row_factory=class_row(WorkOrder)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def find_work_order(conn: Connection[Any], number: str) -> WorkOrder | None:
    """The order in sight with this number."""
    return next(iter(list_work_orders(conn, {"number": number}, limit=1)), None)


def list_events(conn: Connection[Any], order_id: int) -> list[Event]:
    """How an order went on, from its opening."""
    return _of_order(conn, _queries.list_events, Event, order_id)


def list_lines(conn: Connection[Any], order_id: int) -> list[Line]:
    """The lines of an order, struck ones too."""
    return _of_order(conn, _queries.list_lines, Line, order_id)


def list_checks(conn: Connection[Any], order_id: int) -> list[Check]:
    """Each step of an order as it was done last."""
    return _of_order(conn, _queries.list_checks, Check, order_id)


def list_down_spans(
    conn: Connection[Any],
    vehicle_id: int,
    *,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
) -> list[tuple[datetime, datetime]]:
    """When the vehicle was off the road within [from_at, until_at), by orders in sight."""
    row = {"vehicle_id": vehicle_id, "from_at": from_at, "until_at": until_at, "now": now}
    return conn.execute(_queries.list_down_spans, row).fetchall()


def _of_order(conn: Connection[Any], query: Any, shape: type[Shape], order_id: int) -> list[Shape]:
    with conn.cursor(row_factory=class_row(shape)) as cursor:
        return cursor.execute(query, {"work_order_id": order_id}).fetchall()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "number": sql.SQL("w.number = %(number)s"),
    "vehicle_id": sql.SQL("w.vehicle_id = %(vehicle_id)s"),
    "vin": sql.SQL("v.vin = %(vin)s"),
    "state": sql.SQL("w.state = %(state)s"),
    "finished": sql.SQL("(w.state = ANY (%(unfinished)s)) <> %(finished)s"),
    "kind": sql.SQL("w.kind = %(kind)s"),
    "priority": sql.SQL("w.priority = %(priority)s"),
    "assignee": sql.SQL("a.login = %(assignee)s"),
    "organisation": sql.SQL(
        "w.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "due_before_on": sql.SQL("w.due_on < %(due_before_on)s"),
    "overdue_on": sql.SQL("(w.due_on < %(overdue_on)s AND w.state = ANY (%(unfinished)s))"),
    "down": sql.SQL(
        "(w.down_from_at IS NOT NULL AND w.down_until_at IS NULL"
        " AND w.state = ANY (%(unfinished)s)) = %(down)s"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), w.number, w.title, w.reference,"
        " w.workshop, v.vin, CASE WHEN h.is_held THEN v.plate END))) > 0"
    ),
}
_AFTER = sql.SQL("(w.opened_at, w.number) < (%(after_at)s, %(after_number)s)")
_LAST_OPENED_FIRST = sql.SQL(" ORDER BY w.opened_at DESC, w.number DESC LIMIT %(limit)s")
