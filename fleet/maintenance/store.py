"""Runs the SQL of maintenance and idle care: one function a query.

Which idle vehicles are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.figures import IdleCare
from fleet.maintenance.idle_care import CONDITIONS, SOC_KNOWN_FOR
from fleet.maintenance.model import (
    IDLE_CARE,
    Done,
    IdleVehicle,
    Need,
    NextDue,
    PlanItem,
    Use,
)
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_plan_version(conn: Connection[Any], model_id: int) -> int:
    """The version of the plan of a model; it grows with every change."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        row = {"model_id": model_id}
        version: int | None = cursor.execute(_queries.find_plan_version, row).fetchone()
    return version or 0


def lock_plan(conn: Connection[Any], model_id: int) -> bool:
    """Keep others from changing the plan until the commit; False for who may not either."""
    return conn.execute(_queries.lock_plan, {"model_id": model_id}).rowcount == 1


def list_plan_items(conn: Connection[Any], model_id: int) -> list[PlanItem]:
    """The plan of a model by code."""
    with conn.cursor(row_factory=class_row(PlanItem)) as cursor:
        return cursor.execute(_queries.list_plan_items, {"model_id": model_id}).fetchall()


def set_plan_items(
    conn: Connection[Any],
    items: Sequence[PlanItem],
    *,
    model_id: int,
    tenant_id: int,
    now: datetime,
) -> None:
    """Make the plan these items: one statement for what is there, one for what is not any more."""
    row: dict[str, Any] = {
        "tenant_id": tenant_id,
        "model_id": model_id,
        "codes": [item.code for item in items],
        "titles": [item.title for item in items],
        "every_months": [item.every_months for item in items],
        "every_km": [item.every_km for item in items],
        "every_hours": [item.every_hours for item in items],
        "now": now,
    }
    conn.execute(_queries.retire_plan_items, row)
    conn.execute(_queries.write_plan_items, row)


def list_vehicles_of_model(conn: Connection[Any], model_id: int) -> list[int]:
    """The vehicles of a model that are held now."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.list_vehicles_of_model, {"model_id": model_id}).fetchall()


def list_known_codes(conn: Connection[Any], vehicle_id: int) -> set[str]:
    """Codes of the plan of the vehicle's model."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return set(cursor.execute(_queries.list_known_codes, {"vehicle_id": vehicle_id}))


