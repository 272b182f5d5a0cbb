"""Runs the SQL of what falls due, and of calendars.

Filters, order and the place a page begins at are put together here; such a question is planned anew
each time (`prepare=False`), with its arguments known: what is not asked for then costs nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.calendar.model import (
    Acting,
    DueCount,
    DueRow,
    DueVehicle,
    Feed,
    OpenedFeed,
)
from fleet.calendar.selection import PAPER_KINDS, DueFilter, Place
from fleet.due import DUE_WITHIN
from fleet.due_by_use import DUE_WITHIN_HOURS, DUE_WITHIN_KM
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

SILENT_AFTER: Final = timedelta(days=1)
"""A terminal that was heard since then knows the odometer better than who read it by hand."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day it is for who asks, and the figures that hold on it."""

    now: datetime
    on: date
    zone: str
    check_every_days: int


def list_due(
    conn: Connection[Any],
    wanted: DueFilter,
    day: Day,
    *,
    with_work: bool,
    after: Place | None,
    limit: int,
) -> list[DueRow]:
    """The first items after a place. `with_work`: work orders are told."""
    conditions = _conditions(wanted)
    row = _values(wanted, day, with_work=with_work) | {"limit": limit}
    if after is not None:
        conditions.append(_AFTER_NONE if after.due_on is None else _AFTER_DAY)
        row |= {f"after_{name}": part for name, part in after._asdict().items()}
    query = _asking(_WHOLE, wanted, conditions) + _IN_ORDER
    with conn.cursor(row_factory=class_row(DueRow)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def count_due(
    conn: Connection[Any], wanted: DueFilter, day: Day, *, with_work: bool
) -> list[DueCount]:
    """How many there are of each kind and status; nought is left out."""
    query = _asking(_NUMBER, wanted, _conditions(wanted)) + _BY_KIND
    row = _values(wanted, day, with_work=with_work)
    with conn.cursor(row_factory=class_row(DueCount)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def describe_vehicles(conn: Connection[Any], vehicle_ids: Sequence[int]) -> dict[int, DueVehicle]:
    """These vehicles by their number."""
    with conn.cursor(row_factory=class_row(DueVehicle)) as cursor:
        found = cursor.execute(_queries.describe_vehicles, {"ids": list(vehicle_ids)}).fetchall()
    return {each.vehicle_id: each for each in found}


def find_acting(conn: Connection[Any], organisation_id: int) -> Acting | None:
    """The organisation, if it is in sight."""
    with conn.cursor(row_factory=class_row(Acting)) as cursor:
        row = {"organisation_id": organisation_id}
        return cursor.execute(_queries.find_acting, row).fetchone()


def insert_feed(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """The key of the new calendar."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        key: UUID | None = cursor.execute(_queries.insert_feed, row).fetchone()
    assert key is not None
    return key


def list_feeds(conn: Connection[Any], *, before_id: int | None, limit: int) -> list[Feed]:
    """Calendars in sight, the newest first."""
    with conn.cursor(row_factory=class_row(Feed)) as cursor:
        row = {"before_id": before_id, "limit": limit}
        return cursor.execute(_queries.list_feeds, row).fetchall()


def find_feed(conn: Connection[Any], key: UUID) -> Feed | None:
    """The calendar with this key, if there is one in sight."""
    with conn.cursor(row_factory=class_row(Feed)) as cursor:
        return cursor.execute(_queries.find_feed, {"key": key}).fetchone()


def mark_feed_revoked(conn: Connection[Any], feed_id: int, *, now: datetime) -> None:
    """Its address leads nowhere from now on."""
    conn.execute(_queries.mark_feed_revoked, {"id": feed_id, "now": now})


def mark_feed_fetched(
    conn: Connection[Any], feed_id: int, *, now: datetime, unless_since: datetime
) -> None:
    """It was read; not noted again where that was noted since then."""
    row = {"id": feed_id, "now": now, "unless_since": unless_since}
    conn.execute(_queries.mark_feed_fetched, row)


def find_feed_by_secret(conn: Connection[Any], digest: bytes) -> OpenedFeed | None:
    """The calendar whose secret has this digest, unless it was revoked."""
    with conn.cursor(row_factory=class_row(OpenedFeed)) as cursor:
        return cursor.execute(_queries.find_feed_by_secret, {"digest": digest}).fetchone()


def _asking(columns: str, wanted: DueFilter, conditions: Sequence[sql.Composable]) -> sql.Composed:
    before, rest = _queries.due_items.split("/* columns */")
    papers, after = rest.split("/* papers */")
    parts: list[sql.Composable] = [sql.SQL(before), _COLUMNS[columns], sql.SQL(papers)]
    if wanted.of_a_time and wanted.overdue:
        within = [part for name, part in _PAPER_DAYS.items() if getattr(wanted, name) is not None]
        parts.append(_OR_MAYBE_OVERDUE.format(within=sql.SQL(" AND ").join(within)))
    parts.append(sql.SQL(after))
    if conditions:
        parts += [sql.SQL(" WHERE "), sql.SQL(" AND ").join(conditions)]
    return sql.Composed(parts)


def _conditions(wanted: DueFilter) -> list[sql.Composable]:
    conditions: list[sql.Composable] = [
        condition for name, condition in _CONDITIONS.items() if getattr(wanted, name)
    ]
    if wanted.of_a_time:
        days = [condition for name, condition in _DAYS.items() if getattr(wanted, name) is not None]
        within = sql.SQL(" AND ").join(days)
        conditions.append((_OR_OVERDUE if wanted.overdue else _WITHIN).format(within=within))
    return conditions


def _values(wanted: DueFilter, day: Day, *, with_work: bool) -> dict[str, Any]:
    return {
        "now": day.now,
        "on": day.on,
        "zone": day.zone,
        "check_every_days": day.check_every_days,
        "heard_since": day.now - SILENT_AFTER,
        "within_days": DUE_WITHIN.days,
        "within_km": DUE_WITHIN_KM,
        "within_hours": DUE_WITHIN_HOURS,
        "with_papers": wanted.wants(PAPER_KINDS),
        "with_work": with_work and wanted.wants(frozenset({"work_order"})),
        "with_care": wanted.wants(frozenset({"idle_care"})),
        "kinds": list(wanted.kinds),
        "statuses": list(wanted.statuses),
        "from_on": wanted.from_on,
        "until_on": wanted.until_on,
        "organisation_code": wanted.organisation_code,
        "search": wanted.search,
        "vehicle_id": wanted.vehicle_id,
    }


_WHOLE: Final = "whole"
_NUMBER: Final = "number"
_COLUMNS: Final = {
    _WHOLE: sql.SQL(
        ", d.vehicle_id, d.reference, d.due_on, d.due_at, d.window_from_on, d.due_odometer_km,"
        " d.odometer_km, d.due_running_hours, d.running_hours, d.facts"
    ),
    _NUMBER: sql.SQL(", count(*) AS items"),
}
_BY_KIND = sql.SQL(" GROUP BY d.kind, c.status ORDER BY d.kind, c.status")
_IN_ORDER = sql.SQL(
    " ORDER BY d.due_on NULLS FIRST, d.vehicle_id, d.kind, d.reference LIMIT %(limit)s"
)
_ITEM_AFTER: Final = (
    "(d.vehicle_id, d.kind, d.reference)"
    " > (%(after_vehicle_id)s, %(after_kind)s, %(after_reference)s)"
)
_AFTER_NONE = sql.SQL("(d.due_on IS NOT NULL OR " + _ITEM_AFTER + ")")
_AFTER_DAY = sql.SQL(
    "d.due_on >= %(after_due_on)s AND (d.due_on > %(after_due_on)s OR " + _ITEM_AFTER + ")"
)
_DAYS: Final = {
    "from_on": sql.SQL("d.due_on >= %(from_on)s"),
    "until_on": sql.SQL("d.due_on < %(until_on)s"),
}
_PAPER_DAYS: Final = {
    "from_on": sql.SQL("o.due_on >= %(from_on)s"),
    "until_on": sql.SQL("o.due_on < %(until_on)s"),
}
_OR_MAYBE_OVERDUE = sql.SQL(
    "AND (({within}) OR o.due_on IS NULL OR o.due_on < %(on)s OR o.due_at <= %(now)s"
    " OR o.due_running_hours IS NOT NULL OR o.due_odometer_km IS NOT NULL AND ("
    "s.odometer_km IS NULL OR s.ts IS NULL OR s.ts < %(heard_since)s"
    " OR s.odometer_km + 1 >= o.due_odometer_km::float8))"
)
"""What has a day that is yet to come, and by its terminal a kilometre left to drive, is neither
overdue nor missing: told apart before anything of it is reckoned."""
_WITHIN = sql.SQL("({within})")
_OR_OVERDUE = sql.SQL("({within} OR c.status IN ('missing', 'overdue'))")
_CONDITIONS: Final = {
    "vehicle_id": sql.SQL("d.vehicle_id = %(vehicle_id)s"),
    "kinds": sql.SQL("d.kind = ANY (%(kinds)s)"),
    "statuses": sql.SQL("c.status = ANY (%(statuses)s)"),
    "organisation_code": sql.SQL(
        "d.vehicle_id IN (SELECT p.vehicle_id FROM vehicle_operators p"
        " JOIN organisation_closure b ON b.descendant_id = p.organisation_id"
        " JOIN organisations a ON a.id = b.ancestor_id"
        " WHERE a.code = %(organisation_code)s AND upper_inf(p.operated_period))"
    ),
    "search": sql.SQL(
        "d.vehicle_id IN (SELECT v.id FROM vehicles v WHERE position(lower(%(search)s)"
        " IN lower(concat_ws(chr(31), v.vin, v.plate, v.model))) > 0)"
    ),
}
"""By the filter's field; where it is None or nothing, nothing is asked."""
