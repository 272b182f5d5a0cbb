"""What is not allowed at a hand-over. Whether the vehicle may go at all: `fleet/clearance`."""

from kit.errors import Invalid, NotFound, Refused


class HandOverNotFound(NotFound):
    """There is no such hand-over in sight."""

    code = "hand_over_not_found"


class HandOverStepsMissing(Refused):
    """Steps of the checklist were not looked at; `steps` names them."""

    code = "hand_over_steps_missing"
    field = "checks"


class HandOverStepUnknown(Invalid):
    """The checklist has no such step, or it is answered twice."""

    code = "hand_over_step_unknown"
    field = "checks"


class HandOverFaultNotDescribed(Invalid):
    """What was found faulty is described in a note."""

    code = "hand_over_fault_not_described"
    field = "checks"


class HandOverChecklistNotChosen(Refused):
    """The tenant has several checklists for it; `checklists` names them."""

    code = "hand_over_checklist_not_chosen"
    field = "checklist"


class FindingIsFree(Invalid):
    """Normal wear, and what was there before, is never charged (Civil Code §710)."""

    code = "finding_is_free"
    field = "findings"


class ChargeLineUnknown(Invalid):
    """The line of the lease to charge for is not there."""

    code = "charge_line_unknown"
    field = "line_no"


class SwapInstantsDiffer(Invalid):
    """The one vehicle comes back at the instant the other goes out."""

    code = "swap_instants_differ"
    field = "handed_at"
