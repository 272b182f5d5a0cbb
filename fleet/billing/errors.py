"""What is not allowed with bills, credit notes, and the settings of billing."""

from kit.errors import Invalid, NotFound, Refused


class BillNotFound(NotFound):
    """There is no such bill in sight."""

    code = "bill_not_found"


class CreditNoteNotFound(NotFound):
    """There is no such credit note in sight."""

    code = "credit_note_not_found"


class BillingSettingsMissing(NotFound):
    """Nobody has said from when and as whom the organisation bills."""

    code = "billing_settings_missing"


class BillNotADraft(Refused):
    """It was issued or discarded before."""

    code = "bill_not_a_draft"


class BillOutdated(Refused):
    """The draft does not say any more what is to be billed; a run makes it anew."""

    code = "bill_outdated"


class BillNotIssued(Refused):
    """Only what was issued is credited or delivered; a draft is discarded."""

    code = "bill_not_issued"


class ReclaimNotCredited(Refused):
    """It stands for money that went out and never came in: it is paid, or written off."""

    code = "reclaim_not_credited"


class LeaseNotBilled(Refused):
    """The lease is a draft: nothing is owed yet."""

    code = "lease_not_billed"


class CreditExceedsLine(Refused):
    """More would be taken off a line than is left of it."""

    code = "credit_exceeds_line"
    field = "lines"


class CreditExceedsBill(Refused):
    """More would be taken off a bill than is left of it."""

    code = "credit_exceeds_bill"
    field = "lines"


class BillLineUnknown(Invalid):
    """The bill has no such line."""

    code = "bill_line_unknown"
    field = "lines"


class BillLineTwice(Invalid):
    """A line stands twice in the list."""

    code = "bill_line_twice"
    field = "lines"


class DraftedAfterIssued(Invalid):
    """Bills would be issued before they are drafted."""

    code = "drafted_after_issued"
    field = "draft_days"


class DeliveredInFuture(Invalid):
    """It was delivered at a time that has not come."""

    code = "bill_delivered_in_future"
    field = "delivered_at"


class DeliveredBeforeIssued(Invalid):
    """It was delivered before it was issued."""

    code = "bill_delivered_before_issued"
    field = "delivered_at"


class OpeningOfAnotherCustomer(Invalid):
    """The lease is another customer's."""

    code = "opening_of_another_customer"
    field = "lease_no"


class OpeningTooLate(Invalid):
    """What fell due after the first day of billing is billed, not brought in."""

    code = "opening_too_late"
    field = "due_on"
