"""Decides how many requests may hash a password at once, so that the others still get through.

Whoever logs in holds a connection and a thread while the hash is calculated, two hashes at a time
(`fleet/sessions/passwords.py`). Without a bound, a flood of log-ins would take all of both.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from api.errors import ApiError

WAITING: Final = 16
"""Threads that may wait, of the 40 there are."""


class Turns:
    """Lets some in at once and some more wait; who comes then is sent away at once."""

    def __init__(self, at_once: int, waiting: int = WAITING) -> None:
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)

    @contextmanager
    def take(self) -> Iterator[None]:
        """One's turn.

        Raises:
            ApiError: 503, too many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise ApiError(503, "busy", headers={"Retry-After": "1"})
        try:
            with self._turns:
                yield
        finally:
            self._places.release()
