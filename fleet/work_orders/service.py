"""Keeps work orders as records: what belongs to them, who may write it, how they are listed.

Also down-time, and orders as sheets tell them. Leaves out what an order does to its vehicle, to the
maintenance plan and to costs as it goes on: `fleet/service`, which is the face of both.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from random import Random, SystemRandom
from typing import Any, Final

from psycopg import Connection

from fleet.audit import service as audit
from fleet.checklists import service as checklists
from fleet.costs import service as costs
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.maintenance import service as maintenance
from fleet.registry import service as registry
from fleet.work_orders import store
from fleet.work_orders.amounts import amount_fen, check_quantity, totals_fen
from fleet.work_orders.completeness import check_result, missing_steps
from fleet.work_orders.downtime import downtime_of
from fleet.work_orders.errors import (
    ChecklistIncomplete,
    LineNotFound,
    LinesTooMany,
    WorkOrderNotFound,
    WorkOrderNotReachable,
    WorkOrderNotYours,
    WorkOrderOver,
)
from fleet.work_orders.model import (
    Check,
    Downtime,
    Event,
    Kind,
    Line,
    LineKind,
    Priority,
    Result,
    StepAsked,
    WorkOrder,
    WorkOrderDetail,
)
from fleet.work_orders.sheet_rows import row_to_write
from fleet.work_orders.states import OVER, State, may_follow
from kit.numbers import TRIES, make_number
from schemas.access import Actor

__all__ = [
    "COST_KIND",
    "Check",
    "Downtime",
    "Event",
    "Kind",
    "Line",
    "LineKind",
    "Priority",
    "RNG",
    "Result",
    "State",
    "StepAsked",
    "WorkOrder",
    "WorkOrderDetail",
    "add_check",
    "add_line",
    "advance",
    "change",
    "check_complete",
    "check_reachable",
    "detail_of",
    "find_own",
    "get_work_order",
    "known_work_orders",
    "list_open_work",
    "list_work_orders",
    "open_order",
    "save_work_orders",
    "strike_line",
    "sum_downtime",
    "unfit_work",
    "write_audit",
]

MOST_LINES: Final = 500
COST_KIND: Final[Mapping[Kind, costs.CostKind]] = {
    "repair": "repair",
    "maintenance": "maintenance",
    "battery_check": "other",
    "idle_care": "care",
    "accident": "accident",
}
"""`battery_test` is the cost of a test by GB/T 44500, which is a paper of `fleet/compliance`."""
RNG: Final = SystemRandom()


def list_work_orders(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    overdue: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    now: datetime,
) -> list[WorkOrder]:
    """Orders in sight, the last opened first.

    `filters`: state, finished, kind, priority, assignee, vin, organisation (or below it),
    due_before_on, down (the vehicle is off the road by it), search. `overdue`: those unfinished
    whose day is over.
    """
    actor.require("work_order.read")
    wanted = dict(filters)
    if overdue:
        zone = maintenance.zone_of(conn, actor.organisation_id)
        wanted["overdue_on"] = local_day(now, zone)
    return store.list_work_orders(conn, wanted, after=after, limit=limit)


def get_work_order(
    conn: Connection[Any], actor: Actor, *, number: str, now: datetime
) -> WorkOrderDetail:
    """The order with all that belongs to it.

    Raises:
        WorkOrderNotFound: there is none in sight.
    """
    actor.require("work_order.read")
    return detail_of(conn, _get(conn, number), now=now)


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
    if len(store.list_lines(conn, order.id)) >= MOST_LINES:
        raise LinesTooMany(f"an order holds {MOST_LINES} lines", most=MOST_LINES)
    row = {
        **_of(order),
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
    return detail_of(conn, _get(conn, number), now=now)


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
    return detail_of(conn, _get(conn, number), now=now)


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
    check_result(_steps(conn, order), step_no, result, note)
    row = {"step_no": step_no, "result": result, "note": note}
    store.insert_check(conn, {**_of(order), **row, "checked_by": actor.name, "checked_at": now})
    told = {"step_no": step_no, "result": result}
    write_audit(conn, actor, "work_order.add_check", order, now=now, after=told)
    return detail_of(conn, order, now=now)


def list_open_work(
    conn: Connection[Any], actor: Actor, *, vehicle: registry.Vehicle, limit: int = 50
) -> list[WorkOrder]:
    """Unfinished orders on the vehicle, the last opened first."""
    actor.require("work_order.read")
    filters = {"vehicle_id": vehicle.id, "finished": False}
    return store.list_work_orders(conn, filters, limit=limit)


def unfit_work(conn: Connection[Any], *, vehicle: registry.Vehicle) -> list[WorkOrder]:
    """Unfinished orders that keep the vehicle off the road. Whoever calls decides who may ask."""
    filters = {"vehicle_id": vehicle.id, "down": True}
    return store.list_work_orders(conn, filters, limit=50)


def sum_downtime(
    conn: Connection[Any],
    actor: Actor,
    *,
    vehicle: registry.Vehicle,
    from_at: datetime,
    until_at: datetime,
    now: datetime,
) -> Downtime:
    """How long the vehicle was off the road within [from_at, until_at), by orders in sight."""
    actor.require("work_order.read")
    zone = maintenance.zone_of(conn, vehicle.holder_id)
    span = {"from_at": from_at, "until_at": until_at, "now": now}
    return downtime_of(store.list_down_spans(conn, vehicle.id, **span), zone=zone)


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
            order = _get(conn, number)
            _note_event(conn, actor, order, None, "open", remark=None, now=now)
            return order
    raise RuntimeError(f"{TRIES} numbers in a row were taken")


def _get(conn: Connection[Any], number: str) -> WorkOrder:
    found = store.find_work_order(conn, number)
    if found is None:
        raise WorkOrderNotFound(f"no work order has the number {number!r}", number=number[:64])
    return found


def find_own(conn: Connection[Any], number: str, *, over: bool = False) -> WorkOrder:
    """The order, locked, to work on; one that is over only if said.

    Raises:
        WorkOrderNotFound, WorkOrderNotYours, WorkOrderOver: it is not the actor's to work on.
    """
    store.lock_work_order(conn, number)
    found = _get(conn, number)
    if not found.own:
        raise WorkOrderNotYours(f"{number} is another organisation's", number=number)
    if found.state in OVER and not over:
        raise WorkOrderOver(f"{number} is {found.state}", number=number, state=found.state)
    return found


def _steps(conn: Connection[Any], order: WorkOrder) -> list[StepAsked]:
    if order.checklist_id is None:
        return []
    checklist = checklists.edition_by_id(conn, order.checklist_id)
    return [StepAsked(s.no, s.text, s.photo) for s in (checklist.steps if checklist else ())]


def detail_of(conn: Connection[Any], order: WorkOrder, *, now: datetime) -> WorkOrderDetail:
    """The order with all that belongs to it. Whoever calls decides who may ask."""
    lines, downtime = store.list_lines(conn, order.id), None
    if order.down_from_at is not None:
        zone = maintenance.zone_of(conn, order.organisation_id)
        downtime = downtime_of([(order.down_from_at, order.down_until_at or now)], zone=zone)
    return WorkOrderDetail(
        order=order,
        steps=_steps(conn, order),
        lines=lines,
        checks=store.list_checks(conn, order.id),
        events=store.list_events(conn, order.id),
        totals_fen=totals_fen(lines),
        downtime=downtime,
    )


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
    missing = missing_steps(_steps(conn, order), store.list_checks(conn, order.id))
    if missing:
        steps = [f"{step.no} {step.text}" for step in missing]
        raise ChecklistIncomplete(f"steps are not done: {', '.join(steps)}", steps=steps)


def change(conn: Connection[Any], was: WorkOrder, row: Mapping[str, Any]) -> WorkOrder:
    """The order as it is to be. Whoever calls decides who may, and writes the audit entry."""
    store.update_work_order(conn, {**row, "id": was.id})
    return _get(conn, was.number)


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
    return _get(conn, was.number)


def _of(order: WorkOrder) -> dict[str, Any]:
    """What ties a row to its order."""
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
    store.insert_event(conn, {**_of(order), **row, "by_name": actor.name, "happened_at": now})


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
