"""Looks up what the lines of terms ask for, and refuses what there is not.

A line may name a model of the tenant, and a vehicle its organisation has now. Leaves out whether
the vehicle is free: a signature promises it (`books`).
"""

from typing import Any

from psycopg import Connection

from fleet.leasing import store as leases
from fleet.leasing.books import service as books
from fleet.leasing.refusals import (
    LineModelUnknown,
    LineVehicleOfAnotherModel,
    LineVehicleUnknown,
    VehicleOfAnotherOrganisation,
)
from fleet.leasing.terms import Line, Terms


def check_lines(
    conn: Connection[Any],
    terms: Terms,
    *,
    tenant_id: int,
    organisation_id: int,
    lock: bool = False,
) -> dict[int, int]:
    """The vehicles that lines name, by the line's number; all of them can be asked for.

    `lock`: they are to be promised, and stay with who has them until the commit.

    Raises:
        LineModelUnknown, LineVehicleUnknown, LineVehicleOfAnotherModel,
        VehicleOfAnotherOrganisation: one cannot; `line_no` says which.
    """
    codes = {line.model_code for line in terms.lines if line.model_code is not None}
    models = leases.list_line_models(conn, sorted(codes), tenant_id=tenant_id)
    vins = [line.vin for line in terms.lines if line.vin is not None]
    found = leases.list_line_vehicles(conn, vins)
    if lock:
        books.lock_vehicles(conn, [each.id for each in found.values()])
        found = leases.list_line_vehicles(conn, vins)
    for line in terms.lines:
        if line.model_code is not None and line.model_code not in models:
            raise LineModelUnknown(
                f"line {line.no}: no model has the code {line.model_code!r}",
                line_no=line.no,
                model_code=line.model_code,
            )
        if line.vin is not None:
            _check_vehicle(line, found.get(line.vin), organisation_id)
    return {line.no: found[line.vin].id for line in terms.lines if line.vin is not None}


def _check_vehicle(line: Line, found: leases.LineVehicle | None, organisation_id: int) -> None:
    facts = {"line_no": line.no, "vin": line.vin}
    if found is None:
        raise LineVehicleUnknown(f"line {line.no}: no vehicle has the VIN {line.vin!r}", **facts)
    if not found.held or found.holder_id != organisation_id:
        raise VehicleOfAnotherOrganisation(
            f"line {line.no}: {line.vin} is with another organisation", **facts
        )
    if line.model_code is not None and found.model_code != line.model_code:
        raise LineVehicleOfAnotherModel(
            f"line {line.no}: {line.vin} is no {line.model_code}",
            **facts,
            model_code=line.model_code,
        )
