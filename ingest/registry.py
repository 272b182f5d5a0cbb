"""What ingest knows by heart of the registry and of latest states, shared by all writers.

Bindings are read again when the database says that they changed. The notification comes with the
commit of the change, so a batch that starts after it resolves against it; a batch already on its
way does not, which is as if it had been written just before.
"""

import threading
from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from ingest import store
from ingest.bindings import Bindings
from ingest.pipeline import Key
from kit import clock

RELOAD_EVERY_S = 60.0
"""Bindings are read again so often even if no notification came."""


class Registry:
    """Bindings and latest states in memory."""

    def __init__(self) -> None:
        self.bindings = Bindings([], [])
        self.latest: dict[int, Key | None] = {}
        """(ts, seq) of every vehicle that has a state row; None before its first sample."""
        self._lock = threading.Lock()
        self._loaded_s = float("-inf")

    def reload(self, conn: Connection[Any]) -> None:
        """Read everything anew: a connection is new, or the database found fault with a row."""
        with self._lock, conn.transaction():
            self._loaded_s = clock.monotonic()
            self.bindings = store.load_bindings(conn)
            self.latest = store.load_latest(conn)

    def refresh(self, conn: Connection[Any]) -> None:
        """Read the bindings anew if the registry has said that they changed, or now and then."""
        changed = bool(list(conn.notifies(timeout=0)))
        with self._lock:
            if not changed and clock.monotonic() - self._loaded_s < RELOAD_EVERY_S:
                return
            with conn.transaction():
                self._loaded_s = clock.monotonic()
                self.bindings = store.load_bindings(conn)

    def move_forward(self, newest: dict[int, Key], missing: Sequence[int] = ()) -> None:
        """Note what a batch does: state rows that are new now, and newer states."""
        with self._lock:
            for vehicle_id in missing:
                self.latest.setdefault(vehicle_id, None)
            for vehicle_id, key in newest.items():
                known = self.latest.get(vehicle_id)
                if known is None or known < key:
                    self.latest[vehicle_id] = key
