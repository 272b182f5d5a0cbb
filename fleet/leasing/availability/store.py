"""Runs the SQL of vehicles that are free; filters, place and order are put together here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row

from fleet.leasing.availability.model import AvailableFacts, Picked
from fleet.leasing.availability.wanted import Place, Wanted
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class Asked:
    """The term as instants, what forbids a hand-over, and when that is asked."""

    from_at: datetime
    until_at: datetime | None
    blocking: Sequence[str]
    needed: Sequence[str]
    now: datetime

    def row(self, wanted: Wanted) -> dict[str, Any]:
        """All that the queries take."""
        near = wanted.near
        return {
            "from_on": wanted.from_on,
            "from_at": self.from_at,
            "until_at": self.until_at,
            "papers_on": wanted.papers_on,
            "blocking": list(self.blocking),
            "needed": list(self.needed),
            "near_lon": None if near is None else near.lon,
            "near_lat": None if near is None else near.lat,
            "radius_m": None if near is None else near.radius_m,
            "price_kind": wanted.price_kind,
            "now": self.now,
        }


def pick_available(
    conn: Connection[Any], wanted: Wanted, asked: Asked, *, after: Place | None, limit: int
) -> list[Picked]:
    """The first vehicles after a place, by VIN, or the nearest first."""
    filters = {
        name: value
        for name in ("model_code", "body_type", "min_soc_pct", "organisation", "search")
        if (value := getattr(wanted, name)) is not None
    }
    parts: list[sql.Composable] = [sql.SQL(_queries.pick_available)]
    parts += [_CONDITIONS[name] for name in filters]
    order = "vin" if wanted.near is None else "distance"
    if wanted.near is not None:
        parts.append(_WITHIN if wanted.near.radius_m is not None else _SOMEWHERE)
    row = {**asked.row(wanted), **filters, "limit": limit}
    if after is not None:
        parts.append(_AFTER[order])
        row |= {"after_m": after.distance_m, "after_vin": after.vin}
    parts.append(_IN_ORDER[order])
    with conn.cursor(row_factory=class_row(Picked)) as cursor:
        return cursor.execute(sql.Composed(parts), row, prepare=False).fetchall()


def describe_available(
    conn: Connection[Any], vehicle_ids: Sequence[int], wanted: Wanted, asked: Asked
) -> list[AvailableFacts]:
    """What else is told of these vehicles, in the order given."""
    row = {"ids": list(vehicle_ids)} | asked.row(wanted)
    with conn.cursor(row_factory=class_row(AvailableFacts)) as cursor:
        return cursor.execute(_queries.describe_available, row).fetchall()


_CONDITIONS: Final = {
    "model_code": sql.SQL(" AND m.code = %(model_code)s"),
    "body_type": sql.SQL(" AND m.body_type = %(body_type)s"),
    "min_soc_pct": sql.SQL(" AND s.soc_pct >= %(min_soc_pct)s::real"),
    "organisation": sql.SQL(
        " AND v.id IN (SELECT x.vehicle_id FROM vehicle_operators x"
        " JOIN organisation_closure b ON b.descendant_id = x.organisation_id"
        " JOIN organisations a ON a.id = b.ancestor_id"
        " WHERE a.code = %(organisation)s AND upper_inf(x.operated_period))"
    ),
    "search": sql.SQL(
        " AND position(lower(%(search)s) IN lower(concat_ws(chr(31), v.vin, v.plate, v.model))) > 0"
    ),
}
"""By the field of `Wanted`; where it is None nothing is asked."""
_SOMEWHERE: Final = sql.SQL(" AND d.distance_m IS NOT NULL")
_WITHIN: Final = sql.SQL(" AND d.distance_m <= %(radius_m)s")
_AFTER: Final = {
    "vin": sql.SQL(" AND v.vin > %(after_vin)s"),
    "distance": sql.SQL(" AND (d.distance_m, v.vin) > (%(after_m)s, %(after_vin)s)"),
}
_IN_ORDER: Final = {
    "vin": sql.SQL(" ORDER BY v.vin LIMIT %(limit)s"),
    "distance": sql.SQL(" ORDER BY d.distance_m, v.vin LIMIT %(limit)s"),
}
