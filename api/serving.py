"""How a process ends: the readers of the live feed leave first.

A server told to stop waits for its open connections before it tells the application; a stream would
keep it waiting for ever. So the signal is heard here as well, and passed on.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from fastapi import FastAPI

from api import live

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def readers_leave_first(app: FastAPI) -> Iterator[None]:
    """Say goodbye to the readers when the process is told to stop, until the block ends.

    Does nothing outside the main thread, where there are no signals. To be entered in the event
    loop, after the server has set its own handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in SIGNALS}

    def leave(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(live.shut_down, app)
        server = servers[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    for number in SIGNALS:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number, server in servers.items():
            signal.signal(number, server)
