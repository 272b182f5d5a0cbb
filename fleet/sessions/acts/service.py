"""Writes down what was done at the door, under the person's log-in."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from schemas.access import Actor

__all__ = ["record_act"]


def record_act(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    login: str,
    *,
    now: datetime,
    after: dict[str, Any],
    organisation_id: int | None = None,
) -> None:
    """Write down what was done; of the actor's own organisation unless another is named."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="user",
        object_key=login,
        now=now,
        after=after,
        organisation_id=organisation_id,
    )
