"""Has sheets worked on while an API process serves: one at a time, each in a process of its own.

Decides when a worker is given up: after too long, or when it dies. What it does is `fleet/sheets`'.
Several API processes may look for sheets at once; the database hands each to one of them.
"""

import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg_pool import PoolTimeout

from api.deps import AppState
from fleet.sheets import jobs
from fleet.sheets.imports import Claim
from kit.log import get_logger

STEP_S: Final = 0.5
HOLD_EVERY_STEPS: Final = 20
_FRESH: Final = multiprocessing.get_context("spawn")
"""A forked child would share our connections and threads."""
log = get_logger("imports")


class ImportWorker:
    """The thread that looks for sheets."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="imports", daemon=True)

    def start(self) -> None:
        """Begin to look for sheets."""
        self._thread.start()

    def stop(self) -> None:
        """End; a sheet that is being worked on is left to the next process."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        every_s = self._state.settings.import_poll_ms / 1_000
        while not self._stopping.is_set():
            try:
                worked = self.work_on_next()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("imports_not_looked_for", error=type(error).__name__)
                worked = False
            if not worked:
                self._stopping.wait(every_s)

    def work_on_next(self) -> bool:
        """Work on the next sheet, to its end; whether there was one."""
        with self._state.pool.connection() as conn:
            claim = jobs.claim_next(conn)
            if claim is not None and claim.attempts > jobs.MOST_ATTEMPTS:
                jobs.end_failed(conn, claim, jobs.DIED)
                return True
        if claim is None:
            return False
        self._supervise(claim)
        return True

    def _supervise(self, claim: Claim) -> None:
        """Run the worker, and write down what it could not."""
        process = _FRESH.Process(
            target=jobs.work_alone, args=(self._state.settings, claim), daemon=True
        )
        process.start()
        steps, most = 0, int(self._state.settings.import_max_s / STEP_S)
        while process.is_alive() and steps < most and not self._stopping.is_set():
            process.join(STEP_S)
            steps += 1
            if steps % HOLD_EVERY_STEPS == 0:
                with self._state.pool.connection() as conn:
                    jobs.hold(conn, claim)
        too_long = steps >= most and process.is_alive()
        if process.is_alive():
            process.kill()
        process.join()
        ended_well = process.exitcode == 0
        told = {"key": str(claim.key), "exit_code": process.exitcode, "attempt": claim.attempts}
        process.close()
        if ended_well:
            log.info("import_worked_on", **told)
            return
        log.warning("import_worker_ended", **told)
        with self._state.pool.connection() as conn:
            if too_long:
                jobs.end_failed(conn, claim, jobs.TOOK_TOO_LONG)
            elif self._stopping.is_set():
                jobs.give_back(conn, claim, counts=False)
            elif claim.attempts >= jobs.MOST_ATTEMPTS:
                jobs.end_failed(conn, claim, jobs.DIED)
            else:
                jobs.give_back(conn, claim)


@contextmanager
def sheets_worked_on(state: AppState) -> Iterator[None]:
    """Look for sheets until the block ends."""
    worker = ImportWorker(state)
    worker.start()
    try:
        yield
    finally:
        worker.stop()
