"""Keeps money in, back and given up: payments, refunds, write-offs.

Each act stands in its own part: `recording`, `claiming`, `reversing`, `refunding`, `writing_off`,
`listing`; `statements` brings in files of banks, `matching` guesses whose a payment is. Leaves out
what settles which bill (`fleet/receivables`) and deposits (`fleet/deposits`).
"""

from fleet.payments.claiming.service import claim_payment, unclaim_payment
from fleet.payments.listing.service import (
    balance_of,
    get_payment_detail,
    list_credits,
    list_payments,
    list_refunds,
    list_write_offs,
)
from fleet.payments.model import (
    CHANNELS,
    PAYMENT_SOURCES,
    PAYMENT_STATES,
    Channel,
    CustomerBalance,
    OpenOf,
    Payment,
    PaymentDetail,
    PaymentSource,
    PaymentState,
    Received,
    Refund,
    Settled,
    WriteOff,
    WriteOffState,
)
from fleet.payments.recording.service import record_payment
from fleet.payments.refunding.service import put_credit_to_bills, refund_credit
from fleet.payments.reversing.service import reverse_payment
from fleet.payments.statements.choosing.service import add_format, change_format, list_formats
from fleet.payments.statements.formats import BankColumns
from fleet.payments.statements.model import BankFormat, BankStatement, Unclaimed
from fleet.payments.statements.references import is_derived
from fleet.payments.statements.service import (
    MOST_ROWS,
    get_statement,
    import_statement,
    list_statements,
)
from fleet.payments.statements.waiting.service import list_unclaimed
from fleet.payments.writing_off.service import (
    decide_write_off,
    request_write_off,
    undo_write_off,
)

__all__ = [
    "CHANNELS",
    "MOST_ROWS",
    "PAYMENT_SOURCES",
    "PAYMENT_STATES",
    "BankColumns",
    "BankFormat",
    "BankStatement",
    "Channel",
    "CustomerBalance",
    "OpenOf",
    "Payment",
    "PaymentDetail",
    "PaymentSource",
    "PaymentState",
    "Received",
    "Refund",
    "Settled",
    "Unclaimed",
    "WriteOff",
    "WriteOffState",
    "add_format",
    "balance_of",
    "change_format",
    "claim_payment",
    "decide_write_off",
    "get_payment_detail",
    "get_statement",
    "import_statement",
    "is_derived",
    "list_credits",
    "list_formats",
    "list_payments",
    "list_refunds",
    "list_statements",
    "list_unclaimed",
    "list_write_offs",
    "put_credit_to_bills",
    "record_payment",
    "refund_credit",
    "request_write_off",
    "reverse_payment",
    "unclaim_payment",
    "undo_write_off",
]
