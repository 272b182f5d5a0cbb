"""What a vehicle that a lease has, or is promised, does not allow."""

from kit.errors import Refused


class VehicleOnLease(Refused):
    """A lease has it, or is promised it: it is handed over and taken back under the lease.

    `lease_no` where it is in sight.
    """

    code = "vehicle_on_lease"
