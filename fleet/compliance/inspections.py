"""Decides until when an inspection (机动车检验) is valid, and which months come next.

The printed month always wins; what is counted here only predicts the next one. It is counted from
the month of registration each time: neither an early nor a late inspection moves it. A vehicle is
valid to the last day of the month. Leaves out which class a vehicle is of (`classes.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal

from fleet.compliance.cycles import ages, steps_of_intervals
from fleet.compliance.model import Inspection
from fleet.figures import Intervals
from fleet.months import add_months, month_end

DueForm = Literal["line", "sticker"]
"""line: the vehicle goes on the inspection line; sticker: a mark is asked for, and no visit."""


@dataclass(frozen=True, slots=True)
class DueMonth:
    """A month whose last day is `due_on`, and what is to be done by then."""

    due_on: date
    form: DueForm


def month_text(day: date) -> str:
    """The month as a licence prints it, in ISO order.

    >>> month_text(date(2026, 5, 31))
    '2026-05'
    """
    return f"{day.year:04d}-{day.month:02d}"


def predict(
    registered_on: date, intervals: Intervals, *, after_on: date | None = None, count: int
) -> list[DueMonth]:
    """The next so many months after a day, from the month of registration on.

    >>> from fleet.figures import Interval
    >>> goods = (Interval(until_years=10, every_months=12), Interval(every_months=6))
    >>> [str(m.due_on) for m in predict(date(2024, 2, 29), goods, count=2)]
    ['2025-02-28', '2026-02-28']
    >>> [str(m.due_on) for m in predict(
    ...     date(2019, 5, 10), goods, after_on=date(2028, 5, 31), count=2)]
    ['2029-05-31', '2029-11-30']
    """
    return list(islice(_months(registered_on, intervals, after_on or registered_on), count))


def is_predicted(valid_to_on: date, registered_on: date, intervals: Intervals) -> bool:
    """Whether the printed month is one of those counted from the month of registration.

    >>> from fleet.figures import Interval
    >>> is_predicted(date(2023, 8, 31), date(2019, 5, 10), (Interval(every_months=12),))
    False
    """
    before = valid_to_on.replace(day=1) - timedelta(days=1)
    return predict(registered_on, intervals, after_on=before, count=1)[0].due_on == valid_to_on


def next_valid_to(
    registered_on: date,
    intervals: Intervals,
    *,
    inspected_on: date,
    valid_to_on: date | None,
    window_months: int,
) -> date:
    """The last day of the month a pass on that day is expected to print.

    `valid_to_on` is what was printed before it. In its window: the month after that one. Before its
    window: the same, nothing is gained. Late: no source says; the first month after the inspection.
    Not known what was printed: as if it had been on time.

    >>> from fleet.figures import Interval
    >>> goods = (Interval(until_years=10, every_months=12), Interval(every_months=6))
    >>> str(next_valid_to(date(2019, 5, 10), goods, inspected_on=date(2026, 3, 1),
    ...                   valid_to_on=date(2026, 5, 31), window_months=3))
    '2027-05-31'
    """
    here = month_end(inspected_on)
    if valid_to_on is None:
        before = here.replace(day=1) - timedelta(days=1)
        valid_to_on = predict(registered_on, intervals, after_on=before, count=1)[0].due_on
    if inspected_on < window_from_on(valid_to_on, window_months):
        return valid_to_on
    return predict(registered_on, intervals, after_on=max(valid_to_on, here), count=1)[0].due_on


def window_from_on(valid_to_on: date, months: int) -> date:
    """The first day of so many months, that of expiry the last of them (登记规定 §54).

    >>> window_from_on(date(2027, 5, 31), 3)
    datetime.date(2027, 3, 1)
    """
    return add_months(valid_to_on.replace(day=1), 1 - months)


def overdue_from_on(valid_to_on: date) -> date:
    """The first day it is not valid any more.

    >>> overdue_from_on(date(2026, 5, 31))
    datetime.date(2026, 6, 1)
    """
    return valid_to_on + timedelta(days=1)


def missed_cycles(valid_to_on: date, registered_on: date, intervals: Intervals, *, on: date) -> int:
    """How many whole cycles went by without a pass since it expired.

    >>> from fleet.figures import Interval
    >>> yearly = (Interval(every_months=12),)
    >>> missed_cycles(date(2023, 5, 31), date(2019, 5, 10), yearly, on=date(2026, 5, 31))
    2
    >>> missed_cycles(date(2023, 5, 31), date(2019, 5, 10), yearly, on=date(2026, 6, 1))
    3
    """
    missed = 0
    for month in _months(registered_on, intervals, valid_to_on):
        if month.due_on >= on:
            break
        missed += 1
    return missed


def scrap_risk_from_on(
    valid_to_on: date, registered_on: date, intervals: Intervals, *, cycles: int
) -> date:
    """The first day on which that many cycles have gone by without a pass (强制报废标准规定).

    >>> from fleet.figures import Interval
    >>> scrap_risk_from_on(date(2023, 5, 31), date(2019, 5, 10), (Interval(every_months=12),),
    ...                    cycles=3)
    datetime.date(2026, 6, 1)
    """
    last = predict(registered_on, intervals, after_on=valid_to_on, count=cycles)[-1]
    return overdue_from_on(last.due_on)


def last_pass(inspections: Sequence[Inspection], *, on: date) -> Inspection | None:
    """What tells until when it is valid: the last pass by that day, read off the licence or not.

    Of one day, what was read off the licence wins; then the later month.
    """
    passed = [each for each in _done(inspections, on) if each.valid_to_on is not None]
    return max(passed, key=_rank, default=None)


def last_failure(inspections: Sequence[Inspection], *, on: date) -> Inspection | None:
    """The last inspection by that day if it was failed and none was passed since."""
    failed = [each for each in _done(inspections, on) if each.valid_to_on is None]
    last = max(failed, key=_rank, default=None)
    passed = last_pass(inspections, on=on)
    if last is not None and passed is not None and passed.inspected_on >= last.inspected_on:
        return None
    return last


def _done(inspections: Sequence[Inspection], on: date) -> list[Inspection]:
    return [each for each in inspections if each.inspected_on <= on]


def _rank(inspection: Inspection) -> tuple[date, bool, date]:
    return (
        inspection.inspected_on,
        inspection.form == "printed",
        inspection.valid_to_on or date.min,
    )


def _months(registered_on: date, intervals: Intervals, after_on: date) -> Iterator[DueMonth]:
    """The months after a day, without end."""
    for age in ages(steps_of_intervals(intervals)):
        due_on = month_end(add_months(registered_on, age))
        if due_on > after_on:
            yield DueMonth(due_on, _form(intervals, age))


def _form(intervals: Intervals, age_months: int) -> DueForm:
    for step in intervals:
        if step.until_years is None or age_months <= step.until_years * 12:
            years = step.line_at_years
            if years is None or any(age_months == year * 12 for year in years):
                return "line"
            return "sticker"
    return "line"
