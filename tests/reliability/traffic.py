"""What vehicles say in these tests, and a publisher in a thread of its own that says it.

Leaves out: what must become of it (`tally.py`).
"""

import itertools
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kit import clock
from schemas.topics import telemetry_topic
from simulators.ack_log import AckLog, ack_line
from simulators.in_flight import Statistics
from simulators.publisher import Publisher
from tests.reliability.process import wait_until


class Message(NamedTuple):
    """A message to publish; `key` goes to the log of acknowledgements."""

    device_id: str
    topic: str
    payload: bytes
    key: bytes


def sample(ts_ms: int, seq: int, **fields: Any) -> dict[str, Any]:
    """A sample as a vehicle sends it."""
    return {
        "ts": ts_ms,
        "seq": seq,
        "lat": 22.55 + seq % 1_000 / 1e5,
        "lon": 114.05,
        "speed_kmh": seq % 90,
        "soc_pct": 80 - seq % 60,
        **fields,
    }


def message(device_id: str, *samples: dict[str, Any]) -> Message:
    """One message with one sample, or with a batch of them."""
    body = samples[0] if len(samples) == 1 else samples
    key = b"".join(ack_line(device_id, each["ts"], each["seq"]) for each in samples)
    return Message(device_id, telemetry_topic(device_id), msgspec.json.encode(body), key)


def live(
    devices: Sequence[str], count: int | None = None, *, first_seq: int = 0, **fields: Any
) -> Iterator[Message]:
    """Samples of this moment from each device in turn; endless without `count`."""
    numbers = itertools.count(first_seq) if count is None else range(first_seq, first_seq + count)
    for seq in numbers:
        device_id = devices[seq % len(devices)]
        yield message(device_id, sample(clock.now_us() // 1_000, seq, **fields))


class Traffic:
    """A publisher at work: at a rate in messages per second, or as fast as the broker takes them.

    It goes on through every outage of the broker and sends again what was not acknowledged.
    """

    def __init__(
        self,
        broker_url: str,
        messages: Iterable[Message],
        *,
        ack_log: Path,
        rate: float | None = None,
        connections: int = 4,
    ) -> None:
        self._messages = messages
        self._rate = rate
        self._log = AckLog(ack_log)
        self._publisher = Publisher(
            broker_url, connections=connections, ack_log=self._log, keepalive_s=5
        )
        self._stopping = threading.Event()
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
        self._thread.start()

    @property
    def statistics(self) -> Statistics:
        return self._publisher.statistics

    def wait_for(self, acknowledged: int, *, within_s: float = 60.0) -> None:
        """Wait until so many messages are acknowledged."""
        wait_until(
            lambda: self.statistics.acknowledged >= acknowledged or not self._thread.is_alive(),
            within_s=within_s,
            what=f"{acknowledged} messages are acknowledged",
        )
        if self._trouble is not None:
            raise self._trouble

    def stop(self, *, within_s: float = 60.0) -> Statistics:
        """Publish nothing new, and do as `finish`."""
        self._stopping.set()
        return self.finish(within_s=within_s)

    def finish(self, *, within_s: float = 120.0) -> Statistics:
        """Wait until everything is published and acknowledged."""
        self._thread.join(within_s)
        if self._trouble is not None:
            raise self._trouble
        assert not self._thread.is_alive(), "the publisher did not come to an end"
        assert self.statistics.unacknowledged == 0
        return self.statistics

    def close(self) -> None:
        """End the thread, whatever it is doing."""
        self._stopping.set()
        self._thread.join(70)

    def _run(self) -> None:
        try:
            with self._log, self._publisher as publisher:
                publisher.open()
                self._publish_all(publisher)
                publisher.drain(60)
        except BaseException as trouble:
            self._trouble = trouble

    def _publish_all(self, publisher: Publisher) -> None:
        began_s = clock.monotonic()
        for number, each in enumerate(self._messages):
            while self._rate and not self._stopping.is_set():
                ahead_s = number / self._rate - (clock.monotonic() - began_s)
                if ahead_s <= 0:
                    break
                publisher.poll(min(ahead_s, 0.02))
            if self._stopping.is_set():
                return
            publisher.publish(each.device_id, each.topic, each.payload, each.key)
