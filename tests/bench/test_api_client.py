"""The bench's HTTP client, against bytes that a server might send."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.api_client import Answer, Chunks, Client, Request
from bench.processes import RigFailed

WHOLE = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nETag: "3"\r\n\r\n' + b'{"vin":"A1"}'
PACKED = gzip.compress(b'{"items":[]}' * 1000)
LARGE = (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED)
    + PACKED
)
REFUSED = b'HTTP/1.1 409 Conflict\r\nConnection: close\r\nContent-Length: 9\r\n\r\n{"no": 1}'


@contextmanager
def serving(*answers: bytes, piece: int = 7) -> Iterator[tuple[int, list[bytes]]]:
    """A server that says these things, some bytes at a time, whatever it is asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                for answer in answers:
                    asked.append(link.recv(65_536))
                    for place in range(0, len(answer), piece):
                        link.sendall(answer[place : place + piece])

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], asked
        thread.join(10)


def test_a_connection_is_used_again() -> None:
    with serving(WHOLE, LARGE) as (port, asked), Client(port) as client:
        first = client.get("/api/v1/vehicles/A1", "t0ken")
        second = client.get("/api/v1/vehicles", "t0ken")
    assert (first.status, first.headers["etag"], first.read()) == (200, '"3"', {"vin": "A1"})
    assert second.body == b'{"items":[]}' * 1000
    assert second.packed == PACKED
    assert first.took_ms > 0
    assert asked[0].startswith(b"GET /api/v1/vehicles/A1 HTTP/1.1\r\n")
    assert b"Authorization: Bearer t0ken\r\n" in asked[1]


def test_a_refusal_is_told_with_its_words() -> None:
    with serving(REFUSED) as (port, _), Client(port) as client:
        answer = client.get("/", "")
    assert answer.status == 409
    with pytest.raises(RigFailed, match=r'the API answered 409: \{"no": 1\}'):
        answer.read()


def test_an_answer_cut_off_is_no_answer() -> None:
    with (
        serving(WHOLE[:-3]) as (port, _),
        Client(port) as client,
        pytest.raises(ConnectionError),
    ):
        client.get("/", "")


def test_a_body_goes_with_its_length() -> None:
    request = Request(
        method="PUT", target="/x", token="t", body=b'{"a":1}', headers={"If-Match": '"1"'}
    )
    assert request.encoded().endswith(b'If-Match: "1"\r\nContent-Type: application/json\r\n'
                                      b'Content-Length: 7\r\n\r\n{"a":1}')  # fmt: skip


def test_a_body_that_is_no_json_says_what_it_is() -> None:
    headers = {"Content-Type": "application/octet-stream"}
    request = Request(method="POST", target="/x", token="t", body=b"PK", headers=headers)
    assert request.encoded().endswith(
        b"Content-Type: application/octet-stream\r\nContent-Length: 2\r\n\r\nPK"
    )
    assert b"application/json" not in request.encoded()


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_chunks_lose_their_frame_however_they_arrive(size: int) -> None:
    framed = b"5\r\nhello\r\n1;x=y\r\n \r\nA\r\n1234567890\r\n0\r\n\r\n"
    chunks = Chunks()
    parts = [chunks.feed(framed[n : n + size]) for n in range(0, len(framed), size)]
    assert b"".join(parts) == b"hello 1234567890"
    assert chunks.ended


def test_what_is_no_chunk_is_told() -> None:
    with pytest.raises(RigFailed, match="not a chunk"):
        Chunks().feed(b"event: states\r\n")


def test_json_is_read_once_unpacked() -> None:
    headers = {"content-encoding": "gzip"}
    answer = Answer(status=200, headers=headers, packed=gzip.compress(b"[1]"), took_ms=1.0)
    assert answer.read() == [1]
