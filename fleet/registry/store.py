"""Runs the SQL of the registry: one function a query, and the facts its constraints stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.registry.differences import Named, NamedModel, Place, Written, columns
from fleet.registry.errors import (
    OperatorInOtherTenant,
    OperatorPeriodsOverlap,
    PlateTaken,
    VehicleExists,
    VehicleModelEmpty,
)
from fleet.registry.model import (
    OperatorPeriod,
    Stage,
    Transfer,
    TransferRecord,
    Vehicle,
    VehicleEntry,
)
from fleet.registry.rows import PURCHASE, Surroundings
from kit.constraints import naming
from kit.errors import DomainError
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

HOLDER: Final = ("tenant_id", "organisation_id", "vehicle_id")
CHANGED: Final = ("id", "plate", "model", "model_id", "depot_id", "tags")
NEWCOMER: Final = ("tenant_id", "vin", "owner_id", *CHANGED[1:])


def insert_vehicle(
    conn: Connection[Any],
    *,
    tenant_id: int,
    vin: str,
    plate: str | None,
    model: str | None,
    model_id: int | None,
    owner_id: int,
) -> int:
    """The id of the new vehicle."""
    row = {
        "tenant_id": tenant_id,
        "vin": vin,
        "plate": plate,
        "model": model,
        "model_id": model_id,
        "owner_id": owner_id,
    }
    with naming(_vehicle_facts(vin=vin, plate=plate)):
        return _insert(conn, _queries.insert_vehicle, row)


def update_vehicle(conn: Connection[Any], was: Vehicle, now_is: Vehicle) -> bool:
    """Write plate and model; False if the version before is not that any more."""
    row = {
        "id": was.id,
        "version": now_is.version - 1,
        "plate": now_is.plate,
        "model": now_is.model,
        "model_id": now_is.model_id,
    }
    with naming(_vehicle_facts(vin=was.vin, plate=now_is.plate)):
        return conn.execute(_queries.update_vehicle, row).rowcount == 1


def find_vehicle(conn: Connection[Any], vin: str) -> Vehicle | None:
    """The vehicle with this VIN, if there is one."""
    with conn.cursor(row_factory=class_row(Vehicle)) as cursor:
        return cursor.execute(_queries.find_vehicle, {"vin": vin}).fetchone()


def insert_operator_period(
    conn: Connection[Any], *, vehicle: Vehicle, organisation_id: int, from_at: datetime
) -> int:
    """The id of the new, running period."""
    row = {
        "tenant_id": vehicle.tenant_id,
        "vehicle_id": vehicle.id,
        "organisation_id": organisation_id,
        "from_at": from_at,
    }
    with naming(_operator_facts(vin=vehicle.vin)):
        return _insert(conn, _queries.insert_operator_period, row)


def find_running_operator_period(conn: Connection[Any], vehicle_id: int) -> OperatorPeriod | None:
    """Who operates the vehicle now; locked until the commit."""
    with conn.cursor(row_factory=class_row(OperatorPeriod)) as cursor:
        return cursor.execute(
            _queries.find_running_operator_period, {"vehicle_id": vehicle_id}
        ).fetchone()


def mark_operator_period_ended(
    conn: Connection[Any], period_id: int, *, until_at: datetime
) -> None:
    """End a running period of an operator."""
    conn.execute(_queries.mark_operator_period_ended, {"id": period_id, "until_at": until_at})


def list_operator_periods(conn: Connection[Any], vehicle_id: int) -> list[OperatorPeriod]:
    """Everyone who operated the vehicle, oldest first."""
    with conn.cursor(row_factory=class_row(OperatorPeriod)) as cursor:
        return cursor.execute(_queries.list_operator_periods, {"vehicle_id": vehicle_id}).fetchall()


def list_known_vins(conn: Connection[Any], vins: Sequence[str]) -> list[str]:
    """Those of the VINs that have a vehicle."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_known_vins, {"vins": list(vins)}).fetchall()


def find_running_stage(conn: Connection[Any], vehicle_id: int) -> Stage | None:
    """The stage the vehicle is at."""
    with conn.cursor(row_factory=class_row(Stage)) as cursor:
        return cursor.execute(_queries.find_running_stage, {"vehicle_id": vehicle_id}).fetchone()


