"""Runs the composition root's own queries: of status, doctor and the demo.

All but the demo's log-in read only.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from kit.sql import load_queries

_SQL = load_queries(Path(__file__).with_name("queries.sql"))


class ServerFacts(NamedTuple):
    """The database server, our role and its privileges, and the server's clock."""

    version: str
    version_num: int
    role_name: str
    database_name: str
    size_bytes: int
    fsync: bool
    synchronous_commit: bool
    may_create_tables: bool
    may_create_temporary: bool
    timescaledb_loaded: bool
    timescaledb_available: bool
    data_directory: str | None
    server_now: datetime


class IngestTraces(NamedTuple):
    """When ingest last received anything, and how many of its slots are held now."""

    newest_receipt_at: datetime | None
    slots_held: int


class LiveSample(NamedTuple):
    """The identity of a vehicle's latest sample; `ts_ms` is ms since 1970."""

    device_id: str
    ts_ms: int
    seq: int


class StoredKey(NamedTuple):
    """The identity of a stored sample as its sender knows it, and when it was received."""

    device_id: str
    ts_ms: int
    seq: int
    received_at: datetime


class RefusedPayload(NamedTuple):
    """One refusal with its raw bytes and how often they came."""

    reason: str
    device_serial: str | None
    raw: bytes
    times: int


class ApiRole(NamedTuple):
    """The role that the API connects as.

    `other_roles` are those it is a member of besides guanche_app, `owned` counts its tables and
    indexes, `organisations_unasked` what it sees without acting for anybody.
    """

    role_name: str
    above_row_security: bool
    other_roles: list[str]
    is_app: bool
    owned: int
    organisations_unasked: int


class PeopleCount(NamedTuple):
    """How many people there are, and how many of them could log in."""

    people: int
    able: int


def set_patience(conn: Connection[Any]) -> None:
    """Have statements of this session fail rather than wait for long."""
    conn.execute(_SQL.set_patience)


def get_server_facts(conn: Connection[Any]) -> ServerFacts:
    with conn.cursor(row_factory=class_row(ServerFacts)) as cursor:
        facts = cursor.execute(_SQL.get_server_facts).fetchone()
    assert facts is not None
    return facts


def get_ingest_traces(conn: Connection[Any]) -> IngestTraces:
    with conn.cursor(row_factory=class_row(IngestTraces)) as cursor:
        traces = cursor.execute(_SQL.get_ingest_traces).fetchone()
    assert traces is not None
    return traces


def list_live_state(conn: Connection[Any], vehicle_ids: list[int]) -> list[LiveSample]:
    with conn.cursor(row_factory=class_row(LiveSample)) as cursor:
        return cursor.execute(_SQL.list_live_state, {"vehicle_ids": vehicle_ids}).fetchall()


def list_vehicle_ids(conn: Connection[Any], vins: list[str]) -> list[int]:
    return [row[0] for row in conn.execute(_SQL.list_vehicle_ids, {"vins": vins})]


def list_vins_not_let(conn: Connection[Any], vins: Sequence[str]) -> list[str]:
    """Those of these vehicles that are out on no lease, in their order."""
    return [row[0] for row in conn.execute(_SQL.list_vins_not_let, {"vins": list(vins)})]


def has_vehicle_group(conn: Connection[Any], code: str) -> bool:
    """Whether any organisation has a group of vehicles of this code."""
    row = conn.execute(_SQL.has_vehicle_group, {"code": code}).fetchone()
    return row is not None and bool(row[0])


def iter_stored_keys(
    conn: Connection[Any], *, vehicle_ids: list[int], from_at: datetime, until_at: datetime
) -> Iterator[StoredKey]:
    """Every sample of these vehicles in the range; a long demo stores millions, hence no list."""
    row = {"vehicle_ids": vehicle_ids, "from_at": from_at, "until_at": until_at}
    with (
        conn.transaction(),
        conn.cursor(name="stored_keys", row_factory=class_row(StoredKey)) as cursor,
    ):
        cursor.itersize = 20_000
        yield from cursor.execute(_SQL.list_stored_keys, row)


def list_refused_payloads(conn: Connection[Any], *, since: datetime) -> list[RefusedPayload]:
    with conn.cursor(row_factory=class_row(RefusedPayload)) as cursor:
        return cursor.execute(_SQL.list_refused_payloads, {"since": since}).fetchall()


def get_api_role(conn: Connection[Any]) -> ApiRole:
    """Ask on the API's own connection."""
    with conn.cursor(row_factory=class_row(ApiRole)) as cursor:
        role = cursor.execute(_SQL.get_api_role).fetchone()
    assert role is not None
    return role


def count_people(conn: Connection[Any]) -> PeopleCount:
    with conn.cursor(row_factory=class_row(PeopleCount)) as cursor:
        counted = cursor.execute(_SQL.count_people).fetchone()
    assert counted is not None
    return counted


def is_demo_login_used(conn: Connection[Any]) -> bool:
    """Whether somebody is connected as the demo's log-in."""
    with conn.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute(_SQL.is_demo_login_used).fetchone())


def make_demo_login(conn: Connection[Any], password: str) -> None:
    """Make the demo's log-in, or take over one that a killed demo left; it has this password."""
    conn.execute(_SQL.make_demo_login)
    with conn.cursor(row_factory=scalar_row) as cursor:
        statement = cursor.execute(_SQL.compose_demo_password, {"password": password}).fetchone()
    assert isinstance(statement, str)
    conn.execute(statement.encode())


def drop_demo_login(conn: Connection[Any]) -> None:
    """Take the demo's log-in away."""
    conn.execute(_SQL.drop_demo_login)
