"""Runs the SQL of drafting and issuing bills: one function a query, many bills at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
CounterKey = tuple[int, str, int]
"""Organisation, kind, year."""


def insert_drafts(
    conn: Connection[Any], drafts: Sequence[Mapping[str, Any]], *, by: str, now: datetime
) -> dict[UUID, int]:
    """Add drafts without their lines; their ids by key."""
    row = {"drafts": _packed(drafts), "by": by, "now": now}
    return {key: int(bill_id) for bill_id, key in conn.execute(_queries.insert_drafts, row)}


def insert_lines(conn: Connection[Any], lines: Sequence[Mapping[str, Any]]) -> None:
    """Add all lines of drafts that were just added; the database has them add up."""
    conn.execute(_queries.insert_lines, {"lines": _packed(lines)})


def mark_discarded(conn: Connection[Any], bill_ids: Sequence[int], *, now: datetime) -> int:
    """Write that drafts do not hold any more; how many those were."""
    row = {"bill_ids": list(bill_ids), "now": now}
    return conn.execute(_queries.mark_discarded, row).rowcount


def customers_of(conn: Connection[Any], bill_ids: Sequence[int]) -> list[int]:
    """The customers of these bills."""
    row = {"bill_ids": list(bill_ids)}
    return [int(each) for (each,) in conn.execute(_queries.customers_of, row)]


def lock_drafts(conn: Connection[Any], bill_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Those of these bills that are drafts, locked until the commit, with what is printed of them.

    By id; whose customers are locked before, by whoever calls.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.lock_drafts, {"bill_ids": list(bill_ids)}).fetchall()


def list_sellers(
    conn: Connection[Any], organisation_ids: Sequence[int]
) -> dict[int, dict[str, str | None]]:
    """As whom organisations bill, those that do."""
    row = {"organisation_ids": list(organisation_ids)}
    return dict(conn.execute(_queries.list_sellers, row).fetchall())


def take_numbers(
    conn: Connection[Any], wanted: Mapping[CounterKey, tuple[int, int]]
) -> dict[CounterKey, int]:
    """The first of so many numbers, by organisation, kind and year; others wait until the commit.

    `wanted`: tenant and how many. Numbers of a transaction that is rolled back are given again.
    """
    rows = [
        {"organisation_id": o, "kind": kind, "year": year, "tenant_id": tenant, "wanted": count}
        for (o, kind, year), (tenant, count) in wanted.items()
    ]
    taken = conn.execute(_queries.take_numbers, {"wanted": Jsonb(rows)}).fetchall()
    last = {(int(o), str(kind), int(year)): int(no) for o, kind, year, no in taken}
    return {key: last[key] - count + 1 for key, (_tenant, count) in wanted.items()}


def mark_issued(
    conn: Connection[Any],
    issued: Sequence[tuple[int, str, date, str, bytes]],
    *,
    by: str,
    now: datetime,
) -> int:
    """Write that drafts are bills now: id, number, day, canonical text of what is printed, its
    SHA-256. How many those were.
    """
    # The texts are JSON already: quoted as texts of an array they would take longer than all else.
    rows = [
        f'{{"id":{bill_id},"bill_no":"{number}","issued_on":"{day}","sha256":"{digest.hex()}",'
        f'"snapshot":{text}}}'
        for bill_id, number, day, text, digest in issued
    ]
    packed = Jsonb(f"[{','.join(rows)}]", dumps=str)
    row = {"issued": packed, "by": by, "now": now}
    return conn.execute(_queries.mark_issued, row).rowcount


def _packed(rows: Sequence[Mapping[str, Any]]) -> Jsonb:
    return Jsonb(rows, dumps=msgspec.json.encode)
