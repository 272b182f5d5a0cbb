"""What may not follow in the book of a lease. What the keeping of leases refuses: `refusals.py`."""

from kit.errors import Refused


class LeaseNotSigned(Refused):
    """Nothing happens to a draft but that it is signed."""

    code = "lease_not_signed"


class LeaseSignedAlready(Refused):
    """A lease is signed once."""

    code = "lease_signed_already"


class LeaseOver(Refused):
    """The lease is ended, terminated, bought out or cancelled: `state` says which."""

    code = "lease_over"


class LeaseNotActive(Refused):
    """It is signed, and no vehicle was handed over yet: it does not run."""

    code = "lease_not_active"


class LeaseBegun(Refused):
    """A vehicle was handed over: the lease cannot be cancelled any more, it is terminated."""

    code = "lease_begun"


class LeaseSuspended(Refused):
    """The whole lease rests; it is resumed before another line is filled or all rests again."""

    code = "lease_suspended"


class LeaseNotSuspended(Refused):
    """Nothing rests that could go on: not the lease, or not this line of it."""

    code = "lease_not_suspended"


class LeaseTermOver(Refused):
    """The last day is over; the lease is extended first."""

    code = "lease_term_over"


class EventBeforeLast(Refused):
    """It would take effect before what is written down already; `last_event_at` says when."""

    code = "event_before_last"
    field = "at"


class HandOverBeforeSigning(Refused):
    """A vehicle is handed over when the lease is signed, not before."""

    code = "hand_over_before_signing"
    field = "at"


class HandOverNotAfterLast(Refused):
    """The vehicle came into the line at that minute or later; `from_at` says when."""

    code = "hand_over_not_after_last"
    field = "at"


class LeaseLineUnknown(Refused):
    """The terms have no such line; `line_no` says which."""

    code = "lease_line_unknown"
    field = "line_no"


class LineNotInForce(Refused):
    """The line was added from a later day on; `effective_on` says which."""

    code = "line_not_in_force"
    field = "line_no"


class LineFilled(Refused):
    """The line has, or had, its vehicle; another one takes its place by a swap."""

    code = "line_filled"
    field = "line_no"


class LineEmpty(Refused):
    """No vehicle is out in the line."""

    code = "line_empty"
    field = "line_no"


class LineDroppedAlready(Refused):
    """The line shall not be filled any more."""

    code = "line_dropped_already"
    field = "line_no"


class LastLine(Refused):
    """Without this line nothing is left; the lease is cancelled instead."""

    code = "last_line"
    field = "line_no"


class SameVehicle(Refused):
    """A swap brings another vehicle than the one that is there."""

    code = "same_vehicle"
    field = "vin"


class VehicleInLease(Refused):
    """The vehicle stands in another line of the lease then; `other_line_no` says which."""

    code = "vehicle_in_lease"
    field = "vin"


class StartFixed(Refused):
    """The start moves with the first hand-over of a lease only."""

    code = "start_fixed"
    field = "starts_on"


class StartNotNearHandOver(Refused):
    """A lease starts on the day of its first hand-over, or within a month after it."""

    code = "start_not_near_hand_over"
    field = "starts_on"


class StartBeforeAmendment(Refused):
    """The terms were amended from a day after the new start; `effective_on` says which."""

    code = "start_before_amendment"
    field = "starts_on"


class AmendedInPast(Refused):
    """The past never changes: an amendment takes effect today at the earliest."""

    code = "amended_in_past"
    field = "effective_on"


class AmendedBeforeLatest(Refused):
    """The terms were amended from a later day on; `latest_on` says which."""

    code = "amended_before_latest"
    field = "effective_on"


class AmendedAfterEnd(Refused):
    """It would take effect after the last day of the lease; that is extended first."""

    code = "amended_after_end"
    field = "effective_on"


class KindFixed(Refused):
    """Another kind of lease is another lease."""

    code = "lease_kind_fixed"
    field = "terms.kind"


class AnchorFixed(Refused):
    """The start day, from which all periods are counted, and the way of billing never change."""

    code = "lease_anchor_fixed"
    field = "terms"


class LineStillOut(Refused):
    """A line whose vehicle is out stays in the terms; the vehicle comes back first."""

    code = "line_still_out"
    field = "terms.lines"


class LineStillToFill(Refused):
    """A line that is still to be filled stays in the terms; it is dropped first."""

    code = "line_still_to_fill"
    field = "terms.lines"


class LineNumberUsed(Refused):
    """A line's number is never used again, nor for another vehicle to begin with."""

    code = "line_number_used"
    field = "terms.lines"


class OpenEndedAlready(Refused):
    """The lease has no end that could be put off."""

    code = "open_ended_already"
    field = "ends_on"


class EndNotLater(Refused):
    """The new end is not after the present one; `present_ends_on` says which."""

    code = "end_not_later"
    field = "ends_on"


class EndInPast(Refused):
    """The new end is over before the extension takes effect; `effective_on` says when."""

    code = "end_in_past"
    field = "ends_on"


class EndNeeded(Refused):
    """A lease-to-own, and a lease that is paid once, has an end."""

    code = "end_needed"
    field = "ends_on"


class TermTooLong(Refused):
    """A lease runs for 20 years at most, Civil Code §705; `at_most_on` is their last day."""

    code = "term_too_long"
    field = "ends_on"


class SuspendedAhead(Refused):
    """A suspension begins, or ends, on the day it is written down, or before it."""

    code = "suspended_ahead"
    field = "on"


class SuspendedTooLate(Refused):
    """A suspension, or its end, is written down within a month."""

    code = "suspended_too_late"
    field = "on"


class SuspendedBeforeStart(Refused):
    """Nothing rests before it began; `began_on` says when."""

    code = "suspended_before_start"
    field = "on"


class SuspensionOverlaps(Refused):
    """The same rested then already; `until_on` is the first day it did not any more."""

    code = "suspension_overlaps"
    field = "on"


class ResumedBeforeSuspended(Refused):
    """It goes on before it rested; `from_on` is its first day."""

    code = "resumed_before_suspended"
    field = "on"


class NotLeaseToOwn(Refused):
    """Only a lease-to-own is bought out."""

    code = "not_lease_to_own"


class LinesNotFilled(Refused):
    """Lines are still to be filled, or nothing is out: what is bought out is with the lessee."""

    code = "lines_not_filled"
