"""Runs the SQL of what is known of many leases: one function a query."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row, dict_row

from fleet.billing.context import Reading, ReadingPoint
from fleet.billing.model import Billed, Source
from fleet.billing.settings.model import Billing
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class Standing(NamedTuple):
    """A bill of a lease that is a draft or issued."""

    lease_id: int
    id: int
    purpose: str
    state: str
    issue_on: date
    lines_sha256: bytes


class SettledLate(NamedTuple):
    """An issued bill that was settled after its grace."""

    lease_id: int
    bill_id: int
    bill_no: str
    settled_on: date
    rate_per_day: str


def list_billing(conn: Connection[Any], organisation_ids: Sequence[int]) -> dict[int, Billing]:
    """How organisations bill, those that do."""
    row = {"organisation_ids": list(organisation_ids)}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_queries.list_billing, row).fetchall()
    return {int(each.pop("id")): Billing(**each) for each in rows}


def list_billed(conn: Connection[Any], lease_ids: Sequence[int]) -> dict[int, list[Billed]]:
    """What stands on issued bills of leases by source, less what runs took off; also none."""
    found: dict[int, list[Billed]] = {}
    rows = conn.execute(_queries.list_billed, {"lease_ids": list(lease_ids)})
    for lease_id, kind, key, amount_fen, since_on in rows:
        found.setdefault(lease_id, []).append(Billed(Source(kind, key), amount_fen, since_on))
    return found


def list_purposes(conn: Connection[Any], lease_ids: Sequence[int]) -> list[Standing]:
    """The bills of leases that are drafts or issued."""
    with conn.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(_queries.list_purposes, {"lease_ids": list(lease_ids)}).fetchall()


def list_settled_late(conn: Connection[Any], lease_ids: Sequence[int]) -> list[SettledLate]:
    """Issued bills of leases with a late fee that were settled after their grace."""
    with conn.cursor(row_factory=class_row(SettledLate)) as cursor:
        row = {"lease_ids": list(lease_ids)}
        return cursor.execute(_queries.list_settled_late, row).fetchall()


def list_readings(
    conn: Connection[Any], points: Sequence[ReadingPoint]
) -> dict[ReadingPoint, Reading]:
    """The odometers at these points, those that are known."""
    row = {"vehicle_ids": [each.vehicle_id for each in points], "ats": [each.at for each in points]}
    return {
        ReadingPoint(vehicle_id, at): Reading(odometer_km, read_at, source)
        for vehicle_id, at, odometer_km, read_at, source in conn.execute(
            _queries.list_readings, row
        )
    }
