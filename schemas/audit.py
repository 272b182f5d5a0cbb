"""Adds to the audit trail: the one thing every room that lets people act does with it.

An entry's number and digest are given by the database. Nothing secret or personal is written.
Leaves out reading and verifying it (`fleet/audit`), and what is worth an entry: services decide.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from kit.sql import load_queries
from schemas.access import Actor

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    *,
    object_kind: str,
    object_key: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    organisation_id: int | None = None,
) -> None:
    """Write down what was just done, in the same transaction.

    `before` and `after` are what changed, as JSON can hold it, without secrets and personal data.
    `organisation_id` says whose chain it is when the actor has none: the root of the tenant, where
    no sibling reads of another.
    """
    chain = actor.organisation_id if actor.organisation_id is not None else organisation_id
    if chain is None:
        raise ValueError(f"{action}: the system's own entries name an organisation")
    entry = {
        "organisation_id": chain,
        "at": now,
        "actor_kind": actor.kind,
        "actor_name": actor.name,
        "action": action,
        "object_kind": object_kind,
        "object_key": object_key,
        "before": None if before is None else Jsonb(dict(before)),
        "after": None if after is None else Jsonb(dict(after)),
        "ip": actor.ip,
        "request_id": actor.request_id,
    }
    conn.execute(_queries.insert_entry, entry)
