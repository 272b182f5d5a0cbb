"""Takes batches from the inbox, writes each in one transaction, then has it acknowledged.

Decides what happens when the database does not take a batch: an outage is waited out with
back-off, holding the batch and acknowledging nothing; a batch the database finds fault with is
halved until the faulty message stands alone and is refused. So nothing is lost, nothing stops.
"""

import threading
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import psycopg
from psycopg import Connection, errors

from ingest import store
from ingest.bindings import Bindings
from ingest.inbox import Inbox, Message
from ingest.metrics import Metrics
from ingest.pipeline import Batch, Key, Refusal, process, storable
from ingest.storage import Storage, open_storage
from kit import clock, db
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

IDLE_WAIT_S = 0.5
FIRST_RETRY_S, LAST_RETRY_S = 0.2, 5.0
COMPLAIN_EVERY_S = 10.0
RELOAD_EVERY_S = 60.0
"""Bindings are read again so often even if no notification came."""


class _Session:
    """One database connection with what is known by heart while it lasts."""

    def __init__(self, settings: Settings) -> None:
        self.conn: Connection[Any] = db.connect(
            settings.database_url.get_secret_value(), application_name="guanche-ingest"
        )
        try:
            with self.conn.transaction():
                store.prepare_session(self.conn)
                self.storage: Storage = open_storage(self.conn, chunk_hours=settings.chunk_hours)
            self.reload()
        except BaseException:
            self.conn.close()
            raise

    def reload(self) -> None:
        with self.conn.transaction():
            self.bindings: Bindings = store.load_bindings(self.conn)
            self.latest: dict[int, Key | None] = store.load_latest(self.conn)
        self.loaded_s = clock.monotonic()

    def refresh(self) -> None:
        """Read the bindings again if the registry has said that they changed, or now and then."""
        notified = [note.channel for note in self.conn.notifies(timeout=0)]
        if notified or clock.monotonic() - self.loaded_s > RELOAD_EVERY_S:
            self.reload()


