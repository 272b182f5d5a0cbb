"""What work on vehicles does not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class WorkOrderNotFound(NotFound):
    """No order in sight has this number."""

    code = "work_order_not_found"


class WorkOrderNotYours(Refused):
    """The order is of an organisation that is not the actor's nor below it."""

    code = "work_order_not_yours"


class WorkOrderOver(Refused):
    """The order is closed or cancelled; nothing of it changes any more."""

    code = "work_order_over"


class WorkOrderNotReachable(Refused):
    """From where the order is, it does not come there in one step."""

    code = "work_order_not_reachable"
    field = "state"


class ChecklistIncomplete(Refused):
    """Steps of the checklist are not done; `steps` names them."""

    code = "checklist_incomplete"


class ReferenceTaken(Conflict):
    """Another order of the organisation has this number elsewhere."""

    code = "reference_taken"
    field = "reference"


class QuantityMalformed(Invalid):
    """A quantity is above nought and has three decimals at most."""

    code = "quantity_malformed"
    field = "quantity"


class LineNotFound(NotFound):
    """The order has no such line."""

    code = "line_not_found"


class LinesTooMany(Refused):
    """An order holds no more lines."""

    code = "lines_too_many"


class StepUnknown(Invalid):
    """The checklist of the order has no such step."""

    code = "step_unknown"
    field = "step_no"


class FaultNotDescribed(Invalid):
    """What was found faulty is described in a note."""

    code = "fault_not_described"
    field = "note"
