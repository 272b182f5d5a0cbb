"""Runs the SQL of organisations: one function a query."""

from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.orgs.errors import (
    OrganisationBelowItself,
    OrganisationCodeMalformed,
    OrganisationCodeTaken,
    OrganisationKeepsTenant,
    OrganisationNameEmpty,
    OrganisationNotMovedByItself,
)
from fleet.orgs.model import Organisation, SubtreeMember
from kit.constraints import naming
from kit.errors import DomainError
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def insert_organisation(
    conn: Connection[Any], *, code: str, name: str, parent_id: int | None, time_zone: str
) -> int:
    """The id of the new organisation."""
    facts: dict[str, DomainError] = {
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


def list_organisations(
    conn: Connection[Any], *, after: str | None, limit: int
) -> list[Organisation]:
    """Organisations in sight by code, those after `after`."""
    query: sql.Composable = sql.SQL(_queries.list_organisations)
    if after is not None:
        query += sql.SQL(" WHERE o.code > %(after)s")
    query += sql.SQL(" ORDER BY o.code LIMIT %(limit)s")
    with conn.cursor(row_factory=class_row(Organisation)) as cursor:
        return cursor.execute(query, {"after": after, "limit": limit}).fetchall()


def list_subtree(conn: Connection[Any], code: str) -> list[SubtreeMember]:
    """The organisation and all below it, nearest first; empty if the code is unknown."""
    with conn.cursor(row_factory=class_row(SubtreeMember)) as cursor:
        return cursor.execute(_queries.list_subtree, {"code": code}).fetchall()


def lock_tree(conn: Connection[Any]) -> None:
    """Wait until no other transaction moves organisations, and keep it so until the commit."""
    conn.execute(_queries.lock_tree)


def update_organisation(
    conn: Connection[Any], organisation: Organisation, *, version: int, name: str, time_zone: str
) -> bool:
    """Write a new name and zone; False if the version is not that any more."""
    empty = OrganisationNameEmpty(
        f"organisation {organisation.code!r} needs a name", organisation_code=organisation.code
    )
    row = {"id": organisation.id, "version": version, "name": name, "time_zone": time_zone}
    with naming({"organisations_name_check": empty}):
        return conn.execute(_queries.update_organisation, row).rowcount == 1


def update_parent(conn: Connection[Any], moved: Organisation, parent: Organisation) -> None:
    """Write the new place of an organisation in the tree."""
    facts = {"organisation_code": moved.code, "parent_code": parent.code}
    told = f"{moved.code!r} cannot stand below {parent.code!r}"
    named: dict[str, DomainError] = {
        "organisations_no_circle": OrganisationBelowItself(told, **facts),
        "organisations_not_moved_by_itself": OrganisationNotMovedByItself(told, **facts),
        "organisations_parent_in_tenant": OrganisationKeepsTenant(told, **facts),
        "organisations_root_is_tenant": OrganisationKeepsTenant(told, **facts),
    }
    with naming(named):
        conn.execute(_queries.update_parent, {"id": moved.id, "parent_id": parent.id})
