"""Runs the SQL of a run of billing: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import Connection, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from fleet.billing.running.model import ALL, BillingFault, Claimed, Part
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_tenants(conn: Connection[Any]) -> list[int]:
    """The tenants some organisation of which bills."""
    return [int(each) for (each,) in conn.execute(_queries.list_tenants)]


def prepare_run(conn: Connection[Any]) -> None:
    """Have statements not compiled, until the commit: that takes longer than running them."""
    conn.execute(_queries.prepare_run)


def enrol(
    conn: Connection[Any],
    organisation_id: int,
    *,
    lease_id: int | None = None,
    part: Part = ALL,
    now: datetime,
) -> int:
    """Write down signed leases never looked at, of an organisation and below; how many."""
    row = {"organisation_id": organisation_id, "lease_id": lease_id, "now": now}
    row |= {"part": part.number, "parts": part.of}
    return conn.execute(_queries.enrol, row).rowcount


def list_due(
    conn: Connection[Any], organisation_id: int, *, part: Part, now: datetime
) -> list[int]:
    """Leases to look at, of an organisation and below, those of an organisation together."""
    row = {"organisation_id": organisation_id, "now": now}
    row |= {"part": part.number, "parts": part.of}
    return [int(each) for (each,) in conn.execute(_queries.list_due, row)]


def claim(conn: Connection[Any], lease_ids: Sequence[int]) -> list[Claimed]:
    """Those of these leases that nobody else is billing, ours until the commit."""
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_queries.claim, {"lease_ids": list(lease_ids)}).fetchall()


def claim_waiting(conn: Connection[Any], lease_id: int) -> Claimed | None:
    """A lease that was looked at before, ours until the commit, after whoever is billing it."""
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_queries.claim_waiting, {"lease_id": lease_id}).fetchone()


def find_lease(conn: Connection[Any], lease_no: str) -> Claimed | None:
    """A lease in sight, not locked."""
    with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_queries.find_lease, {"lease_no": lease_no}).fetchone()


def mark_looked(
    conn: Connection[Any],
    looked: Sequence[tuple[int, int, date | None, str | None]],
    *,
    now: datetime,
) -> None:
    """Write of leases up to which event they were looked at, when next, and what was wrong."""
    names = ("lease_id", "event_no", "next_on", "fault")
    rows = [dict(zip(names, each, strict=True)) for each in looked]
    packed = Jsonb(rows, dumps=msgspec.json.encode)
    conn.execute(_queries.mark_looked, {"looked": packed, "now": now})


def list_faults(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: str | None, limit: int
) -> list[BillingFault]:
    """Leases in sight that could not be billed, by number. `filters` are of FILTERS."""
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    asked = [sql.SQL(" AND "), sql.SQL(" AND ").join(conditions)] if conditions else []
    query = sql.Composed([sql.SQL(_queries.list_faults), *asked, _BY_NUMBER])
    with conn.cursor(row_factory=class_row(BillingFault)) as cursor:
        row = {**filters, "after": after, "limit": limit}
        return cursor.execute(query, row, prepare=False).fetchall()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "organisation": sql.SQL(
        "b.organisation_id IN (SELECT x.descendant_id FROM organisation_closure x"
        " JOIN organisations a ON a.id = x.ancestor_id WHERE a.code = %(organisation)s)"
    ),
}
_AFTER = sql.SQL("l.lease_no > %(after)s")
_BY_NUMBER = sql.SQL(" ORDER BY l.lease_no LIMIT %(limit)s")
