"""The housekeeping of ingest, on a ticker: silence, partitions, compression, retention.

A tick only asks what is due; every job is safe to repeat and to run in several processes, where
an advisory lock leaves it to one. What fails is logged and tried again at the next tick.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from psycopg import Connection

from ingest import store
from ingest.storage import Storage, open_storage
from kit import clock, db
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

SILENCE_EVERY_S = 15
MAINTENANCE_EVERY_S = 600
CHUNKS_A_TICK = 10

Job = Callable[[Connection[Any], Settings, datetime], dict[str, int]]


def silence(conn: Connection[Any], settings: Settings, now: datetime) -> dict[str, int]:
    """Vehicles not heard for `offline_after_s` fall offline."""
    offline = store.mark_silent_offline(conn, now=now, offline_after_s=settings.offline_after_s)
    return {"fell_offline": offline}


def create_ahead(conn: Connection[Any], settings: Settings, now: datetime) -> dict[str, int]:
    """Room for what comes next."""
    return {"partitions_made": _storage(conn, settings).create_ahead(conn, now)}


def compress(conn: Connection[Any], settings: Settings, now: datetime) -> dict[str, int]:
    """A chunk older than the late window goes into the columnstore, where there is one."""
    cutoff = now - timedelta(days=settings.late_window_days)
    return {"chunks_compressed": _storage(conn, settings).compress(conn, cutoff)}


def drop_old(conn: Connection[Any], settings: Settings, now: datetime) -> dict[str, int]:
    """Telemetry and refusals past their retention go."""
    storage = _storage(conn, settings)
    return {
        "chunks_dropped": storage.drop_before(conn, now - timedelta(days=settings.retention_days)),
        "refusals_deleted": store.delete_old_refusals(
            conn, cutoff=now - timedelta(days=settings.rejects_retention_days)
        ),
    }


def forget_batches(conn: Connection[Any], settings: Settings, now: datetime) -> dict[str, int]:
    """What was announced goes once it is read, or after `alert_backlog_hours`."""
    cutoff = now - timedelta(hours=settings.alert_backlog_hours)
    return {"batches_forgotten": store.delete_read_batches(conn, cutoff=cutoff)}


MAINTENANCE: tuple[Job, ...] = (create_ahead, drop_old, forget_batches)


def run_job(job: Job, settings: Settings, now: datetime) -> dict[str, int] | None:
    """One job in a transaction of its own; None if another process is at it or it failed."""
    try:
        url = settings.database_url.get_secret_value()
        with db.connect(url, application_name="guanche-jobs") as conn:
            if not store.begin_job(conn, job.__name__):
                return None
            done = job(conn, settings, now)
    except psycopg.Error as error:
        log.warning("job_failed", job=job.__name__, cause=str(error).strip().split("\n")[0])
        return None
    if any(done.values()):
        log.info("job_done", job=job.__name__, **done)
    return done


def start_ticker(
    settings: Settings, *, hears_everything: Callable[[], bool]
) -> BackgroundScheduler:
    """Start ticking. Silence means something only while all that vehicles say reaches us."""
    # Jobs run in the scheduler's own daemon thread: APScheduler's pools are joined when Python
    # ends, and a job may be waiting for a database that hangs.
    scheduler = BackgroundScheduler(timezone="UTC", executors={"default": DebugExecutor()})

    def tick_silence() -> None:
        if hears_everything():
            run_job(silence, settings, clock.now())

    def tick_maintenance() -> None:
        for job in MAINTENANCE:
            run_job(job, settings, clock.now())
        for _ in range(CHUNKS_A_TICK):
            if not any((run_job(compress, settings, clock.now()) or {}).values()):
                break

    # misfire_grace_time=None: a late tick is run, not skipped; coalesce: several late ones once.
    options: dict[str, Any] = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    scheduler.add_job(tick_silence, "interval", seconds=SILENCE_EVERY_S, **options)
    scheduler.add_job(
        tick_maintenance,
        "interval",
        seconds=MAINTENANCE_EVERY_S,
        next_run_time=clock.now(),
        **options,
    )
    scheduler.start()
    return scheduler


def _storage(conn: Connection[Any], settings: Settings) -> Storage:
    return open_storage(conn, chunk_hours=settings.chunk_hours)
