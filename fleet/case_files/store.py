"""Runs the SQL of case files, which reads what other slices wrote: rows as they are kept."""

from pathlib import Path
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
Row = dict[str, Any]


def list_events(conn: Connection[Any], lease_id: int) -> list[Row]:
    """The book of a lease."""
    return _of_lease(conn, _queries.list_events, lease_id)


def list_versions(conn: Connection[Any], lease_id: int) -> list[Row]:
    """Its terms, by version."""
    return _of_lease(conn, _queries.list_versions, lease_id)


def list_segments(conn: Connection[Any], lease_id: int) -> list[Row]:
    """Which vehicle was out from when until when."""
    return _of_lease(conn, _queries.list_segments, lease_id)


def list_suspensions(conn: Connection[Any], lease_id: int) -> list[Row]:
    """When it rested."""
    return _of_lease(conn, _queries.list_suspensions, lease_id)


def list_hand_overs(conn: Connection[Any], lease_id: int) -> list[Row]:
    """Every hand-over, with checks and findings."""
    return _of_lease(conn, _queries.list_hand_overs, lease_id)


def list_charges(conn: Connection[Any], lease_id: int) -> list[Row]:
    """What was proposed to be charged."""
    return _of_lease(conn, _queries.list_charges, lease_id)


def list_violations(conn: Connection[Any], lease_id: int) -> list[Row]:
    """Whoever held a vehicle under it did this."""
    return _of_lease(conn, _queries.list_violations, lease_id)


def list_contracts(conn: Connection[Any], lease_id: int) -> list[Row]:
    """The editions of its contract."""
    return _of_lease(conn, _queries.list_contracts, lease_id)


def list_contract_events(conn: Connection[Any], contract_id: int) -> list[Row]:
    """How an edition went on."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = {"contract_id": contract_id}
        return cursor.execute(_queries.list_contract_events, row).fetchall()


def list_files_of(
    conn: Connection[Any], subject_kind: str, subject_keys: list[str], *, organisation_id: int
) -> list[Row]:
    """Files of some things of a kind, also withdrawn ones."""
    row = {
        "subject_kind": subject_kind,
        "subject_keys": subject_keys,
        "organisation_id": organisation_id,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_queries.list_files_of, row).fetchall()


def _of_lease(conn: Connection[Any], query: LiteralString, lease_id: int) -> list[Row]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, {"lease_id": lease_id}).fetchall()
