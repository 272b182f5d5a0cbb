"""Decides on which days one is reminded of something that has a due day.

Days count down: 7 is a week before the day, 0 the day, -3 three days after. One is reminded at each
offset, then once more every so many days after the last of them and the due day; and when it
becomes critical, where that is not a reminder's day anyhow. Leaves out what is due: `queries.sql`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Ladder:
    """The reminders of a rule. `offsets_days` fall, each once; `every_days` 0 = no further one."""

    offsets_days: tuple[int, ...] = ()
    every_days: int = 0
    critical_from_days: int | None = None

    def stage(self, days_left: int | None) -> int:
        """How many reminders were due by then; 0: none yet. The twin of `alert_stage` in SQL.

        >>> ladder = Ladder((7, 3, 0), every_days=30)
        >>> [ladder.stage(left) for left in (8, 7, 1, 0, -29, -30, -60)]
        [0, 1, 2, 3, 3, 4, 5]
        """
        if days_left is None:
            return 0
        passed = sum(days_left <= offset for offset in self.offsets_days)
        last = self._last
        if self.every_days > 0 and self.offsets_days and days_left < last:
            passed += (last - days_left) // self.every_days
        return passed

    def days_of(self, stage: int) -> int:
        """With how many days left a stage is reached, from 1 on.

        >>> [Ladder((7, 3, 0), every_days=30).days_of(stage) for stage in (1, 2, 3, 4, 5)]
        [7, 3, 0, -30, -60]

        Raises:
            ValueError: there is no such stage.
        """
        if 1 <= stage <= len(self.offsets_days):
            return self.offsets_days[stage - 1]
        if stage < 1 or self.every_days <= 0 or not self.offsets_days:
            raise ValueError(f"there is no stage {stage}")
        return self._last - self.every_days * (stage - len(self.offsets_days))

    def is_critical(self, days_left: int | None) -> bool:
        """Whether so few days are left that it is critical."""
        critical = self.critical_from_days
        return days_left is not None and critical is not None and days_left <= critical

    def crossed(self, then: int | None, now: int | None, *, most: int) -> list[int]:
        """The days on which one was to be reminded between two days left, the first first.

        `then` None: never before. Of more than `most` the last. The day it becomes critical counts
        if it comes after the first reminder.

        >>> inspection = Ladder((30, 14, 7, 3, 1, 0), every_days=7, critical_from_days=-1)
        >>> inspection.crossed(3, -8, most=99)
        [1, 0, -1, -7]
        >>> inspection.crossed(None, 20, most=99), inspection.crossed(14, 14, most=99)
        ([30], [])
        """
        if now is None:
            return []
        last = self.stage(now)
        first = 1 if then is None else self.stage(then) + 1
        days = {self.days_of(stage) for stage in range(max(first, last - most + 1), last + 1)}
        if last and self.is_critical(now) and not self.is_critical(then):
            critical = self.critical_from_days
            if critical is not None and critical < self.offsets_days[0]:
                days.add(critical)
        return sorted(days, reverse=True)[-most:]

    def next_days(self, days_left: int) -> int | None:
        """How many days are left at the next reminder; None: there is no further one.

        >>> Ladder((7, 3, 0), every_days=30).next_days(5)
        3
        >>> Ladder((7, 3, 0)).next_days(-1) is None
        True
        """
        stage = self.stage(days_left)
        ahead = [] if stage >= self._most_stages else [self.days_of(stage + 1)]
        critical = self.critical_from_days
        if critical is not None and stage and critical < min(days_left, self.offsets_days[0]):
            ahead.append(critical)
        return max(ahead, default=None)

    @property
    def _last(self) -> int:
        """From how many days left on further reminders are counted."""
        return min(0, self.offsets_days[-1])

    @property
    def _most_stages(self) -> float:
        return float("inf") if self.every_days > 0 else len(self.offsets_days)


def next_reminder_on(due_on: date, today: date, ladder: Ladder) -> date | None:
    """The day of the next reminder after today; None: there is no further one.

    >>> ladder = Ladder((30, 14, 7), every_days=7)
    >>> str(next_reminder_on(date(2026, 11, 30), date(2026, 11, 21), ladder))
    '2026-11-23'
    """
    days = ladder.next_days((due_on - today).days)
    return None if days is None else due_on - timedelta(days=days)


def steps_taken(steps: Sequence[float], remaining: float | None) -> int:
    """How many steps a falling figure has reached: kilometres left, or what is left of a share.

    >>> steps_taken((1_000, 500, 0), 480.5), steps_taken((1_000, 500, 0), None)
    (2, 0)
    """
    return 0 if remaining is None else sum(remaining <= step for step in steps)
