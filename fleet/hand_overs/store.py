"""Runs the SQL of hand-overs: one function a query, and how readings are kept as JSON.

Which hand-overs are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.hand_overs.differences import Difference, Readings, Told
from fleet.hand_overs.model import Check, Finding, HandOver, Warned
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_hand_overs(
    conn: Connection[Any],
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[HandOver]:
    """Hand-overs in sight, the latest first. `filters` are of FILTERS; `after` is when the last one
    of the page before was, and its key.
    """
    conditions = [FILTERS[name] for name in filters]
    if after is not None:
        conditions.append(_AFTER)
    query = sql.Composed([sql.SQL(_queries.list_hand_overs), where(conditions), _LATEST_FIRST])
    place = dict(zip(("after_at", "after_key"), after or (), strict=False))
    with conn.cursor(row_factory=dict_row) as cursor:
        row = {**filters, **place, "limit": limit}
        found = cursor.execute(query, row, prepare=False).fetchall()
    return [_hand_over(each) for each in found]


def find_hand_over(conn: Connection[Any], key: UUID) -> HandOver | None:
    """The hand-over in sight with this key."""
    return next(iter(list_hand_overs(conn, {"key": key}, limit=1)), None)


def find_vin(conn: Connection[Any], vehicle_id: int) -> str | None:
    """The VIN of a vehicle in sight."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        found: str | None = cursor.execute(_queries.find_vin, {"id": vehicle_id}).fetchone()
    return found


def insert_hand_over(
    conn: Connection[Any],
    row: Mapping[str, Any],
    *,
    checks: Sequence[Check],
    findings: Sequence[Finding],
) -> UUID:
    """The key of a new hand-over; `row` holds its columns as the model has them."""
    told: Told | None = row["told"]
    values = {
        **row,
        "told": None if told is None else Jsonb(_told_to_json(told)),
        "differences": Jsonb([_difference_to_json(each) for each in row["differences"]]),
        "overridden": Jsonb(row["overridden"]),
        "warnings": Jsonb([asdict(each) for each in row["warnings"]]),
    }
    [(hand_over_id, key)] = conn.execute(_queries.insert_hand_over, values).fetchall()
    of_it = {
        "hand_over_id": hand_over_id,
        "tenant_id": row["tenant_id"],
        "organisation_id": row["organisation_id"],
    }
    with conn.cursor() as cursor:
        cursor.executemany(_queries.insert_check, [of_it | asdict(each) for each in checks])
        numbered = [of_it | {"no": no} | asdict(each) for no, each in enumerate(findings, 1)]
        cursor.executemany(_queries.insert_finding, numbered)
    made: UUID = key
    return made


def list_checks(conn: Connection[Any], hand_over_id: int) -> list[Check]:
    """The steps of a hand-over as they were found."""
    with conn.cursor(row_factory=class_row(Check)) as cursor:
        return cursor.execute(_queries.list_checks, {"hand_over_id": hand_over_id}).fetchall()


def list_findings(conn: Connection[Any], hand_over_id: int) -> list[Finding]:
    """What was found at a hand-over."""
    with conn.cursor(row_factory=class_row(Finding)) as cursor:
        return cursor.execute(_queries.list_findings, {"hand_over_id": hand_over_id}).fetchall()


def _hand_over(row: dict[str, Any]) -> HandOver:
    told = row["told"]
    return HandOver(
        **{
            **row,
            "told": None if told is None else _told(told),
            "differences": [_difference(each) for each in row["differences"]],
            "warnings": [Warned(**each) for each in row["warnings"]],
        }
    )


def _told(kept: Mapping[str, Any]) -> Told:
    readings = Readings(
        _exact(kept["odometer_km"]), _exact(kept["soc_pct"]), kept["lat"], kept["lon"]
    )
    return Told(datetime.fromisoformat(kept["at"]), readings)


def _told_to_json(told: Told) -> dict[str, Any]:
    readings = told.readings
    return {
        "at": told.at.isoformat(),
        "odometer_km": _text(readings.odometer_km),
        "soc_pct": _text(readings.soc_pct),
        "lat": readings.lat,
        "lon": readings.lon,
    }


def _difference(kept: Mapping[str, Any]) -> Difference:
    return Difference(
        kept["field"], _exact(kept["typed"]), _exact(kept["told"]), Decimal(kept["by"])
    )


def _difference_to_json(difference: Difference) -> dict[str, Any]:
    return {
        "field": difference.field,
        "typed": _text(difference.typed),
        "told": _text(difference.told),
        "by": str(difference.by),
    }


def _exact(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "key": sql.SQL("n.key = %(key)s"),
    "lease_id": sql.SQL("n.lease_id = %(lease_id)s"),
    "vehicle_id": sql.SQL("n.vehicle_id = %(vehicle_id)s"),
    "line_no": sql.SQL("n.line_no = %(line_no)s"),
    "lease": sql.SQL("l.lease_no = %(lease)s"),
    "customer": sql.SQL("k.customer_no = %(customer)s"),
    "vin": sql.SQL("v.vin = %(vin)s"),
    "direction": sql.SQL("n.direction = %(direction)s"),
    "occasion": sql.SQL("n.occasion = %(occasion)s"),
    "from_at": sql.SQL("n.handed_at >= %(from_at)s"),
    "until_at": sql.SQL("n.handed_at < %(until_at)s"),
    "differing": sql.SQL("(n.differences <> '[]') = %(differing)s"),
    "overridden": sql.SQL("(n.overridden <> '[]') = %(overridden)s"),
    "organisation": sql.SQL(
        "n.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
    "search": sql.SQL(
        "position(lower(%(search)s) IN lower(concat_ws(chr(31), l.lease_no, k.customer_no, k.name,"
        " v.vin, CASE WHEN h.is_held THEN v.plate END))) > 0"
    ),
}
_AFTER = sql.SQL("(n.handed_at, n.key) < (%(after_at)s, %(after_key)s)")
_LATEST_FIRST = sql.SQL(" ORDER BY n.handed_at DESC, n.key DESC LIMIT %(limit)s")
