"""What is written into an order: parts and labour, and the steps of its checklist."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from fleet.work_orders.amounts import amount_fen, check_quantity
from fleet.work_orders.asking.service import detail_of, find_order, lines_of, steps_of
from fleet.work_orders.completeness import check_result
from fleet.work_orders.contents import store
from fleet.work_orders.errors import LineNotFound, LinesTooMany
from fleet.work_orders.model import LineKind, Result, WorkOrderDetail
from fleet.work_orders.orders.service import find_own, ties_of, write_audit
from schemas.access import Actor

__all__ = ["add_check", "add_line", "strike_line"]

MOST_LINES: Final = 500


def add_line(
    conn: Connection[Any],
    actor: Actor,
    *,
    number: str,
    kind: LineKind,
    title: str,
    quantity: Decimal,
    unit: str,
    unit_price_fen: int,
    part_no: str | None = None,
    now: datetime,
) -> WorkOrderDetail:
    """A part, work or something else is added to the order; prices with tax.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours, WorkOrderOver: it is not the actor's to change.
        QuantityMalformed: not above 0, too large, or finer than three decimals.
        LinesTooMany: it holds MOST_LINES already.
    """
    actor.require("work_order.change")
    order = find_own(conn, number)
    check_quantity(quantity)
    if len(lines_of(conn, order)) >= MOST_LINES:
        raise LinesTooMany(f"an order holds {MOST_LINES} lines", most=MOST_LINES)
    row = {
        **ties_of(order),
        "kind": kind,
        "title": title,
        "part_no": part_no,
        "quantity": quantity,
        "unit": unit,
        "unit_price_fen": unit_price_fen,
        "amount_fen": amount_fen(quantity, unit_price_fen),
        "added_by": actor.name,
        "added_at": now,
    }
    store.insert_line(conn, row)
    told = {"line": title, "kind": kind, "amount_fen": row["amount_fen"]}
    write_audit(conn, actor, "work_order.add_line", order, now=now, after=told)
    return detail_of(conn, find_order(conn, number), now=now)


def strike_line(
    conn: Connection[Any], actor: Actor, *, number: str, line_id: int, now: datetime
) -> WorkOrderDetail:
    """The line counts no more; it stays to be seen.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours, WorkOrderOver: it is not the actor's to change.
        LineNotFound: the order has no such line that stands.
    """
    actor.require("work_order.change")
    order = find_own(conn, number)
    if not store.strike_line(conn, order.id, line_id, now=now):
        raise LineNotFound(f"{number} has no line {line_id} that stands", line_id=line_id)
    write_audit(conn, actor, "work_order.strike_line", order, now=now, before={"line_id": line_id})
    return detail_of(conn, find_order(conn, number), now=now)


def add_check(
    conn: Connection[Any],
    actor: Actor,
    *,
    number: str,
    step_no: int,
    result: Result,
    note: str | None = None,
    now: datetime,
) -> WorkOrderDetail:
    """A step of the order's checklist was done; done again, the last counts.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours, WorkOrderOver: it is not the actor's to work on.
        StepUnknown, FaultNotDescribed: the input cannot be used.
    """
    actor.require("work_order.change")
    order = find_own(conn, number)
    check_result(steps_of(conn, order), step_no, result, note)
    row = {"step_no": step_no, "result": result, "note": note}
    store.insert_check(conn, {**ties_of(order), **row, "checked_by": actor.name, "checked_at": now})
    told = {"step_no": step_no, "result": result}
    write_audit(conn, actor, "work_order.add_check", order, now=now, after=told)
    return detail_of(conn, order, now=now)
