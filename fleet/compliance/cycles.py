"""Counts the ages at which something recurs, in steps that change as a vehicle grows old.

Everything is counted from the day of registration, never from the time before: a late one does not
move the next. Leaves out what recurs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.figures import Intervals, PermitRules


@dataclass(frozen=True, slots=True)
class Step:
    """Every so many months until that age in months; None: from then on."""

    until_months: int | None
    every_months: int


def steps_of_intervals(intervals: Intervals) -> tuple[Step, ...]:
    """Inspection intervals, in months."""
    return tuple(
        Step(each.until_years * 12 if each.until_years is not None else None, each.every_months)
        for each in intervals
    )


def steps_of_technical(rules: PermitRules) -> tuple[Step, ...]:
    """Technical inspections of vehicles with a transport permit, in months."""
    return (
        Step(rules.old_from_months, rules.technical_months),
        Step(None, rules.technical_months_old),
    )


def ages(steps: Sequence[Step]) -> Iterator[int]:
    """The ages in months, without end; where a step ends, there is one in any case.

    The last step has no end.

    >>> from itertools import islice
    >>> list(islice(ages([Step(24, 12), Step(None, 6)]), 5))
    [12, 24, 30, 36, 42]
    >>> list(islice(ages([Step(60, 24), Step(None, 12)]), 4))
    [24, 48, 60, 72]
    """
    age = 0
    for step in steps:
        while step.until_months is None or age < step.until_months:
            age += step.every_months
            if step.until_months is not None:
                age = min(age, step.until_months)
            yield age
