"""What is not allowed with deposits."""

from kit.errors import Invalid, NotFound, Refused


class DepositTooSmall(Refused):
    """Less is held than is asked for."""

    code = "deposit_too_small"


class DepositNotRefundable(Refused):
    """Less may be given back today; `because` says what stands against more."""

    code = "deposit_not_refundable"


class DepositBillUnfit(Refused):
    """A deposit settles bills of its own lease, which are no deposit themselves."""

    code = "deposit_bill_unfit"


class DepositBillNotFound(NotFound):
    """The lease has no such bill with anything open."""

    code = "deposit_bill_not_found"
    field = "bill"


class DepositBillOpenForLess(Refused):
    """Less is open of the bill."""

    code = "deposit_bill_open_for_less"


class DepositMovementNotFound(NotFound):
    """The deposit has no such movement that could be undone."""

    code = "deposit_movement_not_found"
    field = "movement"


class DepositUndoneAlready(Refused):
    """Less of it is left to undo."""

    code = "deposit_undone_already"


class DepositBlockNotFound(NotFound):
    """Nothing of this name stands against giving back."""

    code = "deposit_block_not_found"
    field = "block"


class DepositReleasedAlready(Refused):
    """Less of it stands against giving back."""

    code = "deposit_released_already"


class DepositReleasedWhole(Invalid):
    """What stands against all of it is released whole, not for an amount."""

    code = "deposit_released_whole"
    field = "amount_fen"


class DepositDayWrong(Invalid):
    """The day lies ahead, or too far back."""

    code = "deposit_day_wrong"
    field = "on"


class DepositHoldOver(Invalid):
    """It is held back until a day that is over."""

    code = "deposit_hold_over"
    field = "until_on"
