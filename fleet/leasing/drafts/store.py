"""Runs the SQL of drafts: one function a query."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row
from psycopg.types.json import Jsonb

from fleet.leasing.refusals import LeaseReferenceTaken
from fleet.leasing.term_dates import last_day
from fleet.leasing.terms import Terms
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_lease(conn: Connection[Any], row: Mapping[str, Any], terms: Terms) -> int | None:
    """The id of the new draft; None if its number is taken.

    Raises:
        LeaseReferenceTaken: another lease of the organisation has the reference.
    """
    with (
        naming({"leases_reference_key": _taken(row)}),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        told = {**row, **_columns(terms)}
        lease_id: int | None = cursor.execute(_queries.insert_lease, told).fetchone()
    return lease_id


def update_draft(conn: Connection[Any], row: Mapping[str, Any], terms: Terms) -> None:
    """Write what a draft is to be.

    Raises:
        LeaseReferenceTaken: another lease of the organisation has the reference.
    """
    with naming({"leases_reference_key": _taken(row)}):
        conn.execute(_queries.update_draft, {**row, **_columns(terms)})


def cancel_draft(conn: Connection[Any], lease_id: int) -> None:
    """A draft that comes to nothing."""
    conn.execute(_queries.cancel_draft, {"id": lease_id})


def _taken(row: Mapping[str, Any]) -> LeaseReferenceTaken:
    reference = row["reference"]
    return LeaseReferenceTaken(f"{reference} is another lease", reference=reference)


def _columns(terms: Terms) -> dict[str, Any]:
    """What the row of a draft says of its terms."""
    return {
        "kind": terms.kind,
        "terms": Jsonb(terms.model_dump(mode="json")),
        "starts_on": terms.starts_on,
        "ends_on": last_day(terms.starts_on, terms.term),
    }
