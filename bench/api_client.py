"""A small HTTP client: one kept-alive connection, one request at a time, and how long it took.

Decides what counts as the time of a request: from before the first byte is sent until the last
byte of the answer is read; unpacking and decoding come after. General clients spend more on a
request than the server does, and would be what is measured.
"""

import gzip
import socket
from collections.abc import Mapping
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from bench.processes import RigFailed
from guanche.embedded_process import HOST

TIMEOUT_S: Final = 30.0
_RECEIVE: Final = 262_144


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request ready to be sent."""

    method: str
    target: str
    token: str
    body: bytes = b""
    headers: Mapping[str, str] = {}

    def encoded(self) -> bytes:
        """As it goes over the wire."""
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            f"Host: {HOST}",
            "Accept-Encoding: gzip",
            f"Authorization: Bearer {self.token}",
            *(f"{name}: {text}" for name, text in self.headers.items()),
        ]
        if self.body:
            if "Content-Type" not in self.headers:
                lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    """By name in small letters."""
    packed: bytes
    """The body, compressed where the server compressed it."""
    took_ms: float

    @property
    def body(self) -> bytes:
        """The body, unpacked."""
        packed = self.headers.get("content-encoding") == "gzip"
        return gzip.decompress(self.packed) if packed else self.packed

    def check(self) -> None:
        """Raises RigFailed if the request did not succeed."""
        if not 200 <= self.status < 300:
            raise RigFailed(f"the API answered {self.status}: {self.body[:300].decode()}")

    def read(self) -> Any:
        """The body's JSON.

        Raises:
            RigFailed: the request did not succeed.
        """
        self.check()
        return msgspec.json.decode(self.body)


class Client:
    """One connection to the API."""

    def __init__(self, port: int, *, timeout_s: float = TIMEOUT_S) -> None:
        self._port = port
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def get(self, target: str, token: str) -> Answer:
        """Ask for something."""
        return self.send(Request(method="GET", target=target, token=token))

    def send(self, request: Request) -> Answer:
        """Send a request and read its answer.

        Raises:
            OSError: the connection broke.
        """
        encoded = request.encoded()
        link = self._socket or connect(self._port, timeout_s=self._timeout_s)
        self._socket = link
        try:
            began_s = perf_counter()
            link.sendall(encoded)
            status, headers, packed = _read_answer(link)
            took_ms = (perf_counter() - began_s) * 1000
        except BaseException:
            self.close()
            raise
        if headers.get("connection") == "close":
            self.close()
        return Answer(status=status, headers=headers, packed=packed, took_ms=took_ms)


def connect(port: int, *, timeout_s: float = TIMEOUT_S) -> socket.socket:
    """A connection to the API."""
    link = socket.create_connection((HOST, port), timeout_s)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def read_head(link: socket.socket) -> tuple[int, dict[str, str], bytearray]:
    """Status, headers, and what came of the body with them.

    Raises:
        ConnectionError: the server hung up.
    """
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        part = link.recv(_RECEIVE)
        if not part:
            raise ConnectionError("the API hung up")
        received += part
    first, *lines = bytes(received[:end]).decode("latin-1").split("\r\n")
    del received[: end + 4]
    headers = {}
    for line in lines:
        name, _, text = line.partition(":")
        headers[name.lower()] = text.strip()
    return int(first.split(" ", 2)[1]), headers, received


def _read_answer(link: socket.socket) -> tuple[int, dict[str, str], bytes]:
    status, headers, received = read_head(link)
    length = int(headers.get("content-length", 0))
    if len(received) < length:
        body = bytearray(length)
        body[: len(received)] = received
        place, view = len(received), memoryview(body)
        while place < length:
            count = link.recv_into(view[place:])
            if not count:
                raise ConnectionError("the API hung up within an answer")
            place += count
        return status, headers, bytes(body)
    return status, headers, bytes(received)


class Chunks:
    """Takes the frame off a body that comes in chunks (RFC 9112 §7.1), as it arrives."""

    def __init__(self, received: bytes = b"") -> None:
        self._waiting = bytearray(received)
        self.ended = False

    def feed(self, part: bytes) -> bytes:
        """What of the body is complete by now and was not before."""
        self._waiting += part
        found = bytearray()
        while True:
            line = self._waiting.find(b"\r\n")
            if line < 0:
                return bytes(found)
            try:
                size = int(bytes(self._waiting[:line]).partition(b";")[0], 16)
            except ValueError:
                raise RigFailed(f"not a chunk: {bytes(self._waiting[:50])!r}") from None
            if size == 0:
                self.ended = True
                return bytes(found)
            if len(self._waiting) < line + size + 4:
                return bytes(found)
            found += self._waiting[line + 2 : line + 2 + size]
            del self._waiting[: line + size + 4]
