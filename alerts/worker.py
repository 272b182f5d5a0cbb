"""A thread that takes a step again and again, on a database connection of its own.

Decides what happens when a step fails: a database that is away is waited for with back-off and one
line in the log; a fault of this program is logged whole, and the next step is taken all the same.
The ticker only asks; what is due is for the step to find out.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from psycopg import Connection

from alerts.scheduling.service import NotLeader, set_patience
from kit import clock, db
from kit.log import get_logger

log = get_logger("alerts")

FIRST_RETRY_S: Final = 0.5
LAST_RETRY_S: Final = 10.0
LOCK_WAIT_S: Final = 30.0
STOP_WITHIN_S: Final = 3.0

Step = Callable[[Connection[Any]], None]


class Worker:
    """One such thread. `step` opens its own transactions; `failed` is told when one did not end."""

    def __init__(
        self,
        name: str,
        *,
        database_url: str,
        every_s: float,
        idle_s: float,
        step: Step,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._url = database_url
        self._idle_s = idle_s
        self._step = step
        self._failed = failed
        self._conn: Connection[Any] | None = None
        self._failures = 0
        self._not_before_s = float("-inf")
        self._busy_since_s: float | None = None
        self._stopping = False
        self._stepping = threading.Lock()
        # Jobs run in the scheduler's own daemon thread: APScheduler's pools are joined when Python
        # ends, and a step may be waiting for a database that hangs.
        self._ticker = BackgroundScheduler(timezone="UTC", executors={"default": DebugExecutor()})
        self._ticker.add_job(
            self._tick,
            "interval",
            seconds=every_s,
            next_run_time=clock.now(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    @property
    def connected(self) -> bool:
        """Whether the last step had its database."""
        return self._conn is not None

    @property
    def busy_s(self) -> float:
        """For how long the step at hand has said nothing [s]."""
        since_s = self._busy_since_s
        return 0.0 if since_s is None else clock.monotonic() - since_s

    def progress(self) -> None:
        """The step at hand gets on: a long one that says so has not hung."""
        self._busy_since_s = clock.monotonic()

    def start(self) -> None:
        """Take the first step at once."""
        self._ticker.start()

    def stop(self) -> None:
        """Take no further step. The one at hand is waited for a moment, as a database may hang."""
        self._stopping = True
        self._ticker.shutdown(wait=False)
        if self._stepping.acquire(timeout=STOP_WITHIN_S):
            self._close()
            self._stepping.release()

    def _tick(self) -> None:
        with self._stepping:
            if not self._stopping and clock.monotonic() >= self._not_before_s:
                self._take_step()

    def _take_step(self) -> None:
        self._busy_since_s = clock.monotonic()
        try:
            self._step(self._conn or self._open())
            self._failures = 0
        except NotLeader as error:
            log.warning("turn_lost", worker=self.name, cause=str(error))
            self._failed()
        except psycopg.Error as error:
            self._fail("database_unavailable", error)
        except Exception as error:
            log.exception("step_failed", worker=self.name)
            self._fail(None, error)
        finally:
            self._busy_since_s = None

    def _open(self) -> Connection[Any]:
        conn = db.connect(self._url, application_name=f"guanche-alerts-{self.name}")
        try:
            conn.autocommit = True
            set_patience(conn, idle_s=self._idle_s, lock_s=LOCK_WAIT_S)
        except BaseException:
            conn.close()
            raise
        self._conn = conn
        return conn

    def _fail(self, event: str | None, error: Exception) -> None:
        """Begin anew with another connection, a little later each time."""
        if event is not None and self._failures == 0:
            cause = str(error).strip().split("\n")[0]
            log.warning(event, worker=self.name, cause=f"{type(error).__name__}: {cause}")
        pause_s = min(FIRST_RETRY_S * 2 ** min(self._failures, 10), LAST_RETRY_S)
        self._failures += 1
        self._not_before_s = clock.monotonic() + pause_s
        self._close()
        self._failed()

    def _close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None
