"""The rows of a sheet of vehicles: what is known of them, what is wrong, and writing them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.periods import check_end
from fleet.registry.differences import newcomers, of_known, of_newcomers
from fleet.registry.in_bulk import store
from fleet.registry.model import SavedVehicles
from fleet.registry.rows import FIELDS, check_vehicle_row, said_of, verbs_for
from fleet.row_problems import RowProblem
from schemas.access import Actor

__all__ = ["check_vehicles", "known_plates", "known_vehicles", "save_vehicles"]


def known_vehicles(conn: Connection[Any], vins: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those of the VINs that have a vehicle in sight, each with what a sheet says of it.

    Besides, `held`: whether it may be written about.
    """
    return {
        row["vin"]: {name: row[name] for name in (*FIELDS, "held")}
        for row in store.list_known_vehicles(conn, vins)
    }


def known_plates(conn: Connection[Any], plates: Sequence[str]) -> dict[str, str]:
    """The VIN of the vehicle in sight that bears each of the plates, as they are stored."""
    return store.list_plates(conn, plates)


def check_vehicles(
    conn: Connection[Any],
    rows: Sequence[Mapping[str, Any]],
    known: Mapping[str, Mapping[str, Any]],
) -> list[list[RowProblem]]:
    """What is wrong with each row, beside `known_vehicles` of them; in their order.

    Leaves out two rows of one sheet that contradict one another.
    """
    around = store.find_surroundings(
        conn, plates=said_of(rows, "plate"), model_codes=said_of(rows, "model_code")
    )
    return [check_vehicle_row(row, known.get(row["vin"]), around) for row in rows]


def save_vehicles(
    conn: Connection[Any], actor: Actor, rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> SavedVehicles:
    """Write rows that `check_vehicles` found nothing wrong with: new vehicles, and what differs.

    A field that is absent or None leaves what is there. One statement a table, whatever the number
    of rows. Writes no audit entry: the import does.

    Raises:
        PermissionMissing: the rows say more than the actor may write.
        PeriodEndsBeforeStart: a vehicle came to its stage at `now` or later.
        VehicleExists, PlateTaken: the rows contradict one another, or what is out of sight.
    """
    there = {row["vin"]: row for row in store.list_known_vehicles(conn, [r["vin"] for r in rows])}
    new = [row for row in rows if row["vin"] not in there]
    known = [row for row in rows if row["vin"] in there]
    for verb in verbs_for(new, known):
        actor.require(verb)
    named = store.find_named(conn, model_codes=said_of(rows, "model_code"))
    written = of_known(known, there, named)
    for moved in written.moved:
        check_end(there[moved["vin"]]["staged_from_at"], now)
    store.write_rows(conn, written, now=now, changed_by=actor.name)
    ids = {vin: was["id"] for vin, was in there.items()}
    if new:
        ids |= store.insert_rows(conn, newcomers(new, named))
        beside = of_newcomers(new, ids, named)
        store.insert_operators_of_rows(conn, beside.moved, now=now)
        store.write_rows(conn, beside, now=now, changed_by=actor.name)
    return SavedVehicles(len(new), len(known), ids)
