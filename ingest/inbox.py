"""The bounded queue between the network thread and the writer.

The network thread adds what one read of the socket brought, the writer takes batches of such
deliveries. Above its limits the network thread stops reading, so that memory stays flat and TCP,
then the broker, hold the rest. The number of messages is limited here, too: mosquitto up to 2.0.11
sends more than the session's Receive Maximum (eclipse-mosquitto/mosquitto#2301).
"""

import threading
from collections import deque

from ingest.delivery import Delivery
from kit import clock


class Inbox:
    """Messages waiting for the writer."""

    def __init__(self, *, max_bytes: int, max_messages: int) -> None:
        self._max_bytes = max_bytes
        self._max_messages = max_messages
        self._deliveries: deque[Delivery] = deque()
        self.received = 0
        """Messages ever put in."""
        self._messages = 0
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def messages(self) -> int:
        return self._messages

    @property
    def bytes(self) -> int:
        return self._bytes

    def put(self, delivery: Delivery) -> None:
        """Add messages; never blocks and never refuses (the caller asks `has_room` first)."""
        with self._changed:
            self._deliveries.append(delivery)
            self.received += len(delivery.publishes)
            self._messages += len(delivery.publishes)
            self._bytes += delivery.payload_bytes
            self._changed.notify_all()

    @property
    def oldest_us(self) -> int | None:
        """Receipt of the message that waits longest [µs since 1970]."""
        with self._changed:
            return self._deliveries[0].received_us if self._deliveries else None

    def has_room(self, *, wait_s: float) -> bool:
        """Whether more may be read, after waiting at most so long for it."""
        if self._is_within_limits:
            return True
        with self._changed:
            return self._changed.wait_for(lambda: self._is_within_limits or self._closed, wait_s)

    @property
    def _is_within_limits(self) -> bool:
        return self._bytes < self._max_bytes and self._messages < self._max_messages

    def take(
        self, *, max_messages: int, max_bytes: int, max_wait_s: float, idle_wait_s: float
    ) -> list[Delivery]:
        """The next batch: full, or as full as it got `max_wait_s` after its first delivery.

        Full means that one more delivery would exceed `max_messages` or `max_bytes`; a single
        larger delivery is a batch. Empty if nothing came within `idle_wait_s`, or it was closed.
        """
        with self._changed:
            came = self._changed.wait_for(lambda: self._messages or self._closed, idle_wait_s)
            if not came or self._closed:
                return []
            deadline = clock.monotonic() + max_wait_s
            while self._messages < max_messages and self._bytes < max_bytes and not self._closed:
                left = deadline - clock.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            batch: list[Delivery] = []
            room, room_bytes = max_messages, max_bytes
            while self._deliveries:
                delivery = self._deliveries[0]
                room -= len(delivery.publishes)
                room_bytes -= delivery.payload_bytes
                if batch and (room < 0 or room_bytes < 0):
                    break
                batch.append(self._deliveries.popleft())
                self._messages -= len(delivery.publishes)
                self._bytes -= delivery.payload_bytes
            self._changed.notify_all()
            return batch

    def close(self) -> None:
        """Wake every waiter; nothing more will be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
