"""What violations do not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class ViolationNotFound(NotFound):
    """No violation in sight has this number."""

    code = "violation_not_found"


class ViolationExists(Conflict):
    """The number is that of another vehicle or another minute, or out of sight."""

    code = "violation_exists"
    field = "violation_no"


class ViolationTwice(Invalid):
    """A number stands twice in one list."""

    code = "violation_twice"
    field = "violation_no"


class ViolationOfAnotherOperator(Refused):
    """Another organisation operated the vehicle at that minute: it is theirs to write down."""

    code = "violation_of_another_operator"
    field = "vin"


class NoticedBeforeViolation(Invalid):
    """Nobody is told of a violation before it happens."""

    code = "noticed_before_violation"
    field = "noticed_on"


class ViolationSettled(Refused):
    """It was handled, transferred or dropped before."""

    code = "violation_settled"


class ViolationWithoutLessee(Refused):
    """Nobody leased the vehicle at that minute."""

    code = "violation_without_lessee"


class TransferTooEarly(Refused):
    """A violation is transferred only so many days after the lease ended."""

    code = "transfer_too_early"
