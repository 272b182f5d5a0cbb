"""Tells what is open of bills, what is left of credit, what is held of deposits.

Leaves out permissions: whoever calls decides who may ask. What a payment would settle is decided in
`allocation.py`, late fees in `late_fee.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.receivables import store
from fleet.receivables.late_fee import NOTHING, FeeRule, LateFeeDue, fee
from fleet.receivables.model import Allocation, Credit, OpenBill


def lock_customers(conn: Connection[Any], customer_ids: Sequence[int]) -> None:
    """Have others wait who move the money of these customers, or of those merged with them; until
    the commit. Taken before anything of theirs is read to be moved.
    """
    store.lock_customers(conn, customer_ids)


def list_family(conn: Connection[Any], customer_id: int) -> list[int]:
    """The customer and all that are merged with it, whichever of them is asked for."""
    return sorted(store.list_families(conn, [customer_id]))


def list_open(
    conn: Connection[Any],
    *,
    customer_id: int | None = None,
    lease_id: int | None = None,
    organisation_id: int | None = None,
    on: date | None = None,
) -> list[OpenBill]:
    """Bills with something open, by due day; of a customer and those merged with it, of a lease, of
    an organisation and those below it. `on`: as it was at the end of that day.
    """
    filters: dict[str, Any] = {}
    if customer_id is not None:
        filters["customer_ids"] = list_family(conn, customer_id)
    if lease_id is not None:
        filters["lease_id"] = lease_id
    if organisation_id is not None:
        filters["organisation_id"] = organisation_id
    return store.list_open(conn, filters, on=on)


def left_of(conn: Connection[Any], *, customer_id: int) -> list[Credit]:
    """Credit with something left, of a customer and those merged with it, the oldest first."""
    filters = {"customer_ids": list_family(conn, customer_id), "left": True}
    return store.list_credits(conn, filters, oldest_first=True)


def list_credits(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Credit]:
    """Credit in sight, the last recorded first. `filters`: left, customer, source_kind,
    organisation (or below it).
    """
    return store.list_credits(conn, filters, after=after, limit=limit)


def deposit_held(conn: Connection[Any], *, lease_id: int) -> int:
    """What is held of the deposit of a lease, in fen."""
    return store.find_held(conn, lease_id)


def deposits_short(conn: Connection[Any], *, credit_id: int) -> dict[int, int]:
    """How much less is held of the deposit of each lease than this credit paid, in fen: so much has
    been used, and has to come back before the payment can be undone.
    """
    paid: dict[int, int] = {}
    for each in standing_of(conn, credit_id=credit_id):
        if each.bill_kind == "deposit" and each.lease_id is not None:
            paid[each.lease_id] = paid.get(each.lease_id, 0) + each.amount_fen
    short = {key: fen - store.find_held(conn, key) for key, fen in paid.items()}
    return {key: fen for key, fen in short.items() if fen > 0}


def standing_of(conn: Connection[Any], *, credit_id: int) -> list[Allocation]:
    """What a credit settles, undone parts left out, in the order it did."""
    return store.list_allocations(conn, {"credit_id": credit_id, "standing": True})


def late_fee_of(
    conn: Connection[Any], *, bill_ids: Sequence[int], on: date
) -> dict[int, LateFeeDue]:
    """The late fee of each bill up to and including a day; nothing where none was agreed."""
    history = principal_history(conn, bill_ids)
    fees = dict.fromkeys(bill_ids, NOTHING)
    for bill in store.list_late_bills(conn, bill_ids):
        agreed = bill.late_fee
        fees[bill.id] = fee(
            FeeRule(agreed.rate_per_day, agreed.grace_days, agreed.cap_pct),
            principal_fen=bill.principal_fen,
            due_on=bill.due_on,
            issued_on=bill.issued_on,
            settled=history[bill.id],
            on=on,
        )
    return fees


def principal_history(
    conn: Connection[Any], bill_ids: Sequence[int]
) -> dict[int, list[tuple[date, int]]]:
    """How much of the principal of each bill was paid on which day; below zero: undone."""
    history: dict[int, list[tuple[date, int]]] = {key: [] for key in bill_ids}
    for bill_id, day, fen in store.list_principal_history(conn, bill_ids):
        history[bill_id].append((day, fen))
    return history
