"""Runs the SQL of what sheets name: one function a query."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_organisations(conn: Connection[Any], texts: Sequence[str]) -> list[tuple[str, str]]:
    """(code, name) of organisations in sight that are called so."""
    return conn.execute(_queries.find_organisations, {"texts": list(texts)}).fetchall()


def find_models(conn: Connection[Any], texts: Sequence[str]) -> list[tuple[str, str]]:
    """(code, name) of models that are called so."""
    return conn.execute(_queries.find_models, {"texts": list(texts)}).fetchall()


def find_vehicles(
    conn: Connection[Any], *, vins: Sequence[str], plates: Sequence[str]
) -> list[tuple[str, str | None, bool]]:
    """(VIN, plate, held) of vehicles in sight."""
    row = {"vins": list(vins), "plates": list(plates)}
    return conn.execute(_queries.find_vehicles, row).fetchall()


def list_held_vins(conn: Connection[Any], organisation_code: str) -> list[str]:
    """VINs of what an organisation and those below it have now."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"organisation_code": organisation_code}
        return cursor.execute(_queries.list_held_vins, row).fetchall()


def list_model_codes(conn: Connection[Any]) -> list[str]:
    """Codes of the catalogue."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_model_codes).fetchall()


def list_policy_nos(conn: Connection[Any], vins: Sequence[str]) -> list[str]:
    """Policies of some vehicles."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_policy_nos, {"vins": list(vins)}).fetchall()


def list_inspection_keys(conn: Connection[Any], vins: Sequence[str]) -> list[tuple[str, date, str]]:
    """(VIN, day, form) of the inspections of some vehicles."""
    return conn.execute(_queries.list_inspection_keys, {"vins": list(vins)}).fetchall()


def list_work_order_references(conn: Connection[Any], organisation_code: str) -> list[str]:
    """References of an organisation's own work orders."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"organisation_code": organisation_code}
        return cursor.execute(_queries.list_work_order_references, row).fetchall()
