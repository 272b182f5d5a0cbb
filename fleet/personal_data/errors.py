"""Why a person's data are not erased yet."""

from kit.errors import Refused


class CustomerHasLeases(Refused):
    """A lease is signed or runs, or a vehicle is still out; `lease_nos` names them."""

    code = "customer_has_leases"


class ChargesUndecided(Refused):
    """Somebody proposed charges that nobody decided on yet; `count` of them."""

    code = "charges_undecided"


class BillsOpen(Refused):
    """Bills are not paid in full; `bill_nos` names them."""

    code = "customer_has_open_bills"


class MoneyHeld(Refused):
    """We hold money of theirs: `credit_fen` that settles nothing, `deposit_fen` of deposits."""

    code = "customer_money_held"


class RetentionRuns(Refused):
    """The law still lets claims be made; from `allowed_from_on` on the data may be erased."""

    code = "retention_runs"
