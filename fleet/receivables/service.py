"""Keeps what is owed and what settles it: open bills, credit of customers, allocations.

A payment is credit first, then settles bills: those its payer names, else as agreed, else by law.
Every move is a row, posted in the same transaction. Whoever moves money of a customer locks it
first (`lock_customers`). Each act stands in its own part: `moving`, `undoing`, `noting`, `writing`,
`asking`, `tax_points`, `checking`. Leaves out bills (`fleet/billing`), payments (`fleet/payments`).
"""

from fleet.receivables.asking.service import (
    deposit_held,
    deposits_short,
    late_fee_of,
    left_of,
    list_credits,
    list_family,
    list_open,
    lock_customers,
    principal_history,
    standing_of,
)
from fleet.receivables.checking.service import check_balances
from fleet.receivables.late_fee import LateFeeDue
from fleet.receivables.model import Allocation, Credit, OpenBill, Opened
from fleet.receivables.moving.service import (
    add_credit,
    allocate_credit,
    get_bill,
    get_credit,
    move_deposit,
    open_bills,
    settle,
    use_credit,
)
from fleet.receivables.noting.service import take_off
from fleet.receivables.tax_points.service import vat_due_earlier
from fleet.receivables.undoing.service import undo

__all__ = [
    "Allocation",
    "Credit",
    "LateFeeDue",
    "OpenBill",
    "Opened",
    "add_credit",
    "allocate_credit",
    "check_balances",
    "late_fee_of",
    "deposit_held",
    "deposits_short",
    "get_bill",
    "get_credit",
    "left_of",
    "list_credits",
    "list_family",
    "list_open",
    "lock_customers",
    "move_deposit",
    "open_bills",
    "principal_history",
    "settle",
    "standing_of",
    "take_off",
    "undo",
    "use_credit",
    "vat_due_earlier",
]
