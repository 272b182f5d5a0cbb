"""A lean MQTT publisher for load: QoS 1, pipelined, one thread, thousands of connections.

Not paho, whose publish costs 20 µs and more and which wants a thread a client: here a message costs
less than 5 µs, so that the simulators can overload the ingest and not themselves. Packets are made
once as bytes and kept until their PUBACK; sockets are non-blocking behind one selector; the owner
calls `poll` to let things happen. Decides which connection carries which device and keeps the log
of acknowledgements. Leaves out: receiving messages, QoS 0 and 2, MQTT 5.
"""

import secrets
import selectors
from collections.abc import Sequence
from types import TracebackType
from typing import Final, NamedTuple, Self

import msgspec

from kit import clock
from kit.errors import DomainError, Invalid
from schemas.topics import status_topic
from simulators.ack_log import AckLog
from simulators.broker_url import Broker, parse_broker_url
from simulators.connection import Connection
from simulators.in_flight import InFlight, Statistics
from simulators.mqtt_packets import Greeting, field

MAX_WINDOW: Final = 60_000
_DIALLING_AT_ONCE: Final = 64  # below the length of a listener's queue
_TICK_S: Final = 0.1
_CROWDED_TICK_S: Final = 0.01  # while connections queue up to be dialled
_OFFLINE: Final = b'{"online":false}'


class BrokerUnreachable(DomainError):
    """The broker does not answer, or takes nothing any more."""

    code = "broker_unreachable"


class LoginRefused(DomainError):
    """The broker answers, and refuses the user."""

    code = "login_refused"


class DeviceLogin(NamedTuple):
    """The credential of one terminal; its user name is its device id."""

    device_id: str
    password: str | None = None


