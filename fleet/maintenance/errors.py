"""What maintenance does not allow."""

from kit.errors import Invalid, Refused


class PlanNotYours(Refused):
    """Plans and checklists bind a whole tenant: its head keeps them."""

    code = "plan_not_yours"


class PlanItemTwice(Invalid):
    """A code stands twice in a plan."""

    code = "plan_item_twice"
    field = "items"


class PlanItemNever(Invalid):
    """An item says neither after how long nor after how far."""

    code = "plan_item_never"
    field = "items"


class MaintenanceCodeUnknown(Invalid):
    """The plan of the vehicle's model has no such item, and it is not idle care."""

    code = "maintenance_code_unknown"
    field = "code"


class MaintenanceAhead(Invalid):
    """What is written down has been done; its day cannot lie ahead."""

    code = "maintenance_ahead"
    field = "done_on"
