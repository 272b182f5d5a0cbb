"""A clock for tests of time-outs: it stands still until it is moved."""

import itertools
from datetime import datetime, timedelta
from typing import Final

from kit import clock

MINUTE: Final = timedelta(minutes=1)


class Hands:
    """Of a clock that stands still until it is moved, in a minute of its own."""

    numbers = itertools.count(2)

    def __init__(self) -> None:
        began = clock.now().replace(second=20, microsecond=0)
        self.at = began + next(self.numbers) * MINUTE

    def read(self) -> datetime:
        """What the program takes for now."""
        return self.at

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)
