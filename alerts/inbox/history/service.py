"""Writes down what happened to alerts, for the other parts of the inbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from alerts.inbox.history import store
from alerts.inbox.history.model import Happened

__all__ = ["Happened", "write_down"]


def write_down(conn: Connection[Any], happened: Sequence[Happened], *, at: datetime) -> None:
    """Add to the history of alerts, in the order given."""
    store.insert_events(conn, happened, at=at)
