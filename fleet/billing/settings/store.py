"""Runs the SQL of the settings of billing: one function a query."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from fleet.billing.settings.model import Billing, BillingSettings
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_BILLING = ("bills_from_on", "draft_days", "issue_days", "issues_itself", "seller")


def find_settings(conn: Connection[Any], organisation_id: int) -> BillingSettings | None:
    """The settings that count for an organisation in sight."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            _queries.find_settings, {"organisation_id": organisation_id}
        ).fetchone()
    if row is None:
        return None
    billing = Billing(**{name: row.pop(name) for name in _BILLING})
    return BillingSettings(**row, billing=billing)


def lock_settings(conn: Connection[Any], organisation_id: int) -> int:
    """The version of an organisation's own settings, locked until the commit; 0: it has none."""
    row = conn.execute(_queries.lock_settings, {"organisation_id": organisation_id}).fetchone()
    return 0 if row is None else int(row[0])


def insert_settings(conn: Connection[Any], row: Mapping[str, Any]) -> bool:
    """Write the first settings of an organisation; False if somebody was faster."""
    return conn.execute(_queries.insert_settings, row).rowcount == 1


def update_settings(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Write other settings of an organisation."""
    conn.execute(_queries.update_settings, row)


def look_again_below(conn: Connection[Any], organisation_id: int, *, on: date) -> None:
    """Have the leases of an organisation and of those below it looked at from a day on."""
    conn.execute(_queries.look_again_below, {"organisation_id": organisation_id, "on": on})
