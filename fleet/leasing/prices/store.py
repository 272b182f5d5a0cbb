"""Runs the SQL of the list of rents: one function a query."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from fleet.leasing.model import ListPrice
from fleet.leasing.terms import LeaseKind
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_price(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """A model is let for this by the list, from a day on."""
    conn.execute(_queries.insert_price, row)


def list_prices(
    conn: Connection[Any],
    *,
    organisation_id: int,
    tenant_id: int,
    on: date,
    model_ids: Sequence[int] | None = None,
    lease_kind: LeaseKind | None = None,
    after: tuple[str, str, str] | None = None,
    limit: int | None = None,
) -> list[ListPrice]:
    """The list of an organisation in force on a day, by model: its own prices, else the head's.

    `after`: model code, kind and unit of the last one of the page before.
    """
    row = {
        "organisation_id": organisation_id,
        "tenant_id": tenant_id,
        "on": on,
        "model_ids": None if model_ids is None else list(model_ids),
        "lease_kind": lease_kind,
        "limit": limit,
        **dict(zip(("after_code", "after_kind", "after_per"), after or (None,) * 3, strict=True)),
    }
    with conn.cursor(row_factory=class_row(ListPrice)) as cursor:
        return cursor.execute(_queries.list_prices, row).fetchall()
