"""Decides on which days a sum settles a bill, where it came earlier than it is told.

It settles what was open the day it came and ever since. What was settled by others then, and is
open again (a payment bounced, a write-off was undone), it settles from when that was: on no day a
bill is settled by more than it is. That the money was there before is kept, for late fees. Leaves
out which bills are settled (`allocation.py`).
"""

from collections.abc import Sequence
from datetime import date

Moved = tuple[date, int]
"""On which day how much was settled, in fen; below zero: undone."""


def days_open(
    amount_fen: int, *, open_fen: int, since: date, moved: Sequence[Moved]
) -> list[Moved]:
    """The days on which so much of a bill, of which `open_fen` is open now, is settled.

    `moved` after `since`. Of 300 fen, 250 were settled until the 10th, when that was undone: of 200
    that came on the 2nd, 50 settle it from that day on.

    >>> from datetime import date
    >>> undone = [(date(2026, 3, 10), -250)]
    >>> found = days_open(200, open_fen=300, since=date(2026, 3, 2), moved=undone)
    >>> [(str(day), fen) for day, fen in found]
    [('2026-03-02', 50), ('2026-03-10', 150)]

    Raises:
        ValueError: it is more than is open.
    """
    if amount_fen > open_fen:
        raise ValueError("a bill is settled by what is open of it, never by more")
    by_day: dict[date, int] = {since: 0}
    for day, fen in moved:
        if day > since:
            by_day[day] = by_day.get(day, 0) + fen
    least: list[Moved] = []
    was_open = ever_since = open_fen
    for day in sorted(by_day, reverse=True):
        ever_since = min(ever_since, was_open)
        least.append((day, ever_since))
        was_open += by_day[day]
    found: list[Moved] = []
    placed = 0
    for day, can in reversed(least):
        part = min(amount_fen, can) - placed
        if part > 0:
            found.append((day, part))
            placed += part
    return found
