"""Writes allocations, and all that follows from them in one place.

What is open of bills, what is left of credit and what is held of deposits move with the rows; the
ledger is posted, and VAT falls due earlier by what is paid. Leaves out how the rows come about
(`moving`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.ledger.service import Entry, EventKind, Posting, post
from fleet.receivables import store
from fleet.receivables.errors import DepositNotEnough
from fleet.receivables.model import Allocation, Credit, OpenBill
from fleet.receivables.postings import settling, source_of
from fleet.receivables.tax_points.service import bring_forward
from schemas.access import Actor

_KINDS: Final[Mapping[str, tuple[EventKind, str]]] = {
    "credit": ("allocation", "冲抵账单"),
    "deposit": ("deposit", "押金抵扣"),
    "write_off": ("write_off", "坏账核销"),
}
_SOURCES: Final = ("credit_id", "credit_note_id", "deposit_movement_id", "write_off_id")


def row_of(
    bill: OpenBill,
    class_: str,
    amount_fen: int,
    *,
    rule: str,
    on: date,
    since: date | None = None,
    **source: int | None,
) -> dict[str, Any]:
    """An allocation to be written: so much of a class of a bill, out of one source, on a day;
    `since`: when the money was there.
    """
    row: dict[str, Any] = dict.fromkeys((*_SOURCES, "undoes_id"))
    same = ("tenant_id", "organisation_id", "customer_id", "bill_id")
    row |= {name: getattr(bill, name) for name in same}
    return row | {
        "class": class_,
        "amount_fen": amount_fen,
        "rule": rule,
        "allocated_on": on,
        "paid_on": None if since is None or since >= on else since,
        **source,
    }


def write(
    conn: Connection[Any],
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    credits: Sequence[Credit] = (),
) -> list[Allocation]:
    """The allocations as written. `credits`: those the rows draw on, if the caller has them.

    Raises:
        DepositNotEnough: less is held of a deposit than goes.
    """
    if not rows:
        return []
    written = store.insert_allocations(conn, rows, by=actor.name, now=now)
    _move_bills(conn, written)
    _move_credits(conn, written)
    _move_deposits(conn, written)
    payers = {each.id: each.customer_id for each in credits}
    post(conn, actor, _entries(conn, written, payers), now=now)
    paid: dict[int, date] = {}
    for each in written:
        if each.amount_fen > 0 and source_of(each) in ("credit", "deposit"):
            paid[each.bill_id] = min(each.allocated_on, paid.get(each.bill_id, each.allocated_on))
    if paid:
        bring_forward(conn, actor, paid, now=now)
    return written


def _move_bills(conn: Connection[Any], written: Sequence[Allocation]) -> None:
    moved: dict[int, dict[str, Any]] = {}
    for each in written:
        nothing = {"bill_id": each.bill_id, "principal_fen": 0, "interest_fen": 0, "cost_fen": 0}
        row = moved.setdefault(each.bill_id, {**nothing, "moved_on": each.allocated_on})
        row[f"{each.class_}_fen"] += each.amount_fen
        row["moved_on"] = max(row["moved_on"], each.allocated_on)
    store.move_balances(conn, list(moved.values()))


def _move_credits(conn: Connection[Any], written: Sequence[Allocation]) -> None:
    taken: dict[int, int] = defaultdict(int)
    for each in written:
        if each.credit_id is not None:
            taken[each.credit_id] += each.amount_fen
    store.take_credits(conn, taken)


def _move_deposits(conn: Connection[Any], written: Sequence[Allocation]) -> None:
    """A paid bill of a deposit is held; what a deposit settles is held no longer."""
    moved: dict[int, int] = defaultdict(int)
    for each in written:
        source = source_of(each)
        if each.bill_kind == "deposit" and source in ("credit", "deposit"):
            assert each.lease_id is not None
            moved[each.lease_id] += each.amount_fen
        if each.deposit_movement_id is not None:
            move = store.find_deposit_move(conn, each.deposit_movement_id)
            assert move is not None
            moved[move.lease_id] -= each.amount_fen
    for lease_id, fen in moved.items():
        held = store.find_held(conn, lease_id)
        if held + fen < 0:
            raise DepositNotEnough(f"only {held} fen are held", held_fen=held)
    store.move_held(conn, moved)


def _entries(
    conn: Connection[Any], written: Sequence[Allocation], payers: Mapping[int, int]
) -> list[Entry]:
    """One entry for each source, book and day."""
    groups: dict[tuple[Any, ...], list[Allocation]] = {}
    for each in written:
        if each.credit_note_id is None:
            source = (each.credit_id, each.deposit_movement_id, each.write_off_id)
            place = (*source, each.organisation_id, each.allocated_on)
            groups.setdefault(place, []).append(each)
    entries = []
    for group in groups.values():
        first = group[0]
        kind, title = _KINDS[source_of(first)]
        sides = settling(group, _payer(conn, first, payers))
        postings = tuple(
            Posting(each.account, each.amount_fen, each.customer_id, each.lease_id)
            for each in sides
        )
        if not postings:
            continue
        told = title if first.amount_fen > 0 else f"撤销{title}"
        numbers = list(dict.fromkeys(each.bill_no for each in group))
        more = f"等{len(numbers)}张" if len(numbers) > 1 else ""
        book = (first.tenant_id, first.organisation_id, kind, _key(conn, first))
        entries.append(Entry(*book, first.allocated_on, f"{told} {numbers[0]}{more}", postings))
    return entries


def _payer(conn: Connection[Any], each: Allocation, payers: Mapping[int, int]) -> int:
    """The customer whose money it is."""
    if each.credit_id is not None:
        if each.credit_id in payers:
            return payers[each.credit_id]
        [credit] = store.list_credits(conn, {"id": each.credit_id})
        return credit.customer_id
    if each.deposit_movement_id is not None:
        move = store.find_deposit_move(conn, each.deposit_movement_id)
        assert move is not None
        return move.customer_id
    return each.customer_id


def _key(conn: Connection[Any], each: Allocation) -> str:
    """The key of the event: of the deposit's move or the write-off; else of the allocation."""
    if each.amount_fen > 0 and each.deposit_movement_id is not None:
        move = store.find_deposit_move(conn, each.deposit_movement_id)
        assert move is not None
        return str(move.key)
    if each.amount_fen > 0 and each.write_off_id is not None:
        written_off = store.find_write_off(conn, each.write_off_id)
        assert written_off is not None
        return str(written_off.key)
    return str(each.id)
