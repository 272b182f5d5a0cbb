"""What is not allowed with notices."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class NoticeNotFound(NotFound):
    """No notice in sight has this number."""

    code = "notice_not_found"


class NoticeBillNotFound(NotFound):
    """No issued bill in sight has this number."""

    code = "notice_bill_not_found"


class NoticeBillSettled(Refused):
    """Nothing is open of the bill."""

    code = "notice_bill_settled"


class NoticeStageUnknown(Invalid):
    """The ladder has no such stage."""

    code = "notice_stage_unknown"
    field = "stage"


class NoticeExists(Conflict):
    """The bill has a notice of this stage."""

    code = "notice_exists"
    field = "stage"


class NoticeLacks(Refused):
    """The stage lacks what it stands on: a clause, an earlier notice and its time, enough debt."""

    code = "notice_lacks"


class NoticeOver(Refused):
    """It was withdrawn, or it arrived: what arrived stays."""

    code = "notice_over"


class DeliveryTimesWrong(Invalid):
    """Sent before it was made, arrived before it was sent, or in days to come."""

    code = "delivery_times_wrong"
    field = "sent_at"


class DeliveryArrivalMissing(Invalid):
    """What arrived says when, and nothing else does."""

    code = "delivery_arrival_missing"
    field = "arrived_at"


class DeliveryProofMissing(Invalid):
    """That a demand arrived has to be proved: by a number, a name, or a file."""

    code = "delivery_proof_missing"
    field = "proof"


class DeliveryDocumentUnknown(Invalid):
    """The file is none of this notice."""

    code = "delivery_document_unknown"
    field = "document"
