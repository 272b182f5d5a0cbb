"""What is not allowed with formats and statements of banks."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class BankFormatNotFound(NotFound):
    """No organisation in sight, or above, has such a format, nor is it shipped."""

    code = "bank_format_not_found"
    field = "format"


class BankFormatExists(Conflict):
    """The organisation has a format with this code."""

    code = "bank_format_exists"
    field = "code"


class BankFormatUnrecognised(Refused):
    """No row names the day and the amounts as any known format does."""

    code = "bank_format_unrecognised"


class BankStatementNotFound(NotFound):
    """There is no such statement in sight."""

    code = "bank_statement_not_found"


class BankStatementEmpty(Invalid):
    """No money stands in the file, neither in nor out."""

    code = "bank_statement_empty"


class BankStatementTooLong(Invalid):
    """More rows than are brought in at once."""

    code = "bank_statement_too_long"
