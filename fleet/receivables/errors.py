"""What is not allowed with what customers owe and have left."""

from kit.errors import Invalid, NotFound, Refused


class BillToSettleNotFound(NotFound):
    """There is no such issued bill of this customer in sight."""

    code = "bill_to_settle_not_found"
    field = "bills"


class CreditUsedUp(Refused):
    """There is less left than is asked for."""

    code = "credit_used_up"
    field = "amount_fen"


class MoreThanOpen(Refused):
    """A bill is settled by what is open of it, never by more."""

    code = "more_than_open"
    field = "amount_fen"


class DepositNotEnough(Refused):
    """Less of the deposit is held than is asked for."""

    code = "deposit_not_enough"
    field = "amount_fen"


class NothingToUndo(Invalid):
    """It settled less than shall be undone."""

    code = "nothing_to_undo"
    field = "amount_fen"
