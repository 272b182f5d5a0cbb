"""Work orders as sheets tell them: what is known of them, writing them, and what they cost."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from random import Random
from typing import Any

from psycopg import Connection

from fleet.costs import service as costs
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.work_orders.in_bulk import store
from fleet.work_orders.orders.service import COST_KIND, RNG
from fleet.work_orders.sheet_rows import row_to_write
from kit.numbers import make_number
from schemas.access import Actor

__all__ = ["known_work_orders", "save_work_orders"]


def known_work_orders(
    conn: Connection[Any], references: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Orders of one's own by their references, as a sheet tells them."""
    rows = store.list_known_orders(conn, references, zone=DEFAULT_ZONE)
    return {row["reference"]: row for row in rows}


def save_work_orders(
    conn: Connection[Any],
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    rng: Random = RNG,
) -> None:
    """Orders as a sheet tells them, known by their references; costs of those that are closed.

    Days are those of DEFAULT_ZONE. The stages of vehicles stay: a sheet tells of what was.

    Raises:
        ReferenceTaken: an order out of the actor's sight has the reference.
    """
    known = known_work_orders(conn, [row["reference"] for row in rows])
    fresh = [row["reference"] for row in rows if row["reference"] not in known]
    numbers = dict(zip(fresh, _unused(conn, len(fresh), local_day(now), rng), strict=True))
    written = [
        row_to_write(row, number=numbers.get(row["reference"]), zone=DEFAULT_ZONE) for row in rows
    ]
    store.write_sheet_orders(conn, written, by=actor.name, zone=DEFAULT_ZONE, now=now)
    closed = [row["reference"] for row in rows if row["state"] == "closed"]
    costs.set_costs(
        conn,
        actor,
        [
            costs.CostEntry(
                vin=row["vin"],
                kind=COST_KIND[row["kind"]],
                amount_fen=row["total_fen"],
                incurred_on=row["incurred_on"],
                subject_kind="work_order",
                subject_key=row["number"],
            )
            for row in store.list_closed_costs(conn, closed, zone=DEFAULT_ZONE)
        ],
        now=now,
    )


def _unused(conn: Connection[Any], count: int, on: date, rng: Random) -> list[str]:
    """So many numbers no order in sight has, each another."""
    found: list[str] = []
    while len(found) < count:
        made = {make_number("W", on, rng) for _ in range(count - len(found))} - set(found)
        found += sorted(made - store.list_taken_numbers(conn, sorted(made)))
    return found
