"""Work orders as records: what belongs to them, who may write it, how they are listed.

Each act stands in its own part: `asking` (lists, one order, down-time), `orders` (an order opened,
changed, taken on), `contents` (lines and checks), `in_bulk` (sheets). Leaves out what an order does
to its vehicle, to the maintenance plan and to costs as it goes on: `fleet/service`, which is the
face of both.
"""

from fleet.work_orders.asking.service import (
    detail_of,
    get_work_order,
    list_open_work,
    list_work_orders,
    sum_downtime,
    unfit_work,
)
from fleet.work_orders.contents.service import add_check, add_line, strike_line
from fleet.work_orders.in_bulk.service import known_work_orders, save_work_orders
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
from fleet.work_orders.orders.service import (
    COST_KIND,
    RNG,
    advance,
    change,
    check_complete,
    check_reachable,
    find_own,
    open_order,
    write_audit,
)
from fleet.work_orders.states import State

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
