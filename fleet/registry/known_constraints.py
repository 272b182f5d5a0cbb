"""What the database's constraints on vehicles and their operators stand for."""

from fleet.registry.errors import (
    OperatorInOtherTenant,
    OperatorPeriodsOverlap,
    PlateTaken,
    VehicleExists,
    VehicleModelEmpty,
)
from kit.errors import DomainError


def of_vehicle(*, vin: str, plate: str | None) -> dict[str, DomainError]:
    """Of one vehicle that is written."""
    return {
        "vehicles_vin_key": VehicleExists(f"vehicle {vin} exists already", vin=vin),
        "vehicles_plate_key": PlateTaken(f"another vehicle bears plate {plate}", plate=plate),
        "vehicles_model_check": VehicleModelEmpty(f"the model of {vin} has no name", vin=vin),
    }


def of_many() -> dict[str, DomainError]:
    """Of vehicles that are written at once, so that none can be named."""
    return {
        "vehicles_vin_key": VehicleExists("a VIN stands twice, or is another's"),
        "vehicles_plate_key": PlateTaken("a plate is borne by two vehicles"),
        "vehicles_model_check": VehicleModelEmpty("a model has no name"),
        "vehicle_operators_organisation_in_tenant": OperatorInOtherTenant(
            "an operator stands in another tree than the owner"
        ),
    }


def of_operator(*, vin: str) -> dict[str, DomainError]:
    """Of who operates one vehicle."""
    return {
        "vehicle_operators_one_at_a_time": OperatorPeriodsOverlap(
            f"vehicle {vin} is operated by another organisation during that time", vin=vin
        ),
        "vehicle_operators_organisation_in_tenant": OperatorInOtherTenant(
            f"vehicle {vin} stays in the tree of its owner", vin=vin
        ),
    }
