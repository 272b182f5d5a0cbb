"""What is not allowed with charges."""

from kit.errors import Invalid, NotFound, Refused


class ChargeNotFound(NotFound):
    """There is no such charge in sight."""

    code = "charge_not_found"


class ChargeDecidedAlready(Refused):
    """It was accepted or waived before; that is done once."""

    code = "charge_decided_already"


class DecisionNoteMissing(Invalid):
    """Another amount than was proposed, or none at all, is given a reason."""

    code = "decision_note_missing"
    field = "note"


class WaivedHasNoAmount(Invalid):
    """What is waived has no amount."""

    code = "waived_has_no_amount"
    field = "amount_fen"
