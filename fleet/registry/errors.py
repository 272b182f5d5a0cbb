"""What the registry does not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class VinMalformed(Invalid):
    """Not a VIN."""

    code = "vin_malformed"
    field = "vin"


class VinCheckDigitWrong(Invalid):
    """The check digit does not fit the other sixteen characters."""

    code = "vin_check_digit_wrong"
    field = "vin"


class PlateMalformed(Invalid):
    """Not a number plate."""

    code = "plate_malformed"
    field = "plate"


class SerialMalformed(Invalid):
    """A device serial is 1–64 of A–Z, a–z, 0–9, hyphen and underscore."""

    code = "serial_malformed"
    field = "serial"


class VehicleNotFound(NotFound):
    """No vehicle has this VIN."""

    code = "vehicle_not_found"


class DeviceNotFound(NotFound):
    """No device has this serial."""

    code = "device_not_found"


class VehicleExists(Conflict):
    """A vehicle has this VIN already."""

    code = "vehicle_exists"
    field = "vin"


class PlateTaken(Conflict):
    """Another vehicle bears this plate."""

    code = "plate_taken"
    field = "plate"


class DeviceExists(Conflict):
    """A device has this serial already."""

    code = "device_exists"
    field = "serial"


class DeviceAlreadyBound(Conflict):
    """The device sits in a vehicle during a part of that period."""

    code = "device_already_bound"


class VehicleAlreadyHasDevice(Conflict):
    """A device sits in the vehicle during a part of that period."""

    code = "vehicle_already_has_device"


class DeviceNotBound(Refused):
    """The device sits in no vehicle now."""

    code = "device_not_bound"


class VehicleHasNoDevice(Refused):
    """No device sits in the vehicle now."""

    code = "vehicle_has_no_device"


class OperatorUnchanged(Conflict):
    """The organisation operates the vehicle already."""

    code = "operator_unchanged"


class OperatorPeriodsOverlap(Conflict):
    """Another organisation operates the vehicle during a part of that period."""

    code = "operator_periods_overlap"


class PeriodEndsBeforeStart(Refused):
    """A period would end at or before the instant it began."""

    code = "period_ends_before_start"
    field = "at"


class TransferNotYours(Refused):
    """Only the owner, or whoever operates the vehicle now, hands it on."""

    code = "transfer_not_yours"


class InstantInFuture(Invalid):
    """What is written down has happened; it cannot lie ahead."""

    code = "instant_in_future"
    field = "at"


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
