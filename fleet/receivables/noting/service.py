"""Takes credit notes off bills.

What a note takes off beyond what is open was given up, then it is given up no more; or was paid,
then it becomes credit, and settles what else is open. Leaves out the note itself, and its own entry
in the ledger (`fleet/billing`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.ledger.service import Entry, Posting, post
from fleet.receivables import store
from fleet.receivables.model import LineClass, OpenBill
from fleet.receivables.moving.service import (
    add_credit,
    allocate_credit,
    get_bill,
    move_deposit,
)
from fleet.receivables.postings import surplus
from fleet.receivables.undoing.service import undo
from fleet.receivables.writing.service import row_of, write
from schemas.access import Actor


def take_off(
    conn: Connection[Any],
    actor: Actor,
    *,
    credit_note_id: int,
    credit_no: str,
    bill_id: int,
    principal_fen: int,
    interest_fen: int,
    cost_fen: int,
    on: date,
    now: datetime,
) -> int:
    """A credit note takes so much off a bill; what is more than its open part becomes credit.

    What of it was written off was never paid, and becomes none: so much of the write-off is undone.

    How much did, in fen. That surplus is posted here, and settles what else is open; what the note
    itself takes off is posted by whoever made it.

    Raises:
        BillToSettleNotFound: there is no such issued bill in sight.
        DepositNotEnough: of a deposit more is taken off than is open and held.
    """
    wanted_fen: dict[LineClass, int] = {
        "cost": cost_fen,
        "interest": interest_fen,
        "principal": principal_fen,
    }
    _undo_write_offs(conn, actor, get_bill(conn, bill_id), wanted_fen, on=on, now=now)
    bill = get_bill(conn, bill_id)
    wanted = (
        ("cost", cost_fen, bill.open_cost_fen),
        ("interest", interest_fen, bill.open_interest_fen),
        ("principal", principal_fen, bill.open_principal_fen),
    )
    rows = [
        row_of(
            bill,
            class_,
            min(fen, open_fen),
            rule="credit_note",
            on=on,
            credit_note_id=credit_note_id,
        )
        for class_, fen, open_fen in wanted
        if min(fen, open_fen)
    ]
    if rows:
        write(conn, actor, rows, now=now)
    over = principal_fen + interest_fen + cost_fen - sum(row["amount_fen"] for row in rows)
    if over:
        _add_surplus(conn, actor, bill, over, credit_no=credit_no, on=on, now=now)
    return int(over)


def _undo_write_offs(
    conn: Connection[Any],
    actor: Actor,
    bill: OpenBill,
    wanted_fen: Mapping[LineClass, int],
    *,
    on: date,
    now: datetime,
) -> None:
    """What was given up of a bill is open again, as far as a note takes off more than is open."""
    open_fen: dict[LineClass, int] = {
        "cost": bill.open_cost_fen,
        "interest": bill.open_interest_fen,
        "principal": bill.open_principal_fen,
    }
    if all(fen <= open_fen[class_] for class_, fen in wanted_fen.items()):
        return
    standing = store.list_allocations(conn, {"bill_id": bill.bill_id, "standing": True})
    for class_, fen in wanted_fen.items():
        short_fen = fen - open_fen[class_]
        given_up: dict[int, int] = {}
        for each in reversed(standing):
            if each.write_off_id is not None and each.class_ == class_:
                had_fen = given_up.get(each.write_off_id, 0)
                given_up[each.write_off_id] = had_fen + each.amount_fen
        for write_off_id, stands_fen in given_up.items():
            part_fen = min(short_fen, stands_fen)
            if part_fen > 0:
                undo(
                    conn,
                    actor,
                    write_off_id=write_off_id,
                    amount_fen=part_fen,
                    class_=class_,
                    on=on,
                    now=now,
                )
                short_fen -= part_fen


def _add_surplus(
    conn: Connection[Any],
    actor: Actor,
    bill: OpenBill,
    over_fen: int,
    *,
    credit_no: str,
    on: date,
    now: datetime,
) -> None:
    deposit = bill.kind == "deposit"
    if deposit:
        assert bill.lease_id is not None
        move_deposit(conn, lease_id=bill.lease_id, amount_fen=-over_fen)
    credit_id = add_credit(
        conn,
        actor,
        tenant_id=bill.tenant_id,
        organisation_id=bill.organisation_id,
        customer_id=bill.customer_id,
        amount_fen=over_fen,
        source_kind="credit_note",
        source_key=credit_no,
        since_on=on,
        now=now,
    )
    sides = surplus(over_fen, deposit=deposit, customer_id=bill.customer_id, lease_id=bill.lease_id)
    postings = tuple(
        Posting(side.account, side.amount_fen, side.customer_id, side.lease_id) for side in sides
    )
    title, book = f"冲减转余额 {credit_no}", (bill.tenant_id, bill.organisation_id)
    post(conn, actor, [Entry(*book, "allocation", credit_no, on, title, postings)], now=now)
    allocate_credit(conn, actor, credit_id=credit_id, named=[bill.bill_id], on=on, now=now)
