"""Decides by when a violation is handled, from when it may be transferred, and what may follow.

A violation that the camera recorded is handled within so many days of its notice (违法处理程序规定
§20, §53–54 name 30; the lessor platform counts likewise, known at second hand). The owner may apply
to have it transferred to the driver of a lease more than so many days after that lease ended (the
lessor platform of 12123, known at second hand, to be checked before relying on it). Both counts are
figures. Leaves out whose it is: who held the vehicle at that minute decides that.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Literal, get_args

from fleet.violations.errors import ViolationSettled

State = Literal["open", "told", "handled", "transferred", "dropped"]
STATES: Final[tuple[State, ...]] = get_args(State)
UNSETTLED: Final[tuple[State, ...]] = ("open", "told")
"""They stand against the vehicle's inspection, 机动车登记规定 §54."""
Handler = Literal["lessee", "lessor"]
NOTICE_PROCEDURE_FROM: Final = 5
"""So many open records of one vehicle begin the notice procedure, 违法处理程序规定."""


def due_on(known_on: date, *, handle_within_days: int) -> date:
    """The last day to handle it in time; `known_on` is the day of its notice, else its own.

    >>> due_on(date(2026, 3, 1), handle_within_days=30)
    datetime.date(2026, 3, 31)
    """
    return known_on + timedelta(days=handle_within_days)


def overdue_if_known_before(today: date, *, handle_within_days: int) -> date:
    """What was known before this day is overdue today, if it is unsettled.

    >>> overdue_if_known_before(date(2026, 4, 1), handle_within_days=30)
    datetime.date(2026, 3, 2)
    """
    return today - timedelta(days=handle_within_days)


def may_transfer_from_on(ended_on: date | None, *, transfer_after_end_days: int) -> date | None:
    """The first day of more than so many days after the lease ended; 超过 leaves the number out.

    None: the lease has not ended, or there was none.

    >>> may_transfer_from_on(date(2026, 3, 1), transfer_after_end_days=30)
    datetime.date(2026, 4, 1)
    """
    if ended_on is None:
        return None
    return ended_on + timedelta(days=transfer_after_end_days + 1)


def transferable_if_ended_before(today: date, *, transfer_after_end_days: int) -> date:
    """What belongs to a lease that ended before this day may be transferred today.

    >>> transferable_if_ended_before(date(2026, 4, 1), transfer_after_end_days=30)
    datetime.date(2026, 3, 2)
    """
    return today - timedelta(days=transfer_after_end_days)


def check_unsettled(
    violation_no: str, state: State, allowed: Collection[State] = UNSETTLED
) -> None:
    """Let pass a violation that may still go on.

    Raises:
        ViolationSettled: it was handled, transferred or dropped before.
    """
    if state not in allowed:
        raise ViolationSettled(
            f"violation {violation_no} is {state}", violation_no=violation_no, state=state
        )
