"""Decides when an item of a maintenance plan falls due next: by day, by odometer, by hours.

Months are added to the day it was last done, else to the day the vehicle was registered, once and
never chained. Kilometres and hours are counted from what was read when it was last done, else from
nought. Leaves out how that stands today: `fleet/due_by_use.py`.
"""

from decimal import Decimal

from fleet.maintenance.model import Need, NextDue
from fleet.months import add_months


def next_due(need: Need) -> NextDue:
    """When the item is due next.

    What was done without a reading of the odometer leaves the kilometres open: from where they
    would count is not known, and a guess would be worse than the day.

    >>> from datetime import date
    >>> need = Need(1, 1, "oil", "换油", 12, 20000, None, date(2024, 2, 29), None, None, None)
    >>> due = next_due(need)
    >>> due.due_on, due.due_odometer_km, due.due_running_hours
    (datetime.date(2025, 2, 28), Decimal('20000'), None)
    """
    was_done = need.done_on is not None
    return NextDue(
        due_on=None
        if need.every_months is None
        else add_months(need.done_on or need.begun_on, need.every_months),
        due_odometer_km=_further(need.every_km, need.done_odometer_km, was_done=was_done),
        due_running_hours=_further(need.every_hours, need.done_running_hours, was_done=was_done),
    )


def _further(every: int | None, done_at: Decimal | None, *, was_done: bool) -> Decimal | None:
    if every is None or (was_done and done_at is None):
        return None
    return (done_at or Decimal(0)) + every
