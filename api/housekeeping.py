"""What an API process looks after while it serves: answers kept for repeated requests, contracts
that are due to be read again, bytes of files that are due to go, bills and notices that are due.

Every process does it; doing it twice changes nothing. Leaves out what payments keep for good.
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
from fleet.billing import jobs as billing_jobs
from fleet.contracts import jobs as contract_jobs
from fleet.contracts.service import Vault
from fleet.documents import jobs as document_jobs
from fleet.dunning import jobs as dunning_jobs
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


def verify_contracts(state: AppState) -> None:
    """Read the contracts that are due. What is found changed is told by whoever finds it."""
    vault = Vault(state.files, state.vault_copy)
    try:
        with state.pool.connection() as conn:
            for done in contract_jobs.verify_due(conn, vault, now=clock.now()):
                contract_jobs.alarm(done)
                found = "faulty" if done.faults else "unread" if done.unread else "whole"
                state.metrics.contracts_verified.labels(found).inc()
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("contracts_not_verified", error=type(error).__name__)


def sweep_files(state: AppState) -> None:
    """Delete the bytes of files that are due to go. What cannot be done is tried again."""
    try:
        with state.pool.connection() as conn:
            swept = document_jobs.sweep_due(conn, state.files, now=clock.now())
            files = document_jobs.count_files(swept)
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("files_not_swept", error=type(error).__name__)
    else:
        log.info("files_swept", **files)


def bill_leases(state: AppState) -> None:
    """Bill what is to be billed. What was left undone is done the next time."""
    began = clock.monotonic()
    try:
        with state.pool.connection() as conn:
            done = billing_jobs.run_all(conn, now=clock.now())
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("leases_not_billed", error=type(error).__name__)
        return
    state.metrics.billing_run_s.set(clock.monotonic() - began)
    state.metrics.billing_faults.set(len(done.faults))
    state.metrics.money_papers_made.labels("bill").inc(done.issued)
    state.metrics.money_papers_made.labels("credit_note").inc(done.credit_notes)
    log.info("leases_billed", leases=done.leases, issued=done.issued, faults=len(done.faults))


def make_notices(state: AppState) -> None:
    """Make the reminders and demands that are due, of bills as they stand now."""
    try:
        with state.pool.connection() as conn:
            for done in dunning_jobs.run_all(conn, clock.now()):
                state.metrics.money_papers_made.labels("notice").inc(sum(done.made.values()))
    except (psycopg.Error, PoolTimeout) as error:
        log.warning("notices_not_made", error=type(error).__name__)


@contextmanager
def kept_tidy(state: AppState) -> Iterator[None]:
    """Tidy up every hour until the block ends."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    scheduler.add_job(forget_old_answers, "interval", [state], seconds=EVERY_S)
    scheduler.add_job(verify_contracts, "interval", [state], seconds=EVERY_S)
    scheduler.add_job(sweep_files, "interval", [state], seconds=EVERY_S)
    scheduler.add_job(bill_leases, "interval", [state], seconds=EVERY_S)
    scheduler.add_job(make_notices, "interval", [state], seconds=EVERY_S)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown()
