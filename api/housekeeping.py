"""What an API process tidies up while it serves: answers kept for repeated requests.

Every process does it; doing it twice changes nothing. Leaves out what payments will keep for good.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import psycopg
from apscheduler.schedulers.background import BackgroundScheduler
from psycopg_pool import PoolTimeout

from api import store
from api.deps import AppState
from kit import clock
from kit.log import get_logger

EVERY_S: Final = 3_600
log = get_logger("api")


def forget_old_answers(state: AppState) -> None:
    """Forget answers older than the setting says. A database that is away is tried next time."""
    before = clock.now() - timedelta(days=state.settings.idempotency_days)
    try:
        with state.pool.connection() as conn:
            forgotten = store.prune_answers(conn, before=before)
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("answers_not_forgotten", error=type(error).__name__)
    else:
        log.info("answers_forgotten", answers=forgotten)


@contextmanager
def kept_tidy(state: AppState) -> Iterator[None]:
    """Tidy up every hour until the block ends."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    scheduler.add_job(forget_old_answers, "interval", [state], seconds=EVERY_S)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()
