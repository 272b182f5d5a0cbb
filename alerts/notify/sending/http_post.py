"""Posts to a webhook: to an address that was checked, within one span of time, no redirects.

The name is resolved once; the connection goes to one of the addresses that were looked at, while
the Host header and TLS speak of the name, so that a name that changes its mind meanwhile leads
nowhere else. Leaves out which addresses are allowed (`addresses.py`) and what an answer means.
"""

import contextlib
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Timer
from typing import Final

from alerts.notify.sending.addresses import Target, check_addresses, parse_target

MOST_ANSWER: Final = 1_024
"""Bytes of an answer that are read."""
_MOST_ADDRESSES: Final = 3

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered."""

    status: int
    retry_after: str | None
    text: str


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, each once.

    Raises:
        OSError: nobody knows it.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    private_allowed: bool,
    resolving: Resolve = resolve,
) -> Answer:
    """What the receiver answered to this body.

    Raises:
        ForbiddenTarget: the URL is none, or leads into a private network.
        TimeoutError: it took longer than that, all in all.
        OSError, http.client.HTTPException: it could not be reached, or spoke no HTTP.
    """
    target = parse_target(url)
    addresses = list(resolving(target.host, target.port))
    if not private_allowed:
        check_addresses(addresses)
    if not addresses:
        raise OSError("no address")
    fault: OSError | None = None
    for address in addresses[:_MOST_ADDRESSES]:
        connection = _connection(target, address, timeout_s)
        with contextlib.closing(connection), _deadline(connection, timeout_s):
            try:
                connection.connect()
            except ssl.SSLError:
                raise
            except OSError as unreachable:
                fault = unreachable
                continue
            return _ask(connection, target, body, headers)
    raise fault or OSError("no address")


def _ask(
    connection: http.client.HTTPConnection, target: Target, body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection.request("POST", target.path, body=body, headers=dict(headers))
    answer = connection.getresponse()
    text = answer.read(MOST_ANSWER).decode(errors="replace")
    return Answer(answer.status, answer.getheader("Retry-After"), text)


class _Plain(http.client.HTTPConnection):
    """To a given address, speaking of the name."""

    def __init__(self, target: Target, address: str, timeout_s: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout_s)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Tls(_Plain):
    """The same over TLS, with the certificate of the name."""

    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        tls = context.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock = tls  # before the handshake, which the deadline must be able to end
        tls.do_handshake()


def _connection(target: Target, address: str, timeout_s: float) -> _Plain:
    return (_Tls if target.tls else _Plain)(target, address, timeout_s)


@contextlib.contextmanager
def _deadline(connection: http.client.HTTPConnection, timeout_s: float) -> Iterator[None]:
    """Ends the conversation after this time, however slowly it goes on, by TimeoutError."""
    over: list[bool] = []

    def end() -> None:
        over.append(True)
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(timeout_s, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as fault:
        if over:
            raise TimeoutError("timed out") from fault
        raise
    finally:
        timer.cancel()
    if over:
        raise TimeoutError("timed out")
