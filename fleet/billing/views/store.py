"""Runs the SQL of bills as they are asked for: one function a query."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from fleet.billing.views.model import Frozen
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_frozen_bill(conn: Connection[Any], bill_no: str) -> Frozen | None:
    """What was frozen of the issued bill with this number."""
    with conn.cursor(row_factory=class_row(Frozen)) as cursor:
        return cursor.execute(_queries.find_frozen_bill, {"bill_no": bill_no}).fetchone()


def find_frozen_note(conn: Connection[Any], credit_no: str) -> Frozen | None:
    """What was frozen of the credit note with this number."""
    with conn.cursor(row_factory=class_row(Frozen)) as cursor:
        return cursor.execute(_queries.find_frozen_note, {"credit_no": credit_no}).fetchone()


def list_credit_nos(conn: Connection[Any], bill_id: int) -> list[str]:
    """The numbers of the credit notes of a bill."""
    return [str(no) for (no,) in conn.execute(_queries.list_credit_nos, {"bill_id": bill_id})]


def list_vins(conn: Connection[Any], vehicle_ids: Sequence[int]) -> dict[int, str]:
    """VINs of vehicles in sight, by id."""
    return dict(conn.execute(_queries.list_vins, {"vehicle_ids": list(vehicle_ids)}).fetchall())