def list_needs(
    conn: Connection[Any], vehicle_ids: Sequence[int] | None, *, zone: str
) -> list[Need]:
    """What due dates follow from, of these vehicles or of all that are held."""
    asked = [] if vehicle_ids is None else [_OF_VEHICLES]
    query = _and(_queries.list_needs, asked)
    row = {"zone": zone, "vehicle_ids": list(vehicle_ids or ())}
    with conn.cursor(row_factory=class_row(Need)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def write_obligations(
    conn: Connection[Any],
    decided: Sequence[tuple[Need, NextDue, Mapping[str, Any]]],
    *,
    of_vehicles: Sequence[int] | None,
    now: datetime,
) -> int:
    """Write what falls due of these vehicles (None: all held), and close what does not any more;
    how many rows differed.
    """
    row: dict[str, Any] = {
        "tenant_ids": [need.tenant_id for need, _due, _facts in decided],
        "vehicle_ids": [need.vehicle_id for need, _due, _facts in decided],
        "codes": [need.code for need, _due, _facts in decided],
        "due_on": [due.due_on for _need, due, _facts in decided],
        "due_odometer_km": [due.due_odometer_km for _need, due, _facts in decided],
        "due_running_hours": [due.due_running_hours for _need, due, _facts in decided],
        "facts": [Jsonb(dict(facts)) for _need, _due, facts in decided],
        "now": now,
    }
    closing = _and(_queries.close_obligations, [] if of_vehicles is None else [_OWED_BY_VEHICLES])
    closed = conn.execute(closing, row | {"of_vehicles": list(of_vehicles or ())}, prepare=False)
    written = conn.execute(_queries.write_obligations, row) if decided else None
    return closed.rowcount + (written.rowcount if written else 0)


def list_standing(conn: Connection[Any], vehicle_id: int) -> list[dict[str, Any]]:
    """What falls due of a vehicle's maintenance, as rows without their status."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_standing, {"vehicle_id": vehicle_id}).fetchall()


def list_done(conn: Connection[Any], vehicle_id: int, *, limit: int) -> list[Done]:
    """What was done to a vehicle, the latest first."""
    row = {"vehicle_id": vehicle_id, "limit": limit}
    with conn.cursor(row_factory=class_row(Done)) as cursor:
        return cursor.execute(_queries.list_done, row).fetchall()


def find_use(
    conn: Connection[Any], vehicle_id: int, *, from_at: datetime, until_at: datetime
) -> Use:
    """How far and how long the vehicle had run, by the newest of [from_at, until_at)."""
    row = {"vehicle_id": vehicle_id, "from_at": from_at, "until_at": until_at}
    with conn.cursor(row_factory=class_row(Use)) as cursor:
        found = cursor.execute(_queries.find_use, row).fetchone()
    assert found is not None
    return found


def write_done(conn: Connection[Any], row: Mapping[str, Any]) -> None:
    """Items (`codes`) were done to a vehicle that day."""
    conn.execute(_queries.write_done, row)


def find_tenant_and_zone(conn: Connection[Any], organisation_id: int) -> tuple[int, str] | None:
    """The tenant of an organisation in sight, and the zone of its days."""
    row = {"organisation_id": organisation_id}
    return conn.execute(_queries.find_tenant_and_zone, row).fetchone()


def list_idle_vehicles(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    figures: IdleCare,
    zone: str,
    after: tuple[int, date, str] | None,
    limit: int,
    now: datetime,
) -> list[IdleVehicle]:
    """Idle vehicles, the most urgent first. `filters` are of IDLE_FILTERS; `after` is a place:
    urgency as a place in CONDITIONS from 1, day of the next check, VIN.
    """
    conditions = [IDLE_FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_IDLE_AFTER)
    query = _and(_queries.list_idle_vehicles, conditions) + _MOST_URGENT_FIRST
    row = {
        **filters,
        "idle_care": IDLE_CARE,
        "zone": zone,
        "known_since": now - SOC_KNOWN_FOR,
        "critical_below_pct": figures.critical_below_pct,
        "warn_below_pct": figures.warn_below_pct,
        "check_every_days": figures.check_every_days,
        "conditions": list(CONDITIONS),
        **dict(zip(("after_urgency", "after_on", "after_vin"), after or (), strict=False)),
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(IdleVehicle)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def _and(query: LiteralString, conditions: Sequence[sql.Composable]) -> sql.Composed:
    """The query, whose WHERE comes last, with further conditions."""
    return sql.Composed([sql.SQL(query), *(sql.SQL(" AND ") + each for each in conditions)])


_OF_VEHICLES = sql.SQL("v.id IN (SELECT unnest(%(vehicle_ids)s::bigint[]))")
_OWED_BY_VEHICLES = sql.SQL("o.vehicle_id IN (SELECT unnest(%(of_vehicles)s::bigint[]))")
IDLE_FILTERS: Final[Mapping[str, sql.SQL]] = {
    "condition": sql.SQL("c.condition = %(condition)s"),
    "stage": sql.SQL("s.stage = %(stage)s"),
    "check_until_on": sql.SQL("c.next_check_on <= %(check_until_on)s"),
    "idle_from_on": sql.SQL("d.idle_since_on <= %(idle_from_on)s"),
    "organisation": sql.SQL(
        "coalesce(p.organisation_id, v.owner_id) IN (SELECT b.descendant_id"
        " FROM organisation_closure b JOIN organisations a ON a.id = b.ancestor_id"
        " WHERE a.code = %(organisation)s)"
    ),
    "vehicle_id": sql.SQL("v.id = %(vehicle_id)s"),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), v.vin, v.plate, v.model))) > 0"
    ),
}
_IDLE_AFTER = sql.SQL(
    "(u.urgency, c.next_check_on, v.vin)"
    " > (%(after_urgency)s::integer, %(after_on)s::date, %(after_vin)s)"
)
_MOST_URGENT_FIRST = sql.SQL(" ORDER BY u.urgency, c.next_check_on, v.vin LIMIT %(limit)s")