def list_stages(conn: Connection[Any], vehicle_id: int) -> list[Stage]:
    """The stages the vehicle went through, oldest first."""
    with conn.cursor(row_factory=class_row(Stage)) as cursor:
        return cursor.execute(_queries.list_stages, {"vehicle_id": vehicle_id}).fetchall()


def lock_stage(conn: Connection[Any], vehicle_id: int) -> None:
    """Wait for others who change the vehicle's stage."""
    conn.execute(_queries.lock_stage, {"vehicle_id": vehicle_id})


def mark_stage_ended(conn: Connection[Any], vehicle_id: int, *, until_at: datetime) -> None:
    """End the stage the vehicle is at."""
    conn.execute(_queries.mark_stage_ended, {"vehicle_id": vehicle_id, "until_at": until_at})


def insert_stage(
    conn: Connection[Any],
    vehicle: Vehicle,
    *,
    stage: str,
    from_at: datetime,
    reason: str | None,
    changed_by: str,
) -> None:
    """The vehicle is at this stage from `from_at` on."""
    row = {
        "tenant_id": vehicle.tenant_id,
        "organisation_id": vehicle.holder_id,
        "vehicle_id": vehicle.id,
        "stage": stage,
        "from_at": from_at,
        "reason": reason,
        "changed_by": changed_by,
    }
    conn.execute(_queries.insert_stage, row)


def insert_vehicles(
    conn: Connection[Any],
    entries: Sequence[VehicleEntry],
    *,
    from_at: datetime,
    changed_by: str,
) -> None:
    """Insert vehicles, operators and first stages of all entries: one statement a table."""
    columns: dict[str, Any] = {
        "vins": [entry.vin for entry in entries],
        "plates": [entry.plate for entry in entries],
        "models": [entry.model for entry in entries],
        "model_codes": [entry.model_code for entry in entries],
        "owner_codes": [entry.owner_code for entry in entries],
        "operator_codes": [entry.operator_code for entry in entries],
        "stages": [entry.stage for entry in entries],
        "from_at": from_at,
        "changed_by": changed_by,
    }
    with naming(_facts_of_many()):
        conn.execute(_queries.insert_vehicles, columns)
        conn.execute(_queries.insert_operator_periods, columns)
        conn.execute(_queries.insert_first_stages, columns)


def clear_depot(conn: Connection[Any], vehicle_id: int) -> None:
    """Let the vehicle stand at no depot."""
    conn.execute(_queries.clear_depot, {"id": vehicle_id})


def insert_transfer(
    conn: Connection[Any],
    vehicle: Vehicle,
    *,
    organisation_id: int,
    transferred_at: datetime,
    record: TransferRecord,
    recorded_by: str,
) -> None:
    """Write down that the vehicle goes to the organisation, while its operator is still another."""
    row = {
        "tenant_id": vehicle.tenant_id,
        "vehicle_id": vehicle.id,
        "organisation_id": organisation_id,
        "holder_id": vehicle.holder_id,
        "transferred_at": transferred_at,
        "odometer_km": record.odometer_km,
        "soc_pct": record.soc_pct,
        "checks": Jsonb([asdict(check) for check in record.checks]),
        "remarks": record.remarks,
        "recorded_by": recorded_by,
    }
    conn.execute(_queries.insert_transfer, row)
    if record.odometer_km is not None:
        conn.execute(_queries.insert_transfer_odometer, row)


def list_transfers(conn: Connection[Any], vehicle_id: int) -> list[Transfer]:
    """The transfers of the vehicle in sight, oldest first."""
    with conn.cursor(row_factory=class_row(Transfer)) as cursor:
        return cursor.execute(_queries.list_transfers, {"vehicle_id": vehicle_id}).fetchall()


def list_known_vehicles(conn: Connection[Any], vins: Sequence[str]) -> list[dict[str, Any]]:
    """What a sheet says of these vehicles, as it is, whether they are held, and ids."""
    with conn.cursor(row_factory=dict_row) as cursor:
        query = _queries.list_known_vehicles
        return cursor.execute(query, {"vins": list(vins)}, prepare=False).fetchall()


def list_plates(conn: Connection[Any], plates: Sequence[str]) -> dict[str, str]:
    """Which vehicle in sight bears which of the plates, by its VIN."""
    row = {"plates": list(plates)}
    return dict(conn.execute(_queries.list_plates, row, prepare=False).fetchall())


