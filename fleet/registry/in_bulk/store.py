"""Runs the SQL of sheets of vehicles: one statement a table, whatever the number of rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from fleet.registry import known_constraints
from fleet.registry.differences import Named, NamedModel, Place, Written, columns
from fleet.registry.rows import PURCHASE, Surroundings
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

HOLDER: Final = ("tenant_id", "organisation_id", "vehicle_id")
CHANGED: Final = ("id", "plate", "model", "model_id", "depot_id", "tags")
NEWCOMER: Final = ("tenant_id", "vin", "owner_id", *CHANGED[1:])


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
    with naming(known_constraints.of_many()):
        return dict(conn.execute(_queries.insert_rows, row, prepare=False).fetchall())


def insert_operators_of_rows(
    conn: Connection[Any], rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Let organisations operate vehicles from `now` on; only of those that nobody operated."""
    with naming(known_constraints.of_many()):
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
    with naming(known_constraints.of_many()):
        for query, rows, names in fields:
            if rows:
                row: dict[str, Any] = {**columns(rows, names), "now": now, "changed_by": changed_by}
                conn.execute(query, row, prepare=False)