class Publisher:
    """Publishes for many devices over a few gateway connections, or over one each.

    With `devices`, every device has its own connection, log-in and last will, and says on its
    status topic when it comes and goes. Without, `connections` gateways share the devices; each
    device stays with one of them, so that its messages keep their order.
    """

    def __init__(
        self,
        broker: Broker | str,
        *,
        connections: int = 4,
        devices: Sequence[DeviceLogin] | None = None,
        window: int = 2_000,
        ack_log: AckLog | None = None,
        client_prefix: str | None = None,
        keepalive_s: int = 30,
    ) -> None:
        """Connects nothing yet; `window` is the number of unacknowledged messages a connection.

        Raises:
            Invalid: a URL or a number that cannot be used.
        """
        if not 1 <= window <= MAX_WINDOW:
            raise Invalid(f"a window of {window} messages; it must be 1–{MAX_WINDOW}")
        if devices is None and connections < 1:
            raise Invalid(f"{connections} connections; at least one is needed")
        self.statistics = Statistics()
        self._broker = parse_broker_url(broker) if isinstance(broker, str) else broker
        self._ack_log = ack_log
        self._selector = selectors.DefaultSelector()
        self._window = window
        self._keepalive_s = keepalive_s
        self._topic_fields: dict[str, bytes] = {}
        self._by_device: dict[str, Connection] = {}
        self._to_flush: set[Connection] = set()
        self._own_connections = devices is not None
        self._next_tick = 0.0
        if devices is None:
            prefix = client_prefix or f"guanche-sim-{secrets.token_hex(4)}"
            login = (self._broker.username, self._broker.password)
            greetings = [Greeting(f"{prefix}-{n}", *login) for n in range(connections)]
            self._connections = [self._connection(greeting) for greeting in greetings]
        else:
            for device_id, password in devices:
                greeting = Greeting(
                    device_id, device_id, password, status_topic(device_id), _OFFLINE
                )
                self._by_device[device_id] = self._connection(greeting)
            self._connections = list(self._by_device.values())

    def open(self, timeout_s: float = 10.0) -> None:
        """Connect, and wait until every connection stands.

        Raises:
            LoginRefused: the broker refuses a user or password.
            BrokerUnreachable: not all connections stood in time; it names the last trouble.
        """
        give_up_at = clock.monotonic() + timeout_s
        while down := [c for c in self._connections if c.state != "up"]:
            refused = next((c for c in down if c.login_refused), None)
            if refused is not None:
                raise LoginRefused(
                    f"{self.where}: {refused.trouble} of {refused.greeting.username or 'anonymous'}"
                )
            if clock.monotonic() > give_up_at:
                raise BrokerUnreachable(f"no broker at {self.where}: {self.trouble or 'no answer'}")
            self.poll(0.05)

    @property
    def where(self) -> str:
        """Host and port, fit to be shown."""
        return self._broker.where

    @property
    def trouble(self) -> str:
        """Why a connection is down now, or empty."""
        return next((c.trouble for c in self._connections if c.trouble), "")

    @property
    def unacknowledged(self) -> int:
        """Messages of every kind, status included, that wait for their acknowledgement."""
        return sum(len(c.in_flight) for c in self._connections)

    def has_room(self, device_id: str) -> bool:
        """Whether `publish` for this device would return at once."""
        return self._connection_of(device_id).in_flight.has_room

    def publish(
        self, device_id: str, topic: str, payload: bytes, key: bytes = b"", *, wait_s: float = 60.0
    ) -> None:
        """Take a message over; `key` goes to the ack log, as it is, once it is acknowledged.

        Waits while the connection's window is full, and meanwhile reconnects if need be.

        Raises:
            BrokerUnreachable: the window stayed full for `wait_s`.
        """
        connection = self._by_device.get(device_id) or self._connection_of(device_id)
        if not connection.in_flight.has_room:
            self._wait_for_room(connection, wait_s)
        topic_field = self._topic_fields.get(topic)
        if topic_field is None:
            topic_field = self._topic_fields[topic] = field(topic.encode())
        self.statistics.published += 1
        self._to_flush.add(connection)
        if connection.send(topic_field, payload, key):
            connection.flush(clock.monotonic())

    def announce(self, device_id: str, *, online: bool) -> None:
        """Publish, retained, that a device came or went. Gateways do so for their devices."""
        self._announce(self._connection_of(device_id), device_id, online=online)

    def poll(self, timeout_s: float = 0.0) -> None:
        """Send, receive, reconnect; returns at the first event or after the timeout."""
        now = clock.monotonic()
        while self._to_flush:
            self._to_flush.pop().flush(now)
        if now >= self._next_tick:
            self._tick(now)
        for key, mask in self._selector.select(timeout_s):
            key.data.on_event(mask, clock.monotonic())
        if self._ack_log is not None:
            self._ack_log.flush()

    def drain(self, timeout_s: float) -> int:
        """Wait until everything is acknowledged; returns how many messages are not."""
        give_up_at = clock.monotonic() + timeout_s
        while self.unacknowledged and clock.monotonic() < give_up_at:
            self.poll(0.05)
        return self.unacknowledged

    def close(self) -> None:
        """Say that devices with own connections go, disconnect, and write the ack log out.

        Does not wait for acknowledgements of samples: `drain` does.
        """
        if self._own_connections:
            for device_id, connection in self._by_device.items():
                if connection.state == "up":
                    self._announce(connection, device_id, online=False)
            self.poll(0.0)
        now = clock.monotonic()
        for connection in self._connections:
            connection.close(now)
        self._selector.close()
        if self._ack_log is not None:
            self._ack_log.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connection(self, greeting: Greeting) -> Connection:
        on_acknowledged = self._ack_log.add if self._ack_log is not None else _forget
        return Connection(
            self._broker,
            greeting,
            in_flight=InFlight(self._window, self.statistics, on_acknowledged),
            statistics=self.statistics,
            keepalive_s=self._keepalive_s,
            selector=self._selector,
            on_up=self._came_up,
        )

    def _connection_of(self, device_id: str) -> Connection:
        connection = self._by_device.get(device_id)
        if connection is None:
            if self._own_connections:
                raise Invalid(f"device {device_id} has no connection: it was not listed")
            connection = self._connections[len(self._by_device) % len(self._connections)]
            self._by_device[device_id] = connection
        return connection

    def _came_up(self, connection: Connection) -> None:
        if self._own_connections:
            self._announce(connection, connection.greeting.client_id, online=True)

    def _announce(self, connection: Connection, device_id: str, *, online: bool) -> None:
        status = msgspec.json.encode({"online": online, "at": clock.now_us() // 1_000})
        connection.send(field(status_topic(device_id).encode()), status, None, retain=True)
        self._to_flush.add(connection)

    def _wait_for_room(self, connection: Connection, wait_s: float) -> None:
        give_up_at = clock.monotonic() + wait_s
        while not connection.in_flight.has_room:
            if clock.monotonic() > give_up_at:
                reason = connection.trouble or "it acknowledges nothing"
                raise BrokerUnreachable(f"the broker at {self.where} takes no more: {reason}")
            self.poll(0.05)

    def _tick(self, now: float) -> None:
        dialling = sum(c.state in ("dialling", "handshake", "greeting") for c in self._connections)
        wait_s = _TICK_S
        for connection in self._connections:
            if connection.state == "down":
                if dialling >= _DIALLING_AT_ONCE:
                    wait_s = _CROWDED_TICK_S
                    continue
                dialling += 1
            connection.tick(now)
        self._next_tick = now + wait_s


def _forget(_key: bytes) -> None:
    """No ack log is kept."""
