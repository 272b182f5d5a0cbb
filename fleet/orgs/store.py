"""Runs the SQL of organisations: one function a query."""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from fleet.constraints import naming
from fleet.orgs.errors import (
    OrganisationBelowItself,
    OrganisationCodeMalformed,
    OrganisationCodeTaken,
    OrganisationNameEmpty,
)
from fleet.orgs.model import Organisation, SubtreeMember
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_organisation(
    conn: Connection[Any], *, code: str, name: str, parent_id: int | None, time_zone: str
) -> int:
    """The id of the new organisation."""
    facts = {
        "organisations_code_key": OrganisationCodeTaken(
            f"the code {code!r} is taken", organisation_code=code
        ),
        "organisations_code_check": OrganisationCodeMalformed(
            f"{code!r} is not an organisation code", organisation_code=code
        ),
        "organisations_name_check": OrganisationNameEmpty(
            f"organisation {code!r} has no name", organisation_code=code
        ),
    }
    row = {"code": code, "name": name, "parent_id": parent_id, "time_zone": time_zone}
    with naming(facts), conn.cursor(row_factory=scalar_row) as cursor:
        organisation_id: int | None = cursor.execute(_queries.insert_organisation, row).fetchone()
    assert organisation_id is not None
    return organisation_id


def find_organisation(conn: Connection[Any], code: str) -> Organisation | None:
    """The organisation with this code, if there is one."""
    with conn.cursor(row_factory=class_row(Organisation)) as cursor:
        return cursor.execute(_queries.find_organisation, {"code": code}).fetchone()


def list_subtree(conn: Connection[Any], code: str) -> list[SubtreeMember]:
    """The organisation and all below it, nearest first; empty if the code is unknown."""
    with conn.cursor(row_factory=class_row(SubtreeMember)) as cursor:
        return cursor.execute(_queries.list_subtree, {"code": code}).fetchall()


def lock_tree(conn: Connection[Any]) -> None:
    """Wait until no other transaction moves organisations, and keep it so until the commit."""
    conn.execute(_queries.lock_tree)


def update_parent(conn: Connection[Any], moved: Organisation, parent: Organisation | None) -> None:
    """Write the new place of an organisation in the tree."""
    circle = OrganisationBelowItself(
        f"{moved.code!r} cannot stand below {parent.code if parent else None!r}",
        organisation_code=moved.code,
        parent_code=parent.code if parent else None,
    )
    with naming({"organisations_no_circle": circle}):
        conn.execute(
            _queries.update_parent, {"id": moved.id, "parent_id": parent.id if parent else None}
        )
