"""A process that takes messages and does nothing: `python -m bench.null_subscriber ORDERS`.

The yardstick for ingest: what the same broker and the same client deliver when nothing is decoded
or stored and every message is acknowledged at once. Clients: `bulk`, our reader; `paho5` and
`paho311`, the library as it is, with `manual_ack` and a bare callback; `awscrt`, a client in C,
measured only where somebody has installed it.
"""

import sys
import threading
from collections.abc import Callable
from time import process_time
from typing import Any, Literal, get_args

import msgspec
import paho.mqtt.client as paho
from pydantic import SecretStr

from ingest.delivery import Delivery
from ingest.inbox import Inbox
from ingest.subscriber import Subscriber
from kit import clock
from kit.log import configure_logging
from kit.settings import Settings

Client = Literal["bulk", "paho5", "paho311", "awscrt"]
CLIENTS: tuple[Client, ...] = get_args(Client)
CLIENT_ID = "fleetbench-null"
_RECEIVE_MAXIMUM = 20_000


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages to take, with which client; 0 = subscribe, so that a queue exists."""

    url: str
    client: Client
    messages: int
    timeout_s: float = 120.0


class Report(msgspec.Struct, kw_only=True):
    """From the first message to the last."""

    messages: int
    seconds: float
    cpu_s: float


class Tally:
    """Counts messages; notes clock and CPU at the first and the last."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._count = 0
        self._began: tuple[float, float] | None = None
        self._ended = (0.0, 0.0)
        self.full = threading.Event()

    def add(self, count: int) -> None:
        """So many more have come."""
        if self._began is None:
            self._began = clock.monotonic(), process_time()
        self._count += count
        if self._count >= self._wanted and not self.full.is_set():
            self._ended = clock.monotonic(), process_time()
            self.full.set()

    def report(self) -> Report:
        """What was counted, to the last message or to now."""
        ended = self._ended if self.full.is_set() else (clock.monotonic(), process_time())
        began = self._began or ended
        return Report(messages=self._count, seconds=ended[0] - began[0], cpu_s=ended[1] - began[1])


class NullInbox(Inbox):
    """Acknowledges what it is given and keeps nothing."""

    def __init__(self, tally: Tally) -> None:
        super().__init__(max_bytes=1, max_messages=1)
        self._tally = tally

    def put(self, delivery: Delivery) -> None:
        assert delivery.source is not None
        self._tally.add(len(delivery.publishes))
        delivery.source.ack(delivery)


def subscribe_with_our_client(orders: Orders, tally: Tally) -> Callable[[], None]:
    """Our subscriber, with its bulk reader or with the library's own reading; how to stop it."""
    settings = Settings(
        mqtt_url=SecretStr(orders.url),
        mqtt_client_id=CLIENT_ID,
        mqtt_version="3.1.1" if orders.client == "paho311" else "5",
        mqtt_receive_maximum=_RECEIVE_MAXIMUM,
    )
    subscriber = Subscriber(settings, NullInbox(tally), bulk=orders.client == "bulk")
    if orders.client != "bulk":
        _make_bare(subscriber._client, tally)
    subscriber.start()
    _wait_for(lambda: subscriber.connected)
    return subscriber.stop


def _make_bare(client: paho.Client, tally: Tally) -> None:
    """The least a callback can do: acknowledge and count."""

    def on_message(client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        if message.qos:  # not the broker's word about itself
            client.ack(message.mid, message.qos)
            tally.add(1)

    client.on_message = on_message


def _wait_for(happened: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + 10
    while not happened():
        if clock.monotonic() > deadline:
            raise TimeoutError("the broker did not take the subscription within 10 s")
        clock.sleep(0.005)


def take(orders: Orders) -> Report:
    """Say "ready" once subscribed, take the messages, and leave."""
    tally = Tally(orders.messages)
    if orders.client == "awscrt":
        from bench.awscrt_client import subscribe_with_awscrt  # noqa: PLC0415  (rarely installed)

        stop = subscribe_with_awscrt(orders.url, CLIENT_ID, _RECEIVE_MAXIMUM, tally.add)
    else:
        stop = subscribe_with_our_client(orders, tally)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if orders.messages:
        tally.full.wait(orders.timeout_s)
    stop()
    return tally.report()


if __name__ == "__main__":
    configure_logging(level="ERROR")  # standard output is for the report
    report = take(msgspec.json.decode(sys.argv[1], type=Orders))
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
