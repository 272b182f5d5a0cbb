"""The messages of one connection that the broker has not acknowledged yet.

Decides packet ids, what is sent again after a reconnect and what carries the DUP flag; counts.
Leaves out: sockets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from simulators.mqtt_packets import as_duplicate, publish_packet

_MAX_PACKET_ID: Final = 65_535


@dataclass(slots=True)
class Statistics:
    """Counts since the start; status messages are not counted."""

    published: int = 0
    """Messages handed to the publisher."""
    acknowledged: int = 0
    """Of these, those the broker took over; never one twice."""
    retransmitted: int = 0
    """Sent again after a reconnect."""
    reconnects: int = 0
    """Connections won back after they were lost."""

    @property
    def unacknowledged(self) -> int:
        return self.published - self.acknowledged


class Pending(NamedTuple):
    """A message not yet acknowledged; `key` is None for a status message."""

    packet: bytes
    key: bytes | None


class InFlight:
    """A window of messages, in the order they were published."""

    def __init__(
        self, window: int, statistics: Statistics, on_acknowledged: Callable[[bytes], None]
    ) -> None:
        self._window = window
        self._statistics = statistics
        self._on_acknowledged = on_acknowledged
        self._pending: dict[int, Pending] = {}
        self._never_sent: set[int] = set()
        self._packet_id = 0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def has_room(self) -> bool:
        return len(self._pending) < self._window

    def add(
        self, topic_field: bytes, payload: bytes, key: bytes | None, *, retain: bool, sent: bool
    ) -> bytes:
        """Take a message over and give its packet; `sent` = it goes to the socket now."""
        packet_id = self._packet_id % _MAX_PACKET_ID + 1
        while packet_id in self._pending:
            packet_id = packet_id % _MAX_PACKET_ID + 1
        self._packet_id = packet_id
        packet = publish_packet(topic_field, packet_id, payload, retain=retain)
        self._pending[packet_id] = Pending(packet, key)
        if not sent:
            self._never_sent.add(packet_id)
        return packet

    def acknowledge(self, packet_id: int) -> None:
        """The broker has it. An id not in flight is an answer to something counted before."""
        pending = self._pending.pop(packet_id, None)
        if pending is not None and pending.key is not None:
            self._statistics.acknowledged += 1
            if pending.key:
                self._on_acknowledged(pending.key)

    def resend(self) -> list[bytes]:
        """The packets for a new connection: all of them, DUP where it may have been sent."""
        packets = []
        for packet_id, pending in self._pending.items():
            if packet_id in self._never_sent:
                packets.append(pending.packet)
            else:
                packets.append(as_duplicate(pending.packet))
                self._statistics.retransmitted += pending.key is not None
        self._never_sent.clear()
        return packets
