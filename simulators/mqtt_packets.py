"""The few MQTT 3.1.1 packets that a publisher sends and reads, as bytes.

Leaves out: everything a subscriber needs, QoS 2, and MQTT 5 properties, none of which a publisher
of telemetry uses. Numbers in brackets are sections of the OASIS standard.
"""

from dataclasses import dataclass
from typing import Final

CONNACK: Final = 0x20
PUBLISH_QOS1: Final = 0x32
RETAIN: Final = 0x01
DUP: Final = 0x08
PUBACK: Final = 0x40
PINGRESP: Final = 0xD0
PINGREQ_PACKET: Final = b"\xc0\x00"
DISCONNECT_PACKET: Final = b"\xe0\x00"

REFUSALS: Final = {  # [3.2.2.3]
    1: "does not speak MQTT 3.1.1",
    2: "refused the client id",
    3: "is not available",
    4: "refused the user name or password",
    5: "does not allow this user",
}


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who connects, and what the broker shall say when the connection is lost."""

    client_id: str
    username: str | None = None
    password: str | None = None
    will_topic: str | None = None
    """Published retained with QoS 1."""
    will_payload: bytes = b""


def remaining_length(count: int) -> bytes:
    """The length of the rest of a packet in 1–4 bytes [2.2.3].

    >>> remaining_length(127), remaining_length(128)
    (b'\\x7f', b'\\x80\\x01')
    """
    if count < 128:
        return bytes((count,))
    if count < 16_384:
        return bytes((count & 127 | 128, count >> 7))
    if count < 2_097_152:
        return bytes((count & 127 | 128, count >> 7 & 127 | 128, count >> 14))
    return bytes((count & 127 | 128, count >> 7 & 127 | 128, count >> 14 & 127 | 128, count >> 21))


def field(content: bytes) -> bytes:
    """A string or binary field: its length in two bytes, then itself [1.5.3]."""
    return len(content).to_bytes(2, "big") + content


def connect_packet(greeting: Greeting, keepalive_s: int) -> bytes:
    """CONNECT with a clean session: an up-link publisher keeps nothing at the broker [3.1]."""
    flags = 0x02
    rest = field(greeting.client_id.encode())
    if greeting.will_topic is not None:
        flags |= 0x04 | 0x08 | 0x20  # a will, QoS 1, retained
        rest += field(greeting.will_topic.encode()) + field(greeting.will_payload)
    if greeting.username is not None:
        flags |= 0x80
        rest += field(greeting.username.encode())
        if greeting.password is not None:
            flags |= 0x40
            rest += field(greeting.password.encode())
    body = field(b"MQTT") + bytes((4, flags)) + keepalive_s.to_bytes(2, "big") + rest
    return b"\x10" + remaining_length(len(body)) + body


def publish_packet(
    topic_field: bytes, packet_id: int, payload: bytes, *, retain: bool = False
) -> bytes:
    """PUBLISH with QoS 1; the topic comes ready as a `field` [3.3]."""
    return b"".join(
        (
            b"\x33" if retain else b"\x32",
            remaining_length(len(topic_field) + 2 + len(payload)),
            topic_field,
            packet_id.to_bytes(2, "big"),
            payload,
        )
    )


def as_duplicate(packet: bytes) -> bytes:
    """The same PUBLISH marked as sent before [3.3.1.1]."""
    return bytes((packet[0] | DUP,)) + packet[1:]
