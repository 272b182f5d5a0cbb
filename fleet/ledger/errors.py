"""What is not allowed with the ledger."""

from kit.errors import Conflict, Refused


class EntryUnbalanced(Refused):
    """The postings of an entry do not sum to zero, or there are fewer than two."""

    code = "entry_unbalanced"


class EntryPostedAlready(Conflict):
    """The same part of the same event was posted before."""

    code = "entry_posted_already"


class MonthClosed(Refused):
    """The month is closed: nothing more counts in it."""

    code = "month_closed"


class MonthNotOver(Refused):
    """A month that is not over is not closed."""

    code = "month_not_over"
    field = "month"


class MonthNotNext(Refused):
    """Months are closed one after the other."""

    code = "month_not_next"
    field = "month"


class NothingToClose(Refused):
    """Nothing was ever posted there."""

    code = "nothing_to_close"
