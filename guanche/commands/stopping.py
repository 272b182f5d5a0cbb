"""How a command that runs until it is told to stop is told: Ctrl-C or SIGTERM, once or twice; and
one that is only starting, at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event, Thread
from types import FrameType


@contextmanager
def ended_at_once() -> Iterator[None]:
    """While something long is made ready: Ctrl-C and SIGTERM raise KeyboardInterrupt where it is,
    so that it is taken down again without being finished first."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set; a second one does not wait for an end in order.

    A handler runs between two steps of the main thread, which may hold the event's lock just then:
    setting it there would wait for ever. So the handler only leaves word (`SimpleQueue.put` may be
    interrupted by itself), and a thread sets the event.
    """
    stop = Event()
    words: SimpleQueue[bool] = SimpleQueue()
    told = False

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if told:
            raise KeyboardInterrupt
        told = True
        words.put(True)

    def pass_on() -> None:
        if words.get():
            stop.set()

    messenger = Thread(target=pass_on, name="stopped-by-signals", daemon=True)
    messenger.start()
    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        words.put(False)
        messenger.join()
