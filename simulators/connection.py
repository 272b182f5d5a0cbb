"""One connection to the broker: dials, greets, keeps alive, sends, hears acknowledgements, returns.

Decides when to give a connection up and when to try again, and never forgets a message that was
not acknowledged: after a reconnect all of them are sent again, marked DUP. Leaves out: which
message goes over which connection (`publisher.py`).
"""

import errno
import os
import selectors
import socket
import ssl
from collections.abc import Callable
from typing import Final, Literal

from simulators.broker_url import Broker
from simulators.in_flight import InFlight, Statistics
from simulators.mqtt_packets import (
    CONNACK,
    DISCONNECT_PACKET,
    PINGREQ_PACKET,
    PINGRESP,
    PUBACK,
    REFUSALS,
    Greeting,
    connect_packet,
)

DIAL_TIMEOUT_S: Final = 10.0
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
_CHUNK_BYTES: Final = 1 << 18
_FLUSH_PACKETS: Final = 128


class Connection:
    """A state machine over a non-blocking socket; its owner calls it back on events and ticks."""

    def __init__(
        self,
        broker: Broker,
        greeting: Greeting,
        *,
        in_flight: InFlight,
        statistics: Statistics,
        keepalive_s: int,
        selector: selectors.BaseSelector,
        on_up: Callable[["Connection"], None],
    ) -> None:
        self.greeting = greeting
        self.state: Literal["down", "dialling", "handshake", "greeting", "up", "closed"] = "down"
        self.trouble = ""
        self.login_refused = False
        self.in_flight = in_flight
        self._broker = broker
        self._keepalive_s = keepalive_s
        self._selector = selector
        self._statistics = statistics
        self._on_up = on_up
        self._socket: socket.socket | None = None
        self._out: list[bytes] = []
        self._unsent = memoryview(b"")
        self._input = b""
        self._was_up = False
        self._dials = 0
        self._pause_s = FIRST_PAUSE_S
        self._retry_at = 0.0
        self._heard_at = 0.0
        self._asked_at: float | None = None
        self._watching = 0

    def send(
        self, topic_field: bytes, payload: bytes, key: bytes | None, *, retain: bool = False
    ) -> bool:
        """Take a message over; true when enough is waiting that the owner should flush."""
        up = self.state == "up"
        packet = self.in_flight.add(topic_field, payload, key, retain=retain, sent=up)
        if up:
            self._out.append(packet)
        return len(self._out) >= _FLUSH_PACKETS

    def flush(self, now: float) -> None:
        """Write what waits, as far as the socket takes it."""
        if self._socket is None or self.state in ("dialling", "handshake"):
            return
        try:
            while self._unsent or self._out:
                if not self._unsent:
                    self._unsent = memoryview(b"".join(self._out))
                    self._out.clear()
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
            self._watch(selectors.EVENT_READ)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            self._watch(selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError as error:
            self._lose(str(error), now)

    def on_event(self, mask: int, now: float) -> None:
        """The socket is ready for what was asked of the selector."""
        try:
            if self.state == "dialling":
                self._dialled(now)
            elif self.state == "handshake":
                self._shake_hands(now)
            else:
                if mask & selectors.EVENT_READ:
                    self._read(now)
                if mask & selectors.EVENT_WRITE:
                    self.flush(now)
        except OSError as error:
            self._lose(_reason(error), now)

    def tick(self, now: float) -> None:
        """Dial again, give up, or ask whether the broker is still there, when it is time."""
        if self.state == "down":
            if now >= self._retry_at:
                self._dial(now)
        elif self.state in ("dialling", "handshake", "greeting"):
            if now - self._heard_at > DIAL_TIMEOUT_S:
                self._lose("no answer", now)
        elif self.state == "up":
            if self._asked_at is not None and now - self._asked_at > self._keepalive_s:
                self._lose(f"silent for {self._keepalive_s} s", now)
            elif self._asked_at is None and now - self._heard_at > self._keepalive_s / 2:
                # Half-way, so that the broker hears of us in time and a dead peer is noticed.
                self._asked_at = now
                self._out.append(PINGREQ_PACKET)
                self.flush(now)

    def close(self, now: float) -> None:
        """Say good-bye if possible; the broker then keeps the last will to itself."""
        if self.state == "up":
            self._out.append(DISCONNECT_PACKET)
            self.flush(now)
        self._drop_socket()
        self.state = "closed"

    def _dial(self, now: float) -> None:
        self._heard_at = now
        try:
            addresses = socket.getaddrinfo(
                self._broker.host, self._broker.port, type=socket.SOCK_STREAM
            )
            family, kind, proto, _, address = addresses[self._dials % len(addresses)]
            self._dials += 1  # a name may stand for IPv6 and IPv4: try them in turn
            self._socket = socket.socket(family, kind, proto)
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            refused = self._socket.connect_ex(address)
            if refused not in (0, errno.EINPROGRESS):
                raise OSError(refused, os.strerror(refused))
        except OSError as error:
            self._lose(_reason(error), now)
            return
        self.state = "dialling"
        self._watch(selectors.EVENT_WRITE)

    def _dialled(self, now: float) -> None:
        assert self._socket is not None
        refused = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if refused:
            raise OSError(refused, os.strerror(refused))
        if self._broker.tls is None:
            self._greet(now)
            return
        self._selector.unregister(self._socket)
        self._watching = 0
        self._socket = self._broker.tls.wrap_socket(
            self._socket, server_hostname=self._broker.host, do_handshake_on_connect=False
        )
        self.state = "handshake"
        self._shake_hands(now)

    def _shake_hands(self, now: float) -> None:
        assert isinstance(self._socket, ssl.SSLSocket)
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            self._watch(selectors.EVENT_READ)
        except ssl.SSLWantWriteError:
            self._watch(selectors.EVENT_WRITE)
        else:
            self._greet(now)

    def _greet(self, now: float) -> None:
        self.state = "greeting"
        self._out.append(connect_packet(self.greeting, self._keepalive_s))
        self.flush(now)

    def _read(self, now: float) -> None:
        while self._socket is not None:
            try:
                received = self._socket.recv(_CHUNK_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            if not received:
                self._lose("the broker closed the connection", now)
                return
            self._heard_at = now
            self._asked_at = None
            self._understand(self._input + received if self._input else received, now)

    def _understand(self, received: bytes, now: float) -> None:
        at, end = 0, len(received)
        while at + 2 <= end:
            kind = received[at]
            if kind == PINGRESP:
                at += 2
                continue
            if at + 4 > end:
                break
            if kind == PUBACK:
                self.in_flight.acknowledge(received[at + 2] << 8 | received[at + 3])
            elif kind == CONNACK:
                self._greeted(received[at + 3], now)
            else:
                self._lose(f"unexpected packet 0x{kind:02x}", now)
            if self._socket is None:  # lost on the way: the rest belongs to no connection
                return
            at += 4
        self._input = received[at:]

    def _greeted(self, code: int, now: float) -> None:
        if code:
            self.login_refused = code in (4, 5)
            self._lose(f"the broker {REFUSALS.get(code, f'answered {code}')}", now)
            return
        self.state, self.trouble, self._pause_s = "up", "", FIRST_PAUSE_S
        self._statistics.reconnects += self._was_up
        self._was_up = True
        waiting = self.in_flight.resend()
        self._on_up(self)  # may send: the online status goes ahead of what waits
        self._out += waiting
        self.flush(now)

    def _lose(self, reason: str, now: float) -> None:
        self._drop_socket()
        self.state, self.trouble = "down", reason
        self._retry_at = now + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2.0)

    def _drop_socket(self) -> None:
        if self._socket is not None:
            self._watch(0)
            self._socket.close()
            self._socket = None
        self._out.clear()
        self._unsent = memoryview(b"")
        self._input = b""
        self._asked_at = None

    def _watch(self, events: int) -> None:
        if events == self._watching or self._socket is None:
            return
        if not self._watching:
            self._selector.register(self._socket, events, self)
        elif not events:
            self._selector.unregister(self._socket)
        else:
            self._selector.modify(self._socket, events, self)
        self._watching = events


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
