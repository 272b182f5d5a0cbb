"""The MQTT up-link: one persistent session, acknowledged by hand.

Decides how messages leave the broker: a fixed client id, `clean_start=False`, session expiry and
an explicit Receive Maximum, so that what is not acknowledged stays queued at the broker and comes
again. It reads and acknowledges; what a message means is decided elsewhere.
"""

import threading
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.delivery import Delivery, Publish
from ingest.inbox import Inbox
from ingest.mqtt_client import DROPPED_TOPIC, BulkClient, configure, port_of
from kit import clock, db
from kit.log import get_logger
from kit.settings import Settings
from schemas.topics import UP_FILTER

log = get_logger(__name__)

_ROOM_WAIT_S = 0.1
_ANSWER_WAIT_S = 0.5
RETIRED_AFTER_S = 3.0
"""A retiring session that has delivered nothing for so long holds nothing any more."""
_NOTHING = "guanche/nothing"
"""A topic nobody subscribes to, to ask the broker for an answer."""
COMPLAIN_EVERY_S = 10.0


class Subscriber:
    """One broker session: messages go to the inbox, acknowledgements come back after COMMIT."""

    def __init__(self, settings: Settings, inbox: Inbox, *, slot: int = 0, bulk: bool = True):
        self.slot = slot
        self.retiring = slot >= settings.ingest_slots
        """Left over from a larger number of slots: only what it still holds is taken."""
        self.connected = False
        self.connections = 0
        self.dropped_messages: int | None = None
        """Messages the broker says it dropped since its start; None where it does not tell."""
        self._subscription_mid: int | None = None
        self._complained_s = float("-inf")
        self._settings = settings
        self._inbox = inbox
        self._generation = 0
        self._unacknowledged = 0
        self._quiet_since_s = clock.monotonic()
        self._answered = threading.Event()
        self._generation_lock = threading.Lock()
        self._stopping = False
        self.client_id = (
            settings.mqtt_client_id if slot == 0 else (f"{settings.mqtt_client_id}-{slot}")
        )
        self._client = self._make_client(bulk)

    @property
    def alive(self) -> bool:
        """Whether the network thread runs; once it has died the process must end."""
        thread = self._client._thread
        return thread is not None and thread.is_alive()

    def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        self._client.loop_start()

    def stop(self) -> None:
        """Send what acknowledgements are queued and leave; the broker keeps the session."""
        self._stopping = True
        thread = self._client._thread
        if self._client.is_connected():
            # An answer from the broker means that it has read every acknowledgement before it.
            # Closing right away would often reset the connection, for there is always something
            # unread under load, and the broker would then not see what we sent last.
            self._client.unsubscribe(_NOTHING)
            self._answered.wait(_ANSWER_WAIT_S)
        self._client.disconnect()
        if thread is not None:
            thread.join(0.5)

    @property
    def drained(self) -> bool:
        """Whether a retiring session has given up all it held."""
        return (
            self.connected
            and self._unacknowledged == 0
            and clock.monotonic() - self._quiet_since_s > RETIRED_AFTER_S
        )

    def retire(self) -> None:
        """Leave for good: the broker forgets the session (MQTT 5; else when it expires there)."""
        self._stopping = True
        properties = None
        if self._settings.mqtt_version == "5":
            properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)

    def ack(self, delivery: Delivery) -> None:
        """Acknowledge messages in receive order, if their connection is still the present one.

        A connection lost meanwhile makes its packet identifiers void: the broker will deliver
        those messages again, and the rows they became will be recognised.
        """
        with self._generation_lock:
            if delivery.generation != self._generation:
                return
            self._unacknowledged -= len(delivery.publishes)
            mids = [mid for _, _, _, mid in delivery.publishes if mid]
            if isinstance(self._client, BulkClient):
                self._client.queue_pubacks(mids)
                return
            for mid in mids:
                self._client.ack(mid, 1)

    def _make_client(self, bulk: bool) -> paho.Client:
        url = urlsplit(self._settings.mqtt_url.get_secret_value())
        arguments: dict[str, Any] = {
            "callback_api_version": CallbackAPIVersion.VERSION2,
            "client_id": self.client_id,
            "manual_ack": True,
            "protocol": MQTTProtocolVersion.MQTTv5,
        }
        if self._settings.mqtt_version == "3.1.1":
            arguments |= {"protocol": MQTTProtocolVersion.MQTTv311, "clean_session": False}
        client = (
            BulkClient(
                self._deliver, lambda: self._inbox.has_room(wait_s=_ROOM_WAIT_S), **arguments
            )
            if bulk
            else paho.Client(**arguments)
        )
        configure(client, self._settings)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        client.on_message = self._on_message
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.connect_timeout = 3.0
        client.reconnect_delay_set(min_delay=1, max_delay=15)
        connection: dict[str, Any] = {"keepalive": self._settings.mqtt_keepalive_s}
        if self._settings.mqtt_version == "5":
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = self._settings.mqtt_session_expiry_s
            properties.ReceiveMaximum = self._settings.mqtt_receive_maximum
            connection |= {"clean_start": False, "properties": properties}
        client.connect_async(
            url.hostname or "127.0.0.1", port_of(url.scheme, url.port), **connection
        )
        return client

    def _deliver(self, publishes: list[Publish]) -> None:
        with self._generation_lock:
            self._unacknowledged += len(publishes)
            self._quiet_since_s = clock.monotonic()
        self._inbox.put(Delivery(publishes, clock.now_us(), self._generation, self))

    def _on_message(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        """What the bulk reader leaves to paho: QoS 0, or everything when it is switched off."""
        topic = message._topic  # the property raises on a topic that is not UTF-8
        if topic == DROPPED_TOPIC.encode():
            self.dropped_messages = int(message.payload) if message.payload.isdigit() else None
            return
        while not (self._inbox.has_room(wait_s=_ROOM_WAIT_S) or self._stopping):
            pass
        self._deliver([(topic, bytes(message.payload), message.retain, message.mid)])

    def _on_connect(
        self,
        client: paho.Client,
        _userdata: Any,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.error("broker_refused_login", reason=str(reason), client_id=self.client_id)
            return
        self.connections += 1
        log.info(
            "broker_connected",
            client_id=self.client_id,
            slot=self.slot,
            session_present=flags.session_present,
        )
        if not flags.session_present and self.connections > 1:
            log.warning(
                "broker_lost_session",
                client_id=self.client_id,
                meaning="what it had queued for us is gone unless devices send it again",
            )
        self._subscribe(client)

    def _on_connect_fail(self, _client: paho.Client, _userdata: Any) -> None:
        if clock.monotonic() - self._complained_s > COMPLAIN_EVERY_S:
            self._complained_s = clock.monotonic()
            broker = db.masked(self._settings.mqtt_url.get_secret_value())
            log.warning("broker_unreachable", client_id=self.client_id, broker=broker)

    def _subscribe(self, client: paho.Client) -> None:
        """Ask for the up-link: the whole of it, our share when there are more slots, or nothing
        more when this slot retires."""
        group = self._settings.mqtt_share_group
        shared = None if group is None else f"$share/{group.get_secret_value()}/{UP_FILTER}"
        wanted = UP_FILTER if self._settings.ingest_slots == 1 else shared
        if not self.retiring and wanted is not None:
            # Retained statuses once, when the subscription is new; not at every reconnect.
            once = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            _, self._subscription_mid = (
                client.subscribe(wanted, options=once)
                if self._settings.mqtt_version == "5"
                else client.subscribe(wanted, qos=1)
            )
        for unwanted in {UP_FILTER, shared} - {None if self.retiring else wanted, None}:
            assert unwanted is not None
            client.unsubscribe(unwanted)  # left over from another number of slots
        if self.retiring:
            if shared is None:
                log.warning(
                    "share_group_unknown",
                    slot=self.slot,
                    advice="set GUANCHE_MQTT_SHARE_GROUP as it was until this slot has retired",
                )
            self.connected = True
        client.subscribe(DROPPED_TOPIC, qos=0)

    def _on_subscribe(
        self,
        _client: paho.Client,
        _userdata: Any,
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if mid != self._subscription_mid:
            return
        if any(reason.is_failure for reason in reasons):
            log.error("broker_refused_subscription", reasons=[str(r) for r in reasons])
            return
        self.connected = True

    def _on_unsubscribe(self, *_: Any) -> None:
        if self._stopping:
            self._answered.set()

    def _on_disconnect(
        self,
        _client: paho.Client,
        _userdata: Any,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.connected = False
        if not self._stopping:
            log.warning("broker_disconnected", client_id=self.client_id, reason=str(reason))

    def _on_socket_open(self, client: paho.Client, *_: Any) -> None:
        if isinstance(client, BulkClient):
            client.forget_unread()

    def _on_socket_close(self, *_: Any) -> None:
        with self._generation_lock:
            self._generation += 1
            self._unacknowledged = 0
