"""The queue between the network thread and the writers."""

from threading import Event, Thread

import pytest

from ingest.delivery import Delivery
from ingest.inbox import Inbox

from .conftest import DEADLINE_S, wait_until


def delivery(*sizes: int, at: int = 0) -> Delivery:
    """Messages with payloads of so many bytes."""
    return Delivery([(b"t", b"x" * size, False, 1) for size in sizes], at)


def take_when_there(
    inbox: Inbox,
    max_messages: int,
    *,
    max_bytes: int = 1_000,
    max_wait_s: float = 0.0,
    idle_wait_s: float = 0.0,
) -> list[Delivery]:
    return inbox.take(
        max_messages=max_messages,
        max_bytes=max_bytes,
        max_wait_s=max_wait_s,
        idle_wait_s=idle_wait_s,
    )


def take(
    inbox: Inbox, max_messages: int, *, max_bytes: int = 1_000, max_wait_s: float = 0.0
) -> list[int]:
    """How many messages each delivery of the next batch has."""
    batch = take_when_there(inbox, max_messages, max_bytes=max_bytes, max_wait_s=max_wait_s)
    return [len(taken.publishes) for taken in batch]


def limited(*, max_bytes: int = 1_000, max_messages: int = 1_000) -> Inbox:
    return Inbox(max_bytes=max_bytes, max_messages=max_messages)


def filled(*counts: int) -> Inbox:
    inbox = limited()
    for count in counts:
        inbox.put(delivery(*[1] * count))
    return inbox


@pytest.mark.parametrize(
    ("counts", "room", "batches"),
    [
        pytest.param([], 5, [[], []], id="nothing there"),
        pytest.param([3], 5, [[3], []], id="what there is"),
        pytest.param([3, 2], 5, [[3, 2], []], id="exactly full"),
        pytest.param([3, 2, 1], 5, [[3, 2], [1]], id="one more would be too many"),
        pytest.param([3, 3], 5, [[3], [3]], id="not filled with what does not fit"),
        pytest.param([9], 5, [[9], []], id="one larger than a batch is a batch"),
        pytest.param([9, 1], 5, [[9], [1]], id="and goes alone"),
        pytest.param([1, 9, 1], 5, [[1], [9], [1]], id="in the order of receipt"),
    ],
)
def test_batches(counts: list[int], room: int, batches: list[list[int]]) -> None:
    inbox = filled(*counts)
    assert [take(inbox, room) for _ in batches] == batches


@pytest.mark.parametrize(
    ("sizes", "room_bytes", "batches"),
    [
        pytest.param([30, 20], 50, [[1, 1], []], id="exactly full"),
        pytest.param([30, 21], 50, [[1], [1]], id="a byte too many"),
        pytest.param([99, 1], 50, [[1], [1]], id="one larger than a batch goes alone"),
        pytest.param([0, 0, 0], 50, [[1, 1, 1], []], id="empty ones take no room"),
    ],
)
def test_batches_are_limited_in_bytes(
    sizes: list[int], room_bytes: int, batches: list[list[int]]
) -> None:
    inbox = limited()
    for size in sizes:
        inbox.put(delivery(size))
    assert [take(inbox, 9, max_bytes=room_bytes) for _ in batches] == batches


def test_there_is_room_for_so_many_messages_only() -> None:
    inbox = limited(max_messages=3)
    inbox.put(delivery(0, 0))
    assert inbox.has_room(wait_s=0) is True
    inbox.put(delivery(0))
    assert inbox.has_room(wait_s=0) is False
    take(inbox, 2)
    assert inbox.has_room(wait_s=0) is True


def test_what_waits_is_counted() -> None:
    inbox = limited(max_bytes=100)
    inbox.put(delivery(10, 20, at=1))
    inbox.put(delivery(5, at=2))
    assert (inbox.messages, inbox.bytes) == (3, 35)
    assert take(inbox, 2) == [2]
    assert (inbox.messages, inbox.bytes) == (1, 5)
    assert take(inbox, 2) == [1]
    assert (inbox.messages, inbox.bytes) == (0, 0)


def test_there_is_room_below_the_limit_only() -> None:
    inbox = limited(max_bytes=100)
    inbox.put(delivery(99))
    assert inbox.has_room(wait_s=0) is True
    inbox.put(delivery(1))
    assert inbox.has_room(wait_s=0) is False
    take(inbox, 1)
    assert inbox.has_room(wait_s=0) is True


def test_putting_never_waits_however_full() -> None:
    inbox = limited(max_bytes=1)
    for _ in range(3):
        inbox.put(delivery(100))
    assert (inbox.messages, inbox.bytes) == (3, 300)


def run_until(inbox: Inbox, thread: Thread, act: Event) -> None:
    """Start a thread and give it the processor until it says that it is about to wait."""
    thread.start()
    assert act.wait(DEADLINE_S)


def test_taking_wakes_the_reader_that_waits_for_room() -> None:
    inbox, about = limited(max_bytes=10), Event()
    inbox.put(delivery(10))
    answers: list[bool] = []

    def read() -> None:
        about.set()
        answers.append(inbox.has_room(wait_s=DEADLINE_S))

    reader = Thread(target=read)
    run_until(inbox, reader, about)
    assert take(inbox, 1) == [1]
    reader.join(DEADLINE_S)
    assert answers == [True]


def test_putting_wakes_the_writer_that_waits() -> None:
    inbox, about = limited(max_bytes=10), Event()
    taken: list[list[Delivery]] = []

    def write() -> None:
        about.set()
        taken.append(take_when_there(inbox, 1, idle_wait_s=DEADLINE_S))

    writer = Thread(target=write)
    run_until(inbox, writer, about)
    sent = delivery(1)
    inbox.put(sent)
    writer.join(DEADLINE_S)
    assert taken == [[sent]]


def test_a_batch_closes_when_it_is_full_and_not_only_in_time() -> None:
    inbox = filled(1)
    taken: list[list[int]] = []
    writer = Thread(target=lambda: taken.append(take(inbox, 3, max_wait_s=3_600)))
    writer.start()
    inbox.put(delivery(1, 1))
    writer.join(DEADLINE_S)
    assert taken == [[1, 2]]


def test_closing_wakes_everybody() -> None:
    inbox = limited(max_bytes=1)
    empty = limited(max_bytes=1)
    inbox.put(delivery(1))
    rooms: list[bool] = []
    taken: list[list[Delivery]] = []
    threads = [
        Thread(target=lambda: rooms.append(inbox.has_room(wait_s=3_600))),
        Thread(
            target=lambda: taken.append(
                take_when_there(empty, 1, max_wait_s=3_600, idle_wait_s=3_600)
            )
        ),
    ]
    for thread in threads:
        thread.start()
    inbox.close()
    empty.close()
    for thread in threads:
        thread.join(DEADLINE_S)
    wait_until(lambda: not any(thread.is_alive() for thread in threads), "both threads end")
    assert taken == [[]]
    assert len(rooms) == 1


def test_nothing_is_taken_from_a_closed_inbox() -> None:
    inbox = filled(2)
    inbox.close()
    assert take(inbox, 5) == []
    assert inbox.messages == 2
