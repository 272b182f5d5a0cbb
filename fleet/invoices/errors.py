"""What is not allowed with invoice requests."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class InvoiceRequestNotFound(NotFound):
    """There is no such request in sight."""

    code = "invoice_request_not_found"


class BillToInvoiceNotFound(NotFound):
    """There is no such issued bill in sight."""

    code = "bill_to_invoice_not_found"
    field = "bill_nos"


class InvoiceOfSeveral(Refused):
    """One invoice has one seller and one buyer."""

    code = "invoice_of_several"
    field = "bill_nos"


class NothingToInvoice(Refused):
    """All of it is invoiced already, was credited, or is not subject to VAT."""

    code = "nothing_to_invoice"


class TaxNumberMissing(Refused):
    """The customer's card has no tax number, without which a company gets no invoice."""

    code = "tax_number_missing"


class InvoiceRequestDone(Refused):
    """It has its number, or was withdrawn: neither happens twice."""

    code = "invoice_request_done"


class InvoiceNotIssued(Refused):
    """Only an invoice that has its number is reversed; a request is withdrawn."""

    code = "invoice_not_issued"


class RedIsNotReversed(Refused):
    """A red-letter invoice is not reversed: ask for the invoice anew."""

    code = "red_is_not_reversed"


class NothingToReverse(Refused):
    """All of it is reversed already, or nothing of it was credited."""

    code = "nothing_to_reverse"


class InvoiceNoMalformed(Invalid):
    """Not the number of a 数电票."""

    code = "invoice_no_malformed"
    field = "invoice_no"


class InvoiceNoOfAnotherYear(Invalid):
    """The number says another year than the day of the invoice."""

    code = "invoice_no_of_another_year"
    field = "invoice_no"


class InvoiceNoTaken(Conflict):
    """Another request has this number."""

    code = "invoice_no_taken"
    field = "invoice_no"


class InvoicedInFuture(Invalid):
    """The day of the invoice has not come."""

    code = "invoiced_in_future"
    field = "invoiced_on"


class InvoicedTooEarly(Invalid):
    """It would be dated before what it invoices, or takes back."""

    code = "invoiced_too_early"
    field = "invoiced_on"


class InvoiceNumbersRefused(Invalid):
    """Some rows cannot be taken; none of the file was."""

    code = "invoice_numbers_refused"
    field = "file"
