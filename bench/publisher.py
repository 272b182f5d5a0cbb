"""A process that publishes a plan: `python -m bench.publisher ORDERS`; reports as JSON lines.

A loop over a few blocking sockets, because nothing in this process shall be dearer than the broker:
about 4 µs a message, making it included. QoS 1 with a window; done when the broker has
acknowledged everything. A line every half second says how far it is, the last line says it all.
Leaves out reconnecting: a connection lost ends the process with an error, and so the run.
"""

import select
import socket
import sys
from collections.abc import Callable, Iterator
from time import process_time

import msgspec

from bench.generator import MessageMaker, Plan, Planned, plan_blocks
from kit import clock
from simulators.mqtt_packets import Greeting, connect_packet, field, remaining_length

_SLOT_S = 0.01
_CHUNK = 250
_REPORT_S = 0.5
_KEEPALIVE_S = 600
_SILENCE_S = 60.0
_LENGTHS = [remaining_length(count) for count in range(16_384)]
"""Of packets, looked up; no message of a plan is longer."""


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to publish, where and how fast; no rate: as fast as the broker acknowledges."""

    port: int
    plan: Plan
    rate_per_s: float | None = None
    connections: int = 4
    window: int = 20_000
    probe_every: int = 0


class Report(msgspec.Struct, kw_only=True):
    """How far the publisher is. The times of probes come with the last report only."""

    sent: int = 0
    acknowledged: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    behind_s: float = 0.0
    """Lag behind the time table, at worst."""
    done: bool = False
    probes: list[tuple[int, int]] = []
    """Place in the plan and time of sending [µs since 1970]."""


class _Wire:
    """One connection: its socket, its packet identifiers, the bytes of PUBACKs it got."""

    def __init__(self, port: int, number: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_SILENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(connect_packet(Greeting(f"fleetbench-{number}"), _KEEPALIVE_S))
        answer = self.socket.recv(4)
        if answer[:1] != b"\x20" or answer[3]:
            raise ConnectionError(f"the broker answered CONNECT with {answer.hex()}")
        self.packet_id = 0
        self.puback_bytes = 0


class Load:
    """A run of the publisher: wires, counters, time table."""

    def __init__(self, orders: Orders, tell: Callable[[Report], None]) -> None:
        self._orders = orders
        self._tell = tell
        self._wires = [_Wire(orders.port, number) for number in range(orders.connections)]
        self._topics: dict[bytes, bytes] = {}
        self.report = Report()

    def run(self) -> None:
        """Send everything, then wait for the last acknowledgement."""
        orders, report = self._orders, self.report
        maker = MessageMaker(orders.plan)
        planned = (p for block in plan_blocks(orders.plan) for p in block)
        cpu_s, began_s, told_s, turn = process_time(), clock.monotonic(), 0.0, 0
        while report.acknowledged < orders.plan.messages:
            report.elapsed_s = clock.monotonic() - began_s
            room = min(
                self._due(report.elapsed_s) - report.sent,
                orders.window - (report.sent - report.acknowledged),
                _CHUNK,
            )
            if room > 0:
                self._send(self._wires[turn % len(self._wires)], maker, planned, room)
                turn += 1
            self._hear(wait_s=0.0 if room == _CHUNK else _SLOT_S)
            if report.elapsed_s - told_s > _REPORT_S:
                told_s = report.elapsed_s
                self._tell(msgspec.structs.replace(report, probes=[]))
        report.elapsed_s, report.cpu_s = clock.monotonic() - began_s, process_time() - cpu_s
        report.done = True
        self._tell(report)
        for wire in self._wires:
            wire.socket.close()

    def _due(self, elapsed_s: float) -> int:
        """How many messages should have been sent by now; notes the lag of the one next in turn."""
        orders, report = self._orders, self.report
        if orders.rate_per_s is None:
            return orders.plan.messages
        if report.sent < orders.plan.messages:
            lag_s = elapsed_s - report.sent / orders.rate_per_s
            report.behind_s = max(report.behind_s, lag_s)
        return min(orders.plan.messages, int(elapsed_s * orders.rate_per_s) + 1)

    def _send(
        self, wire: _Wire, maker: MessageMaker, planned: Iterator[Planned], count: int
    ) -> None:
        packets: list[bytes] = []
        packet_id, topics, make = wire.packet_id, self._topics, maker.make
        first = self.report.sent
        for _ in range(count):
            topic, payload = make(next(planned))
            topic_field = topics.get(topic)
            if topic_field is None:
                topic_field = topics[topic] = field(topic)
            packet_id = packet_id % 65_535 + 1
            packets += (
                b"\x32",
                _LENGTHS[len(topic_field) + 2 + len(payload)],
                topic_field,
                packet_id.to_bytes(2, "big"),
                payload,
            )
        wire.packet_id = packet_id
        self.report.sent += count
        blob = b"".join(packets)
        every = self._orders.probe_every
        if every:
            now_us = clock.now_us()
            due = range(-(-first // every) * every, first + count, every)
            self.report.probes += [(place, now_us) for place in due]
        wire.socket.sendall(blob)

    def _hear(self, wait_s: float) -> None:
        """Count acknowledgements: a PUBACK of MQTT 3.1.1 has four bytes."""
        if self.report.sent - self.report.acknowledged >= self._orders.window:
            wait_s = _SILENCE_S
        elif wait_s:
            clock.sleep(wait_s)
            wait_s = 0.0
        sockets = {wire.socket: wire for wire in self._wires}
        for ready in select.select(list(sockets), [], [], wait_s)[0]:
            received = ready.recv(1 << 18)
            if not received:
                raise ConnectionError("the broker closed the connection")
            sockets[ready].puback_bytes += len(received)
        self.report.acknowledged = sum(wire.puback_bytes // 4 for wire in self._wires)


def write_line(report: Report) -> None:
    """Tell the bench, which reads our standard output."""
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Load(msgspec.json.decode(sys.argv[1], type=Orders), write_line).run()
