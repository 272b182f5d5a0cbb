"""Runs the SQL of the parameters: one function a query."""

from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.parameters.model import DatedFigures
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_figures(
    conn: Connection[Any], name: str, *, tenant_id: int, on: date
) -> dict[str, Any] | None:
    """What the parameter holds on that day, if there is one of this name."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"name": name, "tenant_id": tenant_id, "on": on}
        found: dict[str, Any] | None = cursor.execute(_queries.find_figures, row).fetchone()
    return found


def list_figures(
    conn: Connection[Any], *, organisation_id: int | None, on: date
) -> list[DatedFigures]:
    """What every parameter holds on that day, by name."""
    with conn.cursor(row_factory=class_row(DatedFigures)) as cursor:
        row = {"organisation_id": organisation_id, "on": on}
        return cursor.execute(_queries.list_figures, row).fetchall()


def list_history(
    conn: Connection[Any], name: str, *, organisation_id: int | None
) -> list[DatedFigures]:
    """Everything that was ever written of a name, the last first."""
    with conn.cursor(row_factory=class_row(DatedFigures)) as cursor:
        row = {"name": name, "organisation_id": organisation_id}
        return cursor.execute(_queries.list_history, row).fetchall()


def is_head(conn: Connection[Any], organisation_id: int) -> bool:
    """Whether the organisation is the head of its tenant."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"organisation_id": organisation_id}
        return cursor.execute(_queries.is_head, row).fetchone() is True


def insert_figures(conn: Connection[Any], figures: DatedFigures, *, tenant_id: int) -> None:
    """Write a tenant's own figures from a day on."""
    conn.execute(
        _queries.insert_figures,
        figures.model_dump(exclude={"content", "own"})
        | {"content": Jsonb(figures.content), "tenant_id": tenant_id},
    )
