"""What stands against handing a vehicle over."""

from kit.errors import Invalid, Refused


class HandOverBlocked(Refused):
    """Its papers, its state or its driver forbid it; `blocks` names each rule and paper."""

    code = "hand_over_blocked"


class OverrideReasonMissing(Invalid):
    """A block is overridden for a reason that is written down."""

    code = "override_reason_missing"
    field = "reason"
