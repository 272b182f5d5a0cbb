"""What the keeping of leases does not allow. What may not follow in a book: `errors.py`."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class LeaseNotFound(NotFound):
    """No lease in sight has this number."""

    code = "lease_not_found"


class LeaseIsSigned(Refused):
    """Only a draft is written anew; what is signed is amended."""

    code = "lease_is_signed"


class LeaseReferenceTaken(Conflict):
    """Another lease of the organisation has this number elsewhere."""

    code = "lease_reference_taken"
    field = "reference"


class LineModelUnknown(Invalid):
    """A line asks for a model that is not in sight; `line_no` and `model_code` say which."""

    code = "line_model_unknown"
    field = "terms.lines"


class LineVehicleUnknown(Invalid):
    """A line asks for a vehicle that is not in sight; `line_no` and `vin` say which."""

    code = "line_vehicle_unknown"
    field = "terms.lines"


class LineVehicleOfAnotherModel(Invalid):
    """A line asks for a vehicle that is not of the model it asks for."""

    code = "line_vehicle_of_another_model"
    field = "terms.lines"


class VehicleOfAnotherOrganisation(Refused):
    """A vehicle is let by the organisation that has it."""

    code = "vehicle_of_another_organisation"


class CustomerOfAnotherOrganisation(Refused):
    """A lease is of the organisation its customer belongs to."""

    code = "customer_of_another_organisation"
    field = "customer_no"


class VehiclePromised(Conflict):
    """The vehicle is promised to a lease for some of that time; `lease_no` where in sight."""

    code = "vehicle_promised"


class VehicleHeld(Conflict):
    """A lessee has the vehicle at that time; `lease_no` where in sight."""

    code = "vehicle_held"


class LeaseNeedsApproval(Refused):
    """The terms are beyond what sales may promise; `reasons` say why."""

    code = "lease_needs_approval"


class ApprovalNotNeeded(Refused):
    """The terms are such as sales may promise."""

    code = "approval_not_needed"


class ApprovalPending(Conflict):
    """These terms are approved, or were asked for already."""

    code = "approval_pending"


class ApprovalNotAsked(Refused):
    """Nobody asked for an approval of the terms as they stand."""

    code = "approval_not_asked"


class ApprovalByAnother(Refused):
    """Who asked for an approval does not decide on it."""

    code = "approval_by_another"


class RenewalOpenEnded(Refused):
    """What has no end is not renewed."""

    code = "renewal_open_ended"


class RenewalExists(Conflict):
    """The lease is renewed already; `renewed_by` says by which."""

    code = "renewal_exists"


class ListPriceUnitWrong(Invalid):
    """Only short leases are by the day."""

    code = "list_price_unit_wrong"
    field = "per"
