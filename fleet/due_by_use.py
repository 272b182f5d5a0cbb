"""Tells how an obligation stands by how far a vehicle has run, beside the day (`fleet/due.py`).

Whichever comes first counts: the day, the kilometres or the running hours. Leaves out what is due:
`fleet/maintenance`.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from fleet.due import DueStatus, due_status

DUE_WITHIN_KM: Final = 500
"""A delivery van runs 100 to 150 km a day: some days to make an appointment with a workshop."""
DUE_WITHIN_HOURS: Final = 25
"""The same days at five to eight hours each."""

_WORSE_FIRST: Final[tuple[DueStatus, ...]] = ("overdue", "missing", "due", "ahead")


def use_status(due: Decimal | None, used: Decimal | None, *, within: int) -> DueStatus | None:
    """How an obligation stands by use: due at a figure, used so far; None if either is unknown.

    >>> use_status(Decimal(20000), Decimal(19500), within=DUE_WITHIN_KM)
    'due'
    >>> use_status(Decimal(20000), Decimal(20000), within=DUE_WITHIN_KM)
    'overdue'
    """
    if due is None or used is None:
        return None
    if used >= due:
        return "overdue"
    return "due" if due - used <= within else "ahead"


def due_status_with_use(
    due_on: date | None,
    window_from_on: date | None,
    *,
    on: date,
    due_odometer_km: Decimal | None = None,
    odometer_km: Decimal | None = None,
    due_running_hours: Decimal | None = None,
    running_hours: Decimal | None = None,
) -> DueStatus:
    """How an obligation stands by day, kilometres and hours; the worst of them.

    What is due by use alone and of which nothing is known of the use is `missing`: there is no
    record to decide from.

    >>> due_status_with_use(date(2027, 1, 1), None, on=date(2026, 5, 1),
    ...     due_odometer_km=Decimal(20000), odometer_km=Decimal(20001))
    'overdue'
    >>> due_status_with_use(None, None, on=date(2026, 5, 1), due_odometer_km=Decimal(20000))
    'missing'
    """
    known = {
        use_status(due_odometer_km, odometer_km, within=DUE_WITHIN_KM),
        use_status(due_running_hours, running_hours, within=DUE_WITHIN_HOURS),
        None if due_on is None else due_status(due_on, window_from_on, on=on),
    }
    return next((status for status in _WORSE_FIRST if status in known), "missing")
