"""The MQTT client library, set up and sped up; with `subscriber.py` its only importer.

`BulkClient` replaces two inner steps of the pinned paho: reading (paho makes four system calls
and builds a Properties object for every message) and acknowledging (one system call a message).
Everything else, from CONNECT over keep-alive and TLS to reconnecting, stays paho's. ADR 0002 has
the figures.
"""

import struct
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MalformedPacket
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.delivery import Publish
from kit import clock
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

READ_BYTES = 64 * 1024
"""A larger buffer would be mapped and unmapped by the system at every read."""
_PUBLISH_QOS_1 = 0x32
_TYPE_AND_QOS = 0xF6
_PUBACK = struct.Struct("!HH")
_PUBACK_HEADER = 0x4002
VERSION_TOPIC = "$SYS/broker/version"
DROPPED_TOPIC = "$SYS/broker/publish/messages/dropped"
"""Where mosquitto says how many messages it has dropped since it started."""


class MalformedStream(Exception):
    """The broker sent bytes that are not MQTT."""


class BulkClient(paho.Client):
    """A paho client that reads many packets a system call and queues many PUBACKs as one write."""

    def __init__(
        self,
        deliver: Callable[[list[Publish]], None],
        has_room: Callable[[], bool],
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self._deliver = deliver
        self._has_room = has_room
        self._unread = b""
        self._version_5 = arguments["protocol"] == MQTTProtocolVersion.MQTTv5

    def forget_unread(self) -> None:
        """Drop half a packet that a closed connection left behind."""
        self._unread = b""

    def queue_pubacks(self, mids: Iterable[int]) -> None:
        """Acknowledge these messages in this order."""
        blob = b"".join([_PUBACK.pack(_PUBACK_HEADER, mid) for mid in mids])
        if blob:
            self._packet_queue(paho.PUBACK, blob, 0, 0)

    def _packet_read(self) -> MQTTErrorCode:
        if not self._has_room():
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        try:
            chunk = self._sock_recv(READ_BYTES)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_AGAIN
        except OSError as error:
            log.warning("broker_read_failed", error=str(error))
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        if not chunk:
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        with self._msgtime_mutex:
            self._last_bytes_received = clock.monotonic()
        try:
            return self._handle_bytes(self._unread + chunk if self._unread else chunk)
        except (MalformedStream, MalformedPacket, IndexError) as error:
            log.error("broker_sent_malformed_packet", error=str(error))
            return MQTTErrorCode.MQTT_ERR_PROTOCOL

    def _handle_bytes(self, data: bytes) -> MQTTErrorCode:
        """Handle every whole packet in `data` and keep the rest for the next read."""
        publishes: list[Publish] = []
        position, end_of_data = 0, len(data)
        while end_of_data - position >= 2:
            body, length = _read_length(data, position + 1, end_of_data)
            if length < 0 or body + length > end_of_data:
                break
            header, end = data[position], body + length
            if header & _TYPE_AND_QOS == _PUBLISH_QOS_1:
                publishes.append(_read_publish(data, body, end, header, self._version_5))
            else:
                self._flush(publishes)
                publishes = []
                code = self._handle_other(header, data[body:end])
                if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._sock is None:
                    self._unread = b""
                    return code
            position = end
        self._unread = data[position:]
        self._flush(publishes)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _flush(self, publishes: list[Publish]) -> None:
        if publishes:
            self._deliver(publishes)

    def _handle_other(self, header: int, body: bytes) -> MQTTErrorCode:
        """Hand one packet that is no QoS 1 PUBLISH to paho's own handling."""
        self._in_packet = {
            "command": header,
            "have_remaining": 1,
            "remaining_count": [],
            "remaining_mult": 1,
            "remaining_length": len(body),
            "packet": bytearray(body),
            "to_process": 0,
            "pos": 0,
        }
        return self._packet_handle()


def _read_length(data: bytes, position: int, end_of_data: int) -> tuple[int, int]:
    """A variable byte integer (MQTT 5 §1.5.5): the position after it and its value, or −1 if cut.

    >>> _read_length(bytes([0x81, 0x02]), 0, 2)
    (2, 257)
    """
    value = shift = 0
    for _ in range(4):
        if position >= end_of_data:
            return position, -1
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return position, value
        shift += 7
    raise MalformedStream("a packet length of more than four bytes")


def _read_publish(data: bytes, body: int, end: int, header: int, version_5: bool) -> Publish:
    """Topic, payload, retain flag and packet identifier of a QoS 1 PUBLISH (MQTT 5 §3.3)."""
    topic_end = body + 2 + (data[body] << 8 | data[body + 1])
    payload = topic_end + 2
    if version_5:
        payload, properties = _read_length(data, payload, end)
        if properties < 0:
            raise MalformedStream("a PUBLISH cut in its own header")
        payload += properties
    if payload > end:
        raise MalformedStream("a PUBLISH shorter than its own header")
    mid = data[topic_end] << 8 | data[topic_end + 1]
    return data[body + 2 : topic_end], data[payload:end], bool(header & 1), mid


def configure(client: paho.Client, settings: Settings) -> None:
    """Log-in and TLS from the broker URL and the certificate settings."""
    url = urlsplit(settings.mqtt_url.get_secret_value())
    if url.username:
        client.username_pw_set(unquote(url.username), unquote(url.password or ""))
    if url.scheme == "mqtts":
        client.tls_set(
            ca_certs=_text(settings.mqtt_ca_file),
            certfile=_text(settings.mqtt_cert_file),
            keyfile=_text(settings.mqtt_key_file),
        )


def _text(path: object) -> str | None:
    return None if path is None else str(path)


def port_of(scheme: str, port: int | None) -> int:
    return port or (8883 if scheme == "mqtts" else 1883)


class BrokerProbe(NamedTuple):
    """What a log-in at the broker showed, for `guanche doctor`."""

    reachable: bool
    accepted: bool
    protocol: str
    receive_maximum: int | None
    """Messages the broker takes unacknowledged from us; MQTT 5 only."""
    shared_subscriptions: bool | None
    dropped_messages: int | None
    """The broker's own count of messages it dropped; None if it does not tell."""
    version: str | None
    """What the broker calls itself, such as "mosquitto version 2.0.21"."""
    error: str | None


def probe_broker(settings: Settings, *, timeout_s: float = 3.0) -> BrokerProbe:
    """Log in as a guest (another client id, no session) and read what the broker says of itself."""
    url = urlsplit(settings.mqtt_url.get_secret_value())
    version_5 = settings.mqtt_version == "5"
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"{settings.mqtt_client_id}-probe",
        protocol=MQTTProtocolVersion.MQTTv5 if version_5 else MQTTProtocolVersion.MQTTv311,
    )
    answered, told = threading.Event(), threading.Event()
    seen: dict[str, Any] = {}

    def on_connect(
        _c: paho.Client, _u: Any, _f: Any, reason: ReasonCode, properties: Properties | None
    ) -> None:
        seen["reason"], seen["properties"] = reason, properties
        client.subscribe([(DROPPED_TOPIC, 0), (VERSION_TOPIC, 0)])
        answered.set()

    def on_message(_c: paho.Client, _u: Any, message: paho.MQTTMessage) -> None:
        seen[message.topic] = message.payload
        if len(seen.keys() & {DROPPED_TOPIC, VERSION_TOPIC}) == 2:
            told.set()

    client.on_connect, client.on_message = on_connect, on_message
    client.connect_timeout = timeout_s
    try:
        configure(client, settings)
        client.connect(url.hostname or "127.0.0.1", port_of(url.scheme, url.port))
    except (OSError, ValueError) as error:
        return BrokerProbe(False, False, settings.mqtt_version, None, None, None, None, str(error))
    client.loop_start()
    try:
        if not answered.wait(timeout_s):
            silent = "it took the connection but did not answer the log-in"
            return BrokerProbe(True, False, settings.mqtt_version, None, None, None, None, silent)
        reason, properties = seen["reason"], seen["properties"]
        if reason.is_failure:
            return BrokerProbe(
                True, False, settings.mqtt_version, None, None, None, None, str(reason)
            )
        told.wait(0.5)
        dropped = seen.get(DROPPED_TOPIC, b"")
        version = seen.get(VERSION_TOPIC, b"").decode("utf-8", "replace")
        return BrokerProbe(
            True,
            True,
            settings.mqtt_version,
            getattr(properties, "ReceiveMaximum", None),
            getattr(properties, "SharedSubscriptionAvailable", 1) == 1,
            int(dropped) if dropped.isdigit() else None,
            version or None,
            None,
        )
    finally:
        client.disconnect()
        client.loop_stop()
