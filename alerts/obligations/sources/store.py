"""Runs the SQL that finds what falls due: one statement a source, into the tables of a sweep.

Those are temporary and begin empty: statements are planned for what they hold (`prepare=False`).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

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
