"""What is not allowed with revenue shares."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class ShareAgreementNotFound(NotFound):
    """There is no such agreement in sight."""

    code = "share_agreement_not_found"


class ShareSettlementNotFound(NotFound):
    """There is no such settlement in sight."""

    code = "share_settlement_not_found"


class SharedWithItself(Invalid):
    """Nobody shares with itself."""

    code = "shared_with_itself"
    field = "operator"


class ShareEndsBeforeStart(Invalid):
    """An agreement lasts a month at least."""

    code = "share_ends_before_start"
    field = "until_month"


class ShareAgreedAlready(Conflict):
    """The two, or those above or below them, have an agreement for some of these months."""

    code = "share_agreed_already"


class ShareEndedAlready(Refused):
    """Its end was said before."""

    code = "share_ended_already"


class ShareNotYours(Refused):
    """The owner of the vehicles ends and settles; the operator looks on."""

    code = "share_not_yours"


class ShareOperatorOutOfSight(Refused):
    """What the operator earned is not in sight, so that nobody here can reckon."""

    code = "share_operator_out_of_sight"


class ShareMonthOutside(Refused):
    """The agreement is not of this month."""

    code = "share_month_outside"
    field = "month"


class ShareMonthNotOver(Refused):
    """A month is settled when it is over."""

    code = "share_month_not_over"
    field = "month"


class ShareMonthSettled(Conflict):
    """A month is settled once; what changes later goes into the next settlement."""

    code = "share_month_settled"
    field = "month"
