"""Opens again what a credit, a deposit or a write-off settled.

What was settled last is undone first; every part is a further row. Whoever calls has locked the
customers, and asked for a permission. Leaves out why (`fleet/payments`, `fleet/deposits`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.receivables import store
from fleet.receivables.errors import NothingToUndo
from fleet.receivables.model import Allocation, LineClass
from fleet.receivables.writing.service import write
from schemas.access import Actor


def undo(
    conn: Connection[Any],
    actor: Actor,
    *,
    credit_id: int | None = None,
    deposit_movement_id: int | None = None,
    write_off_id: int | None = None,
    amount_fen: int | None = None,
    keep_deposits: Mapping[int, int] | None = None,
    class_: LineClass | None = None,
    on: date,
    now: datetime,
) -> list[Allocation]:
    """What a credit, a deposit or a write-off settled is open again: all, or so much of it, the
    newest first. Credit and deposit are there again, and the postings go the other way.
    `keep_deposits`: by lease, how much of its deposit stays settled. `class_`: of this one only.

    Raises:
        NothingToUndo: it settled less.
        DepositNotEnough: it settled a deposit of which less is held by now.
    """
    sources = {
        "credit_id": credit_id,
        "deposit_movement_id": deposit_movement_id,
        "write_off_id": write_off_id,
    }
    asked = {name: key for name, key in sources.items() if key is not None}
    standing = [
        each
        for each in store.list_allocations(conn, {**asked, "standing": True})
        if class_ in (None, each.class_)
    ]
    parts = _newest_first(standing, dict(keep_deposits or {}))
    left = sum(fen for _each, fen in parts)
    wanted = left if amount_fen is None else amount_fen
    if wanted > left:
        raise NothingToUndo(f"only {left} fen can be undone", left_fen=left)
    rows = []
    for each, fen in parts:
        part = min(wanted, fen)
        if not part:
            continue
        wanted -= part
        day = max(on, each.allocated_on)
        rows.append(_again(each, -each.amount_fen, rule="undone", undoes_id=each.id, on=day))
        if part < each.amount_fen:
            rest = each.amount_fen - part
            rows.append(_again(each, rest, rule=each.rule, undoes_id=None, on=day))
    return write(conn, actor, rows, now=now)


def _newest_first(
    standing: Sequence[Allocation], keep: dict[int, int]
) -> list[tuple[Allocation, int]]:
    """Each allocation with how much of it can be undone: all but what is kept of deposits."""
    parts = []
    for each in reversed(standing):
        kept = 0
        if each.bill_kind == "deposit" and each.lease_id in keep:
            kept = min(keep[each.lease_id], each.amount_fen)
            keep[each.lease_id] -= kept
        parts.append((each, each.amount_fen - kept))
    return parts


def _again(each: Allocation, amount_fen: int, **given: Any) -> dict[str, Any]:
    same = ("tenant_id", "organisation_id", "customer_id", "bill_id", "credit_id")
    source = ("credit_note_id", "deposit_movement_id", "write_off_id")
    row = {name: getattr(each, name) for name in (*same, *source)}
    row |= {"class": each.class_, "amount_fen": amount_fen, "allocated_on": given.pop("on")}
    return row | given
