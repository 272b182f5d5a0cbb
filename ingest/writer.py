"""Takes batches from the inbox, writes each in one transaction, then has it acknowledged.

Decides what happens when the database does not take a batch: an outage is waited out with
back-off, holding the batch and acknowledging nothing; a batch the database finds fault with is
halved until the faulty message stands alone and is refused. So nothing is lost, nothing stops.
"""

import threading
from typing import Any

import psycopg
from psycopg import Connection, errors

from ingest import store
from ingest.delivery import Delivery
from ingest.pipeline import Batch, process
from ingest.refused import Refusal, storable
from ingest.storage import Storage, open_storage
from ingest.work import Work
from kit import clock, db
from kit.log import get_logger
from schemas.topics import parse_up_topic

log = get_logger(__name__)

FIRST_RETRY_S, LAST_RETRY_S = 0.2, 5.0
COMPLAIN_EVERY_S = 10.0
STUCK_AFTER_S = 15.0
ISOLATE_AFTER = 2
"""Attempts that end in a complaint about the data before a batch is halved."""


class Writer:
    """One thread between the inbox and the database."""

    def __init__(self, work: Work, number: int) -> None:
        self._work = work
        self._metrics = work.metrics
        self._conn: Connection[Any] | None = None
        self._storage: Storage | None = None
        self._complained_s = float("-inf")
        self._busy_since_s: float | None = None
        self.oldest_us: int | None = None
        """Receipt of the oldest message in hand [µs since 1970]."""
        self._thread = threading.Thread(target=self._run, name=f"writer-{number}", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def connected(self) -> bool:
        return self._conn is not None

    @property
    def stuck(self) -> bool:
        """Whether a batch has been in hand for longer than any batch takes."""
        since_s = self._busy_since_s
        return since_s is not None and clock.monotonic() - since_s > STUCK_AFTER_S

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            while not self._work.stopping.is_set():
                self._connect_early()
                ticket, deliveries = self._work.take()
                if deliveries:
                    self._busy_since_s = clock.monotonic()
                    self.oldest_us = min(delivery.received_us for delivery in deliveries)
                    self._write(ticket, deliveries)
                    self._work.turns.finish(ticket)
                    self._busy_since_s = self.oldest_us = None
        except _GivenUp:
            self._work.turns.abandon()
        except Exception:
            self._work.turns.abandon()
            log.exception("writer_died")
        finally:
            if self._conn is not None:
                self._conn.close()

    def _connect_early(self) -> None:
        """Connect before the first message, so that the log says early what is wrong."""
        if self._conn is None:
            try:
                self._open()
            except psycopg.Error as error:
                self._lose_connection(error)

    def _write(self, ticket: int, deliveries: list[Delivery]) -> None:
        """Write messages and acknowledge them, however long that takes.

        Raises:
            _GivenUp: the process is to stop and the database is not there.
        """
        started_s, retry_s = clock.monotonic(), FIRST_RETRY_S
        trouble: Exception | None = None
        complaints: list[Exception] = []
        while True:
            try:
                if trouble is not None:
                    self._mend(trouble)
                if len(complaints) >= ISOLATE_AFTER:
                    self._isolate(ticket, deliveries, complaints[-1])
                    return
                batch, stored = self._attempt(deliveries)
                break
            except _GivenUp:
                raise
            except (errors.DeadlockDetected, errors.SerializationFailure) as error:
                trouble = error
                log.info("batch_retried", cause=_summary(error))
            except psycopg.Error as error:
                trouble = error
                about_data = isinstance(error, errors.DataError | errors.IntegrityError)
                if about_data:
                    complaints.append(error)
                else:
                    self._lose_connection(error)
                if not about_data or len(complaints) > ISOLATE_AFTER:
                    if self._work.stopping.wait(retry_s):
                        raise _GivenUp from error
                    retry_s = min(retry_s * 2, LAST_RETRY_S)
            except Exception as error:
                # A fault of this program that a message brings out. Ending the process would not
                # help: the broker would deliver that message to the next one.
                log.exception("batch_not_understood")
                trouble = error
                complaints.append(error)
            self._metrics.batches_retried.inc()
        self._acknowledge(ticket, deliveries)
        self._count(batch, stored, started_s)

    def _attempt(self, deliveries: list[Delivery]) -> tuple[Batch, int]:
        """One transaction: rows, latest states, refusals."""
        conn, registry = self._conn or self._open(), self._work.registry
        registry.refresh(conn)
        batch = process(deliveries, registry.bindings, registry.latest)
        # Before it is committed, so that the next batch, which another writer folds meanwhile, is
        # folded against it. Should this one fail, `_mend` reads again what is there.
        missing = sorted(batch.heard - registry.latest.keys())
        registry.move_forward(batch.newest)
        with conn.transaction():
            stored = store.store_rows(conn, batch.rows)
            store.merge_batch(conn, batch, missing)
            store.announce_batch(conn, batch)
            store.insert_refusals(conn, batch.refusals)
        registry.move_forward(batch.newest, missing)
        return batch, stored

    def _open(self) -> Connection[Any]:
        settings = self._work.settings
        conn = db.connect(
            settings.database_url.get_secret_value(), application_name="guanche-ingest"
        )
        try:
            with conn.transaction():
                store.prepare_session(conn)
                self._storage = open_storage(conn, chunk_hours=settings.chunk_hours)
            self._work.registry.reload(conn)
        except BaseException:
            conn.close()
            raise
        self._conn = conn
        self._complained_s = float("-inf")
        log.info(
            "database_connected",
            storage=self._storage.info.description,
            devices=len(self._work.registry.bindings),
        )
        return conn

    def _lose_connection(self, error: psycopg.Error) -> None:
        """Note an outage; the next attempt connects anew."""
        if clock.monotonic() - self._complained_s > COMPLAIN_EVERY_S:
            self._complained_s = clock.monotonic()
            waiting = self._work.inbox.messages
            log.warning("database_unavailable", cause=_summary(error), waiting=waiting)
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _mend(self, trouble: Exception) -> None:
        """Put right what may be behind a failed attempt, before the next one.

        Memory is ahead of the database now; a vehicle may be gone that it still has; there may be
        no partition for the time.
        """
        conn = self._conn or self._open()
        self._work.registry.reload(conn)
        if isinstance(trouble, errors.CheckViolation) and not trouble.diag.constraint_name:
            assert self._storage is not None
            with conn.transaction():
                made = self._storage.create_ahead(conn, clock.now())
            log.warning("partitions_made_late", made=made)

    def _isolate(self, ticket: int, deliveries: list[Delivery], error: Exception) -> None:
        """Halve a batch the database finds fault with; refuse a message that stands alone."""
        halves = _halve(deliveries)
        for half in halves:
            self._write(ticket, half)
        if halves:
            return
        log.error("message_refused_at_last", cause=_summary(error))
        topic, payload, _, _ = deliveries[0].publishes[0]
        sender = parse_up_topic(topic)
        refusal = Refusal(
            "bad_schema",
            storable(f"it cannot be stored: {_summary(error)}"),
            storable(topic.decode("utf-8", "backslashreplace")),
            sender.device_id if sender else None,
            payload,
            deliveries[0].received_us,
        )
        conn = self._conn or self._open()
        with conn.transaction():
            store.insert_refusals(conn, [refusal])
        self._metrics.messages_acknowledged.inc()
        self._metrics.samples_refused.labels("bad_schema").inc()
        self._acknowledge(ticket, deliveries)

    def _acknowledge(self, ticket: int, deliveries: list[Delivery]) -> None:
        """When the turn has come, in receive order, each to the session it came from."""
        if not self._work.turns.wait_for(ticket):
            raise _GivenUp
        for delivery in deliveries:
            if delivery.source is not None:
                delivery.source.ack(delivery)

    def _count(self, batch: Batch, stored: int, started_s: float) -> None:
        metrics = self._metrics
        metrics.messages_acknowledged.inc(sum(len(d.publishes) for d in batch.deliveries))
        metrics.samples_stored.inc(stored)
        metrics.samples_duplicate.inc(batch.accepted - stored)
        metrics.samples_late.inc(batch.late)
        for refusal in batch.refusals:
            metrics.samples_refused.labels(refusal.reason).inc()
        metrics.batch_samples.observe(batch.samples)
        metrics.batch_seconds.observe(clock.monotonic() - started_s)


class _GivenUp(Exception):
    """The process is stopping before a batch could be written; the broker will deliver it again."""


def _halve(deliveries: list[Delivery]) -> list[list[Delivery]]:
    """Two halves of a batch, or none if it is a single message."""
    if len(deliveries) > 1:
        middle = len(deliveries) // 2
        return [deliveries[:middle], deliveries[middle:]]
    publishes = deliveries[0].publishes
    if len(publishes) > 1:
        middle = len(publishes) // 2
        return [
            [deliveries[0]._replace(publishes=part)]
            for part in (publishes[:middle], publishes[middle:])
        ]
    return []


def _summary(error: Exception) -> str:
    """The first line of what is wrong, with the database's code where it has one."""
    lines = str(error).strip().splitlines()
    code = getattr(error, "sqlstate", None) or type(error).__name__
    return f"{code}: {lines[0] if lines else 'no message'}"
