"""What quotes do not allow."""

from kit.errors import Invalid, NotFound, Refused


class QuoteNotFound(NotFound):
    """No quote in sight has this number."""

    code = "quote_not_found"


class QuoteForNobody(Invalid):
    """A quote is for a customer, or for a prospect by name."""

    code = "quote_for_nobody"
    field = "customer_no"


class QuoteOver(Refused):
    """It was accepted, declined or withdrawn; nothing of it changes any more."""

    code = "quote_over"


class QuoteExpired(Refused):
    """Its last day is over; say another first."""

    code = "quote_expired"


class QuoteValidityPast(Invalid):
    """A quote is valid until today at least."""

    code = "quote_validity_past"
    field = "valid_until_on"


class QuoteNeedsCustomer(Invalid):
    """A lease has a customer: say which one the prospect has become."""

    code = "quote_needs_customer"
    field = "customer_no"


class QuoteOfAnotherOrganisation(Refused):
    """A quote stays with its organisation; the customer is another's."""

    code = "quote_of_another_organisation"
    field = "customer_no"
