"""Decides how a row of a sheet becomes a work order, and an order a row.

Leaves out what may stand in a row: `fleet/sheets` checks it first.
"""

from collections.abc import Mapping
from typing import Any, Final

from fleet.local_days import begin_of

KEPT: Final = ("reference", "vin", "kind", "state", "title", "workshop", "cost_fen")


def row_to_write(row: Mapping[str, Any], *, number: str | None, zone: str) -> dict[str, Any]:
    """The row as JSON holds it; days become their beginnings. `number` is that of a new order."""
    odometer_km, finished_on = row.get("odometer_km"), row.get("finished_on")
    instants = {
        "opened_at": begin_of(row["opened_on"], zone),
        "finished_at": None if finished_on is None else begin_of(finished_on, zone),
        "down_from_at": row.get("down_from_at"),
        "down_until_at": row.get("down_until_at"),
    }
    return {
        **{name: row.get(name) for name in KEPT},
        **{name: at and at.isoformat() for name, at in instants.items()},
        "number": number,
        "odometer_km": None if odometer_km is None else str(odometer_km),
        "finished_on": None if finished_on is None else finished_on.isoformat(),
    }
