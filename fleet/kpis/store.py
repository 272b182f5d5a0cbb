"""Runs the SQL of figures: one function a query.

Each question is planned anew (`prepare=False`): which organisations it is of decides the plan.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row, dict_row, scalar_row

from fleet.kpis.model import Asked, Member
from fleet.kpis.spans import Span
from fleet.local_days import begin_of
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Method = Literal["straight_line", "double_declining", "none"]


@dataclass(frozen=True, slots=True)
class VehicleDays:
    """Days of a vehicle with one holder; `vehicles` is 1."""

    vehicle_id: int
    organisation_id: int
    owner_id: int
    vehicles: int
    fleet_days: int
    leased_days: int
    away_days: int


@dataclass(frozen=True, slots=True)
class IdleRow:
    """A vehicle without a lease."""

    vehicle_id: int
    organisation_id: int
    stage: str
    since_at: datetime
    sellable: bool


@dataclass(frozen=True, slots=True)
class VehicleName:
    """What a vehicle is called."""

    id: int
    vin: str
    plate: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Bought:
    """What a vehicle was bought for."""

    vehicle_id: int
    purchased_on: date
    price_fen: int
    depreciation_method: Method
    useful_life_months: int | None
    residual_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class BoughtAlike:
    """All vehicles bought alike, and what they brought in and cost; None: of no purchase is known.

    `without_insurance`, `without_inspection`: of how many no such cost was ever written down;
    `unsettled`: of how many a share is not settled. `of_no_vehicle_fen` names none of them.
    """

    bought_on: date | None
    price_fen: int | None
    depreciation_method: Method | None
    useful_life_months: int | None
    residual_pct: Decimal | None
    vehicles: int
    rent_fen: int
    recharges_fen: int
    purchases_fen: int
    shares_fen: int
    commission_fen: int
    insurance_fen: int
    inspection_fen: int
    repair_fen: int
    other_fen: int
    without_insurance: int
    without_inspection: int
    unsettled: int
    of_no_vehicle_fen: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What was settled of vehicles in a span, by VIN, in fen.

    `unsettled`: of which pairs of owner and holder a month was not.
    """

    received_fen: Mapping[str, int]
    owed_fen: Mapping[str, int]
    unsettled: Collection[tuple[int, int]]


def list_scope(conn: Connection[Any], organisation_id: int | None) -> list[Member]:
    """The organisation and those below it, or all in sight."""
    with conn.cursor(row_factory=class_row(Member)) as cursor:
        row = {"organisation_id": organisation_id}
        return cursor.execute(_queries.list_scope, row, prepare=False).fetchall()


def list_vehicle_days(
    conn: Connection[Any], asked: Asked, span: Span, vehicle_ids: Sequence[int]
) -> list[VehicleDays]:
    """Days of each of these vehicles with each holder."""
    given = {"vehicle_ids": list(vehicle_ids), "by_vehicle": True}
    rows = _days(conn, _of_span(asked, span) | given)
    return [VehicleDays(**row) for row in rows if row["organisation_id"] is not None]


def sum_days(conn: Connection[Any], asked: Asked, span: Span) -> dict[int | None, dict[str, int]]:
    """Vehicle-days by holder, and of all (None): as `DaysOf` has them, but for the code."""
    rows = _days(conn, _of_span(asked, span) | {"vehicle_ids": None, "by_vehicle": False})
    told = ("vehicles", "fleet_days", "leased_days", "away_days")
    return {row["organisation_id"]: {name: row[name] for name in told} for row in rows}


def sum_collection(
    conn: Connection[Any], asked: Asked, span: Span, on: date
) -> list[dict[str, Any]]:
    """Bills due and what settled them, by holder, in the span and before it."""
    row = _of_day(asked, on) | {"from_on": span.from_on, "until_on": span.until_on}
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.collection, row, prepare=False).fetchall()


def sum_ageing(
    conn: Connection[Any],
    asked: Asked,
    on: date,
    by: Literal["organisation", "customer"],
    first_days: Sequence[int],
) -> list[tuple[int, bool, int, int]]:
    """Group, whether of deposits, bucket and what is open."""
    row = _of_day(asked, on) | {"first_days": list(first_days), "by_customer": by == "customer"}
    return conn.execute(_queries.ageing, row, prepare=False).fetchall()


def sum_accounts(
    conn: Connection[Any],
    asked: Asked,
    on: date,
    by: Literal["organisation", "customer"],
    accounts: Sequence[str],
) -> list[tuple[int | None, str, int]]:
    """Group, account and balance, debits above zero."""
    row = _of_day(asked, on) | {"accounts": list(accounts), "by_customer": by == "customer"}
    return conn.execute(_queries.balances, row, prepare=False).fetchall()


