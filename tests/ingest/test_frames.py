"""The reader of MQTT frames: whatever the cuts between reads, the same messages come out."""

from collections.abc import Iterator
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from ingest.delivery import Publish
from ingest.mqtt_client import BulkClient

V5, V311 = MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311
PINGRESP = b"\xd0\x00"
TOPIC = b"v1/T1/up/telemetry"
NO_PROPERTIES = b"\x00"
EXPIRY_AND_USER_PROPERTY = b"\x0c" + b"\x02\x00\x00\x00\x3c" + b"\x26\x00\x01a\x00\x01b"


def length(number: int) -> bytes:
    """A variable byte integer."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def frame(header: int, body: bytes) -> bytes:
    return bytes([header]) + length(len(body)) + body


def publish(
    payload: bytes,
    *,
    flags: int = 0x02,
    mid: int = 7,
    properties: bytes = b"",
    topic: bytes = TOPIC,
) -> bytes:
    """A PUBLISH; flags 0x02 is QoS 1, 0x01 retained, 0x08 a second delivery."""
    identifier = mid.to_bytes(2, "big") if flags & 0x06 else b""
    body = len(topic).to_bytes(2, "big") + topic + identifier + properties + payload
    return frame(0x30 | flags, body)


class Wire:
    """A client that reads the given chunks instead of a socket, and what it made of them."""

    def __init__(self, version: MQTTProtocolVersion = V5, *, has_room: bool = True) -> None:
        self.deliveries: list[list[Publish]] = []
        self.by_paho: list[int] = []
        self.subscribed: list[int] = []
        self.chunks: Iterator[bytes] = iter(())
        self.client = BulkClient(
            self.deliveries.append,
            lambda: has_room,
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id="test",
            protocol=version,
            manual_ack=True,
        )
        self.client.on_message = self._on_message
        self.client.on_subscribe = lambda _c, _u, mid, _r, _p: self.subscribed.append(mid)
        self.client._sock = self  # type: ignore[assignment]
        self.client._sock_recv = self._receive  # type: ignore[method-assign,assignment]

    @property
    def publishes(self) -> list[Publish]:
        return [publish for delivery in self.deliveries for publish in delivery]

    def read(self, *chunks: bytes) -> list[MQTTErrorCode]:
        """What each read of the socket answered."""
        self.chunks = iter(chunks)
        return [self.client._packet_read() for _ in chunks]

    def forget_socket(self) -> None:
        self.client._sock = None

    def _receive(self, _size: int) -> bytes:
        return next(self.chunks)

    def _on_message(self, _client: Any, _userdata: Any, message: MQTTMessage) -> None:
        self.by_paho.append(message.mid)
        payload = bytes(message.payload)
        self.deliveries.append([(message._topic, payload, message.retain, message.mid)])


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.forget_socket()


def suback(version: MQTTProtocolVersion) -> bytes:
    return frame(0x90, b"\x00\x09" + (b"\x00" if version == V5 else b"") + b"\x01")


def stream(version: MQTTProtocolVersion) -> tuple[bytes, list[Publish]]:
    """Every kind of packet a broker sends, and the messages in it."""
    none = NO_PROPERTIES if version == V5 else b""
    some = EXPIRY_AND_USER_PROPERTY if version == V5 else b""
    data = b"".join(
        [
            publish(b"", mid=1, properties=none),
            publish(b"a", mid=65_535, flags=0x03, properties=some),
            PINGRESP,
            publish(b"b" * 127, mid=258, flags=0x0A, properties=none),
            publish(b"c", flags=0x00, properties=none),
            suback(version),
            publish(b"d" * 128, mid=3, flags=0x0B, properties=some),
            publish(b"e", mid=4, properties=none, topic=b""),
            PINGRESP,
            publish("车".encode(), mid=5, properties=none, topic=b"\xff"),
        ]
    )
    return data, [
        (TOPIC, b"", False, 1),
        (TOPIC, b"a", True, 65_535),
        (TOPIC, b"b" * 127, False, 258),
        (TOPIC, b"c", False, 0),
        (TOPIC, b"d" * 128, True, 3),
        (b"", b"e", False, 4),
        (b"\xff", "车".encode(), False, 5),
    ]


@pytest.mark.parametrize("version", [V5, V311], ids=["5", "3.1.1"])
def test_the_same_messages_at_every_cut(version: MQTTProtocolVersion) -> None:
    data, expected = stream(version)
    for cut in range(len(data) + 1):
        wire = Wire(version)
        codes = wire.read(*[part for part in (data[:cut], data[cut:]) if part])
        assert set(codes) == {MQTTErrorCode.MQTT_ERR_SUCCESS}, cut
        assert wire.publishes == expected, cut
        assert wire.by_paho == [0], cut  # the one of QoS 0 only
        assert wire.subscribed == [9], cut
        wire.forget_socket()


@pytest.mark.parametrize("version", [V5, V311], ids=["5", "3.1.1"])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 64])
def test_the_same_messages_in_small_reads(version: MQTTProtocolVersion, step: int) -> None:
    data, expected = stream(version)
    wire = Wire(version)
    wire.read(*[data[start : start + step] for start in range(0, len(data), step)])
    assert wire.publishes == expected
    wire.forget_socket()


@pytest.mark.parametrize("size", [0, 127, 128, 16_383, 16_384, 300_000, 2_097_152])
def test_payloads_of_every_length_of_length(wire: Wire, size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    data = publish(payload[:size], properties=NO_PROPERTIES) + PINGRESP
    for cut in (1, 2, 3, 4, 5, 6, len(data) // 2, len(data) - 3, len(data) - 2, len(data) - 1):
        wire.deliveries.clear()
        wire.read(data[:cut], data[cut:])
        assert wire.publishes == [(TOPIC, payload[:size], False, 7)], cut


def test_what_one_read_brings_is_one_delivery(wire: Wire) -> None:
    three = [publish(b"x", mid=mid, properties=NO_PROPERTIES) for mid in (1, 2, 3)]
    wire.read(b"".join(three) + three[0][:5], three[0][5:])
    assert [[mid for *_, mid in delivery] for delivery in wire.deliveries] == [[1, 2, 3], [1]]


CUT_PUBLISH = [
    pytest.param(b"\x32\x00", id="QoS 1, empty"),
    pytest.param(b"\x32\x01\x00", id="QoS 1, half a topic length"),
    pytest.param(b"\x32\x02\x00\x05", id="QoS 1, no topic"),
    pytest.param(b"\x32\x04\x00\x05ab", id="QoS 1, half a topic"),
    pytest.param(b"\x32\x03\x00\x01a", id="QoS 1, no identifier"),
    pytest.param(b"\x32\x04\x00\x01a\x00", id="QoS 1, half an identifier"),
    pytest.param(b"\x30\x00", id="QoS 0, empty"),
    pytest.param(b"\x30\x03\x00\x09a", id="QoS 0, half a topic"),
    pytest.param(b"\x34\x00", id="QoS 2, empty"),
]
OTHERS = [
    pytest.param(b"\x32\xff\xff\xff\xff\x01", id="a length of five bytes"),
    pytest.param(b"\xd0\x80\x80\x80\x80", id="a length without end"),
    pytest.param(b"\x00\x00", id="packet type 0"),
    pytest.param(b"\x36\x06\x00\x01a\x00\x07\x00", id="QoS 3"),
    pytest.param(b"\x90\x00", id="SUBACK, empty"),
    pytest.param(b"\x90\x04\x00\x01\x00\x55", id="SUBACK, a reason there is none of"),
    pytest.param(b"\x20\x00", id="CONNACK, empty"),
    pytest.param(b"\x20\x03\x00\x77\x00", id="CONNACK, a reason there is none of"),
    pytest.param(b"\x40\x00", id="PUBACK, empty"),
    pytest.param(b"\x62\x00", id="PUBREL, empty"),
    pytest.param(b"\xb0\x00", id="UNSUBACK, empty"),
]
PROPERTIES = [
    pytest.param(b"\x32\x05\x00\x01a\x00\x07", id="no property length"),
    pytest.param(b"\x32\x06\x00\x01a\x00\x07\x80", id="half a property length"),
    pytest.param(b"\x32\x06\x00\x01a\x00\x07\x05", id="properties longer than the packet"),
    pytest.param(b"\xe0\x01\x77", id="DISCONNECT, a reason there is none of"),
    pytest.param(b"\x30\x06\x00\x01a\x03\xff\x00\x00", id="QoS 0, a property there is none of"),
]


@pytest.mark.parametrize("data", [*CUT_PUBLISH, *OTHERS, *PROPERTIES])
def test_malformed_packets_are_a_protocol_error(wire: Wire, data: bytes) -> None:
    for followed_by in (b"", PINGRESP * 8):
        assert wire.read(data + followed_by) == [MQTTErrorCode.MQTT_ERR_PROTOCOL]
        assert wire.publishes == []
        wire.client.forget_unread()


@pytest.mark.parametrize("data", [*CUT_PUBLISH, *OTHERS])
def test_malformed_packets_are_a_protocol_error_in_3_1_1(data: bytes) -> None:
    wire = Wire(V311)
    assert wire.read(data + PINGRESP * 8) == [MQTTErrorCode.MQTT_ERR_PROTOCOL]
    assert wire.publishes == []
    wire.forget_socket()


def test_half_a_packet_is_forgotten_with_its_connection(wire: Wire) -> None:
    whole = publish(b"x", properties=NO_PROPERTIES)
    wire.read(whole[:6])
    wire.client.forget_unread()
    wire.read(whole)
    assert wire.publishes == [(TOPIC, b"x", False, 7)]


def test_a_closed_connection_is_told(wire: Wire) -> None:
    assert wire.read(b"") == [MQTTErrorCode.MQTT_ERR_CONN_LOST]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BlockingIOError(), MQTTErrorCode.MQTT_ERR_AGAIN),
        (ConnectionResetError(), MQTTErrorCode.MQTT_ERR_CONN_LOST),
        (TimeoutError(), MQTTErrorCode.MQTT_ERR_CONN_LOST),
    ],
    ids=["nothing there", "reset", "timed out"],
)
def test_a_failed_read_is_told(wire: Wire, error: OSError, code: MQTTErrorCode) -> None:
    def fail(_size: int) -> bytes:
        raise error

    wire.client._sock_recv = fail  # type: ignore[method-assign,assignment]
    assert wire.client._packet_read() == code


def test_nothing_is_read_without_room() -> None:
    wire = Wire(has_room=False)
    assert wire.read(b"never read") == [MQTTErrorCode.MQTT_ERR_SUCCESS]
    assert next(wire.chunks) == b"never read"
    wire.forget_socket()


def test_acknowledgements_are_one_write_in_order(wire: Wire) -> None:
    wire.client._thread = object()  # type: ignore[assignment] # as if another thread wrote
    wire.client.queue_pubacks([1, 258, 65_535])
    wire.client.queue_pubacks([])
    packets = [bytes(packet["packet"]) for packet in wire.client._out_packet]
    assert packets == [b"\x40\x02\x00\x01\x40\x02\x01\x02\x40\x02\xff\xff"]