def find_surroundings(
    conn: Connection[Any], *, plates: Sequence[str], model_codes: Sequence[str]
) -> Surroundings:
    """What rows may name, of what they name."""
    models = conn.execute(_queries.list_models, {"codes": list(model_codes)}).fetchall()
    places = conn.execute(_queries.list_places).fetchall()
    return Surroundings(
        {code: frozenset(above) for code, _, _, above in places},
        frozenset(code for _, code, _, _ in models),
        list_plates(conn, plates),
    )


def find_named(conn: Connection[Any], *, model_codes: Sequence[str]) -> Named:
    """The ids of what rows name."""
    models = conn.execute(_queries.list_models, {"codes": list(model_codes)}).fetchall()
    places = conn.execute(_queries.list_places).fetchall()
    return Named(
        {code: Place(place_id, tenant_id) for code, place_id, tenant_id, _ in places},
        {(tenant_id, code): NamedModel(*told) for tenant_id, code, *told in models},
    )


def insert_rows(conn: Connection[Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The ids of new vehicles by VIN."""
    row = columns(rows, NEWCOMER)
    with naming(_facts_of_many()):
        return dict(conn.execute(_queries.insert_rows, row, prepare=False).fetchall())


def insert_operators_of_rows(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Let organisations operate vehicles from `now` on; only of those that nobody operated."""
    with naming(_facts_of_many()):
        row: dict[str, Any] = {**columns(rows, HOLDER), "now": now}
        conn.execute(_queries.insert_operators_of_rows, row, prepare=False)


def write_rows(conn: Connection[Any], written: Written, *, now: datetime, changed_by: str) -> None:
    """Write what differs: one statement a table, and none where nothing does."""
    bought = (*HOLDER, *PURCHASE)
    fields: tuple[tuple[LiteralString, list[dict[str, Any]], Sequence[str]], ...] = (
        (_queries.update_rows, written.changed, CHANGED),
        (_queries.end_stages_of_rows, written.moved, ("vehicle_id",)),
        (_queries.insert_stages_of_rows, written.moved, (*HOLDER, "stage")),
        (_queries.insert_purchases_of_rows, written.bought, bought),
        (_queries.update_purchases_of_rows, written.corrected, bought),
        (_queries.insert_odometers_of_rows, written.odometers, (*HOLDER, "odometer_km")),
    )
    with naming(_facts_of_many()):
        for query, rows, names in fields:
            if rows:
                row: dict[str, Any] = {**columns(rows, names), "now": now, "changed_by": changed_by}
                conn.execute(query, row, prepare=False)


def _insert(conn: Connection[Any], query: LiteralString, row: dict[str, Any]) -> int:
    with conn.cursor(row_factory=scalar_row) as cursor:
        row_id: int | None = cursor.execute(query, row).fetchone()
    assert row_id is not None
    return row_id


def _vehicle_facts(*, vin: str, plate: str | None) -> dict[str, DomainError]:
    return {
        "vehicles_vin_key": VehicleExists(f"vehicle {vin} exists already", vin=vin),
        "vehicles_plate_key": PlateTaken(f"another vehicle bears plate {plate}", plate=plate),
        "vehicles_model_check": VehicleModelEmpty(f"the model of {vin} has no name", vin=vin),
    }


def _facts_of_many() -> dict[str, DomainError]:
    return {
        "vehicles_vin_key": VehicleExists("a VIN stands twice, or is another's"),
        "vehicles_plate_key": PlateTaken("a plate is borne by two vehicles"),
        "vehicles_model_check": VehicleModelEmpty("a model has no name"),
        "vehicle_operators_organisation_in_tenant": OperatorInOtherTenant(
            "an operator stands in another tree than the owner"
        ),
    }


def _operator_facts(*, vin: str) -> dict[str, DomainError]:
    return {
        "vehicle_operators_one_at_a_time": OperatorPeriodsOverlap(
            f"vehicle {vin} is operated by another organisation during that time", vin=vin
        ),
        "vehicle_operators_organisation_in_tenant": OperatorInOtherTenant(
            f"vehicle {vin} stays in the tree of its owner", vin=vin
        ),
    }
