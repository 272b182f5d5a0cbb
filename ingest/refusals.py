"""Refusals looked at and tried again, for `guanche rejects`.

A replay runs the raw bytes through the same pipeline with their first receipt time, so that a
sample refused because its device was not yet registered finds its vehicle afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection, errors
from psycopg.rows import class_row

from ingest import store
from ingest.bindings import Bindings
from ingest.delivery import Delivery
from ingest.pipeline import Key, process
from ingest.reading import EPOCH, MICROSECOND
from kit.errors import NotFound
from schemas.telemetry import Reason

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """A refusal as listed."""

    id: int
    reason: Reason
    detail: str
    topic: str
    device_serial: str | None
    raw_bytes: int
    times: int
    received_at: datetime
    last_received_at: datetime
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredRefusal:
    """A refusal with its raw bytes."""

    id: int
    reason: Reason
    detail: str
    topic: str
    device_serial: str | None
    raw: bytes
    times: int
    received_at: datetime
    last_received_at: datetime
    replayed_at: datetime | None


class RefusalNotFound(NotFound):
    """There is no refusal with this number."""

    code = "refusal_not_found"


@dataclass(slots=True)
class ReplayReport:
    """What became of replayed refusals."""

    tried: int = 0
    accepted: int = 0
    """Refusals that are accepted now."""
    stored: int = 0
    """New telemetry rows from them."""
    refused: dict[str, int] = field(default_factory=dict)
    """Refusals that stay, by today's reason."""


def list_refusals(
    conn: Connection[Any],
    *,
    reason: str | None = None,
    device_serial: str | None = None,
    limit: int = 50,
) -> list[RefusalLine]:
    """Refusals, newest first."""
    parameters = {"reason": reason, "device_serial": device_serial, "limit": limit}
    with conn.cursor(row_factory=class_row(RefusalLine)) as cursor:
        return cursor.execute(store.SQL.list_refusals, parameters).fetchall()


def get_refusal(conn: Connection[Any], refusal_id: int) -> StoredRefusal:
    """One refusal with its raw bytes.

    Raises:
        RefusalNotFound: no refusal has this number.
    """
    with conn.cursor(row_factory=class_row(StoredRefusal)) as cursor:
        found = cursor.execute(store.SQL.get_refusal, {"refusal_id": refusal_id}).fetchone()
    if found is None:
        raise RefusalNotFound(f"no refusal {refusal_id}", id=refusal_id)
    return found


def replay_refusals(
    conn: Connection[Any],
    *,
    now: datetime,
    ids: Sequence[int] | None = None,
    reason: str | None = None,
    device_serial: str | None = None,
) -> ReplayReport:
    """Try refusals not yet replayed again, oldest first, in the caller's transaction.

    What is accepted now becomes rows and is marked replayed; what is not stays as it was.
    """
    store.prepare_session(conn)
    bindings = store.load_bindings(conn)
    latest = store.load_latest(conn)
    report, after_id = ReplayReport(), 0
    while page := _page(conn, after_id, ids, reason, device_serial):
        after_id = page[-1].id
        accepted: list[StoredRefusal] = []
        for refusal in page:
            report.tried += 1
            again = process([_delivery(refusal)], bindings, latest).refusals
            if again:
                report.refused[again[0].reason] = report.refused.get(again[0].reason, 0) + 1
            else:
                accepted.append(refusal)
        _store_accepted(conn, accepted, bindings=bindings, latest=latest, now=now, report=report)
    return report


def _store_accepted(
    conn: Connection[Any],
    accepted: list[StoredRefusal],
    *,
    bindings: Bindings,
    latest: dict[int, Key | None],
    now: datetime,
    report: ReplayReport,
) -> None:
    """Store what the pipeline accepts; what the database still refuses stays, found by halving."""
    batch = process([_delivery(refusal) for refusal in accepted], bindings, latest)
    missing = sorted(batch.heard - latest.keys())
    try:
        with conn.transaction():
            stored = store.store_rows(conn, batch.rows)
            store.merge_batch(conn, batch, missing)
            store.announce_batch(conn, batch)
            conn.execute(store.SQL.empty_staging)
            conn.execute(store.SQL.mark_replayed, {"ids": [r.id for r in accepted], "now": now})
    except (errors.DataError, errors.IntegrityError):
        if len(accepted) == 1:
            why = accepted[0].reason
            report.refused[why] = report.refused.get(why, 0) + 1
            return
        middle = len(accepted) // 2
        for half in (accepted[:middle], accepted[middle:]):
            _store_accepted(conn, half, bindings=bindings, latest=latest, now=now, report=report)
        return
    latest |= dict.fromkeys(missing) | batch.newest
    report.stored += stored
    report.accepted += len(accepted)


def _page(
    conn: Connection[Any],
    after_id: int,
    ids: Sequence[int] | None,
    reason: str | None,
    device_serial: str | None,
) -> list[StoredRefusal]:
    parameters = {
        "after_id": after_id,
        "ids": None if ids is None else list(ids),
        "reason": reason,
        "device_serial": device_serial,
        "limit": PAGE,
    }
    with conn.cursor(row_factory=class_row(StoredRefusal)) as cursor:
        return cursor.execute(store.SQL.list_refusals_to_replay, parameters).fetchall()


def _delivery(refusal: StoredRefusal) -> Delivery:
    received_us = (refusal.received_at - EPOCH) // MICROSECOND
    # Retained, because nothing about it says that the vehicle is there now.
    return Delivery([(refusal.topic.encode(), refusal.raw, True, 0)], received_us)
