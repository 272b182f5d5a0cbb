"""What is not allowed with payments, refunds and write-offs."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class PaymentNotFound(NotFound):
    """There is no such payment in sight."""

    code = "payment_not_found"


class PayerNotFound(NotFound):
    """There is no such customer in sight."""

    code = "payer_not_found"
    field = "customer_no"


class BillToPayNotFound(NotFound):
    """There is no such issued bill of this customer in sight."""

    code = "bill_to_pay_not_found"
    field = "bills"


class BillsOfNobody(Invalid):
    """Bills are named, but not whose payment it is."""

    code = "bills_of_nobody"
    field = "customer_no"


class PaymentDayOutOfReach(Invalid):
    """The day lies ahead, or too far back."""

    code = "payment_day_out_of_reach"
    field = "received_on"


class RefundDayOutOfReach(Invalid):
    """The day lies ahead, or before there was anything to give back."""

    code = "refund_day_out_of_reach"
    field = "paid_on"


class ReversalDayOutOfReach(Invalid):
    """The day lies ahead, or before the payment."""

    code = "reversal_day_out_of_reach"
    field = "reversed_on"


class BankReferenceKnown(Conflict):
    """The bank's number of the transaction came in before."""

    code = "bank_reference_known"
    field = "bank_reference"


class PaymentKeyReused(Conflict):
    """The Idempotency-Key was used for another payment, however long ago."""

    code = "payment_key_reused"
    field = "header.Idempotency-Key"


class PaymentClaimedAlready(Refused):
    """It is known whose it is."""

    code = "payment_claimed_already"


class PaymentNotClaimed(Refused):
    """Nobody has said yet whose it is."""

    code = "payment_not_claimed"


class PaymentReversedAlready(Refused):
    """It was taken back before; that is done once."""

    code = "payment_reversed_already"


class PaymentRefundedAlready(Refused):
    """Some of it was given back, so it cannot be another customer's."""

    code = "payment_refunded_already"


class CreditNotEnough(Refused):
    """Less is left of the customer's credit than is asked for."""

    code = "credit_not_enough"
    field = "amount_fen"


class WriteOffNotFound(NotFound):
    """There is no such write-off in sight."""

    code = "write_off_not_found"


class WriteOffPending(Refused):
    """Somebody asked for one of the same bill, and it is not decided yet."""

    code = "write_off_pending"


class WriteOffDecidedAlready(Refused):
    """It was approved or refused before; that is done once."""

    code = "write_off_decided_already"


class WriteOffOwnRequest(Refused):
    """Whoever asked for it does not decide on it."""

    code = "write_off_own_request"


class WriteOffMoreThanOpen(Refused):
    """Less is open of the bill."""

    code = "write_off_more_than_open"
    field = "amount_fen"


class WriteOffNotStanding(Refused):
    """Nothing of it stands: it was not approved, or was undone before."""

    code = "write_off_not_standing"
