"""Runs the SQL of charges: one function a query.

Which charges are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from fleet.charges.model import AcceptedCharge, Charge
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_charges(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Charge]:
    """Charges in sight, the last proposed first. `filters` are of FILTERS; `after` is when the last
    one of the page before was proposed, and its key.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_charges), where(conditions), _LAST_PROPOSED_FIRST])
    place = dict(zip(("after_at", "after_key"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(Charge)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_charge(conn: Connection[Any], key: UUID) -> Charge | None:
    """The charge in sight with this key."""
    return next(iter(list_charges(conn, {"key": key}, limit=1)), None)


def insert_charge(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Add a charge; False if the same was proposed before."""
    values = {**row, "basis": Jsonb(row["basis"])}
    return conn.execute(_queries.insert_charge, values).rowcount == 1


def lock_charge(conn: Connection[Any], key: UUID) -> None:
    """Keep others from deciding on the charge until the commit."""
    conn.execute(_queries.lock_charge, {"key": key})


def mark_decided(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write what was decided."""
    conn.execute(_queries.mark_decided, row)


def list_accepted(conn: Connection[Any], lease_ids: Sequence[int]) -> list[AcceptedCharge]:
    """Charges on these leases that are to be billed, the first incurred first."""
    with conn.cursor(row_factory=class_row(AcceptedCharge)) as cursor:
        return cursor.execute(_queries.list_accepted, {"lease_ids": list(lease_ids)}).fetchall()


def mark_billed(conn: Connection[Any], keys: Sequence[str]) -> None:
    """Write that accepted charges stand on a bill."""
    conn.execute(_queries.mark_billed, {"keys": list(keys)})


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("c.key = %(key)s"),
    "lease_id": sql.SQL("c.lease_id = %(lease_id)s"),
    "states": sql.SQL("c.state = ANY (%(states)s)"),
    "source_kind": sql.SQL("c.source_kind = %(source_kind)s"),
    "source_key": sql.SQL("c.source_key = %(source_key)s"),
    "title": sql.SQL("c.title = %(title)s"),
    "state": sql.SQL("c.state = %(state)s"),
    "kind": sql.SQL("c.kind = %(kind)s"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "vin": sql.SQL("v.vin = %(vin)s"),
    "organisation": sql.SQL(
        "c.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), c.title, l.lease_no,"
        " k.customer_no, k.name, v.vin))) > 0"
    ),
}
_AFTER = sql.SQL("(c.proposed_at, c.key) < (%(after_at)s, %(after_key)s)")
_LAST_PROPOSED_FIRST = sql.SQL(" ORDER BY c.proposed_at DESC, c.key DESC LIMIT %(limit)s")