class Writer:
    """The thread between the inbox and the database."""

    def __init__(self, settings: Settings, inbox: Inbox, metrics: Metrics) -> None:
        self._settings = settings
        self._inbox = inbox
        self._metrics = metrics
        self._session: _Session | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._complained_s = float("-inf")
        self.failed = False

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, within_s: float) -> bool:
        """Finish the batch at hand; whether that was done in time."""
        self._stopping.set()
        self._inbox.close()
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._keep_session_warm()
                messages = self._inbox.take(
                    max_messages=self._settings.batch_messages,
                    max_wait_s=self._settings.batch_ms / 1000,
                    idle_wait_s=IDLE_WAIT_S,
                )
                if messages:
                    self._write(messages)
        except Exception:
            self.failed = True
            log.exception("writer_died")
        finally:
            if self._session is not None:
                self._session.conn.close()

    def _keep_session_warm(self) -> None:
        """Connect before the first message, so that the log says early what is wrong."""
        if self._session is None:
            try:
                self._open_session()
            except psycopg.Error as error:
                self._lose_session(error)

    def _write(self, messages: list[Message]) -> None:
        """Write messages and acknowledge them, however long that takes; give up only on stop."""
        started_s, retry_s, faults = clock.monotonic(), FIRST_RETRY_S, 0
        while True:
            try:
                batch, stored = self._attempt(messages)
                break
            except (errors.DeadlockDetected, errors.SerializationFailure) as error:
                log.info("batch_retried", cause=_summary(error))
            except (errors.DataError, errors.IntegrityError) as error:
                faults += 1
                if faults > 1 and not self._make_partitions(error):
                    self._isolate(messages, error)
                    return
                self._forget_registry()
                continue
            except psycopg.Error as error:
                self._lose_session(error)
                if self._stopping.wait(retry_s):
                    return
                retry_s = min(retry_s * 2, LAST_RETRY_S)
            self._metrics.batches_retried.inc()
            if self._stopping.is_set():
                return
        self._acknowledge(messages)
        self._count(batch, stored, started_s)

    def _attempt(self, messages: list[Message]) -> tuple[Batch, int]:
        """One transaction: rows, latest states, refusals."""
        session = self._session or self._open_session()
        session.refresh()
        batch = process(messages, session.bindings, session.latest)
        with session.conn.transaction():
            stored = store.store_rows(session.conn, batch.rows)
            heard = {state[0] for state in batch.states} | {s.vehicle_id for s in batch.retained}
            missing = sorted(heard - session.latest.keys())
            store.merge_states(session.conn, batch.states, batch.retained, missing)
            store.insert_refusals(session.conn, batch.refusals)
        for vehicle_id in missing:
            session.latest[vehicle_id] = None
        session.latest.update(batch.newest)
        return batch, stored

    def _open_session(self) -> _Session:
        self._session = session = _Session(self._settings)
        self._metrics.database_up.set(1)
        log.info(
            "database_connected",
            storage=session.storage.info.description,
            devices=len(session.bindings),
        )
        return session

    def _lose_session(self, error: psycopg.Error) -> None:
        """Note an outage; the next attempt connects anew."""
        self._metrics.database_up.set(0)
        if clock.monotonic() - self._complained_s > COMPLAIN_EVERY_S:
            self._complained_s = clock.monotonic()
            log.warning("database_unavailable", cause=_summary(error), waiting=self._inbox.messages)
        if self._session is not None:
            self._session.conn.close()
            self._session = None

    def _forget_registry(self) -> None:
        """After a complaint about data: perhaps a vehicle is gone that memory still has."""
        if self._session is not None:
            self._session.reload()

    def _make_partitions(self, error: psycopg.Error) -> bool:
        """Whether the complaint was a missing partition that could now be made."""
        missing = isinstance(error, errors.CheckViolation) and not error.diag.constraint_name
        if not missing or self._session is None:
            return False
        with self._session.conn.transaction():
            made = self._session.storage.create_ahead(self._session.conn, clock.now())
        log.warning("partitions_made_late", made=made)
        return made > 0

    def _isolate(self, messages: list[Message], error: psycopg.Error) -> None:
        """Halve a batch the database finds fault with; refuse a message that stands alone."""
        if len(messages) > 1:
            middle = len(messages) // 2
            self._write(messages[:middle])
            self._write(messages[middle:])
            return
        message = messages[0]
        log.error("message_refused_by_database", cause=_summary(error))
        refusal = Refusal(
            "bad_schema",
            storable(f"the database refuses it: {_summary(error)}"),
            storable(message.topic.decode("utf-8", "backslashreplace")),
            None,
            message.payload,
            message.received_us,
        )
        session = self._session or self._open_session()
        with session.conn.transaction():
            store.insert_refusals(session.conn, [refusal])
        self._metrics.samples_refused.labels("bad_schema").inc()
        self._acknowledge(messages)

    def _acknowledge(self, messages: Sequence[Message]) -> None:
        """In receive order, each to the session it came from (MQTT 5 §4.6)."""
        for source, group in groupby(messages, key=lambda message: message.source):
            if source is not None:
                source.ack(list(group))

    def _count(self, batch: Batch, stored: int, started_s: float) -> None:
        metrics = self._metrics
        metrics.messages_received.inc(len(batch.messages))
        metrics.samples_stored.inc(stored)
        metrics.samples_late.inc(batch.late)
        for refusal in batch.refusals:
            metrics.samples_refused.labels(refusal.reason).inc()
        metrics.samples_duplicate.inc(batch.accepted - stored)
        metrics.batch_samples.observe(batch.samples)
        metrics.batch_seconds.observe(clock.monotonic() - started_s)
        oldest_us = min(message.received_us for message in batch.messages)
        metrics.lag_seconds.set(max(0.0, (clock.now_us() - oldest_us) / 1e6))


def _summary(error: psycopg.Error) -> str:
    """The first line of what the database said, with its code."""
    lines = str(error).strip().splitlines()
    return f"{error.sqlstate or type(error).__name__}: {lines[0] if lines else 'no message'}"
