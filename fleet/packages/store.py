"""Runs the SQL of service packages: one function a query.

Which sales are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row

from fleet.packages.model import InLine, Package, SaleRow
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_package(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Add a package to the list; False if its code is taken."""
    return conn.execute(_queries.insert_package, row).rowcount == 1


def list_packages(
    conn: Connection[Any],
    *,
    organisation_id: int,
    tenant_id: int,
    code: str | None = None,
    retired: bool | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[Package]:
    """The list of an organisation by code: its own, else the head's; `after` is a code."""
    row = {
        "organisation_id": organisation_id,
        "tenant_id": tenant_id,
        "code": code,
        "retired": retired,
        "after": after,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(Package)) as cursor:
        return cursor.execute(_queries.list_packages, row).fetchall()


def mark_retired(conn: Connection[Any], package_id: int, now: datetime) -> bool:
    """Take a package off sale; False if it was, or is not the actor's."""
    return conn.execute(_queries.mark_retired, {"id": package_id, "now": now}).rowcount == 1


def insert_sale(conn: Connection[Any], row: Mapping[str, Any]) -> UUID:
    """Write a sale down; its key."""
    made = conn.execute(_queries.insert_sale, row).fetchone()
    assert made is not None
    return UUID(str(made[0]))


def list_sales(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None,
) -> list[SaleRow]:
    """Sales in sight, the last first. `filters` are of FILTERS; `after` is when the last one of the
    page before was written down, and its key.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_sales), where(conditions), _LAST_FIRST])
    place = dict(zip(("after_at", "after_key"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(SaleRow)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def list_in_lines(conn: Connection[Any], lease_ids: Sequence[int]) -> list[InLine]:
    """Which vehicles came into the lines of these leases."""
    with conn.cursor(row_factory=class_row(InLine)) as cursor:
        return cursor.execute(_queries.list_in_lines, {"lease_ids": list(lease_ids)}).fetchall()


def lock_sale(conn: Connection[Any], key: UUID) -> None:
    """Keep others from changing the sale until the commit."""
    conn.execute(_queries.lock_sale, {"key": key})


def mark_ended(conn: Connection[Any], sale_id: int, ended_on: date) -> None:
    """Write from when on a sale is over."""
    conn.execute(_queries.mark_ended, {"id": sale_id, "ended_on": ended_on})


def insert_visit(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write a visit down."""
    conn.execute(_queries.insert_visit, row)


def list_visits(conn: Connection[Any], sale_id: int) -> list[dict[str, Any]]:
    """The visits of a sale in their order, without what follows for its terms."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_visits, {"sale_id": sale_id}).fetchall()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("s.key = %(key)s"),
    "lease_ids": sql.SQL("s.lease_id = ANY (%(lease_ids)s)"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "package": sql.SQL("p.code = %(package)s"),
    "ended": sql.SQL("(s.ended_on IS NOT NULL) = %(ended)s"),
    "organisation": sql.SQL(
        "s.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), p.code, p.title, l.lease_no,"
        " k.customer_no, k.name, v.vin))) > 0"
    ),
}
_AFTER: Final = sql.SQL("(s.recorded_at, s.key) < (%(after_at)s, %(after_key)s)")
_LAST_FIRST: Final = sql.SQL(" ORDER BY s.recorded_at DESC, s.key DESC LIMIT %(limit)s")
