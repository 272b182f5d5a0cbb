"""Moves money: credit, deposits and write-offs settle bills.

All of it is rows that only grow; what is left and open is kept beside them, and every move is
posted in the same transaction. Whoever calls has locked the customers, and asked for a permission.
Leaves out which bills are chosen (`allocation.py`), undoing (`undoing`), credit notes (`noting`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.money_figures import PaymentOrder
from fleet.parameters.service import figures
from fleet.receivables import store
from fleet.receivables.allocation import OrderRule, Piece, allocate_sum, within_bill
from fleet.receivables.days import Moved, days_open
from fleet.receivables.errors import (
    BillToSettleNotFound,
    CreditUsedUp,
    DepositNotEnough,
    MoreThanOpen,
)
from fleet.receivables.model import Allocation, Credit, CreditSource, LineClass, OpenBill, Opened
from fleet.receivables.writing.service import row_of, write
from schemas.access import Actor


def open_bills(
    conn: Connection[Any], actor: Actor, *, bills: Sequence[Opened], now: datetime
) -> None:
    """What is owed of bills just issued; credit their customers have left settles it."""
    if not bills:
        return
    names = [each.name for each in fields(Opened)]  # asdict would copy every value
    store.insert_balances(conn, [{name: getattr(bill, name) for name in names} for bill in bills])
    families = store.list_families(conn, sorted({bill.customer_id for bill in bills}))
    filters = {"customer_ids": sorted(families), "left": True}
    credits = store.list_credits(conn, filters, oldest_first=True)
    on, opened = max(bill.issued_on for bill in bills), {bill.bill_id for bill in bills}
    _settle_from(conn, actor, credits, families=families, on=on, opened=opened, now=now)


def add_credit(
    conn: Connection[Any],
    _actor: Actor,
    *,
    tenant_id: int,
    organisation_id: int,
    customer_id: int,
    amount_fen: int,
    source_kind: CreditSource,
    source_key: str,
    payment_id: int | None = None,
    since_on: date,
    now: datetime,
) -> int:
    """Money of a customer that settles no bill yet; its id. Posts nothing."""
    row = {
        "tenant_id": tenant_id,
        "organisation_id": organisation_id,
        "customer_id": customer_id,
        "amount_fen": amount_fen,
        "source_kind": source_kind,
        "source_key": source_key,
        "payment_id": payment_id,
        "since_on": since_on,
        "now": now,
    }
    return store.insert_credit(conn, row)


def allocate_credit(
    conn: Connection[Any],
    actor: Actor,
    *,
    credit_id: int,
    named: Sequence[int] = (),
    only_named: bool = False,
    on: date,
    now: datetime,
) -> list[Allocation]:
    """What is left of a credit settles bills of its customer: those named first, then as agreed or
    by law. `only_named`: no others.

    Raises:
        BillToSettleNotFound: a named bill is none of this customer's.
    """
    credit = get_credit(conn, credit_id)
    families = store.list_families(conn, [credit.customer_id])
    if named:
        filters = {"bill_ids": list(named), "customer_ids": sorted(families)}
        known = {each.bill_id for each in store.list_open(conn, filters, settled=True)}
        missing = [each for each in named if each not in known]
        if missing:
            raise BillToSettleNotFound("a bill is named that is none of this customer's")
    return _settle_from(
        conn,
        actor,
        [credit] if credit.left_fen else [],
        families=families,
        named=named,
        only_named=only_named,
        on=on,
        now=now,
    )


def settle(
    conn: Connection[Any],
    actor: Actor,
    *,
    bill_id: int,
    amount_fen: int,
    deposit_movement_id: int | None = None,
    write_off_id: int | None = None,
    on: date,
    now: datetime,
) -> list[Allocation]:
    """A deposit, or a write-off, settles so much of a bill; posted. What is held goes down with it.

    Raises:
        BillToSettleNotFound: there is no such issued bill in sight.
        MoreThanOpen: less is open of it.
        DepositNotEnough: less is held of the deposit.
    """
    bill = get_bill(conn, bill_id)
    if not 0 < amount_fen <= bill.open_fen:
        raise MoreThanOpen(
            f"{bill.bill_no} is open for {bill.open_fen} fen",
            bill_no=bill.bill_no,
            open_fen=bill.open_fen,
        )
    rule = "deposit" if deposit_movement_id is not None else "write_off"
    source = {"deposit_movement_id": deposit_movement_id, "write_off_id": write_off_id}
    parts = within_bill(
        amount_fen,
        cost_fen=bill.open_cost_fen,
        interest_fen=bill.open_interest_fen,
        principal_fen=bill.open_principal_fen,
    )
    since = max(on, bill.issued_on)
    moved = store.list_moved_after(conn, [bill_id], since)
    day = max(_days(bill, *part, since=since, moved=moved)[-1][0] for part in parts)
    rows = [
        row_of(bill, name, fen, rule=rule, on=day, since=since, **source) for name, fen in parts
    ]
    return write(conn, actor, rows, now=now)


def use_credit(conn: Connection[Any], *, credit_id: int, amount_fen: int) -> None:
    """So much less is left of a credit: it was given back, or never came. Posts nothing.

    Raises:
        CreditUsedUp: less is left.
    """
    credit = get_credit(conn, credit_id)
    if amount_fen > credit.left_fen:
        raise CreditUsedUp(f"only {credit.left_fen} fen are left", left_fen=credit.left_fen)
    store.take_credits(conn, {credit_id: amount_fen})


def move_deposit(conn: Connection[Any], *, lease_id: int, amount_fen: int) -> None:
    """So much more is held of the deposit of a lease; below zero: less. Posts nothing.

    Raises:
        DepositNotEnough: less is held.
    """
    held = store.find_held(conn, lease_id)
    if held + amount_fen < 0:
        raise DepositNotEnough(f"only {held} fen are held", held_fen=held)
    store.move_held(conn, {lease_id: amount_fen})


def get_credit(conn: Connection[Any], credit_id: int) -> Credit:
    """The credit with this id; a fault of the program if there is none."""
    [credit] = store.list_credits(conn, {"id": credit_id})
    return credit


def get_bill(conn: Connection[Any], bill_id: int) -> OpenBill:
    """The issued bill, also a settled one.

    Raises:
        BillToSettleNotFound: there is none in sight.
    """
    found = store.list_open(conn, {"bill_ids": [bill_id]}, settled=True)
    if not found:
        raise BillToSettleNotFound("there is no such issued bill")
    return found[0]


def _settle_from(
    conn: Connection[Any],
    actor: Actor,
    credits: Sequence[Credit],
    *,
    families: Mapping[int, int],
    named: Sequence[int] = (),
    only_named: bool = False,
    on: date,
    opened: Collection[int] = (),
    now: datetime,
) -> list[Allocation]:
    """Credits settle what is open of their families, each in its turn."""
    if not credits:
        return []
    wanted = {credit.family_id for credit in credits}
    members = sorted(key for key, head in families.items() if head in wanted)
    filters: dict[str, Any] = {"customer_ids": members}
    if only_named:
        filters["bill_ids"] = list(named)
    debts = {bill.bill_id: bill for bill in store.list_open(conn, filters)}
    orders: dict[int, OrderRule] = {}
    planned: list[tuple[Credit, OpenBill, Piece]] = []
    for credit in credits:
        order = orders.get(credit.tenant_id) or _order_of(conn, credit.tenant_id, on)
        orders[credit.tenant_id] = order
        own = [bill for bill in debts.values() if families[bill.customer_id] == credit.family_id]
        pieces = allocate_sum(credit.left_fen, own, named=named, order=order, on=on)
        planned += [(credit, debts[piece.bill_id], piece) for piece in pieces]
        _lessen(debts, pieces)
    rows = list(_rows(conn, planned, on=on, opened=opened))
    return write(conn, actor, rows, now=now, credits=credits) if rows else []


def _rows(
    conn: Connection[Any],
    planned: Sequence[tuple[Credit, OpenBill, Piece]],
    *,
    on: date,
    opened: Collection[int],
) -> Iterator[dict[str, Any]]:
    """The allocations of pieces, each on the days so much of its bill was open."""
    if not planned:
        return
    bill_ids = sorted({bill.bill_id for _credit, bill, _piece in planned})
    moved = store.list_moved_after(conn, bill_ids, on)
    for credit, bill, piece in planned:
        since = max(on, bill.issued_on, credit.since_on)
        why = "next_bill" if bill.bill_id in opened else piece.rule
        for day, fen in _days(bill, piece.class_, piece.amount_fen, since=since, moved=moved):
            yield row_of(
                bill, piece.class_, fen, rule=why, on=day, since=since, credit_id=credit.id
            )
            moved.setdefault((bill.bill_id, piece.class_), []).append((day, fen))


def _days(
    bill: OpenBill,
    class_: LineClass,
    amount_fen: int,
    *,
    since: date,
    moved: Mapping[tuple[int, str], Sequence[Moved]],
) -> list[Moved]:
    """On which days so much of a class of a bill is settled by what is there since a day."""
    open_fen = {
        "cost": bill.open_cost_fen,
        "interest": bill.open_interest_fen,
        "principal": bill.open_principal_fen,
    }[class_]
    of_class = moved.get((bill.bill_id, class_), ())
    return days_open(amount_fen, open_fen=open_fen, since=since, moved=of_class)


def _lessen(debts: dict[int, OpenBill], pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        bill, name = debts[piece.bill_id], f"open_{piece.class_}_fen"
        debts[piece.bill_id] = replace(bill, **{name: getattr(bill, name) - piece.amount_fen})


def _order_of(conn: Connection[Any], tenant_id: int, on: date) -> OrderRule:
    return figures(conn, PaymentOrder, tenant_id=tenant_id, on=on).rule
