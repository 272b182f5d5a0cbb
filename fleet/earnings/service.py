"""Answers what was earned, or received, with vehicles in a span of days, net of VAT.

From lines of bills and credit notes, day by day and to the fen as the ledger recognises them: what
is asked for whole months is what the accounts of revenue say. What a line earns is fixed when it is
issued, and kept month by month then, by the database (`earned_parts`); `check_earned` compares it
with the lines. Whoever calls decides who may ask; rows out of sight are not counted. Leaves out
what was spent (`fleet/costs`) and what is still open.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.earnings import store
from fleet.earnings.model import EARNING, PURCHASES, RENT, Earned, Group, Origin, origin_of
from fleet.ledger.service import Fault

__all__ = [
    "EARNING",
    "PURCHASES",
    "RENT",
    "Earned",
    "Group",
    "Origin",
    "check_earned",
    "list_earned",
    "list_received",
    "origin_of",
]
MOST: Final = 100
"""Of each check: where one thing is wrong, many are."""


def list_earned(
    conn: Connection[Any],
    *,
    by: Sequence[Group],
    scope: Sequence[int],
    from_on: date,
    until_on: date,
    known_at: datetime,
    vehicle_ids: Sequence[int] | None = None,
) -> list[Earned]:
    """What bills of the organisations `scope` earned in [from_on, until_on), in fen net of VAT.

    As it was known at `known_at`, in groups of what `by` names, at least one; of these vehicles
    only, where they are given.
    """
    return store.list_earned(
        conn,
        by,
        scope=scope,
        from_on=from_on,
        until_on=until_on,
        known_at=known_at,
        vehicle_ids=vehicle_ids,
    )


def list_received(
    conn: Connection[Any],
    *,
    scope: Sequence[int],
    from_on: date,
    until_on: date,
    known_at: datetime,
) -> dict[int, int]:
    """By vehicle, what settled its lines with money in [from_on, until_on), in fen net of VAT.

    Payments, credit and deposits applied; neither credit notes nor write-offs. Below zero where
    more was taken back than came in.
    """
    return store.list_received(
        conn, scope=scope, from_on=from_on, until_on=until_on, known_at=known_at
    )


def check_earned(conn: Connection[Any]) -> list[Fault]:
    """Where what is kept of earnings is not what follows from the lines in sight; else nothing."""
    return [
        Fault(name, key, f"kept {kept}, follows {follows}")
        if name == "earned_lines"
        else Fault(name, key, f"{kept} of {follows} parts are off")
        for name, query in store.CHECKS
        for key, kept, follows in store.list_off(conn, query, limit=MOST)
    ]
