"""Runs the SQL of bills as they are asked for: one function a query.

Which bills are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import dict_row

from fleet.billing.model import Bill, BillLine, Source
from fleet.billing.taking_off import LineLeft
from fleet.lease_book import LateFee
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of a bill, its vehicle, and what credit notes took off it."""

    bill_id: int
    line: BillLine
    vin: str | None
    plate: str | None
    credited_fen: int
    credited_net_fen: int
    credited_vat_fen: int

    @property
    def left(self) -> LineLeft:
        """What is left of it."""
        line = self.line
        return LineLeft(
            self.bill_id,
            line.no,
            line.kind,
            line.class_,
            line.title,
            line.amount_fen - self.credited_fen,
            line.net_fen - self.credited_net_fen,
            line.vat_fen - self.credited_vat_fen,
            line.line_no,
            line.vehicle_id,
            line.from_on,
            line.until_on,
        )


def list_bills(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[date, UUID] | None = None,
    limit: int,
) -> list[Bill]:
    """Bills in sight, those that are due last first. `filters` are of FILTERS; `after` is when the
    last one of the page before is due, and its key.
    """
    conditions = [FILTERS[name] for name in filters if name in FILTERS]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_bills), where(conditions), _LAST_DUE_FIRST])
    place = dict(zip(("after_on", "after_key"), after or (), strict=False))
    with conn.cursor(row_factory=dict_row) as cursor:
        row = {**filters, **place, "limit": limit}
        rows = cursor.execute(query, row, prepare=False).fetchall()
    return [Bill(**{**each, "late_fee": late_fee_of(each["late_fee"])}) for each in rows]


def find_bill(conn: Connection[Any], wanted: str) -> Bill | None:
    """The bill in sight with this number, or this key."""
    try:
        filters: dict[str, Any] = {"key": UUID(wanted)}
    except ValueError:
        filters = {"bill_no": wanted}
    return next(iter(list_bills(conn, filters, limit=1)), None)


def late_fee_of(kept: Mapping[str, Any] | None) -> LateFee | None:
    """A late fee as a bill keeps it, without its clause."""
    if kept is None:
        return None
    return LateFee(**{name: kept[name] for name in ("rate_per_day", "grace_days", "cap_pct")})


def list_lines(conn: Connection[Any], bill_ids: Sequence[int]) -> list[StoredLine]:
    """Lines of bills, bill by bill in their order."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_queries.list_lines, {"bill_ids": list(bill_ids)}).fetchall()
    return [_line(each) for each in rows]


def _line(row: dict[str, Any]) -> StoredLine:
    line = BillLine(
        row["no"],
        row["kind"],
        row["class"],
        row["title"],
        row["amount_fen"],
        row["net_fen"],
        row["vat_fen"],
        row["vat_pct"],
        Source(row["source_kind"], row["source_key"]),
        row["line_no"],
        row["vehicle_id"],
        row["from_on"],
        row["until_on"],
        row["basis"],
    )
    credited = (row["credited_fen"], row["credited_net_fen"], row["credited_vat_fen"])
    return StoredLine(row["bill_id"], line, row["vin"], row["plate"], *credited)


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "id": sql.SQL("b.id = %(id)s"),
    "key": sql.SQL("b.key = %(key)s"),
    "bill_no": sql.SQL("b.bill_no = %(bill_no)s"),
    "state": sql.SQL("b.state = %(state)s"),
    "kind": sql.SQL("b.kind = %(kind)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "lease_id": sql.SQL("b.lease_id = %(lease_id)s"),
    "due_from_on": sql.SQL("b.due_on >= %(due_from_on)s"),
    "due_until_on": sql.SQL("b.due_on < %(due_until_on)s"),
    "overdue_at": sql.SQL(
        "(w.open_fen > 0 AND b.due_on < (%(overdue_at)s AT TIME ZONE o.time_zone)::date)"
    ),
    "open": sql.SQL("(coalesce(w.open_fen, 0) > 0) = %(open)s"),
    "organisation": sql.SQL(
        "b.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " JOIN organisations a ON a.id = x.ancestor_id WHERE a.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), b.bill_no, l.lease_no,"
        " k.customer_no, k.name))) > 0"
    ),
}
_AFTER = sql.SQL("(b.due_on, b.key) < (%(after_on)s, %(after_key)s)")
_LAST_DUE_FIRST = sql.SQL(" ORDER BY b.due_on DESC, b.key DESC LIMIT %(limit)s")