def sum_deposit_movements(
    conn: Connection[Any], asked: Asked, on: date
) -> list[tuple[int, str, int]]:
    """Holder, kind of movement and amount."""
    return conn.execute(_queries.deposit_movements, _of_day(asked, on), prepare=False).fetchall()


def name_customers(conn: Connection[Any], ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Id, number and name, by number."""
    return conn.execute(_queries.name_customers, {"ids": list(ids)}, prepare=False).fetchall()


def name_vehicles(conn: Connection[Any], ids: Sequence[int]) -> dict[int, VehicleName]:
    """What vehicles are called, by id."""
    with conn.cursor(row_factory=class_row(VehicleName)) as cursor:
        rows = cursor.execute(_queries.name_vehicles, {"ids": list(ids)}, prepare=False)
        return {row.id: row for row in rows}


def page_of_vehicles(
    conn: Connection[Any], asked: Asked, span: Span, *, after: str | None, limit: int
) -> list[int]:
    """Ids of the next vehicles by VIN."""
    row = _of_span(asked, span) | {"after": after, "limit": limit}
    with conn.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_queries.page_of_vehicles, row, prepare=False).fetchall()


def list_costs(
    conn: Connection[Any], asked: Asked, span: Span, vehicle_ids: Sequence[int]
) -> list[tuple[int, str, int]]:
    """Vehicle, kind and amount; 0 where it is known of earlier only."""
    row = _of_span(asked, span) | {"vehicle_ids": list(vehicle_ids)}
    return conn.execute(_queries.vehicle_costs, row, prepare=False).fetchall()


def list_purchases(conn: Connection[Any], asked: Asked, vehicle_ids: Sequence[int]) -> list[Bought]:
    """What vehicles of these owners were bought for."""
    row = {"scope": asked.scope, "vehicle_ids": list(vehicle_ids)}
    with conn.cursor(row_factory=class_row(Bought)) as cursor:
        return cursor.execute(_queries.purchases, row, prepare=False).fetchall()


def sum_profit(
    conn: Connection[Any],
    asked: Asked,
    span: Span,
    settled: Settled,
    *,
    kinds: Mapping[Literal["rent", "purchase", "repair", "other"], Sequence[str]],
    tells_costs: bool,
    tells_purchases: bool,
) -> list[BoughtAlike]:
    """What all vehicles brought in and cost, those together that were bought alike.

    `kinds` of lines and of costs, by what they count as.
    """
    vins = sorted({*settled.received_fen, *settled.owed_fen})
    row = _of_span(asked, span) | {
        "settled_vins": vins,
        "received_fen": [settled.received_fen.get(vin, 0) for vin in vins],
        "owed_fen": [settled.owed_fen.get(vin, 0) for vin in vins],
        "unsettled_owners": [owner for owner, _holder in settled.unsettled],
        "unsettled_holders": [holder for _owner, holder in settled.unsettled],
        **{f"{name}_kinds": list(each) for name, each in kinds.items()},
        "tells_costs": tells_costs,
        "tells_purchases": tells_purchases,
    }
    with conn.cursor(row_factory=class_row(BoughtAlike)) as cursor:
        return cursor.execute(_queries.profit, row, prepare=False).fetchall()


def list_idle(
    conn: Connection[Any], asked: Asked, span: Span, *, inspection_blocks: bool
) -> list[IdleRow]:
    """Vehicles without a lease at the end of the last day of the span."""
    row = _of_span(asked, span) | {"on": span.from_on, "inspection_blocks": inspection_blocks}
    with conn.cursor(row_factory=class_row(IdleRow)) as cursor:
        return cursor.execute(_queries.idle, row, prepare=False).fetchall()


def _days(conn: Connection[Any], row: Mapping[str, Any]) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.vehicle_days, row, prepare=False).fetchall()


def _of_span(asked: Asked, span: Span) -> dict[str, Any]:
    return {
        "scope": asked.scope,
        "zone": asked.zone,
        "from_on": span.from_on,
        "until_on": span.until_on,
        "begin_at": begin_of(span.from_on, asked.zone),
        "end_at": begin_of(span.until_on, asked.zone),
        "known_at": asked.known_at,
        "as_known": asked.as_known,
    }


def _of_day(asked: Asked, on: date) -> dict[str, Any]:
    return {"scope": asked.scope, "on": on, "known_at": asked.as_known}
