"""What the writers of a process share, and how they take batches: one at a time, with a ticket."""

import threading

from ingest.delivery import Delivery
from ingest.inbox import Inbox
from ingest.metrics import Metrics
from ingest.registry import Registry
from ingest.turns import Turns
from kit.settings import Settings

BATCH_BYTES = 2 * 1024 * 1024
"""Of payload. A sample at work takes six times its bytes, and a backlog has 1,000 in a message."""
IDLE_WAIT_S = 0.5


class Work:
    """The inbox, the turns, and what is known by heart."""

    def __init__(self, settings: Settings, inbox: Inbox, metrics: Metrics) -> None:
        self.settings = settings
        self.inbox = inbox
        self.metrics = metrics
        self.registry = Registry()
        self.turns = Turns()
        self.stopping = threading.Event()
        self._taking = threading.Lock()

    def take(self) -> tuple[int, list[Delivery]]:
        """The next batch with its ticket; empty when there is none."""
        with self._taking:
            if self.stopping.is_set():
                return -1, []
            deliveries = self.inbox.take(
                max_messages=self.settings.batch_messages,
                max_bytes=BATCH_BYTES,
                max_wait_s=self.settings.batch_ms / 1000,
                idle_wait_s=IDLE_WAIT_S,
            )
            return (self.turns.draw(), deliveries) if deliveries else (-1, [])
