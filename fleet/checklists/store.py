"""Runs the SQL of checklists: one function a query."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, LiteralString

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from fleet.checklists.errors import ChecklistCodeMalformed, ChecklistPublishedMeanwhile
from fleet.checklists.model import Checklist, Step
from kit.constraints import naming
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def list_checklists(
    conn: Connection[Any], filters: Mapping[str, Any], *, limit: int
) -> list[Checklist]:
    """The latest edition of every checklist by code. `filters` are of FILTERS."""
    conditions = [sql.SQL(" AND ") + FILTERS[name] for name in filters]
    query = sql.Composed([sql.SQL(_queries.list_checklists), *conditions, _BY_CODE])
    return _fetch(conn, query, {**filters, "limit": limit})


def list_editions(conn: Connection[Any], code: str) -> list[Checklist]:
    """Every edition of a checklist, the latest first."""
    return _fetch(conn, _queries.list_editions, {"code": code})


def find_checklist(conn: Connection[Any], checklist_id: int) -> Checklist | None:
    """The edition with this id."""
    return next(iter(_fetch(conn, _queries.find_checklist, {"id": checklist_id})), None)


def insert_checklist(conn: Connection[Any], row: Mapping[str, Any]) -> Checklist:
    """Add an edition; it takes the next number."""
    facts = {
        "checklist_templates_edition_key": ChecklistPublishedMeanwhile(
            f"somebody else has just published {row['code']}", checklist=row["code"]
        ),
        "checklist_templates_code_check": ChecklistCodeMalformed(
            f"{row['code']!r} is not a code", checklist=row["code"]
        ),
    }
    with naming(facts):
        values = {**row, "steps": Jsonb(row["steps"])}
        return _fetch(conn, _queries.insert_checklist, values)[0]


def _fetch(
    conn: Connection[Any], query: LiteralString | sql.Composed, row: Mapping[str, Any]
) -> list[Checklist]:
    with conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(query, row).fetchall()
    return [Checklist(**{**one, "steps": [Step(**step) for step in one["steps"]]}) for one in found]


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "kind": sql.SQL("c.kind = %(kind)s"),
    "tenant_id": sql.SQL("c.tenant_id = %(tenant_id)s"),
    "code": sql.SQL("c.code = %(code)s"),
    "after": sql.SQL("c.code > %(after)s"),
}
_BY_CODE = sql.SQL(" ORDER BY c.code LIMIT %(limit)s")
