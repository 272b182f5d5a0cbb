"""What is not allowed with groups of vehicles."""

from kit.errors import Conflict, NotFound


class GroupNotFound(NotFound):
    """The organisation has no such group, or it is retired."""

    code = "vehicle_group_not_found"


class GroupExists(Conflict):
    """The organisation has, or had, a group of this code."""

    code = "vehicle_group_exists"
    field = "code"
