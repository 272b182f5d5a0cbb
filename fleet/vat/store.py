"""Runs the SQL of VAT: one function a query.

Which taxpayers are asked for and where a page begins is put together here; such a question is
planned anew each time (`prepare=False`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row

from fleet.vat.errors import SimplifiedIsGeneral
from fleet.vat.model import Taxpayer, TaxProfile
from kit.constraints import naming
from kit.sql import load_queries, where

_queries = load_queries(Path(__file__).with_name("queries.sql"))


def find_profile(
    conn: Connection[Any], organisation_id: int, on: date
) -> tuple[Taxpayer, bool] | None:
    """Which taxpayer an organisation is, and whether simplified; None where nobody said."""
    row = {"organisation_id": organisation_id, "on": on}
    return conn.execute(_queries.find_profile, row).fetchone()


def find_profiles(
    conn: Connection[Any], wanted: Sequence[tuple[int, date]]
) -> dict[tuple[int, date], tuple[Taxpayer, bool]]:
    """The same of many organisations, each on a day; those of which somebody said."""
    row = {"organisation_ids": [each for each, _ in wanted], "days": [on for _, on in wanted]}
    return {
        (organisation_id, on): (taxpayer, simplified)
        for organisation_id, on, taxpayer, simplified in conn.execute(_queries.find_profiles, row)
    }


def insert_profile(conn: Connection[Any], row: Mapping[str, Any]) -> int:
    """Say which taxpayer an organisation is from a day on; the id of what was said."""
    told = SimplifiedIsGeneral("only a general taxpayer chooses the simplified way")
    with (
        naming({"tax_profiles_simplified_is_general": told}),
        conn.cursor(row_factory=scalar_row) as cursor,
    ):
        made: int | None = cursor.execute(_queries.insert_profile, row).fetchone()
    assert made is not None
    return made


def list_profiles(
    conn: Connection[Any], filters: Mapping[str, Any], *, after: int | None, limit: int
) -> list[TaxProfile]:
    """What was said of taxpayers, the last said first; `after` is the id of the last one."""
    named = {**filters, **({} if after is None else {"after": after})}
    conditions = [FILTERS[name] for name in named]
    query = sql.Composed([sql.SQL(_queries.list_profiles), where(conditions), _LAST_SAID_FIRST])
    with conn.cursor(row_factory=class_row(TaxProfile)) as cursor:
        return cursor.execute(query, {**named, "limit": limit}, prepare=False).fetchall()


FILTERS: Final[Mapping[str, sql.SQL]] = {
    "id": sql.SQL("t.id = %(id)s"),
    "after": sql.SQL("t.id < %(after)s"),
    "organisation": sql.SQL(
        "t.organisation_id IN (SELECT b.descendant_id FROM organisation_closure b"
        " JOIN organisations x ON x.id = b.ancestor_id WHERE x.code = %(organisation)s)"
    ),
}
_LAST_SAID_FIRST = sql.SQL(" ORDER BY t.id DESC LIMIT %(limit)s")
