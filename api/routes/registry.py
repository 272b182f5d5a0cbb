"""Vehicles as property, who operated what, and the stages of their lives, over HTTP."""

from typing import Final

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.registry import (
    OperatorOut,
    StageOut,
    Transfer,
    TransferOut,
    VehicleCard,
    VehicleChange,
    VehicleIn,
)
from api.models.text import VinPath
from api.operation import Answer, IfMatch, Operations, version_of
from fleet.assets import service as assets
from fleet.registry import service as registry

operations = Operations("vehicles")
TRANSFERS: Final = Export(
    Words("调拨记录", "transfers"),
    {
        "from_organisation": Words("移交方", "From"),
        "to_organisation": Words("接收方", "To"),
        "transferred_at": Words("移交时间", "Handed over at"),
        "checks": Words("检查项", "Checks"),
    },
)
STAGES: Final = Export(
    Words("车辆状态记录", "stages"),
    {
        "from_at": Words("起", "From"),
        "until_at": Words("止", "Until"),
        "changed_by": Words("变更人", "Changed by"),
    },
)


@operations.post("/vehicles", status=201, idempotent="vehicle.create", tells=["Location", "ETag"])
def create_vehicle(call: Call, body: VehicleIn) -> Answer[VehicleCard]:
    """Add a vehicle. It is operated by its owner until it is handed on."""
    created = assets.add_vehicle(
        call.conn,
        call.actor,
        vin=body.vin,
        plate=body.plate,
        model=body.model,
        model_code=body.model_code,
        owner_code=body.owner,
        operator_code=body.operator or body.owner,
        stage=body.stage,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/vehicles/{created.vin}"}
    return Answer(VehicleCard.of(created), headers, created.version)


@operations.put("/vehicles/{vin}/card", tells=["ETag"])
def change_vehicle(
    call: Call, vin: VinPath, body: VehicleChange, if_match: IfMatch = None
) -> Answer[VehicleCard]:
    """Write a vehicle's plate and model. If-Match: the ETag of the vehicle."""
    changed = assets.change_card(
        call.conn,
        call.actor,
        vin=vin,
        version=version_of(if_match),
        plate=body.plate,
        model=body.model,
        model_code=body.model_code,
        now=call.now,
    )
    return Answer(VehicleCard.of(changed), version=changed.version)


@operations.get("/vehicles/{vin}/operators")
def list_operators(call: Call, vin: VinPath) -> list[OperatorOut]:
    """Who operated the vehicle and when, as far as it was yours; oldest first."""
    periods = registry.list_operator_periods(call.conn, call.actor, vin=vin)
    return [OperatorOut.of(period) for period in periods]


@operations.post("/vehicles/{vin}/operators", status=201, idempotent="vehicle.transfer")
def transfer_vehicle(call: Call, vin: VinPath, body: Transfer) -> OperatorOut:
    """Hand a vehicle to an operator. Asks for a step-up.

    Each side keeps the history of its own period, and sees none of the other's.
    """
    period = assets.assign_operator(
        call.conn,
        call.actor,
        vin=vin,
        organisation_code=body.organisation,
        at=body.at or call.now,
        record=None if body.record is None else body.record.record(),
        now=call.now,
    )
    return OperatorOut.of(period)


@operations.get("/vehicles/{vin}/transfers", exported=TRANSFERS)
def list_transfers(call: Call, vin: VinPath) -> list[TransferOut]:
    """The transfers you had a part in, with what both sides agreed on; oldest first."""
    transfers = registry.list_transfers(call.conn, call.actor, vin=vin)
    return [TransferOut.of(transfer) for transfer in transfers]


@operations.get("/vehicles/{vin}/stages", exported=STAGES)
def list_stages(call: Call, vin: VinPath) -> list[StageOut]:
    """The stages the vehicle went through, oldest first."""
    stages = registry.list_stages(call.conn, call.actor, vin=vin)
    return [StageOut.of(stage) for stage in stages]
