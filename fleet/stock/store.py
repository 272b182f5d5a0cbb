"""Runs the SQL of the stock; filters, place and order are put together here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row

from fleet.stock.model import Picked, StockFacts
from fleet.stock.selection import BlockingKind, Order, Place, StockFilter
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Law:
    """What forbids a hand-over, what every vehicle has to have, and when that is asked."""

    blocking: Sequence[BlockingKind]
    needed: Sequence[BlockingKind]
    on: date
    now: datetime

    def row(self) -> dict[str, Any]:
        return {
            "blocking": list(self.blocking),
            "needed": list(self.needed),
            "on": self.on,
            "now": self.now,
        }


def pick_stock(
    conn: Connection[Any],
    wanted: StockFilter,
    law: Law,
    *,
    order: Order,
    after: Place | None,
    limit: int,
) -> list[Picked]:
    """The first vehicles after a place, by VIN or by how long they stand, the longest first."""
    row = asdict(wanted) | law.row() | {"stages": list(wanted.stages), "limit": limit}
    parts: list[sql.Composable] = [sql.SQL(_queries.pick_stock)]
    parts += [
        condition for name, condition in _CONDITIONS.items() if getattr(wanted, name) is not None
    ]
    if after is not None:
        parts.append(_AFTER[order])
        row |= {"after_at": after.since_at, "after_vin": after.vin}
    parts.append(_IN_ORDER[order])
    with conn.cursor(row_factory=class_row(Picked)) as cursor:
        return cursor.execute(sql.Composed(parts), row, prepare=False).fetchall()


def describe_stock(conn: Connection[Any], vehicle_ids: Sequence[int], law: Law) -> list[StockFacts]:
    """What else is told of these vehicles, in the order given."""
    with conn.cursor(row_factory=class_row(StockFacts)) as cursor:
        row = {"ids": list(vehicle_ids)} | law.row()
        return cursor.execute(_queries.describe_stock, row).fetchall()


_CONDITIONS: Final = {
    "sellable": sql.SQL(
        " AND (v.id IN (SELECT f.vehicle_id FROM fit f)"
        " AND v.id NOT IN (SELECT w.vehicle_id FROM off_the_road w)"
        " AND v.id NOT IN (SELECT p.vehicle_id FROM promised p)) = %(sellable)s"
    ),
    "papers_through_on": sql.SQL(
        " AND v.id IN (SELECT f.vehicle_id FROM fit f"
        " WHERE f.papers_until_on >= %(papers_through_on)s)"
    ),
    "soc_min_pct": sql.SQL(" AND s.soc_pct >= %(soc_min_pct)s::real"),
    "model_code": sql.SQL(
        " AND v.model_id IN (SELECT m.id FROM vehicle_models m WHERE m.code = %(model_code)s)"
    ),
    "depot_code": sql.SQL(
        " AND v.depot_id IN (SELECT d.id FROM organisations d WHERE d.code = %(depot_code)s)"
    ),
    "organisation_code": sql.SQL(
        " AND v.id IN (SELECT x.vehicle_id FROM vehicle_operators x"
        " JOIN organisation_closure b ON b.descendant_id = x.organisation_id"
        " JOIN organisations a ON a.id = b.ancestor_id"
        " WHERE a.code = %(organisation_code)s AND upper_inf(x.operated_period))"
    ),
    "search": sql.SQL(
        " AND position(lower(%(search)s) IN lower(concat_ws(chr(31), v.vin, v.plate, v.model))) > 0"
    ),
}
"""By the filter's field; where it is None nothing is asked."""
_AFTER: Final = {
    "vin": sql.SQL(" AND v.vin > %(after_vin)s"),
    "since": sql.SQL(" AND (lower(g.staged_period), v.vin) > (%(after_at)s, %(after_vin)s)"),
}
_IN_ORDER: Final = {
    "vin": sql.SQL(" ORDER BY v.vin LIMIT %(limit)s"),
    "since": sql.SQL(" ORDER BY lower(g.staged_period), v.vin LIMIT %(limit)s"),
}
