"""Keeps the audit trail: adds to it, reads it, verifies it.

An entry joins the chain of the actor's organisation, or for the system that of the tenant's root.
Leaves out how it is written (`schemas/audit.py`) and what is worth an entry: services decide.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.audit import store
from fleet.audit.chain import find_faults
from fleet.audit.model import AuditEntry, ChainFault, ChainHead, ProvedEntry
from schemas.access import Actor
from schemas.audit import record

__all__ = [
    "entries_about",
    "list_entries",
    "list_heads",
    "record",
    "record_once",
    "verify",
]


def record_once(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    *,
    object_kind: str,
    object_key: str,
    now: datetime,
    within: timedelta,
) -> None:
    """Write down what is done again and again, such as looking at a map, once in a while."""
    if actor.organisation_id is None:
        return
    if not store.has_entry_since(
        conn,
        organisation_id=actor.organisation_id,
        actor_name=actor.name,
        action=action,
        since=now - within,
    ):
        record(conn, actor, action, object_kind=object_kind, object_key=object_key, now=now)


def list_entries(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str, int] | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """What was done in the actor's organisations, newest first.

    `filters`: actor, action, object_kind, object_key, organisation, from_at, until_at.

    Raises:
        PermissionMissing: the actor may not read the trail.
    """
    actor.require("audit.read")
    return store.list_entries(conn, filters, after=after, limit=limit)


def entries_about(
    conn: Connection[Any], actor: Actor, *, objects: Sequence[tuple[str, str]]
) -> Iterator[ProvedEntry]:
    """What was done to these objects, each (kind, key), with the digests that prove it.

    Raises:
        PermissionMissing: the actor may not read the trail.
    """
    actor.require("audit.read")
    return store.iter_entries_about(conn, objects)


def verify(conn: Connection[Any], exported: Iterable[ChainHead] = ()) -> list[ChainFault]:
    """What is wrong with the chains the connection sees; empty if they are whole."""
    return list(find_faults(store.iter_chain(conn), store.list_heads(conn), exported))


def list_heads(conn: Connection[Any]) -> list[ChainHead]:
    """The end of each chain, to be written down where nobody of the database can reach."""
    return store.list_heads(conn)
