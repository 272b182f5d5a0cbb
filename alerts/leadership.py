"""Whether it is this process's turn, as its own threads see it.

The lease is renewed by a thread of its own; when that cannot be done in time, the turn counts as
lost here before another process can have it.
"""

from typing import Any, Final

from psycopg import Connection

from alerts.scheduling import service as scheduling
from alerts.scheduling.service import Turn
from kit import clock
from kit.log import get_logger

log = get_logger("alerts")

ROLE: Final = "engine"
RENEWALS: Final = 3
"""How often a lease is renewed before it would lapse."""


class Leadership:
    """The turn of one process."""

    def __init__(self, holder: str, lease_s: float) -> None:
        self.holder = holder
        self._lease_s = lease_s
        self._turn: Turn | None = None
        self._until_s = float("-inf")

    @property
    def every_s(self) -> float:
        """How often to renew [s]."""
        return self._lease_s / RENEWALS

    @property
    def turn(self) -> Turn | None:
        """The turn while it surely is this process's."""
        return self._turn if clock.monotonic() < self._until_s else None

    def renew(self, conn: Connection[Any]) -> None:
        """Keep the turn, or take it if it is free."""
        asked_s = clock.monotonic()
        with conn.transaction():
            turn = scheduling.claim(conn, role=ROLE, holder=self.holder, lease_s=self._lease_s)
        if turn != self._turn:
            log.info("turn_taken" if turn else "turn_with_another", holder=self.holder)
        self._turn, self._until_s = turn, asked_s + self._lease_s

    def release(self, conn: Connection[Any]) -> None:
        """Give the turn back, so that another process need not wait."""
        turn, self._turn = self._turn, None
        if turn is not None:
            with conn.transaction():
                scheduling.release(conn, turn)
