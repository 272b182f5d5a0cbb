"""Messages as they come from the broker. Pure."""

from typing import NamedTuple, Protocol

Publish = tuple[bytes, bytes, bool, int]
"""Topic, payload, retain flag, packet identifier of one message. Retained means the broker's stored
copy, sent on subscribing: not something that happens now. Identifier 0: QoS 0, no acknowledgement.
A bare tuple, because one is made for every message."""


class Source(Protocol):
    """The broker session that brought messages."""

    def ack(self, delivery: "Delivery", /) -> None:
        """Acknowledge the messages of a delivery in receive order."""


class Delivery(NamedTuple):
    """Messages that came together, still to be acknowledged by their subscriber."""

    publishes: list[Publish]
    received_us: int
    """Receipt, µs since 1970."""
    generation: int = 0
    """Which connection brought them; acknowledgements of an earlier one are void."""
    source: "Source | None" = None

    @property
    def payload_bytes(self) -> int:
        return sum(len(payload) for _, payload, _, _ in self.publishes)
