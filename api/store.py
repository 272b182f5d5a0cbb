"""Runs the API's own SQL: kept answers, and whether the database is as it should be."""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


class KeptAnswer(NamedTuple):
    """The request that took a key, and the sealed answer to it."""

    request_digest: bytes
    answer_sealed: bytes | None


class Readiness(NamedTuple):
    """Whether the role we connect as is the right one, and how far the tables are."""

    sees_too_much: bool
    is_app: bool
    migration: int | None


class KeyPlace(NamedTuple):
    """Whose key it is, and which."""

    organisation_id: int
    actor: str
    key: str


def claim_key(
    conn: Connection[Any], place: KeyPlace, *, request_digest: bytes, now: datetime
) -> bool:
    """Whether the key is ours now. Waits while another transaction is taking it."""
    row = {**place._asdict(), "request_digest": request_digest, "now": now}
    return conn.execute(_queries.claim_key, row).fetchone() is not None


def find_answer(conn: Connection[Any], place: KeyPlace) -> KeptAnswer | None:
    """What was answered to the request that took the key."""
    with conn.cursor(row_factory=class_row(KeptAnswer)) as cursor:
        return cursor.execute(_queries.find_answer, place._asdict()).fetchone()


def keep_answer(conn: Connection[Any], place: KeyPlace, answer_sealed: bytes) -> None:
    """Keep the answer beside its key."""
    conn.execute(_queries.keep_answer, {**place._asdict(), "answer_sealed": answer_sealed})


def prune_answers(conn: Connection[Any], *, before: datetime) -> int:
    """Forget answers kept since before an instant; how many."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return int(cursor.execute(_queries.prune_answers, {"before": before}).fetchone() or 0)


def read_readiness(conn: Connection[Any]) -> Readiness:
    """What the database says of itself and of our role."""
    with conn.cursor(row_factory=class_row(Readiness)) as cursor:
        found = cursor.execute(_queries.is_ready).fetchone()
    assert found is not None
    return found


def faults_of(found: Readiness) -> list[str]:
    """Why this process should not serve, in words."""
    faults = []
    if found.sees_too_much:
        faults.append(
            "GUANCHE_API_DATABASE_URL names a role above row security: an owner, a superuser or a"
            " member of guanche_system"
        )
    if not found.is_app:
        faults.append("GUANCHE_API_DATABASE_URL names a role that is no member of guanche_app")
    return faults
