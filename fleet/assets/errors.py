"""What stands against handing a vehicle over."""

from kit.errors import Invalid, Refused


class HandOverBlocked(Refused):
    """Its papers, or work on it, forbid to hand the vehicle over; `blocks` says which and why."""

    code = "hand_over_blocked"


class OverrideReasonMissing(Invalid):
    """Who hands over in spite of a block says why."""

    code = "override_reason_missing"
    field = "reason"
