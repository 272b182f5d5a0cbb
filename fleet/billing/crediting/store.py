"""Runs the SQL of credit notes: one function a query.

Which notes are asked for and where a page begins is put together here; such a question is planned
anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from fleet.billing.crediting.model import CreditNote, CreditNoteLine
from fleet.billing.model import Source
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_notes(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[CreditNote]:
    """Credit notes in sight, the last issued first. `filters` are of FILTERS; `after` is when the
    last one of the page before was issued, and its key.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_notes), where(conditions), _LAST_ISSUED_FIRST])
    place = dict(zip(("after_at", "after_key"), after or (), strict=False))
    with conn.cursor(row_factory=class_row(CreditNote)) as cursor:
        row = {**filters, **place, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


def find_note(conn: Connection[Any], credit_no: str) -> CreditNote | None:
    """The credit note in sight with this number."""
    return next(iter(list_notes(conn, {"credit_no": credit_no}, limit=1)), None)


def list_note_lines(conn: Connection[Any], note_id: int) -> list[CreditNoteLine]:
    """The lines of a credit note."""
    with conn.cursor(row_factory=class_row(CreditNoteLine)) as cursor:
        return cursor.execute(_queries.list_note_lines, {"note_id": note_id}).fetchall()


def find_digest(conn: Connection[Any], note_id: int) -> bytes:
    """The SHA-256 of what was frozen of a credit note."""
    row = conn.execute(_queries.find_note_digest, {"note_id": note_id}).fetchone()
    assert row is not None
    return bytes(row[0])


def lock_bill(conn: Connection[Any], bill_id: int) -> dict[str, Any] | None:
    """An issued bill, locked until the commit; whose customer is locked before."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.lock_bill, {"bill_id": bill_id}).fetchone()


def list_bills_of_sources(
    conn: Connection[Any], lease_id: int, sources: Sequence[Source]
) -> list[int]:
    """The ids of issued bills of a lease on which these sources stand."""
    row = {
        "lease_id": lease_id,
        "kinds": [source.kind for source in sources],
        "keys": [source.key for source in sources],
    }
    return [int(bill_id) for (bill_id,) in conn.execute(_queries.list_bills_of_sources, row)]


def insert_note(conn: Connection[Any], row: Mapping[str, Any]) -> int:
    """Add a credit note without its lines; its id."""
    made = conn.execute(_queries.insert_note, row).fetchone()
    assert made is not None
    return int(made[0])


def insert_note_lines(
    conn: Connection[Any], about: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> None:
    """Add all lines of a credit note; the database has them add up. `about`: note_id, tenant_id,
    organisation_id, bill_id.
    """
    row = {**about, "lines": Jsonb(lines, dumps=msgspec.json.encode)}
    conn.execute(_queries.insert_note_lines, row)


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "credit_no": sql.SQL("n.credit_no = %(credit_no)s"),
    "bill_id": sql.SQL("n.bill_id = %(bill_id)s"),
    "bill": sql.SQL("b.bill_no = %(bill)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "issued_from_on": sql.SQL("n.issued_on >= %(issued_from_on)s"),
    "issued_until_on": sql.SQL("n.issued_on < %(issued_until_on)s"),
    "organisation": sql.SQL(
        "n.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " JOIN organisations a ON a.id = x.ancestor_id WHERE a.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), n.credit_no, b.bill_no,"
        " l.lease_no, k.customer_no, k.name))) > 0"
    ),
}
_AFTER = sql.SQL("(n.issued_at, n.key) < (%(after_at)s, %(after_key)s)")
_LAST_ISSUED_FIRST = sql.SQL(" ORDER BY n.issued_at DESC, n.key DESC LIMIT %(limit)s")
