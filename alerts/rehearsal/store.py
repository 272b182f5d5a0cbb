"""Runs the SQL of rehearsals. Samples come as CSV, a span of some vehicles at a time."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import polars as pl
from psycopg import Connection, sql

from alerts.engine.frames import SAMPLES, Schema, read_csv
from alerts.geofences.model import Shape
from alerts.geofences.outline import shape_of
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_ORGANISATIONS: Final[Schema] = {
    "organisation_id": pl.Int64(),
    "organisation": pl.String(),
    "time_zone": pl.String(),
}
_VEHICLES: Final[Schema] = {
    "vehicle_id": pl.Int64(),
    "tenant_id": pl.Int64(),
    "vin": pl.String(),
    "plate": pl.String(),
    "model": pl.String(),
    "owner_organisation_id": pl.Int64(),
    "capacity_kwh": pl.Float64(),
}
_TURNS: Final[Schema] = {
    "vehicle_id": pl.Int64(),
    "from_us": pl.Int64(),
    "organisation_id": pl.Int64(),
    "lease_id": pl.Int64(),
    "lease_no": pl.String(),
    "customer_id": pl.Int64(),
    "lease_organisation_id": pl.Int64(),
}
_MEMBERSHIPS: Final[Schema] = {"vehicle_id": pl.Int64(), "code": pl.String()}


def read_organisations(conn: Connection[Any], organisation_id: int) -> pl.DataFrame:
    """An organisation and those below it, with their codes and time zones."""
    return _read(
        conn, _queries.list_organisations, {"organisation_id": organisation_id}, _ORGANISATIONS
    )


def read_vehicles(
    conn: Connection[Any],
    organisation_ids: Sequence[int],
    *,
    from_at: datetime,
    until_at: datetime,
) -> pl.DataFrame:
    """Vehicles that they operated at some time of the span, by VIN."""
    asked = {"organisation_ids": list(organisation_ids), "from_at": from_at, "until_at": until_at}
    return _read(conn, _queries.list_vehicles, asked, _VEHICLES)


def read_turns(
    conn: Connection[Any], vehicle_ids: Sequence[int], *, from_at: datetime, until_at: datetime
) -> pl.DataFrame:
    """From when on each vehicle was operated by whom, and let to whom."""
    asked = {"vehicle_ids": list(vehicle_ids), "from_at": from_at, "until_at": until_at}
    return _read(conn, _queries.list_turns, asked, _TURNS)


def read_memberships(
    conn: Connection[Any], vehicle_ids: Sequence[int], *, from_at: datetime, until_at: datetime
) -> pl.DataFrame:
    """Vehicle and code of each group it is in, of an operator of the span or one above it."""
    asked = {"vehicle_ids": list(vehicle_ids), "from_at": from_at, "until_at": until_at}
    return _read(conn, _queries.list_memberships, asked, _MEMBERSHIPS)


def read_members(
    conn: Connection[Any],
    organisation_ids: Sequence[int],
    codes: Sequence[str],
    *,
    from_at: datetime,
    until_at: datetime,
) -> dict[int, frozenset[int]]:
    """By organisation: which of the vehicles it operated in the span are in groups of the codes."""
    asked = {"organisation_ids": list(organisation_ids), "codes": list(codes)}
    found: dict[int, set[int]] = {}
    span = {"from_at": from_at, "until_at": until_at}
    for organisation_id, vehicle_id in conn.execute(_queries.list_members, asked | span):
        found.setdefault(organisation_id, set()).add(vehicle_id)
    return {organisation_id: frozenset(ids) for organisation_id, ids in found.items()}


def read_geofences(
    conn: Connection[Any], organisation_ids: Sequence[int], code: str
) -> dict[int, Shape]:
    """The place a code means to each organisation; those to which it means nothing are left out."""
    asked = {"organisation_ids": list(organisation_ids), "code": code}
    return {row[0]: shape_of(*row[1:]) for row in conn.execute(_queries.list_geofences, asked)}


def read_samples(
    conn: Connection[Any],
    vehicle_ids: Sequence[int],
    organisation_ids: Sequence[int],
    *,
    from_at: datetime,
    until_at: datetime,
    limit: int,
) -> pl.DataFrame:
    """At most `limit` samples of the span, by vehicle and time."""
    asked = {
        "vehicle_ids": list(vehicle_ids),
        "organisation_ids": list(organisation_ids),
        "from_at": from_at,
        "until_at": until_at,
        "limit": limit,
    }
    return _read(conn, _queries.list_samples, asked, SAMPLES).drop("batch_id")


def _read(
    conn: Connection[Any], query: LiteralString, asked: dict[str, Any], schema: Schema
) -> pl.DataFrame:
    """What a query finds. COPY knows no parameters: psycopg writes them in."""
    statement = sql.SQL("{} ({}) TO STDOUT (FORMAT csv)").format(sql.SQL("COPY"), sql.SQL(query))
    found = bytearray()
    with conn.cursor() as cursor, cursor.copy(statement, asked) as copy:
        for part in copy:
            found += part
    return read_csv(bytes(found), schema)
