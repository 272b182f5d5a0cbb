"""Packets are the bytes of the standard; messages are neither forgotten nor counted twice."""

import pytest

from simulators.in_flight import InFlight, Statistics
from simulators.mqtt_packets import (
    Greeting,
    as_duplicate,
    connect_packet,
    field,
    publish_packet,
    remaining_length,
)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (16_383, "ff7f"),
        (16_384, "808001"),
        (2_097_151, "ffff7f"),
        (2_097_152, "80808001"),
        (268_435_455, "ffffff7f"),
    ],
)
def test_remaining_length_as_in_table_2_4(count: int, expected: str) -> None:
    assert remaining_length(count).hex() == expected


def test_connect_without_a_user() -> None:
    assert connect_packet(Greeting("dev"), 30).hex(" ") == (
        "10 0f 00 04 4d 51 54 54 04 02 00 1e 00 03 64 65 76"
    )


def test_connect_with_user_password_and_will() -> None:
    greeting = Greeting("d", "u", "p", "t", b"w")
    assert connect_packet(greeting, 1).hex(" ") == (
        "10 19 00 04 4d 51 54 54 04 ee 00 01 00 01 64 00 01 74 00 01 77 00 01 75 00 01 70"
    )


def test_publish_and_its_repetition() -> None:
    packet = publish_packet(field(b"a/b"), 258, b"{}")
    assert packet.hex(" ") == "32 09 00 03 61 2f 62 01 02 7b 7d"
    assert as_duplicate(packet).hex(" ") == "3a 09 00 03 61 2f 62 01 02 7b 7d"
    assert publish_packet(field(b"a"), 1, b"", retain=True)[0] == 0x33


class Flight:
    """A window of messages with what was acknowledged of it."""

    def __init__(self, window: int = 10) -> None:
        self.statistics = Statistics()
        self.keys: list[bytes] = []
        self.messages = InFlight(window, self.statistics, self.keys.append)

    def add(self, key: bytes | None, *, sent: bool = True) -> int:
        packet = self.messages.add(field(b"t"), b"x", key, retain=False, sent=sent)
        return int.from_bytes(packet[5:7], "big")


def test_each_message_is_acknowledged_once() -> None:
    flight = Flight()
    first, second = flight.add(b"one"), flight.add(b"two")
    for packet_id in (second, second, first, 999):
        flight.messages.acknowledge(packet_id)
    assert flight.keys == [b"two", b"one"]
    assert flight.statistics.acknowledged == 2
    assert len(flight.messages) == 0


def test_status_messages_are_not_counted_and_unlogged_ones_are() -> None:
    flight = Flight()
    for key in (None, b""):
        flight.messages.acknowledge(flight.add(key))
    assert flight.keys == []
    assert flight.statistics.acknowledged == 1


def test_all_is_sent_again_in_order_and_marked_where_it_may_have_been_sent() -> None:
    flight = Flight()
    done = flight.add(b"done")
    ids = [flight.add(b"sent"), flight.add(b"waiting", sent=False), flight.add(None)]
    flight.messages.acknowledge(done)
    packets = flight.messages.resend()
    assert [int.from_bytes(packet[5:7], "big") for packet in packets] == ids
    assert [packet[0] for packet in packets] == [0x3A, 0x32, 0x3A]
    assert flight.statistics.retransmitted == 1
    assert [packet[0] for packet in flight.messages.resend()] == [0x3A, 0x3A, 0x3A]


def test_a_full_window_has_no_room() -> None:
    flight = Flight(window=2)
    first = flight.add(b"")
    room = [flight.messages.has_room]
    flight.add(b"")
    room.append(flight.messages.has_room)
    flight.messages.acknowledge(first)
    room.append(flight.messages.has_room)
    assert room == [True, False, True]


def test_packet_ids_go_round_and_leave_out_those_in_flight() -> None:
    flight = Flight()
    kept = flight.add(b"kept")
    for _ in range(65_534):
        flight.messages.acknowledge(flight.add(b""))
    assert kept == 1
    assert flight.add(b"next") == 2
