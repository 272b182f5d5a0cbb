"""What is not allowed with devices."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class SerialMalformed(Invalid):
    """A device serial is 1–64 of A–Z, a–z, 0–9, hyphen and underscore."""

    code = "serial_malformed"
    field = "serial"


class DeviceNotFound(NotFound):
    """No device has this serial."""

    code = "device_not_found"


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
