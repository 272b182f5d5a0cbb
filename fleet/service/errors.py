"""What work on vehicles does not allow; most of it stands in `fleet/work_orders/errors.py`."""

from kit.errors import Invalid


class AssigneeUnknown(Invalid):
    """Nobody in sight has this log-in."""

    code = "assignee_unknown"
    field = "assignee"
