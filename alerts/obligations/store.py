"""Runs the SQL of a sweep: one function a step. Its tables are temporary, of the transaction.

They begin empty, and statements are planned for what they hold (`prepare=False`).
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from alerts.obligations.model import Asked, Due, NoLonger
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

SOC_KNOWN_FOR: Final = timedelta(days=7)
"""As in the list of idle vehicles: what a silent terminal said last is no ground for anything."""
CLEAR_ABOVE_PCT: Final = 5.0
"""How far above the warning a charge is well again; a battery at rest flickers around a figure."""
_DUE: Final = {
    "rent_due": _queries.due_bills,
    "deposit_unpaid": _queries.due_bills,
    "inspection_due": _queries.due_papers,
    "compulsory_insurance": _queries.due_papers,
    "commercial_insurance": _queries.due_papers,
    "permit_due": _queries.due_papers,
    "service_life": _queries.due_papers,
    "battery_test_due": _queries.due_papers,
    "insurance_gap": _queries.due_gaps,
    "maintenance_due": _queries.due_maintenance,
    "lease_ending": _queries.due_leases,
    "use_after_expiry": _queries.due_returns,
    "contract_changed": _queries.due_contracts,
    "work_order_late": _queries.due_work,
    "idle_care": _queries.due_care,
    "mileage_allowance": _queries.due_mileage,
}
"""What finds each kind of rule its items; some find several."""


def ask(
    conn: Connection[Any],
    asked: Sequence[Asked],
    kinds: Collection[str],
    *,
    ahead_days: int = 0,
    now: datetime,
) -> None:
    """Begin a sweep by these rules, looking so many days further ahead than reminders do."""
    conn.execute(_queries.make_fit)
    conn.execute(_queries.make_sweep_asked)
    conn.execute(_queries.make_sweep_scopes)
    conn.execute(_queries.make_sweep_items)
    conn.execute(_queries.make_sweep_told)
    conn.execute(_queries.empty_sweep)
    rules = Jsonb([asdict(each) for each in asked])
    row = {"rules": rules, "kinds": list(kinds), "ahead_days": ahead_days, "now": now}
    conn.execute(_queries.ask, row, prepare=False)
    conn.execute(_queries.analyze_sweep_asked)
    if scoped := [asdict(each) for each in asked if each.scoped]:
        conn.execute(_queries.ask_scopes, {"rules": Jsonb(scoped)}, prepare=False)
        conn.execute(_queries.analyze_sweep_scopes)


def gather(conn: Connection[Any], kinds: Collection[str], *, now: datetime) -> None:
    """Find all that is due by the rules that are asked for: one statement a source."""
    row = {
        "now": now,
        "known_since": now - SOC_KNOWN_FOR,
        "clear_above_pct": CLEAR_ABOVE_PCT,
    }
    for query in dict.fromkeys(_DUE[kind] for kind in kinds):
        conn.execute(query, row, prepare=False)
    conn.execute(_queries.analyze_sweep_items)


def find_due(conn: Connection[Any]) -> list[Due]:
    """What was gathered and is to be told: which of all first, then what is said of the few."""
    conn.execute(_queries.pick_due, prepare=False)
    conn.execute(_queries.analyze_sweep_told)
    with conn.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_queries.find_due, prepare=False).fetchall()


def find_gone(conn: Connection[Any], kinds: Collection[str]) -> list[NoLonger]:
    """Alerts of these kinds of which nothing was gathered."""
    with conn.cursor(row_factory=class_row(NoLonger)) as cursor:
        return cursor.execute(_queries.find_gone, {"kinds": list(kinds)}, prepare=False).fetchall()


def list_items(conn: Connection[Any], *, limit: int) -> list[Due]:
    """All that was gathered, the first due first."""
    with conn.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_queries.list_items, {"limit": limit}, prepare=False).fetchall()


def list_below(conn: Connection[Any], organisation_id: int) -> list[int]:
    """The organisation and those below it, as far as they are in sight."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_below, {"organisation_id": organisation_id}).fetchall()
