"""Keeps what is spent on vehicles: one amount a record, replaced when the record is corrected.

A cost is business of the organisation that had the vehicle; its owner sees it, the next operator
does not. Leaves out what a vehicle earns, and prices of purchase (`fleet/registry`).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.costs import store
from fleet.costs.model import Cost, CostEntry, CostKind
from fleet.registry import service as registry
from schemas.access import Actor

__all__ = [
    "Cost",
    "CostEntry",
    "CostKind",
    "known_costs",
    "list_costs",
    "set_cost",
    "set_costs",
    "sum_costs",
]


def set_cost(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    kind: CostKind,
    amount_fen: int,
    incurred_on: date,
    subject_kind: str,
    subject_key: str,
    now: datetime,
) -> None:
    """The record `subject_key` cost this much, tax included, whatever was known of it before.

    The caller has asked the actor for the record's own permission, and writes the audit entry.
    """
    store.set_cost(
        conn,
        {
            "tenant_id": vehicle.tenant_id,
            "organisation_id": vehicle.holder_id,
            "vehicle_id": vehicle.id,
            "kind": kind,
            "amount_fen": amount_fen,
            "incurred_on": incurred_on,
            "subject_kind": subject_kind,
            "subject_key": subject_key,
            "recorded_by": actor.name,
            "recorded_at": now,
        },
    )


def set_costs(
    conn: Connection[Any], actor: Actor, entries: Sequence[CostEntry], *, now: datetime
) -> None:
    """As `set_cost`, of many records in one statement; the vehicles are the actor's now."""
    store.set_costs(conn, entries, recorded_by=actor.name, recorded_at=now)


def known_costs(
    conn: Connection[Any], actor: Actor, *, subject_kind: str, subject_keys: Sequence[str]
) -> dict[str, int]:
    """Fen by record, as far as in sight; nothing to an actor who may not see costs."""
    if not actor.may("cost.read"):
        return {}
    return store.list_known_costs(conn, subject_kind, subject_keys)


def list_costs(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    from_on: date,
    until_on: date,
    after: tuple[date, int] | None = None,
    limit: int = 200,
) -> list[Cost]:
    """What was spent on the vehicle in [from_on, until_on), the latest first; after (day, id)."""
    actor.require("cost.read")
    return store.list_costs(
        conn, vehicle.id, from_on=from_on, until_on=until_on, after=after, limit=limit
    )


def sum_costs(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    from_on: date,
    until_on: date,
) -> dict[str, int]:
    """Fen by kind spent on the vehicle in [from_on, until_on)."""
    actor.require("cost.read")
    return store.sum_costs(conn, vehicle.id, from_on=from_on, until_on=until_on)
