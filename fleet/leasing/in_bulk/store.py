"""Runs the SQL of leases as rows of sheets: one function a query, many rows each."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.leasing.in_bulk.crossings import Taken
from fleet.leasing.in_bulk.rows import KnownLine
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_known_lines(
    conn: Connection[Any], references: Sequence[str], *, own_id: int | None
) -> list[KnownLine]:
    """Lines of leases in sight by the leases' numbers; those of `own_id` first."""
    with conn.cursor(row_factory=class_row(KnownLine)) as cursor:
        row = {"references": list(references), "own_id": own_id}
        return cursor.execute(_queries.list_known_lines, row).fetchall()


def list_taken_references(conn: Connection[Any], references: Sequence[str]) -> set[str]:
    """Those of the references that leases in sight have."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"references": list(references)}
        return set(cursor.execute(_queries.list_taken_references, row).fetchall())


def list_taken(conn: Connection[Any], vins: Sequence[str]) -> list[Taken]:
    """For which times vehicles are promised or held."""
    with conn.cursor(row_factory=class_row(Taken)) as cursor:
        return cursor.execute(_queries.list_taken, {"vins": list(vins)}).fetchall()


def list_came_at(conn: Connection[Any], vins: Sequence[str]) -> dict[str, datetime]:
    """Since when whoever has a vehicle has it, by VIN, where somebody else had it before."""
    return dict(conn.execute(_queries.list_came_at, {"vins": list(vins)}).fetchall())


def list_lease_keys(conn: Connection[Any], organisation_code: str) -> list[tuple[str, str]]:
    """(reference, VIN) of the lines of leases that run or are signed."""
    row = {"organisation_code": organisation_code}
    return conn.execute(_queries.list_lease_keys, row).fetchall()
