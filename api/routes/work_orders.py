"""Work orders over HTTP: the list, one of them, and what is done with it."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.text import Day
from api.models.work_orders import (
    CheckIn,
    LineIdPath,
    LineIn,
    Move,
    NumberPath,
    WorkOrderChange,
    WorkOrderDetailOut,
    WorkOrderIn,
    WorkOrderOut,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, place_of, split_page
from fleet.registry.vin import normalise_vin
from fleet.service import service
from fleet.work_orders.model import Kind, Priority
from fleet.work_orders.states import State

operations = Operations("work-orders")

EXPORT: Final = Export(
    Words("工单", "work orders"),
    {
        "number": Words("工单号", "Number"),
        "priority": Words("优先级", "Priority"),
        "title": Words("维修项目", "Title"),
        "assignee": Words("负责人", "Assignee"),
        "assigned": Words("已指派", "Assigned"),
        "workshop": Words("维修厂", "Workshop"),
        "due_on": Words("要求完成日", "Due on"),
        "checklist": Words("检查表", "Checklist"),
        "checklist_edition": Words("检查表版本", "Edition"),
        "maintenance_codes": Words("保养项目", "Plan items"),
        "reference": Words("外部单号", "Reference"),
        "opened_by": Words("开单人", "Opened by"),
        "opened_at": Words("开单时间", "Opened at"),
        "finished_at": Words("完工时间", "Finished at"),
        "down_from_at": Words("停驶开始", "Down from"),
        "down_until_at": Words("停驶结束", "Down until"),
        "total_fen": Words("费用", "Cost"),
    },
    {
        "kind": {
            "repair": Words("维修", "repair"),
            "maintenance": Words("保养", "maintenance"),
            "battery_check": Words("电池检测", "battery check"),
            "idle_care": Words("闲置维护", "idle care"),
            "accident": Words("事故", "accident"),
        },
        "state": {
            "open": Words("待处理", "open"),
            "in_progress": Words("处理中", "in progress"),
            "waiting": Words("等待", "waiting"),
            "done": Words("已完成", "done"),
            "closed": Words("已关闭", "closed"),
            "cancelled": Words("已取消", "cancelled"),
        },
        "priority": {
            "low": Words("低", "low"),
            "normal": Words("普通", "normal"),
            "high": Words("高", "high"),
            "urgent": Words("紧急", "urgent"),
        },
    },
)
"""As a table."""

InState = Annotated[State | None, Query(description="In this state.")]
Finished = Annotated[
    bool | None, Query(description="Those that are over or done, or those that are not.")
]
OfKind = Annotated[Kind | None, Query(description="Of this kind.")]
OfPriority = Annotated[Priority | None, Query(description="Of this priority.")]
Assignee = Annotated[str | None, Query(max_length=64, description="Log-in of who does it.")]
OfVehicle = Annotated[str | None, Query(max_length=40, description="VIN of the vehicle.")]
OfOrganisation = Annotated[
    str | None, Query(max_length=63, description="Code of an organisation: its own, and below it.")
]
DueBefore = Annotated[Day | None, Query(description="Due before this day.")]
Overdue = Annotated[bool, Query(description="Unfinished, and the day they were due is over.")]
OffRoad = Annotated[
    bool | None, Query(description="Those that keep their vehicle off the road, or the others.")
]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=100,
        description="A part of number, title, reference, workshop, VIN or plate.",
    ),
]


@operations.get("/work-orders", exported=EXPORT)
def list_work_orders(
    call: Call,
    state: InState = None,
    finished: Finished = None,
    kind: OfKind = None,
    priority: OfPriority = None,
    assignee: Assignee = None,
    vin: OfVehicle = None,
    organisation: OfOrganisation = None,
    due_before_on: DueBefore = None,
    overdue: Overdue = False,
    off_road: OffRoad = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[WorkOrderOut]:
    """Work orders of your organisations and on vehicles you own, the last opened first."""
    given = {
        "state": state,
        "finished": finished,
        "kind": kind,
        "priority": priority,
        "assignee": assignee,
        "vin": None if vin is None else normalise_vin(vin),
        "organisation": organisation,
        "due_before_on": due_before_on,
        "down": off_road,
        "search": q,
    }
    place = place_of(after, datetime, str)
    rows = service.list_work_orders(
        call.conn,
        call.actor,
        {name: wanted for name, wanted in given.items() if wanted is not None},
        overdue=overdue,
        after=None if place is None else (place[0], place[1]),
        limit=limit + 1,
        now=call.now,
    )
    page, last = split_page(rows, limit)
    return Page[WorkOrderOut](
        items=[WorkOrderOut.of(row) for row in page],
        next=last and cursor_of(last.opened_at, last.number),
    )


@operations.post(
    "/work-orders", status=201, idempotent="work_order.create", tells=["Location", "ETag"]
)
def open_work_order(call: Call, body: WorkOrderIn) -> Answer[WorkOrderDetailOut]:
    """Open an order on a vehicle you have now."""
    opened = service.open_work_order(call.conn, call.actor, wanted=body.wanted(), now=call.now)
    headers = {"Location": f"/api/v1/work-orders/{opened.order.number}"}
    return Answer(WorkOrderDetailOut.of_detail(opened), headers, opened.order.version)


@operations.get("/work-orders/{number}", tells=["ETag"])
def get_work_order(call: Call, number: NumberPath) -> Answer[WorkOrderDetailOut]:
    """One order with its steps, lines, checks and events. Its photos: `/documents`."""
    detail = service.get_work_order(call.conn, call.actor, number=number, now=call.now)
    return _answer(detail)


@operations.put("/work-orders/{number}", tells=["ETag"])
def change_work_order(
    call: Call, number: NumberPath, body: WorkOrderChange, if_match: IfMatch = None
) -> Answer[WorkOrderDetailOut]:
    """Write what an order is to be, whole. If-Match: the ETag of the order."""
    changed = service.change_work_order(
        call.conn,
        call.actor,
        number=number,
        version=version_of(if_match),
        changes=body.changes(),
        now=call.now,
    )
    return _answer(changed)


@operations.post("/work-orders/{number}/state", tells=["ETag"])
def move_work_order(call: Call, number: NumberPath, body: Move) -> Answer[WorkOrderDetailOut]:
    """Take an order on: open → in_progress ⇄ waiting, → done → closed, or cancelled.

    Done, it asks for every step of its checklist, writes down what it did of the maintenance plan
    and gives the vehicle back. Closing it is a verb of its own, and writes its costs.
    """
    moved = service.move_work_order(
        call.conn,
        call.actor,
        number=number,
        state=body.state,
        note=body.note,
        takes_off_road=body.takes_off_road,
        now=call.now,
    )
    return _answer(moved)


@operations.post(
    "/work-orders/{number}/lines", status=201, idempotent="work_order.change", tells=["ETag"]
)
def add_work_order_line(call: Call, number: NumberPath, body: LineIn) -> Answer[WorkOrderDetailOut]:
    """Add a part, work or something else to an order."""
    with_line = service.add_line(
        call.conn,
        call.actor,
        number=number,
        kind=body.kind,
        title=body.title,
        quantity=body.exact_quantity(),
        unit=body.unit,
        unit_price_fen=body.unit_price_fen,
        part_no=body.part_no,
        now=call.now,
    )
    return _answer(with_line)


@operations.post("/work-orders/{number}/lines/{line_id}/strike", tells=["ETag"])
def strike_work_order_line(
    call: Call, number: NumberPath, line_id: LineIdPath
) -> Answer[WorkOrderDetailOut]:
    """Strike a line out: it counts no more, and stays to be seen."""
    without = service.strike_line(
        call.conn, call.actor, number=number, line_id=line_id, now=call.now
    )
    return _answer(without)


@operations.post(
    "/work-orders/{number}/checks", status=201, idempotent="work_order.change", tells=["ETag"]
)
def add_work_order_check(
    call: Call, number: NumberPath, body: CheckIn
) -> Answer[WorkOrderDetailOut]:
    """Write down how a step of the checklist was found; again, the last counts."""
    with_check = service.add_check(
        call.conn,
        call.actor,
        number=number,
        step_no=body.step_no,
        result=body.result,
        note=body.note,
        now=call.now,
    )
    return _answer(with_check)


def _answer(detail: service.WorkOrderDetail) -> Answer[WorkOrderDetailOut]:
    return Answer(WorkOrderDetailOut.of_detail(detail), version=detail.order.version)
