"""Why there is no statement."""

from kit.errors import Invalid, Refused


class StatementEndsBeforeItBegins(Invalid):
    """It ends no later than it begins."""

    code = "statement_ends_before_it_begins"
    field = "query.until_on"


class StatementTooLong(Refused):
    """More rows than one statement has, `rows`. A shorter span has fewer."""

    code = "statement_too_long"
