"""The bounded queue between the network thread and the writer.

The network thread adds what one read of the socket brought, the writer takes batches. Above the
byte limit the network thread stops reading, so that memory stays flat and TCP, then the broker,
hold the rest; the message count is bounded by the session's Receive Maximum.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kit import clock

if TYPE_CHECKING:
    from ingest.subscriber import Subscriber


class Message(NamedTuple):
    """One PUBLISH as received, still to be acknowledged by its subscriber."""

    topic: bytes
    payload: bytes
    received_us: int
    """Receipt, µs since 1970."""
    retained: bool
    """The broker's stored copy, sent on subscribing; not something that happens now."""
    mid: int
    """Packet identifier to acknowledge; 0 = QoS 0, nothing to acknowledge."""
    generation: int
    """Which connection brought it; acknowledgements of an earlier one are void."""
    source: "Subscriber | None" = None


class Inbox:
    """Messages waiting for the writer."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._chunks: deque[Sequence[Message]] = deque()
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

    def put(self, messages: Sequence[Message]) -> None:
        """Add messages; never blocks and never refuses (the caller asks `has_room` first)."""
        size = sum(len(m.payload) for m in messages)
        with self._changed:
            self._chunks.append(messages)
            self._messages += len(messages)
            self._bytes += size
            self._changed.notify_all()

    def has_room(self, *, wait_s: float) -> bool:
        """Whether more may be read, after waiting at most so long for it."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._bytes < self._max_bytes or self._closed, wait_s
            )

    def take(self, *, max_messages: int, max_wait_s: float, idle_wait_s: float) -> list[Message]:
        """The next batch: full, or as full as it got `max_wait_s` after its first message.

        Empty if nothing came within `idle_wait_s`, or the inbox was closed.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._messages or self._closed, idle_wait_s):
                return []
            deadline = clock.monotonic() + max_wait_s
            while self._messages < max_messages and not self._closed:
                left = deadline - clock.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            batch: list[Message] = []
            while self._chunks and len(batch) < max_messages:
                batch.extend(self._chunks.popleft())
            surplus = batch[max_messages:]
            if surplus:
                del batch[max_messages:]
                self._chunks.appendleft(surplus)
            self._messages -= len(batch)
            self._bytes -= sum(len(m.payload) for m in batch)
            self._changed.notify_all()
            return batch

    def close(self) -> None:
        """Wake every waiter; nothing more will be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
