"""What the registry does not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class VinMalformed(Invalid):
    """Not a VIN."""

    code = "vin_malformed"
    field = "vin"


class PlateMalformed(Invalid):
    """Not a number plate."""

    code = "plate_malformed"
    field = "plate"


class VehicleNotFound(NotFound):
    """No vehicle has this VIN."""

    code = "vehicle_not_found"


class VehicleExists(Conflict):
    """A vehicle has this VIN already."""

    code = "vehicle_exists"
    field = "vin"


class PlateTaken(Conflict):
    """Another vehicle bears this plate."""

    code = "plate_taken"
    field = "plate"


class OperatorUnchanged(Conflict):
    """The organisation operates the vehicle already."""

    code = "operator_unchanged"


class OperatorPeriodsOverlap(Conflict):
    """Another organisation operates the vehicle during a part of that period."""

    code = "operator_periods_overlap"


class TransferNotYours(Refused):
    """Only the owner, or whoever operates the vehicle now, hands it on."""

    code = "transfer_not_yours"


class VehicleModelEmpty(Invalid):
    """A model has a name, or is left out."""

    code = "vehicle_model_empty"
    field = "model"


class VehicleNotYours(Refused):
    """Only the owner, or whoever operates the vehicle now, changes it."""

    code = "vehicle_not_yours"


class OperatorInOtherTenant(Refused):
    """A vehicle is operated within the tree of its owner."""

    code = "operator_in_other_tenant"


class StageUnchanged(Conflict):
    """The vehicle is at this stage already."""

    code = "stage_unchanged"
    field = "stage"


class StageNotReachable(Refused):
    """A vehicle does not go from the one stage to the other."""

    code = "stage_not_reachable"
    field = "stage"


class StageNotFirst(Invalid):
    """A vehicle begins as ordered, or in stock."""

    code = "stage_not_first"
    field = "stage"


class StageReasonMissing(Invalid):
    """Whoever disposes of a vehicle says why."""

    code = "stage_reason_missing"
    field = "reason"
