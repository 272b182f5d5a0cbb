"""A proxy between ingest and the broker that sees which messages and acknowledgements pass.

So the tests know what ingest said on the wire and not only what it meant to say: in which order,
on which connection, and when. Leaves out: TLS and WebSockets.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from kit import clock

_PUBLISH: Final = 0x30
_PUBACK: Final = 0x40
_DUP: Final = 0x08
_QOS: Final = 0x06


@dataclass
class Conversation:
    """What passed on one connection of ingest."""

    delivered: list[int] = field(default_factory=list)
    """Packet ids of QoS 1 messages from the broker, in order."""
    redelivered: int = 0
    """Of these, those the broker marked as sent before."""
    acknowledged: list[int] = field(default_factory=list)
    """Packet ids ingest acknowledged, in order."""
    first_ack_s: float | None = None
    """When the first of them passed, on the monotonic clock."""


class Wiretap:
    """Listens on a port of its own and passes everything on to the broker."""

    def __init__(self, broker_url: str) -> None:
        target = urlsplit(broker_url)
        self._target = (target.hostname or "127.0.0.1", target.port or 1883)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        self.conversations: list[Conversation] = []
        self._sockets: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._spawn(self._accept)

    @property
    def redelivered(self) -> int:
        return sum(each.redelivered for each in self.conversations)

    @property
    def delivered(self) -> int:
        return sum(len(each.delivered) for each in self.conversations)

    @property
    def acknowledged(self) -> int:
        return sum(len(each.acknowledged) for each in self.conversations)

    def wait_quiet(self) -> None:
        """Wait until every connection has ended and all that passed is noted."""
        for thread in self._threads[1:]:
            thread.join(10)
            assert not thread.is_alive(), "a connection is still there"

    def cut(self) -> None:
        """Break every connection, as a network does: without a word from either side."""
        for pair in self._sockets:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closed = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(5)
        for pair in self._sockets:
            for end in pair:
                end.close()

    def _spawn(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name="wiretap", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(self._target, timeout=5)
            except OSError:  # the broker is down: so are we
                client.close()
                continue
            broker.settimeout(None)
            for end in (client, broker):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append((client, broker))
            heard = Conversation()
            self.conversations.append(heard)
            self._spawn(lambda c=client, b=broker, h=heard: _pump(b, c, _Reader(h)))  # type: ignore[misc]
            self._spawn(lambda c=client, b=broker, h=heard: _pump(c, b, _Reader(h)))  # type: ignore[misc]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Reader:
    """Cuts one direction of a conversation into packets and notes those of interest."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._rest = b""

    def feed(self, received: bytes) -> None:
        """Note every whole packet; keep the rest for the next time."""
        stream, at = self._rest + received, 0
        while (body_end := _find_body(stream, at)) is not None:
            body, end = body_end
            self._note(stream[at], stream[body:end])
            at = end
        self._rest = stream[at:]

    def _note(self, header: int, body: bytes) -> None:
        heard = self._conversation
        kind = header & 0xF0
        if kind == _PUBLISH and header & _QOS:
            topic_end = 2 + int.from_bytes(body[:2], "big")
            heard.delivered.append(int.from_bytes(body[topic_end : topic_end + 2], "big"))
            heard.redelivered += bool(header & _DUP)
        elif kind == _PUBACK:
            if heard.first_ack_s is None:
                heard.first_ack_s = clock.monotonic()
            heard.acknowledged.append(int.from_bytes(body[:2], "big"))


def _find_body(stream: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends, or None if it is not whole."""
    length, shift, position = 0, 0, at + 1
    while position < len(stream):
        length |= (stream[position] & 0x7F) << shift
        position += 1
        if stream[position - 1] < 0x80:
            end = position + length
            return (position, end) if end <= len(stream) else None
        shift += 7
    return None


def _pump(source: socket.socket, sink: socket.socket, reader: _Reader) -> None:
    with suppress(OSError):
        while received := source.recv(1 << 16):
            reader.feed(received)
            sink.sendall(received)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
