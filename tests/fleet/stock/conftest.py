"""The vehicles of `seen.py`, with the papers that the calendar's tests write."""

from ..calendar.conftest import fleet, papers

__all__ = ["fleet", "papers"]
