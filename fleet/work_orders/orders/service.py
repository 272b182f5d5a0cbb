"""One order as a record: opened, found to work on, changed, taken on; its events and its trail."""

from collections.abc import Mapping
from datetime import datetime
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.costs import service as costs
from fleet.local_days import local_day
from fleet.maintenance import service as maintenance
from fleet.work_orders.asking.service import checks_of, find_order, steps_of
from fleet.work_orders.completeness import missing_steps
from fleet.work_orders.errors import (
    ChecklistIncomplete,
    WorkOrderNotReachable,
    WorkOrderNotYours,
    WorkOrderOver,
)
from fleet.work_orders.model import Kind, WorkOrder
from fleet.work_orders.orders import store
from fleet.work_orders.states import OVER, State, may_follow
from kit.numbers import TRIES, make_number
from schemas.access import Actor

__all__ = [
    "COST_KIND",
    "RNG",
    "advance",
    "change",
    "check_complete",
    "check_reachable",
    "find_own",
    "open_order",
    "ties_of",
    "write_audit",
]

COST_KIND: Final[Mapping[Kind, costs.CostKind]] = {
    "repair": "repair",
    "maintenance": "maintenance",
    "battery_check": "other",
    "idle_care": "care",
    "accident": "accident",
}
"""`battery_test` is the cost of a test by GB/T 44500, which is a paper of `fleet/compliance`."""
RNG: Final = SystemRandom()


def open_order(
    conn: Connection[Any], actor: Actor, row: Mapping[str, Any], *, rng: Random, now: datetime
) -> WorkOrder:
    """The order that was added, with its opening as the first event.

    A number that is taken is made anew. Whoever calls decides who may.

    Raises:
        ReferenceTaken: the organisation has another order of this number elsewhere.
    """
    on = local_day(now, maintenance.zone_of(conn, row["organisation_id"]))
    for _ in range(TRIES):
        number = make_number("W", on, rng)
        if store.insert_work_order(conn, {**row, "number": number}) is not None:
            order = find_order(conn, number)
            _note_event(conn, actor, order, None, "open", remark=None, now=now)
            return order
    raise RuntimeError(f"{TRIES} numbers in a row were taken")


def find_own(conn: Connection[Any], number: str, *, over: bool = False) -> WorkOrder:
    """The order, locked, to work on; one that is over only if said.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours, WorkOrderOver: it is not the actor's to work on.
    """
    store.lock_work_order(conn, number)
    found = find_order(conn, number)
    if not found.own:
        raise WorkOrderNotYours(f"{number} is another organisation's", number=number)
    if found.state in OVER and not over:
        raise WorkOrderOver(f"{number} is {found.state}", number=number, state=found.state)
    return found


def check_reachable(order: WorkOrder, state: State) -> None:
    """Let pass the states an order comes to from where it is.

    Raises:
        WorkOrderNotReachable: not this one.
    """
    if not may_follow(order.state, state):
        raise WorkOrderNotReachable(
            f"{order.number} is {order.state} and does not become {state}",
            state=order.state,
            wanted=state,
        )


def check_complete(conn: Connection[Any], order: WorkOrder) -> None:
    """Let pass an order every step of whose checklist is done.

    Raises:
        ChecklistIncomplete: others are not; it names them.
    """
    missing = missing_steps(steps_of(conn, order), checks_of(conn, order))
    if missing:
        steps = [f"{step.no} {step.text}" for step in missing]
        raise ChecklistIncomplete(f"steps are not done: {', '.join(steps)}", steps=steps)


def change(conn: Connection[Any], was: WorkOrder, row: Mapping[str, Any]) -> WorkOrder:
    """The order as it is to be. Whoever calls decides who may, and writes the audit entry."""
    store.update_work_order(conn, {**row, "id": was.id})
    return find_order(conn, was.number)


def advance(
    conn: Connection[Any],
    actor: Actor,
    was: WorkOrder,
    state: State,
    *,
    remark: str | None,
    takes_off_road: bool,
    now: datetime,
) -> WorkOrder:
    """The order at `state`, and its event. The vehicle is off the road from now on, or again since
    it first was, if told; and no more once the order is done or cancelled.

    Whoever calls decides who may, and writes the audit entry.
    """
    down_from_at, down_until_at = was.down_from_at, was.down_until_at
    if takes_off_road:
        down_from_at, down_until_at = down_from_at or now, None
    elif state in ("done", "cancelled") and down_from_at is not None:
        down_until_at = down_until_at or now
    finished_at = {"done": now, "closed": was.finished_at}.get(state)
    row = {"down_from_at": down_from_at, "down_until_at": down_until_at}
    store.mark_state(conn, {**row, "id": was.id, "state": state, "finished_at": finished_at})
    _note_event(conn, actor, was, was.state, state, remark=remark, now=now)
    return find_order(conn, was.number)


def ties_of(order: WorkOrder) -> dict[str, Any]:
    """The columns that tie a row to its order."""
    return {
        "tenant_id": order.tenant_id,
        "organisation_id": order.organisation_id,
        "work_order_id": order.id,
    }


def _note_event(
    conn: Connection[Any],
    actor: Actor,
    order: WorkOrder,
    from_state: State | None,
    to_state: State,
    *,
    remark: str | None,
    now: datetime,
) -> None:
    row = {"from_state": from_state, "to_state": to_state, "note": remark}
    store.insert_event(conn, {**ties_of(order), **row, "by_name": actor.name, "happened_at": now})


def write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    order: WorkOrder,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an act on an order into the audit trail."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="work_order",
        object_key=order.number,
        now=now,
        before=before,
        after=after,
        organisation_id=order.tenant_id,
    )
