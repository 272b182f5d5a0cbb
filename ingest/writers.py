"""A few writers side by side, each with its own connection to the database.

While one waits for the database, another decodes. They take turns in taking a batch and in
acknowledging it (ADR 5).
"""

from ingest.inbox import Inbox
from ingest.metrics import Metrics
from ingest.work import Work
from ingest.writer import Writer
from kit import clock
from kit.settings import Settings

WRITERS = 2


class Writers:
    """The writers of a process."""

    def __init__(self, settings: Settings, inbox: Inbox, metrics: Metrics) -> None:
        self.work = Work(settings, inbox, metrics)
        self._writers = [Writer(self.work, number) for number in range(WRITERS)]

    @property
    def alive(self) -> bool:
        """Whether every writer runs; once one has died the process must end."""
        return all(writer.alive for writer in self._writers)

    @property
    def database_up(self) -> bool:
        """Whether the database takes what it is given: connected, and no batch stuck."""
        return any(writer.connected for writer in self._writers) and not any(
            writer.stuck for writer in self._writers
        )

    @property
    def oldest_us(self) -> int | None:
        """Receipt of the oldest message not yet committed [µs since 1970]."""
        waiting = [self.work.inbox.oldest_us, *(writer.oldest_us for writer in self._writers)]
        return min((us for us in waiting if us is not None), default=None)

    def start(self) -> None:
        for writer in self._writers:
            writer.start()

    def stop(self, *, within_s: float) -> bool:
        """Finish the batches at hand; whether that was done in time."""
        self.work.stopping.set()
        self.work.inbox.close()
        deadline = clock.monotonic() + within_s
        for writer in self._writers:
            writer.join(max(0.0, deadline - clock.monotonic()))
        return not any(writer.alive for writer in self._writers)
