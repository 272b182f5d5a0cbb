"""Vehicles, as everybody else asks for them: who operates each, and the stages of their lives.

Each act stands in its own part: `vehicles` (one of them), `entering` (those that join), `operating`
(operators and transfers), `staging` (stages), `in_bulk` (sheets). Leaves out devices
(`fleet/devices`), models (`fleet/models`), odometer, purchase and place (`fleet/lives`).
"""

from fleet.registry.entering.service import add_vehicle, add_vehicles
from fleet.registry.in_bulk.service import (
    check_vehicles,
    known_plates,
    known_vehicles,
    save_vehicles,
)
from fleet.registry.model import (
    OperatorPeriod,
    SavedVehicles,
    Stage,
    Transfer,
    TransferCheck,
    TransferRecord,
    Vehicle,
    VehicleEntry,
)
from fleet.registry.operating.service import (
    assign_operator,
    list_operator_periods,
    list_transfers,
)
from fleet.registry.plate import parse_plate
from fleet.registry.rows import tags_fit, tidy_tags
from fleet.registry.stages import NEXT_STAGES, STAGES, StageName
from fleet.registry.staging.service import change_stage, find_stage, list_stages, write_stage
from fleet.registry.vehicles.service import (
    change_vehicle,
    get_held_vehicle,
    get_vehicle,
    record_act,
)
from fleet.registry.vin import check_of, parse_vin
from fleet.row_problems import RowProblem

__all__ = [
    "NEXT_STAGES",
    "STAGES",
    "OperatorPeriod",
    "RowProblem",
    "SavedVehicles",
    "Stage",
    "StageName",
    "Transfer",
    "TransferCheck",
    "TransferRecord",
    "Vehicle",
    "VehicleEntry",
    "add_vehicle",
    "add_vehicles",
    "assign_operator",
    "change_stage",
    "change_vehicle",
    "check_of",
    "check_vehicles",
    "find_stage",
    "get_held_vehicle",
    "get_vehicle",
    "known_plates",
    "known_vehicles",
    "list_operator_periods",
    "list_stages",
    "list_transfers",
    "parse_plate",
    "parse_vin",
    "record_act",
    "save_vehicles",
    "tags_fit",
    "tidy_tags",
    "write_stage",
]
